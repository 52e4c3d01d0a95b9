import { randomBytes } from 'node:crypto'
import { deflateSync } from 'node:zlib'
import { proto } from '../../whatsapp/library/engine.ts'
import type { Account } from '../world/account.ts'
import { encryptMedia } from '../world/media-cipher.ts'
import type { MediaStore } from '../world/media-store.ts'
import type { ReceivedMessage } from './peer-inbox.ts'
import type { SentMessage } from './peer-outbox.ts'
import { encodeMessage } from './wire-encoding.ts'

const { HISTORY_SYNC_NOTIFICATION } = proto.Message.ProtocolMessage.Type
const { INITIAL_BOOTSTRAP, PUSH_NAME, ON_DEMAND } = proto.HistorySync.HistorySyncType

/** Compressed history up to this size travels inside its message, more of it as a file on the media host. */
const INLINE_BYTES = 32 * 1024
/** Instants below are seconds: in milliseconds this was March 1973. */
const FIRST_MILLISECONDS = 1e11
/** Field numbers that the library does not know (whatsmeow 2026-09-21). */
const NCT_SALT = 19

/** What a phone can tell a companion about the past. */
export interface PastChats {
  owner: Account
  received: readonly ReceivedMessage[]
  sent: readonly SentMessage[]
  /** Whom the owner knows by name. */
  contacts: readonly Account[]
  /** One address for everything that names the same chat: people have a number and a LID. */
  chatOf(jid: string): string
}

/** Where the parts of the history go that are too large for a message, and what they hold beside chats. */
export interface HistoryPost {
  media: MediaStore
  /** What companions seal messages to strangers with. */
  nctSalt: Uint8Array
}

/** The peer messages with the history of a new companion. */
export function historyMessages(past: PastChats, post: HistoryPost): Promise<proto.IMessage[]> {
  const pushnames = past.contacts.map((contact) => ({ id: contact.jid(), pushname: contact.name }))
  const phoneNumberToLidMappings = past.contacts.flatMap((contact) =>
    contact.hidesNumber ? [] : [{ pnJid: contact.jid(), lidJid: contact.lidJid() }],
  )
  return Promise.all([
    historyMessage(post, {
      syncType: INITIAL_BOOTSTRAP,
      conversations: conversationsOf(messagesOf(past)),
      phoneNumberToLidMappings,
      chunkOrder: 0,
      progress: 100,
    }),
    historyMessage(post, { syncType: PUSH_NAME, pushnames, chunkOrder: 1, progress: 100 }),
  ])
}

async function historyMessage(
  { media, nctSalt }: HistoryPost,
  history: proto.IHistorySync,
  requestId?: string,
): Promise<proto.IMessage> {
  const { syncType, chunkOrder, progress } = history
  const salt = syncType === INITIAL_BOOTSTRAP ? encodeMessage({ [NCT_SALT]: nctSalt }) : Buffer.alloc(0)
  const compressed = deflateSync(Buffer.concat([proto.HistorySync.encode(history).finish(), salt]))
  const historySyncNotification: proto.Message.IHistorySyncNotification = {
    // The two enumerations number the types they share alike.
    syncType: syncType as proto.Message.HistorySyncType,
    chunkOrder,
    progress,
    peerDataRequestSessionId: requestId,
    ...(compressed.length > INLINE_BYTES
      ? await uploaded(media, compressed)
      : { initialHistBootstrapInlinePayload: compressed }),
  }
  return { protocolMessage: { type: HISTORY_SYNC_NOTIFICATION, historySyncNotification } }
}

/** The file is deleted by whoever has read it. */
async function uploaded(media: MediaStore, compressed: Buffer) {
  const { encrypted, ...keys } = await encryptMedia(compressed, 'md-msg-hist')
  return {
    ...keys,
    directPath: media.put(encrypted).directPath,
    encHandle: randomBytes(16).toString('base64url'),
  }
}

/** The same part of the history again, for a companion that found no file, or a broken one, where it was announced. */
export async function uploadHistoryAgain(
  announced: proto.IMessage,
  { media }: HistoryPost,
): Promise<proto.IMessage | undefined> {
  const { protocolMessage } = announced
  const part = protocolMessage?.historySyncNotification
  const file = part?.directPath ? media.get(part.directPath) : undefined
  if (!protocolMessage || !part || !file) return undefined
  const { directPath } = media.put(file)
  return { protocolMessage: { ...protocolMessage, historySyncNotification: { ...part, directPath } } }
}

/** Answers a companion that asks for older messages of a chat (`HISTORY_SYNC_ON_DEMAND`). */
export function olderMessages(
  requestId: string,
  wanted: proto.Message.PeerDataOperationRequestMessage.IHistorySyncOnDemandRequest,
  { past, post }: { past: PastChats; post: HistoryPost },
): Promise<proto.IMessage> {
  const chat = wanted.chatJid ?? ''
  const before = secondsOf(Number(wanted.oldestMsgTimestampMs ?? Number.POSITIVE_INFINITY))
  const all = messagesOf(past).filter(({ key }) => past.chatOf(key?.remoteJid ?? '') === past.chatOf(chat))
  const older = all.filter(
    ({ key, messageTimestamp }) => Number(messageTimestamp) <= before && key?.id !== wanted.oldestMsgId,
  )
  const messages = older.slice(0, wanted.onDemandMsgCount ?? older.length).map((message) => ({ message }))
  // A chat whose beginning was reached is there without messages.
  const conversations = all.length > 0 ? [{ ...conversationsOf(all)[0], id: chat, messages }] : []
  return historyMessage(post, { syncType: ON_DEMAND, conversations, progress: 100 }, requestId)
}

/** `oldestMsgTimestampMs` holds seconds since 2026, whatever its name says (whatsmeow 2026-09-21). */
function secondsOf(instant: number): number {
  return instant < FIRST_MILLISECONDS ? instant : instant / 1000
}

/** Newest first. */
export function messagesOf({ owner, received, sent }: PastChats): proto.IWebMessageInfo[] {
  return [
    ...received.map(({ id, chat, fromMe, timestamp, pushName, message, stanza }) => ({
      key: { id, remoteJid: chat, fromMe, participant: stanza.participant },
      messageTimestamp: timestamp,
      pushName,
      message,
    })),
    ...sent.map(({ id, chat, timestamp, message }) => ({
      key: { id, remoteJid: chat, fromMe: true },
      messageTimestamp: timestamp,
      pushName: owner.name,
      message,
    })),
  ].sort((one, other) => other.messageTimestamp - one.messageTimestamp)
}

function conversationsOf(past: proto.IWebMessageInfo[]): proto.IConversation[] {
  const chats = new Map<string, proto.IWebMessageInfo[]>()
  for (const message of past) {
    const chat = message.key?.remoteJid ?? ''
    chats.set(chat, [...(chats.get(chat) ?? []), message])
  }
  return [...chats].map(([id, messages]) => ({
    id,
    messages: messages.map((message) => ({ message })),
    conversationTimestamp: messages[0]?.messageTimestamp,
    unreadCount: 0,
  }))
}
