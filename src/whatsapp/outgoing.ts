import type { ApiError } from '../lib/errors.ts'
import { newMessageId } from '../lib/ids.ts'
import { randomBytes } from '../lib/random.ts'
import type { Acks } from './acks.ts'
import { type BinaryNode, isJidNewsletter, isLidUser, isPnUser, type proto, type WASocket } from './engine.ts'
import { toApiError } from './faults.ts'
import { NOT_ON_WHATSAPP, refusalReason } from './refusals.ts'
import type { SentMessages } from './sent-messages.ts'

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
  /** Audience of a status post. */
  statusJidList?: string[]
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
  /** Whether a person, by JID, has devices as far as the account knows. */
  hasDevices(jid: string): boolean
}

const ACK_TIMEOUT_MS = 20_000

/**
 * Stores the message and writes it to the socket; `acknowledged` settles with the server's ack.
 * It is stored first: after a crash, retry receipts for it can still be answered (guide to the library §4).
 * Both promises reject with `upstream_refused` and WhatsApp's code, `upstream_timeout` or `not_connected`.
 */
export async function relay(way: Way, outgoing: OutgoingMessage): Promise<{ acknowledged: Promise<Sent> }> {
  const { to } = outgoing
  const id = outgoing.id || newMessageId()
  // Whoever gives an id may give it twice: the recipient has the secret that came first.
  const known = outgoing.id ? await way.sent.secretOf(way.userId, { id, chat: to }) : undefined
  const message = withSecret(outgoing.message, known)
  const kept = way.sent.keep(way.userId, { id, chat: to, sender: way.from, message })
  // Waited for below, unless sending fails first.
  kept.catch(() => {})
  const ack = way.acks.expect(id, ACK_TIMEOUT_MS)
  try {
    // A channel post changes no ratchet whose commit would follow that of the message.
    if (isJidNewsletter(to)) await kept
    await way.socket.relayMessage(to, message, {
      messageId: id,
      useCachedGroupMetadata: true,
      additionalAttributes: outgoing.attributes,
      additionalNodes: outgoing.nodes,
      statusJidList: outgoing.statusJidList,
    })
    // The message has left; it is told as sent, and kept for those who ask for it again.
    await kept.catch(() => way.sent.keepAgain(way.userId, { id, chat: to, sender: way.from, message }))
  } catch (error) {
    // The library fails after the message has left as well, when it cannot store what it learnt on the way.
    if (!(await ack.isAnswered())) {
      ack.cancel()
      throw failed(way, id, error)
    }
  }
  const acknowledged = ack.acknowledged.then(
    async (timestamp) => {
      // WhatsApp takes messages to anybody; one whose recipient has no device went nowhere.
      const isLost = (isPnUser(to) || isLidUser(to)) && !way.hasDevices(to)
      way.sent.mark(
        way.userId,
        id,
        isLost ? { status: 'failed', failure: NOT_ON_WHATSAPP } : { status: 'sent' },
      )
      await way.sent.keepResponse(message, {
        userId: way.userId,
        chat: to,
        sender: way.from,
        at: timestamp * 1000,
      })
      return { id, to, timestamp }
    },
    (error: unknown) => {
      throw failed(way, id, error)
    },
  )
  return { acknowledged }
}

function failed(way: Way, id: string, error: unknown): ApiError {
  const fault = toApiError(error)
  way.sent.mark(way.userId, id, { status: 'failed', failure: reasonOf(fault) })
  return fault
}

/** Why a message failed, for whoever looks later. */
function reasonOf({ code, message, details }: ApiError): string {
  if (typeof details.ackError === 'string') return refusalReason(details.ackError)
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
