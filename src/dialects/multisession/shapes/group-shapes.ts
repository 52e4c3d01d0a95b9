import { z } from 'zod'
import type { GroupDetails, GroupParticipant } from '../../../events/event-parts.ts'
import type { CreatedGroup } from '../../../operations/groups/participants.ts'
import { goTime } from '../../shared/go/time.ts'
import { groupShape } from '../../shared/whatsmeow/group-shape.ts'
import { groupFields } from '../../shared/whatsmeow/group-structs.ts'

/** Instants of this dialect are in UTC. */
const UTC = ''

/** A member in a list of groups. */
const listedMember = z.object({
  JID: z.string(),
  PhoneNumber: z.string().describe('Digits'),
  LID: z.string(),
  IsAdmin: z.boolean(),
  IsSuperAdmin: z.boolean(),
})

/** A group in a list. */
export const listedGroupShape = z
  .object({
    JID: z.string(),
    OwnerJID: z.string(),
    Name: z.string(),
    NameSetAt: z.string(),
    NameSetBy: z.string(),
    Topic: z.string().optional().describe('Left out when there is none'),
    TopicSetAt: z.string(),
    IsLocked: z.boolean(),
    IsAnnounce: z.boolean(),
    MemberAddMode: z.string(),
    GroupCreated: z.string(),
    ParticipantVersionID: z.string(),
    Participants: z.array(listedMember),
  })
  .meta({ title: 'ListedGroup' })

/** A group in that shape. */
export function listedGroupFields(group: GroupDetails): z.infer<typeof listedGroupShape> {
  const { name, topic } = group
  return {
    JID: group.jid,
    OwnerJID: group.owner,
    Name: name.name,
    NameSetAt: goTime(name.setAt, UTC),
    NameSetBy: name.setBy,
    ...(topic.topic !== '' && { Topic: topic.topic }),
    TopicSetAt: goTime(topic.setAt, UTC),
    IsLocked: group.isLocked,
    IsAnnounce: group.isAnnounce,
    MemberAddMode: group.memberAddMode,
    GroupCreated: goTime(group.createdAt, UTC),
    ParticipantVersionID: group.participantVersionId,
    Participants: group.participants.map((one) => ({
      JID: one.jid,
      PhoneNumber: one.phoneNumber.replace(/@.*/, ''),
      LID: one.lid,
      IsAdmin: one.isAdmin,
      IsSuperAdmin: one.isSuperAdmin,
    })),
  }
}

/** A group as queries about one show it: in `groupShape`. */
export function wholeGroup(group: GroupDetails) {
  return groupFields(group, UTC)
}

/** A group that was created, with what failed afterwards. */
export const createdGroupShape = groupShape.extend({
  Problems: z
    .array(z.string())
    .optional()
    .describe('What failed after the group existed; left out for nothing'),
})

/** A created group in that shape. */
export function createdGroupFields({ group, problems }: CreatedGroup) {
  return { ...wholeGroup(group), ...(problems.length > 0 && { Problems: problems }) }
}

/** Somebody who was to be changed; `Error` says why it failed, 0 when it did not. */
export const participantShape = z
  .object({
    JID: z.string(),
    PhoneNumber: z.string(),
    LID: z.string(),
    IsAdmin: z.boolean(),
    IsSuperAdmin: z.boolean(),
    DisplayName: z.string(),
    Error: z.int(),
    AddRequest: z.object({ Code: z.string(), Expiration: z.string() }).nullable(),
  })
  .meta({ title: 'ParticipantOutcome' })

/** People in that shape. */
export function participantFields(participants: GroupParticipant[]): z.infer<typeof participantShape>[] {
  return participants.map((one) => ({
    JID: one.jid,
    PhoneNumber: one.phoneNumber,
    LID: one.lid,
    IsAdmin: one.isAdmin,
    IsSuperAdmin: one.isSuperAdmin,
    DisplayName: one.displayName,
    Error: one.error,
    AddRequest: one.addRequest && {
      Code: one.addRequest.code,
      Expiration: goTime(one.addRequest.expiration, UTC),
    },
  }))
}
