import { ApiError } from '../../lib/errors.ts'
import { newMessageId } from '../../lib/ids.ts'
import { isPersonJid } from '../../lib/jid.ts'
import { limits } from '../../lib/limits.ts'
import type { MessageName } from '../../lib/message-ref.ts'
import type { Logger } from '../../lib/process/logger.ts'
import { randomBytes } from '../../lib/random.ts'
import type { GroupDirectory } from '../inbound/group-directory.ts'
import type { SharedCaches } from '../library/caches.ts'
import {
  type BinaryNode,
  type GroupMetadata,
  isJidNewsletter,
  proto,
  type WASocket,
} from '../library/engine.ts'
import { toApiError } from '../library/faults.ts'
import { userPart, withoutDevice } from '../wire/jid.ts'
import type { Acks } from './acks.ts'
import type { Audiences } from './audiences.ts'
import { channelChange } from './channel-change.ts'
import { type LeavingMessage, writePlainText } from './plain-text.ts'
import { NOT_ON_WHATSAPP, refusalReason } from './refusals.ts'
import type { SentMessages } from './sent-messages.ts'
import type { WireAddress } from './wire-address.ts'

/** A message on its way out: the protobuf and how the stanza around it differs from a plain one. */
export interface OutgoingMessage {
  /** Recipient JID. */
  to: string
  message: proto.IMessage
  /** WhatsApp message id; a new one when empty. */
  id?: string
  /** Extra attributes of the stanza: `edit="7"` for a revoke, ... */
  attributes?: Record<string, string>
  /** Extra children of the stanza: `<meta polltype="creation"/>`, `<biz/>`, ... */
  nodes?: BinaryNode[]
  /** The file of a post in a channel, which lies on the media servers unencrypted. */
  channelFile?: ChannelFile
  /** Audience of a status post; by the account's privacy settings when absent. */
  statusJidList?: string[]
}

/** How the stanza of a post names its file. */
export interface ChannelFile {
  /** What the media servers call the upload. */
  handle: string
  /** `image`, `video`, `audio`, `ptt`, `document` or `sticker`. */
  mediaType: string
}

/** A message the server has acknowledged. */
export interface Sent {
  id: string
  to: string
  /** The server's time, unix seconds. */
  timestamp: number
}

interface Way {
  socket: WASocket
  acks: Acks
  /** Own JID without device. */
  from: string
  userId: string
  sent: SentMessages
  audiences: Audiences
  groups: GroupDirectory
  caches: SharedCaches
  log: Logger
}

const ACK_TIMEOUT_MS = 20_000

/**
 * Stores the message and writes it to the socket; `acknowledged` settles with the server's ack.
 * It is stored first: after a crash, retry receipts for it can still be answered.
 * Both promises reject with `upstream_refused` and WhatsApp's code, `upstream_timeout` or `not_connected`. A message that
 * is too large (`invalid_field`), or for a group or number that WhatsApp does not tell about, is neither kept nor sent.
 */
export async function relay(
  way: Way,
  outgoing: OutgoingMessage,
  address: WireAddress,
): Promise<{ acknowledged: Promise<Sent> }> {
  const { to } = outgoing
  const id = outgoing.id || newMessageId()
  // As receipts name it.
  const chat = withoutDevice(address.to) || address.to
  // Whoever gives an id may give it twice: the recipient has the secret that came first.
  const known = outgoing.id ? await way.sent.secretOf(way.userId, { id, chat }) : undefined
  const message = withSecret(outgoing.message, known)
  const encoded = encodedWithin(limits.message.max, message)
  const audience = await way.audiences.of(way.userId, outgoing, (jid) => groupFor(way, jid))
  const copy = { id, chat, sender: way.from, encoded, audience }
  const kept = way.sent.keep(way.userId, copy)
  // Waited for below, unless sending fails first.
  kept.catch(() => {})
  const attributes = { ...address.attributes, ...outgoing.attributes }
  const change = channelChange(to, message)
  const ack = way.acks.expect({ id: change?.attrs.id ?? id, chat }, ACK_TIMEOUT_MS)
  try {
    // A channel post changes no ratchet whose commit would follow that of the message.
    if (isJidNewsletter(to)) await kept
    if (change) await way.socket.sendNode(change)
    else if (outgoing.channelFile) await way.socket.sendNode(filePost({ ...outgoing, id }, encoded))
    else await write(way, { ...outgoing, id, to: address.to, message, encoded, attributes })
    // The message has left; it is told as sent, and kept for those who ask for it again.
    const reached = await reachedBy(way, outgoing).catch(() => audience)
    const [stored] = await Promise.allSettled([kept])
    if (stored.status === 'rejected' || reached !== audience) {
      await way.sent.keepAgain(way.userId, { ...copy, audience: reached })
    }
  } catch (error) {
    // The library fails after the message has left as well, when it cannot store what it learnt on the way.
    if (!(await ack.isAnswered())) {
      ack.cancel()
      throw failed(way, { id, chat }, error)
    }
  }
  const acknowledged = ack.acknowledged.then(
    async (timestamp) => {
      // WhatsApp takes messages to anybody; one whose recipient has no device went nowhere.
      const isLost = isPersonJid(address.to) && !way.caches.hasDevices(way.userId, userPart(address.to))
      way.sent.mark(
        way.userId,
        { id, chats: [chat] },
        isLost ? { status: 'failed', failure: NOT_ON_WHATSAPP } : { status: 'sent' },
      )
      await way.sent.keepResponse(message, {
        userId: way.userId,
        chat,
        sender: way.from,
        at: timestamp * 1000,
      })
      return { id, to, timestamp }
    },
    (error: unknown) => {
      throw failed(way, { id, chat }, error)
    },
  )
  return { acknowledged }
}

/** Encrypts a message and writes it to the socket. */
async function write(way: Way, leaving: OutgoingMessage & LeavingMessage): Promise<void> {
  if (await writePlainText(way, leaving)) return
  await way.socket.relayMessage(leaving.to, leaving.message, {
    messageId: leaving.id,
    useCachedGroupMetadata: true,
    additionalAttributes: leaving.attributes,
    additionalNodes: leaving.nodes,
    statusJidList: leaving.statusJidList,
  })
}

/** The stanza of a post with a file; the library's own would name neither the upload nor its kind. */
function filePost({ to, id, attributes, channelFile }: OutgoingMessage, encoded: Uint8Array): BinaryNode {
  const { handle = '', mediaType = '' } = channelFile ?? {}
  return {
    tag: 'message',
    attrs: { to, id: id ?? '', type: 'media', media_id: handle, ...attributes },
    content: [{ tag: 'plaintext', attrs: { mediatype: mediaType }, content: encoded }],
  }
}

function groupFor({ groups }: Way, jid: string): Promise<GroupMetadata | undefined> {
  return groups.get(jid).catch((error: unknown) => {
    throw toApiError(error)
  })
}

/** Whom a message went to: its group may have changed while it waited to be encrypted. */
function reachedBy({ audiences, userId, groups }: Way, outgoing: OutgoingMessage) {
  return audiences.of(userId, outgoing, async (jid) => groups.usedFor(jid))
}

// The stanza has an encrypted copy for every device, and is written by a function that takes it byte by byte.
function encodedWithin(maxBytes: number, message: proto.IMessage): Uint8Array {
  const encoded = proto.Message.encode(message).finish()
  if (encoded.length <= maxBytes) return encoded
  const text = `the message is too large: ${encoded.length} bytes, at most ${maxBytes}`
  throw new ApiError('invalid_field', { text })
}

function failed(way: Way, { id, chat }: MessageName, error: unknown): ApiError {
  const fault = toApiError(error)
  way.sent.mark(way.userId, { id, chats: [chat] }, { status: 'failed', failure: reasonOf(fault) })
  return fault
}

/** Why a message failed, for whoever looks later. */
function reasonOf({ code, message, details }: ApiError): string {
  if (details.refusal?.by === 'ack') return refusalReason(details.refusal.code)
  if (code === 'upstream_timeout') return 'WhatsApp did not confirm the message in time; it may have arrived'
  if (code === 'not_connected') return 'the connection to WhatsApp was lost; the message may have arrived'
  return message
}

// The secret lets receivers report the message and lets votes and answers to it be encrypted; official clients add
// one to every message but reactions and protocol messages.
function withSecret(message: proto.IMessage, known?: Uint8Array | null): proto.IMessage {
  if (message.reactionMessage || message.protocolMessage || message.messageContextInfo?.messageSecret)
    return message
  const messageSecret = known?.length ? known : randomBytes(32)
  return { ...message, messageContextInfo: { ...message.messageContextInfo, messageSecret } }
}
