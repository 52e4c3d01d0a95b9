import { bare, canonical, isBroadcastJid, isGroupJid, isMe } from './jid.ts'

/** Where a message is found: whoever writes a message chooses its id, so ids are unique in one chat at best. */
export interface MessageName {
  /** JID of the chat, without device. */
  chat: string
  id: string
}

/** The same where a chat is known under several JIDs: by phone number and by LID. */
export interface MessageNames {
  chats: string[]
  id: string
}

/** The same of one of the users of this server. */
export type OfUser<Name> = Name & { userId: string }

/**
 * One message, and whose it is. `fromMe` stands beside the author because neither follows from the other: an own message
 * of a group has an author, too, and an account that was linked anew keeps the messages of its former JIDs.
 */
export interface MessageRef extends MessageName {
  /** Whether the account wrote it, on this device or another one. */
  fromMe: boolean
  /**
   * JID of who wrote it, with the device if it is known; '' where nobody says. Only chats with several members need it:
   * elsewhere it is the account or the other one.
   */
  author: string
}

/** A message as callers name it: one that is said to have no author is an own one. */
export type MessageTarget = MessageName & Partial<MessageRef>

/** A message in the words of the protocol, as far as it has to be said. */
export interface MessageKey {
  remoteJid: string
  fromMe: boolean
  id: string
  participant?: string
}

/** Whether a chat has several members, so that a message in it is not identified without its author. */
export function hasMembers(chat: string): boolean {
  return isGroupJid(chat) || isBroadcastJid(chat)
}

/** The message that a caller names, `me` being the own JIDs. */
export function refFor(
  { chat, id, author = '', fromMe }: MessageTarget,
  me: { pn: string; lid: string },
): MessageRef {
  return { chat, id, author, fromMe: fromMe ?? (author === '' || isMe(author, me)) }
}

/** The message that a row or an event is about. */
export function refOf({
  chat,
  id,
  fromMe,
  sender,
}: Omit<MessageRef, 'author'> & { sender: string }): MessageRef {
  return { chat, id, fromMe, author: sender }
}

/** The message that a key names, with whatever else is known of its author. */
export function refOfKey(
  key: { [Member in keyof MessageKey]?: MessageKey[Member] | null },
  me: { pn: string; lid: string },
): MessageRef {
  const author = canonical(key.participant ?? '')
  return {
    chat: bare(key.remoteJid ?? ''),
    id: key.id ?? '',
    fromMe: key.fromMe ?? isMe(author, me),
    author,
  }
}

/** The key by which another message or a receipt refers to a message: it names the author only where it has to. */
export function messageKey({ chat, id, fromMe, author }: MessageRef): MessageKey {
  const isNeeded = !fromMe && author !== '' && hasMembers(chat)
  return { remoteJid: chat, fromMe, id, ...(isNeeded && { participant: bare(author) }) }
}

/** The name of a message as text, to tell messages apart by. */
export function nameText({ userId, chat, id }: OfUser<MessageName>): string {
  return [userId, chat, id].join('/')
}
