import type { proto } from '../library/engine.ts'
import { withoutDevice } from '../wire/jid.ts'

/** Names an earlier message. */
export interface MessageReference {
  /** JID of the chat it is in. */
  chat: string
  id: string
  /** JID of who wrote it; '' for an own message. */
  author: string
}

/** Own JIDs, with or without device. */
export interface OwnJids {
  pn: string
  lid: string
}

/** Whether a JID, with or without device, is the account itself; '' stands for it. */
export function isOwn(jid: string, me: OwnJids): boolean {
  const bare = withoutDevice(jid)
  return bare === '' || bare === withoutDevice(me.pn) || bare === withoutDevice(me.lid)
}

/** Whether a chat has several members, so that a message in it is not identified without its author. */
export function hasMembers(chat: string): boolean {
  return /@(g\.us|broadcast)$/.test(chat)
}

/** The key by which a message refers to another one. */
export function messageKey({ chat, id, author }: MessageReference, me: OwnJids): proto.IMessageKey {
  const fromMe = isOwn(author, me)
  return {
    remoteJid: chat,
    fromMe,
    id,
    ...(!fromMe && hasMembers(chat) && { participant: withoutDevice(author) }),
  }
}
