import { randomBytes } from 'node:crypto'
import type { Acks } from './acks.ts'
import { type BinaryNode, isJidNewsletter, type proto, type WASocket } from './engine.ts'
import { toApiError } from './faults.ts'
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
}

const ACK_TIMEOUT_MS = 20_000

/**
 * Stores the message and writes it to the socket; `acknowledged` settles with the server's ack.
 * It is stored first: after a crash, retry receipts for it can still be answered (guide to the library §4).
 * Both promises reject with `upstream_refused` and WhatsApp's code, `upstream_timeout` or `not_connected`.
 */
export async function relay(
  way: Way,
  outgoing: OutgoingMessage & { id: string },
): Promise<{ acknowledged: Promise<Sent> }> {
  const { id, to } = outgoing
  const message = withSecret(outgoing.message)
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
    await kept
  } catch (error) {
    ack.cancel()
    throw failed(way, id, error)
  }
  const acknowledged = ack.acknowledged.then(
    (timestamp) => {
      way.sent.mark(way.userId, id, 'sent')
      return { id, to, timestamp }
    },
    (error: unknown) => {
      throw failed(way, id, error)
    },
  )
  return { acknowledged }
}

function failed(way: Way, id: string, error: unknown): Error {
  const fault = toApiError(error)
  way.sent.mark(way.userId, id, 'failed')
  return fault
}

// The secret lets receivers report the message and lets votes and answers to it be encrypted; official clients add
// one to every message but reactions and protocol messages.
function withSecret(message: proto.IMessage): proto.IMessage {
  if (message.reactionMessage || message.protocolMessage || message.messageContextInfo?.messageSecret)
    return message
  return { ...message, messageContextInfo: { ...message.messageContextInfo, messageSecret: randomBytes(32) } }
}
