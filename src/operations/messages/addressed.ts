import { ApiError } from '../../lib/errors.ts'
import { isGroupJid } from '../../lib/jid.ts'
import type { ContextInput } from '../../whatsapp/content/context.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'

/** What every message has besides its content. */
export interface Addressed extends ContextInput {
  /** Phone number or JID. */
  to: string
  /** WhatsApp message id; a new one when empty. Sending the same id again is the same message. */
  id?: string
}

/**
 * The message for the JID of its recipient; one for everybody in a group mentions each of its members. Throws
 * `invalid_field` when there is no everybody, because the recipient is no group.
 */
export async function addressed<Message extends Addressed>(
  session: LiveSession,
  message: Message,
): Promise<Message> {
  const to = await session.resolve(message.to)
  if (!message.everybody) return { ...message, to }
  if (!isGroupJid(to))
    throw new ApiError('invalid_field', { text: 'everybody can be mentioned in groups only' })
  return { ...message, to, mentions: await session.call(() => session.outbound.othersIn(to)) }
}
