import { z } from 'zod'
import type { GroupDetails } from '../../../events/event-parts.ts'

const participant = z
  .object({
    jid: z.string().describe('Phone number JID where WhatsApp tells it, else the LID'),
    lid: z.string(),
    isAdmin: z.boolean(),
    isSuperAdmin: z.boolean(),
    error: z.int().optional().describe('Why this person could not be added'),
  })
  .meta({ title: 'GroupParticipant' })

/** A group as every answer shows it. */
export const groupShape = z
  .object({
    jid: z.string(),
    name: z.string(),
    topic: z.string(),
    owner: z.string(),
    isAnnounce: z.boolean(),
    isLocked: z.boolean(),
    createdAt: z.int().describe('Unix seconds'),
    participants: z.array(participant),
  })
  .meta({ title: 'Group' })

/** A group in the words of the dialect: people by phone number, as the original shows them. */
export function groupFields(group: GroupDetails): z.infer<typeof groupShape> {
  return {
    jid: group.jid,
    name: group.name.name,
    topic: group.topic.topic,
    owner: group.ownerPn || group.owner,
    isAnnounce: group.isAnnounce,
    isLocked: group.isLocked,
    createdAt: group.createdAt,
    participants: group.participants.map(({ jid, phoneNumber, lid, isAdmin, isSuperAdmin, error }) => ({
      jid: phoneNumber || jid,
      lid,
      isAdmin,
      isSuperAdmin,
      ...(error !== 0 && { error }),
    })),
  }
}
