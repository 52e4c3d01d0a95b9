import { untilUncontested } from '../../whatsapp/keys/app-state-conflicts.ts'
import { proto, type WASocket } from '../../whatsapp/library/engine.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'

const KEY_TIMEOUT_MS = 10_000

/**
 * Changes a setting that the account's devices share. It is encrypted with a key the phone sends soon after linking;
 * until then there is nothing to write with, so a request that comes early waits for it. Where another device was
 * faster, the change is made again.
 */
export function changeShared<T>(session: LiveSession, change: (socket: WASocket) => Promise<T>): Promise<T> {
  return session.call(async (socket) => {
    await session.waitFor(() => Boolean(socket.authState.creds.myAppStateKeyId), KEY_TIMEOUT_MS)
    return untilUncontested(() => change(socket))
  })
}

/** Says up to where a change of a chat reaches: without it phones that know newer messages ignore the change. */
function untilNow(): proto.SyncActionValue.ISyncActionMessageRange {
  return { lastMessageTimestamp: Math.floor(Date.now() / 1000) }
}

/** A chat and whether it is put aside. */
export interface ChatArchive {
  /** JID of the chat. */
  chat: string
  archived: boolean
}

/** Puts a chat aside or brings it back, on all devices of the account. A chat put aside is no longer pinned. */
export async function archiveChat(
  session: LiveSession,
  { chat, archived }: ChatArchive,
): Promise<ChatArchive> {
  await changeShared(session, async (socket) => {
    await socket.chatModify({ archive: archived, lastMessages: untilNow() }, chat)
    if (archived) await socket.chatModify({ pin: false }, chat)
  })
  return { chat, archived }
}

/** A chat and how long it is silent. */
export interface ChatMute {
  /** JID of the chat. */
  chat: string
  /** 0 lets it be heard again, Infinity silences it for ever. */
  durationSeconds: number
}

/** Silences a chat or lets it be heard again, on all devices of the account. */
export async function muteChat(session: LiveSession, mute: ChatMute): Promise<ChatMute> {
  await changeShared(session, (socket) => socket.chatModify({ mute: muteEnd(mute) }, mute.chat))
  return mute
}

/** Unix milliseconds; -1 is never, null now. */
function muteEnd({ durationSeconds }: ChatMute): number | null {
  if (durationSeconds === Number.POSITIVE_INFINITY) return -1
  return durationSeconds > 0 ? Date.now() + durationSeconds * 1000 : null
}

/** A chat and whether it stays on top of the list. */
export interface ChatPin {
  /** JID of the chat. */
  chat: string
  pinned: boolean
}

/** Keeps a chat on top of the list or lets it go, on all devices of the account. */
export function pinChat(session: LiveSession, { chat, pinned }: ChatPin): Promise<void> {
  return changeShared(session, (socket) => socket.chatModify({ pin: pinned }, chat))
}

/** Marks a chat as unread on all devices of the account; the people in it do not notice. */
export function markChatUnread(session: LiveSession, chat: string): Promise<void> {
  return changeShared(session, (socket) =>
    socket.chatModify({ markRead: false, lastMessages: untilNow() }, chat),
  )
}

/** Takes the mark of a chat as unread away, on all devices of the account; receipts for its messages are another matter. */
export function markChatRead(session: LiveSession, chat: string): Promise<void> {
  return changeShared(session, (socket) =>
    socket.chatModify({ markRead: true, lastMessages: untilNow() }, chat),
  )
}

/** A chat to remove. */
export interface ChatDeletion {
  /** JID of the chat. */
  chat: string
  /** Also delete its files from the phone. */
  deleteMedia: boolean
}

/** Removes a chat with all its messages from the account's devices; nobody else notices. */
export function deleteChat(session: LiveSession, { chat, deleteMedia }: ChatDeletion): Promise<void> {
  return changeShared(session, (socket) =>
    // The library's own call always deletes the files.
    socket.appPatch({
      syncAction: { deleteChatAction: { messageRange: untilNow() }, timestamp: Date.now() },
      index: ['deleteChat', chat, deleteMedia ? '1' : '0'],
      type: 'regular_high',
      apiVersion: 6,
      operation: proto.SyncdMutation.SyncdOperation.SET,
    }),
  )
}
