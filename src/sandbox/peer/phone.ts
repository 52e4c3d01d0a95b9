import { randomBytes } from 'node:crypto'
import { deflateSync } from 'node:zlib'
import { decodePatches, newLTHashState, proto, type WAPatchName } from '../../whatsapp/library/engine.ts'
import type { Account } from '../world/account.ts'
import type { ReceivedMessage } from './peer-inbox.ts'
import type { SentMessage } from './peer-outbox.ts'

const { APP_STATE_SYNC_KEY_SHARE, HISTORY_SYNC_NOTIFICATION, PEER_DATA_OPERATION_REQUEST_RESPONSE_MESSAGE } =
  proto.Message.ProtocolMessage.Type

/** A setting that a phone shares with its companions, e.g. `['archive', '<chat>']`. */
export interface SharedSetting {
  index: string[]
  /** Its newest value. */
  value: proto.ISyncActionValue
}

/** The key under which a phone and its companions keep their shared settings (archived chats, labels...). */
export class AppStateKey {
  readonly #keyId = randomBytes(6)
  readonly #keyData = randomBytes(32)

  /** The peer message that gives a companion the key; without it every change of a chat fails at the companion. */
  shareMessage(): proto.IMessage {
    const key: proto.Message.IAppStateSyncKey = {
      keyId: { keyId: this.#keyId },
      keyData: {
        keyData: this.#keyData,
        fingerprint: { rawId: 1, currentIndex: 0, deviceIndexes: [0] },
        timestamp: Date.now(),
      },
    }
    return { protocolMessage: { type: APP_STATE_SYNC_KEY_SHARE, appStateSyncKeyShare: { keys: [key] } } }
  }

  /** Decrypts the changes of one collection, oldest first; a change whose seal is wrong ends it, as on a phone. */
  async read(collection: string, changes: Uint8Array[]): Promise<SharedSetting[]> {
    const { mutationMap } = await decodePatches(
      // The service keeps whatever collection a companion names; the library reads its five.
      collection as WAPatchName,
      changes.map((change) => proto.SyncdPatch.decode(change)),
      newLTHashState(),
      async () => ({ keyData: this.#keyData }),
      {},
    )
    return Object.values(mutationMap).map(({ index, syncAction }) => ({
      index,
      value: syncAction.value ?? {},
    }))
  }
}

/** What a phone can tell a new companion about the past. */
export interface PastChats {
  owner: Account
  received: readonly ReceivedMessage[]
  sent: readonly SentMessage[]
  /** Whom the owner knows by name. */
  contacts: readonly Account[]
}

/**
 * The peer messages with the history of a new companion. They are inline, because the client fetches external
 * history from the real media host only.
 */
export function historyMessages(past: PastChats): proto.IMessage[] {
  const { INITIAL_BOOTSTRAP, PUSH_NAME } = proto.HistorySync.HistorySyncType
  const pushnames = past.contacts.map((contact) => ({ id: contact.jid(), pushname: contact.name }))
  const phoneNumberToLidMappings = past.contacts.map((contact) => ({
    pnJid: contact.jid(),
    lidJid: contact.lidJid(),
  }))
  return [
    historyMessage({
      syncType: INITIAL_BOOTSTRAP,
      conversations: conversationsOf(messagesOf(past)),
      phoneNumberToLidMappings,
      chunkOrder: 0,
      progress: 100,
    }),
    historyMessage({ syncType: PUSH_NAME, pushnames, chunkOrder: 1, progress: 100 }),
  ]
}

function historyMessage(history: proto.IHistorySync, requestId?: string): proto.IMessage {
  const { syncType, chunkOrder, progress } = history
  const encoded = proto.HistorySync.encode(history).finish()
  const historySyncNotification: proto.Message.IHistorySyncNotification = {
    // The two enumerations number the types they share alike.
    syncType: syncType as proto.Message.HistorySyncType,
    chunkOrder,
    progress,
    peerDataRequestSessionId: requestId,
    initialHistBootstrapInlinePayload: deflateSync(encoded),
  }
  return { protocolMessage: { type: HISTORY_SYNC_NOTIFICATION, historySyncNotification } }
}

/** Answers a companion's request to its phone: older messages, or one it could not read. */
export function answerRequest(
  requestId: string,
  request: proto.Message.IPeerDataOperationRequestMessage,
  past: PastChats,
): proto.IMessage {
  const wanted = request.historySyncOnDemandRequest
  if (wanted) return olderMessages(requestId, wanted, past)

  const ids = request.placeholderMessageResendRequest?.map(({ messageKey }) => messageKey?.id) ?? []
  const found = messagesOf(past).filter(({ key }) => ids.includes(key?.id))
  return {
    protocolMessage: {
      type: PEER_DATA_OPERATION_REQUEST_RESPONSE_MESSAGE,
      peerDataOperationRequestResponseMessage: {
        stanzaId: requestId,
        peerDataOperationRequestType: request.peerDataOperationRequestType,
        peerDataOperationResult: found.map((message) => ({
          placeholderMessageResendResponse: {
            webMessageInfoBytes: proto.WebMessageInfo.encode(message).finish(),
          },
        })),
      },
    },
  }
}

function olderMessages(
  requestId: string,
  wanted: proto.Message.PeerDataOperationRequestMessage.IHistorySyncOnDemandRequest,
  past: PastChats,
): proto.IMessage {
  const beforeMs = Number(wanted.oldestMsgTimestampMs ?? Number.POSITIVE_INFINITY)
  const chat = conversationsOf(messagesOf(past)).find(({ id }) => id === wanted.chatJid)
  const older = (chat?.messages ?? []).filter(
    ({ message }) =>
      Number(message?.messageTimestamp) * 1000 <= beforeMs && message?.key?.id !== wanted.oldestMsgId,
  )
  const messages = older.slice(0, wanted.onDemandMsgCount ?? older.length)
  return historyMessage(
    {
      syncType: proto.HistorySync.HistorySyncType.ON_DEMAND,
      conversations: chat ? [{ ...chat, messages }] : [],
      progress: 100,
    },
    requestId,
  )
}

/** Newest first. */
function messagesOf({ owner, received, sent }: PastChats): proto.IWebMessageInfo[] {
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
