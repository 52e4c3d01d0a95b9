import { z } from 'zod'
import { type Reply, type ReplyContext, reply } from '../../../http/endpoint/endpoint.ts'
import type { Sent } from '../../../whatsapp/outbound/outgoing.ts'
import { goTime } from '../../shared/go/time.ts'

/** `Timestamp` of a send: RFC 3339 with zone offset in the reference document, unix seconds today. */
export function timestamp(unixSeconds: number, { profile, timeZone }: ReplyContext): string | number {
  return profile === 'reference' ? goTime(unixSeconds, timeZone) : unixSeconds
}

/** Shape of every answer to something that was sent. */
export const sentShape = z
  .object({
    Details: z.string(),
    Id: z.string(),
    Timestamp: z
      .union([z.string(), z.int()])
      .describe('RFC 3339 with zone offset; unix seconds in the profile `current`'),
  })
  .meta({ title: 'Sent' })

/** Answer of everything that is sent to a chat. */
export const sent: Reply<Sent> = reply(sentShape, (message: Sent, context) => ({
  Details: 'Sent',
  Id: message.id,
  Timestamp: timestamp(message.timestamp, context),
}))

/** Answer of what has no result worth telling: one sentence. */
export function done(sentence: string): Reply<unknown> {
  return reply(z.object({ Details: z.string() }), () => ({ Details: sentence }))
}
