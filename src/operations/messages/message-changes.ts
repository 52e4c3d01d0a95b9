import { ApiError } from '../../lib/errors.ts'
import { isGroupJid } from '../../lib/jid.ts'
import { type MessageName, type MessageTarget, messageKey, refFor } from '../../lib/message-ref.ts'
import type { ContextInput } from '../../whatsapp/content/context.ts'
import { editContent } from '../../whatsapp/content/edit.ts'
import { pinContent } from '../../whatsapp/content/pin.ts'
import { revokeContent } from '../../whatsapp/content/revoke.ts'
import type { Sent } from '../../whatsapp/outbound/outgoing.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'
import { withoutDevice } from '../../whatsapp/wire/jid.ts'
import { addressed } from './addressed.ts'

/** A new text for an own message. */
export interface TextEdit extends ContextInput, MessageName {
  text: string
}

/** An edit that was sent; `id` is that of the edited message. */
export interface SentEdit extends Sent {
  /** Of the message that carries the new text. */
  carrierId: string
}

/** Replaces the text of an own message; the result carries that message's id. */
export async function editText(session: LiveSession, { chat, id, ...content }: TextEdit): Promise<SentEdit> {
  const { to, ...edit } = await addressed(session, { to: chat, ...content })
  const sent = await session.send({ to, ...editContent({ chat: to, id, ...edit }) })
  return { ...sent, id, carrierId: sent.id }
}

/**
 * Deletes a message for everyone; the result carries that message's id. Only admins of a group may delete what others
 * wrote: `invalid_field` when the chat is no group.
 */
export async function revokeMessage(session: LiveSession, target: MessageTarget): Promise<Sent> {
  const message = refFor(target, session.me)
  if (!message.fromMe && !isGroupJid(message.chat)) {
    throw new ApiError('invalid_field', {
      text: 'SenderJID for another user is only supported in group chats',
    })
  }
  const to = await session.resolve(message.chat)
  const sent = await session.send({ to, ...revokeContent(messageKey({ ...message, chat: to })) })
  return { ...sent, id: message.id }
}

/** A message to show at the top of its chat. */
export interface Pin extends MessageTarget {
  /** How long; 0 takes it down. */
  durationSeconds: number
}

/** Pins a message for everybody in the chat, or takes it down; the result carries that message's id. */
export async function pinMessage(session: LiveSession, pin: Pin): Promise<Pin & Sent> {
  const chat = await session.resolve(pin.chat)
  const message = refFor({ ...pin, chat, author: withoutDevice(pin.author) }, session.me)
  const sent = await session.send({ to: chat, ...pinContent(messageKey(message), pin.durationSeconds) })
  return { ...sent, ...pin }
}
