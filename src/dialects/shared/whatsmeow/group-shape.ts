import { z } from 'zod'

const participant = z
  .object({
    AddRequest: z.object({ Code: z.string(), Expiration: z.string() }).nullable(),
    DisplayName: z.string(),
    Error: z.int().describe('Why this person could not be added, 0 when nothing is wrong'),
    IsAdmin: z.boolean(),
    IsSuperAdmin: z.boolean(),
    JID: z.string(),
    LID: z.string(),
    PhoneNumber: z.string(),
  })
  .meta({ title: 'GroupParticipant' })

/** A group as every answer shows it; unknown JIDs are '', unknown instants `0001-01-01T00:00:00Z`. */
export const groupShape = z
  .object({
    AddressingMode: z.string(),
    AnnounceVersionID: z.string(),
    CreatorCountryCode: z.string(),
    DefaultMembershipApprovalMode: z.string(),
    DisappearingTimer: z.int().describe('Seconds, 0 = never'),
    GroupCreated: z.string(),
    IsAnnounce: z.boolean(),
    IsDefaultSubGroup: z.boolean(),
    IsEphemeral: z.boolean(),
    IsIncognito: z.boolean(),
    IsJoinApprovalRequired: z.boolean(),
    IsLocked: z.boolean(),
    IsParent: z.boolean(),
    JID: z.string(),
    LinkedParentJID: z.string(),
    MemberAddMode: z.string(),
    Name: z.string(),
    NameSetAt: z.string(),
    NameSetBy: z.string(),
    NameSetByPN: z.string(),
    OwnerJID: z.string(),
    OwnerPN: z.string(),
    ParticipantCount: z.int(),
    ParticipantVersionID: z.string(),
    Participants: z.array(participant).nullable(),
    Suspended: z.boolean(),
    Topic: z.string(),
    TopicDeleted: z.boolean(),
    TopicID: z.string(),
    TopicSetAt: z.string(),
    TopicSetBy: z.string(),
    TopicSetByPN: z.string(),
  })
  .meta({ title: 'Group' })
