import { z } from 'zod'
import { type Reply, reply } from '../../../http/endpoint/endpoint.ts'
import type { Sent } from '../../../whatsapp/outbound/outgoing.ts'
import { goTime } from '../../shared/go/time.ts'

/** Answer of everything that is sent; it says that WhatsApp has it, not that somebody read it. */
export const sent: Reply<Sent> = reply(
  z
    .object({ Details: z.string(), Id: z.string(), Timestamp: z.string().describe('RFC 3339') })
    .meta({ title: 'Sent' }),
  ({ id, timestamp }: Sent, { timeZone }) => ({
    Details: 'Sent',
    Id: id,
    Timestamp: goTime(timestamp, timeZone),
  }),
)

/** Answer of what has no result worth telling: one sentence. */
export function done(sentence: string): Reply<unknown> {
  return reply(z.object({ Details: z.string() }).meta({ title: 'Details' }), () => ({ Details: sentence }))
}

/** The answer of chats and labels. */
export const ok = done('ok')
