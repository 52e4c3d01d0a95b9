import { z } from 'zod'
import type { JsonObject } from '../../../events/event-parts.ts'
import { objectAt, textAt } from '../../../events/unwrap.ts'

/** A channel as every answer shows it. */
export const channelShape = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string(),
    subscribers: z.int(),
    inviteCode: z.string(),
    role: z
      .string()
      .meta({ description: 'What the account is there', enum: ['owner', 'admin', 'subscriber', 'guest'] }),
    mute: z.string().meta({ enum: ['on', 'off'] }),
    state: z.string().describe('active, suspended, ...'),
  })
  .meta({ title: 'Channel' })

/** WhatsApp's own description of a channel in the words of the dialect. */
export function channelFields(channel: JsonObject): z.infer<typeof channelShape> {
  const thread = objectAt(channel, 'thread_metadata')
  const viewer = objectAt(channel, 'viewer_metadata')
  return {
    id: textAt(channel, 'id'),
    name: textAt(objectAt(thread, 'name'), 'text'),
    description: textAt(objectAt(thread, 'description'), 'text'),
    // WhatsApp writes numbers as text, but not everywhere.
    subscribers: Number(thread?.subscribers_count ?? 0) || 0,
    inviteCode: textAt(thread, 'invite'),
    role: textAt(viewer, 'role').toLowerCase(),
    mute: textAt(viewer, 'mute').toLowerCase(),
    state: textAt(objectAt(channel, 'state'), 'type').toLowerCase(),
  }
}

/** The code of an invite link to a channel, or the code itself. */
export function channelCode(codeOrLink: string): string {
  return /^(?:https?:\/\/)?(?:www\.)?whatsapp\.com\/channel\/([^/?#]+)/i.exec(codeOrLink)?.[1] ?? codeOrLink
}
