import { z } from 'zod'
import type { Reply } from '../../../http/endpoint/endpoint.ts'
import type { Sent } from '../../../whatsapp/outbound/outgoing.ts'
import { answer } from '../envelope.ts'

/** The answer of everything that is sent: WhatsApp has it, which does not say that somebody has read it. */
export function sent(message: string): Reply<Sent> {
  return answer(message, z.object({ message_id: z.string() }), ({ id }: Sent) => ({ message_id: id }))
}
