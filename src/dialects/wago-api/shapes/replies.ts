import { z } from 'zod'
import { type Reply, reply } from '../../../http/endpoint/endpoint.ts'
import type { Sent } from '../../../whatsapp/outbound/outgoing.ts'

/** Answer of everything that is sent to a chat; the timestamp in Unix seconds. */
export const sent: Reply<Sent> = reply(
  z.object({ messageId: z.string(), timestamp: z.int() }),
  ({ id, timestamp }: Sent) => ({ messageId: id, timestamp }),
)

/** Answer of what has no result: `{"success":true,"result":true}`. */
export const done: Reply<unknown> = reply(z.object({ result: z.literal(true) }), () => ({ result: true }))

/** Answer of what is only taken note of: `{"success":true}`. */
export const accepted: Reply<unknown> = reply(z.object({}), () => ({}))

/** Answer of what has one result, under the name `result`. */
export function result<Result>(schema: z.ZodType, render: (result: Result) => unknown): Reply<Result> {
  return reply(z.object({ result: schema }), (value: Result) => ({ result: render(value) }))
}
