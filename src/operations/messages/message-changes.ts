import { ApiError } from '../../lib/errors.ts'
import { isGroupJid } from '../../lib/jid.ts'
import type { ContextInput } from '../../whatsapp/content/context.ts'
import { editContent } from '../../whatsapp/content/edit.ts'
import { hasMembers, isOwn, messageKey } from '../../whatsapp/content/message-key.ts'
import { pinContent } from '../../whatsapp/content/pin.ts'
import { revokeContent } from '../../whatsapp/content/revoke.ts'
import type { Sent } from '../../whatsapp/outbound/outgoing.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'

/** Names a message somebody sent. */
export interface MessageAt {
  /** Phone number or JID of the chat; a number finds the chat that messages to it went to. */
  chat: string
  id: string
  /** JID of who wrote it; '' for an own message. */
  author: string
}

/** A new text for an own message. */
export interface TextEdit extends ContextInput {
  /** Phone number or JID of the chat. */
  chat: string
  /** The message to change. */
  id: string
  text: string
}

/** Replaces the text of an own message; the result carries that message's id. */
export async function editText(session: LiveSession, { chat, id, ...content }: TextEdit): Promise<Sent> {
  const to = await session.resolve(chat)
  const sent = await session.send({ to, ...editContent({ chat: to, id, ...content }) })
  return { ...sent, id }
}

/**
 * Deletes a message for everyone; the result carries that message's id. Only admins of a group may delete what others
 * wrote: `invalid_field` when the chat is no group.
 */
export async function revokeMessage(session: LiveSession, { chat, id, author }: MessageAt): Promise<Sent> {
  if (!isOwn(author, session.me) && !isGroupJid(chat)) {
    throw new ApiError('invalid_field', {
      text: 'SenderJID for another user is only supported in group chats',
    })
  }
  const to = await session.resolve(chat)
  const key = messageKey({ chat: to, id, author }, session.me)
  const sent = await session.send({ to, ...revokeContent(key) })
  return { ...sent, id }
}

/** A message to show at the top of its chat. */
export interface Pin extends MessageAt {
  /** How long; 0 takes it down. */
  durationSeconds: number
}

/** Pins a message for everybody in the chat, or takes it down; the result carries that message's id. */
export async function pinMessage(session: LiveSession, pin: Pin): Promise<Pin & Sent> {
  const { chat, id, author, durationSeconds } = pin
  const to = await session.resolve(chat)
  const key = messageKey({ chat: to, id, author }, session.me)
  const sent = await session.send({ to, ...pinContent(key, durationSeconds) })
  return { ...sent, ...pin }
}

/** Whether a message in this chat is not identified without its author. */
export function needsAuthor(chat: string): boolean {
  return hasMembers(chat)
}
