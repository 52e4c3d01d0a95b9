import { ApiError } from '../../lib/errors.ts'
import { isGroupJid, isLidJid } from '../../lib/jid.ts'
import {
  type MessageName,
  type MessageRef,
  type MessageTarget,
  messageKey,
  refFor,
  refOf,
} from '../../lib/message-ref.ts'
import { keepResponses } from '../../store/messages/message-responses.ts'
import type { Quoted } from '../../whatsapp/content/context.ts'
import { isEditable } from '../../whatsapp/content/edit.ts'
import { forwardContent, quotableContent } from '../../whatsapp/content/forward.ts'
import { isJidNewsletter, proto } from '../../whatsapp/library/engine.ts'
import type { Sent } from '../../whatsapp/outbound/outgoing.ts'
import { withoutDevice } from '../../whatsapp/wire/jid.ts'
import { changeShared } from '../chats/chats.ts'
import type { UserScope } from '../services.ts'
import { editText, revokeMessage, type SentEdit } from './message-changes.ts'
import { react } from './messages.ts'
import { findStored, messageNotFound, requireStored, sessionOf } from './stored-messages.ts'

/** What is known of a message. */
interface Located extends MessageRef {
  /** When it was written, unix milliseconds; 0 when it is not stored. */
  at: number
  message?: proto.IMessage
}

/**
 * Whose message it is: what is stored counts, else what the caller says. Throws `not_found` when neither tells.
 */
async function locate(scope: UserScope, target: MessageTarget): Promise<Located> {
  const stored = await findStored(scope, target)
  if (stored) return { ...refOf(stored), at: stored.at, message: proto.Message.decode(stored.proto) }
  if (!target.fromMe && !target.author) throw messageNotFound()
  const session = sessionOf(scope)
  return { ...refFor(target, session.me), chat: await session.resolve(target.chat), at: 0 }
}

/** The message as another one quotes it. Throws `not_found` when it is neither stored nor described. */
export async function quotedMessage(scope: UserScope, target: MessageTarget): Promise<Quoted> {
  const { chat, id, fromMe, author, message } = await locate(scope, target)
  const { pn, lid } = sessionOf(scope).me
  const own = isLidJid(chat) && lid ? lid : pn
  return {
    id,
    participant: withoutDevice(fromMe ? own : author),
    ...(message && { message: quotableContent(message) }),
  }
}

/** Sends a stored message once more, to another chat. Throws `not_found` when it is not stored. */
export async function forwardMessage(
  scope: UserScope,
  { source, to, id }: { source: MessageName; to: string; id?: string },
): Promise<Sent> {
  const stored = await requireStored(scope, source)
  const session = sessionOf(scope)
  const recipient = await session.resolve(to)
  const content = forwardContent(proto.Message.decode(stored.proto), stored)
  if (isJidNewsletter(recipient) && !content.message.extendedTextMessage && !content.nodes)
    throw new ApiError('unsupported', {
      text: 'files of chats are encrypted, those of channels are not: only texts and polls can be forwarded there',
    })
  return session.send({ to: recipient, id, ...content })
}

/** Reacts to a message; '' takes the reaction back. */
export async function reactTo(
  scope: UserScope,
  { emoji, ...target }: MessageTarget & { emoji: string },
): Promise<Sent> {
  return react(sessionOf(scope), { ...(await locate(scope, target)), emoji })
}

/** Replaces the text or caption of an own message. Throws `not_found`, and `invalid_field` for what cannot be edited. */
export async function editStored(
  scope: UserScope,
  { text, mentions, ...target }: MessageName & { text: string; mentions?: string[] },
): Promise<SentEdit> {
  const { chat, id, fromMe, message } = await locate(scope, target)
  if (!fromMe) throw new ApiError('invalid_field', { text: 'only your own messages can be edited' })
  if (!message || !isEditable(message))
    throw new ApiError('invalid_field', { text: 'only a text or the caption of a file can be edited' })
  return editText(sessionOf(scope), { chat, id, text, mentions })
}

/** A message to delete for everyone, or on the account's own devices only. */
export type MessageDeletion = MessageTarget & {
  everyone: boolean
  /** Also delete its file from the phone, when it is deleted on the own devices only. */
  deleteMedia: boolean
}

/** Deletes a message. Throws `not_found`, and `invalid_field` for others' messages outside of groups. */
export async function deleteMessage(
  scope: UserScope,
  { everyone, deleteMedia, ...target }: MessageDeletion,
): Promise<void> {
  const located = await locate(scope, target)
  const session = sessionOf(scope)
  if (!everyone) return deleteForMe(scope, { ...located, deleteMedia })
  if (!located.fromMe && !isGroupJid(located.chat))
    throw new ApiError('invalid_field', {
      text: "others' messages can be deleted for everyone in groups only, by their admins",
    })
  await revokeMessage(session, located)
}

async function deleteForMe(
  { user, services }: UserScope,
  { at, deleteMedia, ...message }: Located & { deleteMedia: boolean },
): Promise<void> {
  const session = services.sessions.live(user.id)
  await changeShared(session, (socket) =>
    // The library's own call names no author, without whom a message of a group is not found.
    socket.appPatch({
      syncAction: {
        deleteMessageForMeAction: { deleteMedia, messageTimestamp: Math.floor(at / 1000) },
        timestamp: Date.now(),
      },
      index: ['deleteMessageForMe', ...indexOf(message)],
      type: 'regular_high',
      apiVersion: 3,
      operation: proto.SyncdMutation.SyncdOperation.SET,
    }),
  )
  const sender = withoutDevice(session.me.pn)
  await keepResponses(services.db, [
    {
      userId: user.id,
      targetId: message.id,
      kind: 'revoke',
      sender,
      chat: message.chat,
      content: '',
      at: Date.now(),
    },
  ])
  services.chatChanges.tell(user.id, [{ kind: 'message', chat: message.chat, id: message.id }])
}

/** Stars a message or takes the star off, on all devices of the account. Throws `not_found`. */
export async function starMessage(
  scope: UserScope,
  { starred, ...target }: MessageTarget & { starred: boolean },
): Promise<void> {
  const located = await locate(scope, target)
  const session = sessionOf(scope)
  await changeShared(session, (socket) =>
    socket.appPatch({
      syncAction: { starAction: { starred }, timestamp: Date.now() },
      index: ['star', ...indexOf(located)],
      type: 'regular_high',
      apiVersion: 2,
      operation: proto.SyncdMutation.SyncdOperation.SET,
    }),
  )
}

/** How shared settings name a message: the author only where the chat does not tell. */
function indexOf(message: MessageRef): string[] {
  const { remoteJid, id, fromMe, participant } = messageKey(message)
  return [remoteJid, id, fromMe ? '1' : '0', participant ?? '0']
}
