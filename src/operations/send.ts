import type { ContextInput } from '../whatsapp/content/context.ts'
import { textContent } from '../whatsapp/content/text.ts'
import type { Sent } from '../whatsapp/outgoing.ts'
import type { LiveSession } from '../whatsapp/session.ts'

/** What every message has besides its content. */
export interface Addressed extends ContextInput {
  /** Phone number or JID. */
  to: string
  /** WhatsApp message id; a new one when empty. Sending the same id again is the same message. */
  id?: string
}

export interface TextMessage extends Addressed {
  text: string
}

/** Sends a text; resolves when the server has acknowledged the message. */
export async function sendText(session: LiveSession, { to, id, ...content }: TextMessage): Promise<Sent> {
  return session.send({ to: await session.resolve(to), id, message: textContent(content) })
}
