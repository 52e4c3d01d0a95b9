import type { MessageEvent } from '../../events/event.ts'
import { unwrapMessage } from '../../events/unwrap.ts'
import { type BinaryNode, proto } from '../engine.ts'
import { mediaTypeOf } from './media-type.ts'
import { messageFacts } from './message-facts.ts'
import { bytesOf, child, children, type Me, numberAttr } from './node.ts'
import { protoJson } from './proto-json.ts'
import { webMessageEvent } from './web-message.ts'

/** A decrypted message as the inbox keeps it. */
export interface ReceivedMessage {
  /** Attributes of the `<message>` stanza. */
  attrs: Record<string, string>
  /** The elements of the stanza without its ciphertexts. */
  meta: BinaryNode[]
  /** Attributes of the `<enc>` this plaintext came from: `type`, `mediatype`, `count`, `decrypt-fail`. */
  encAttrs: Record<string, string>
  /** The encoded `proto.Message`, without padding. */
  plaintext: Uint8Array
}

/**
 * The events of one decrypted message: the message itself and, when it is the phone's answer to a request for
 * messages this device could not read, those messages. Throws when the plaintext is not a protobuf message.
 */
export function messageEvents(received: ReceivedMessage, me: Me): MessageEvent[] {
  const enc: BinaryNode = { tag: 'enc', attrs: received.encAttrs }
  const stanza: BinaryNode = { tag: 'message', attrs: received.attrs, content: [...received.meta, enc] }
  const message = proto.Message.decode(received.plaintext)
  const event = messageEvent(stanza, message, me)
  return [
    { ...event, mediaType: event.mediaType || mediaTypeOf(event.raw), retryCount: numberAttr(enc, 'count') },
    ...resentMessages(message, event, me),
  ]
}

/** The events of a `<message>` that is not encrypted: channel posts. None when it holds no plaintext. */
export function plaintextMessageEvents(stanza: BinaryNode, me: Me): MessageEvent[] {
  const plaintext = bytesOf(child(stanza, 'plaintext'))
  if (!plaintext) return []
  const event = messageEvent(stanza, proto.Message.decode(plaintext), me)
  const meta = child(stanza, 'meta')
  const newsletter = meta && {
    editedAtMs: numberAttr(meta, 'msg_edit_t'),
    originalAt: numberAttr(meta, 'original_msg_t'),
  }
  return [{ ...event, newsletter: newsletter ?? null }]
}

/** True for a `<message>` that carries ciphertext, which only the decrypted copy can turn into events. */
export function isEncrypted(stanza: BinaryNode): boolean {
  return children(stanza).some(({ tag }) => tag === 'enc')
}

function messageEvent(stanza: BinaryNode, message: proto.Message, me: Me): MessageEvent {
  const raw = protoJson(proto.Message, message)
  return {
    type: 'message',
    ...messageFacts(stanza, me),
    raw,
    deviceSent: unwrapMessage(raw).deviceSent,
    retryCount: 0,
    newsletter: null,
    unavailableRequestId: '',
    sourceWebMessage: null,
  }
}

// Only the own phone may answer for others: anybody else could invent messages in foreign chats.
function resentMessages(message: proto.Message, event: MessageEvent, me: Me): MessageEvent[] {
  const answer = message.protocolMessage?.peerDataOperationRequestResponseMessage
  if (!answer || !event.fromMe || event.category !== 'peer') return []
  return (answer.peerDataOperationResult ?? []).flatMap((result) => {
    const bytes = result.placeholderMessageResendResponse?.webMessageInfoBytes
    if (!bytes?.length) return []
    const resent = webMessageEvent(proto.WebMessageInfo.decode(bytes), me)
    return resent ? [{ ...resent, unavailableRequestId: answer.stanzaId ?? '' }] : []
  })
}
