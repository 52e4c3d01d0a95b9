import { setTimeout as delay } from 'node:timers/promises'
import { ApiError } from '../../../../lib/errors.ts'
import { isGroupJid, STATUS_JID } from '../../../../lib/jid.ts'
import type { MessageName } from '../../../../lib/message-ref.ts'
import { editText } from '../../../../operations/messages/message-changes.ts'
import { readChat } from '../../../../operations/messages/messages.ts'
import { sendText } from '../../../../operations/messages/send.ts'
import { findStoredById } from '../../../../operations/messages/stored-by-id.ts'
import {
  editStored,
  forwardMessage,
  quotedMessage,
  reactTo,
  starMessage,
} from '../../../../operations/messages/stored-changes.ts'
import { findStored } from '../../../../operations/messages/stored-messages.ts'
import type { UserScope } from '../../../../operations/services.ts'
import type { Sent } from '../../../../whatsapp/outbound/outgoing.ts'
import { chatOf, jidOf } from '../../shapes/chat-address.ts'
import { between } from '../../shapes/pace.ts'

// Whose a message is, the store knows; these say what counts where it does not.

/** A message somebody has read. */
interface ReadMessage {
  /** As the caller names it. */
  chat: string
  id: string
  /** JID of who wrote it. */
  sender: string
}

/** Marks a message read, after the moment that a person would have taken. */
export async function readAfterMoment(scope: UserScope, { chat, id, sender }: ReadMessage): Promise<void> {
  const { config, sessions } = scope.services
  sessions.live(scope.user.id)
  const jid = chat === STATUS_JID ? STATUS_JID : jidOf(chatOf(chat))
  if (config.readJitter) await delay(between(config.readMinMs, config.readMaxMs))
  await readChat(scope, { chat: jid, ids: [id], sender })
}

/** Reacts to a message. In a chat with one person an unknown message is that person's. */
export function reactToAny(
  scope: UserScope,
  { author, ...target }: MessageName & { emoji: string; author?: string },
): Promise<Sent> {
  const partner = isGroupJid(target.chat) ? '' : jidOf(target.chat)
  return reactTo(scope, { ...target, author: author ?? partner })
}

/**
 * Replaces the text of an own message. One that is not stored is believed to be the caller's. The id is that of the edit,
 * as in the original.
 */
export async function editAny(scope: UserScope, change: MessageName & { text: string }): Promise<Sent> {
  const isStored = (await findStored(scope, change)) !== undefined
  const edit = isStored
    ? await editStored(scope, change)
    : await editText(scope.services.sessions.live(scope.user.id), change)
  return { ...edit, id: edit.carrierId }
}

/** An answer to a message. */
interface ReplyMessage {
  chat: string
  /** Id of the message that is answered, and its author where the store does not know. */
  message: string
  author?: string
  text: string
  mentions?: string[]
  everybody?: boolean
  /** Id of the answer. */
  id?: string
}

/** Answers a message. Throws `not_found` for one that is neither stored nor described. */
export async function replyTo(
  scope: UserScope,
  { chat, message, author, ...answer }: ReplyMessage,
): Promise<Sent> {
  const quoted = await quotedMessage(scope, { chat, id: message, author })
  return sendText(scope.services.sessions.live(scope.user.id), { ...answer, to: chat, quoted })
}

/** A stored message to send once more. */
interface Forward {
  /** Its id. */
  source: string
  /** Where it goes. */
  chat: string
  /** Id of the new message. */
  id?: string
}

/** Forwards a message that only its id names. Throws `not_found` in the original's words. */
export async function forwardById(scope: UserScope, { source, chat, id }: Forward): Promise<Sent> {
  const stored = await findStoredById(scope, source)
  if (!stored) throw new ApiError('not_found', { text: 'forward message requires stored message data' })
  return forwardMessage(scope, { source: stored, to: chat, id })
}

/** A message and whether it is starred. */
export interface Star extends MessageName {
  starred: boolean
}

/** Stars a stored message, or takes the star off. Throws `not_found`. */
export async function setStar(scope: UserScope, star: Star): Promise<Star> {
  await starMessage(scope, star)
  return star
}
