import type { MessageEvent } from '../../../events/event.ts'
import { unwrapMessage } from '../../../events/unwrap.ts'
import type { InboxRow } from '../../../store/messages/inbox.ts'
import { type BinaryNode, proto } from '../../library/engine.ts'
import { binaryNode, child, type Me, numberAttr } from '../../wire/node.ts'
import { protoJson } from '../../wire/proto-json.ts'
import { mediaTypeOf } from './media-type.ts'
import { messageFacts } from './message-facts.ts'
import { webMessageEvent } from './web-message.ts'

/** The parts of an inbox row that make up the message. */
export type ReceivedMessage = Pick<InboxRow, 'attrs' | 'meta' | 'encType' | 'encAttrs' | 'plaintext'>

/**
 * The events of one decrypted message or channel post: the message itself and, when it is the phone's answer to a
 * request for messages this device could not read, those messages. Throws when the plaintext is no protobuf message.
 */
export function messageEvents(row: ReceivedMessage, me: Me): MessageEvent[] {
  const cipher: BinaryNode = { tag: 'enc', attrs: row.encAttrs }
  const stanza: BinaryNode = {
    tag: 'message',
    attrs: row.attrs,
    content: [...row.meta.map(binaryNode), cipher],
  }
  const message = proto.Message.decode(row.plaintext)
  hideSharedKeys(message)
  const raw = protoJson(proto.Message, message)
  const facts = messageFacts(stanza, me)
  const event: MessageEvent = {
    type: 'message',
    ...facts,
    mediaType: facts.mediaType || mediaTypeOf(raw),
    raw,
    deviceSent: unwrapMessage(raw).deviceSent,
    retryCount: numberAttr(cipher, 'count'),
    newsletter: row.encType === 'plaintext' ? newsletterFacts(stanza) : null,
    unavailableRequestId: '',
    sourceWebMessage: null,
  }
  return [event, ...resentMessages(message, event, me)]
}

/**
 * The own phone hands over the keys of the settings that the account's devices share in a message like any other. It is
 * told, but the keys are nobody's business.
 */
function hideSharedKeys({ protocolMessage }: proto.IMessage): void {
  for (const { keyData } of protocolMessage?.appStateSyncKeyShare?.keys ?? []) {
    if (keyData) keyData.keyData = undefined
  }
}

// Only posts with a <meta> say when they were written and edited.
function newsletterFacts(stanza: BinaryNode): MessageEvent['newsletter'] {
  const meta = child(stanza, 'meta')
  if (!meta) return null
  return { editedAtMs: numberAttr(meta, 'msg_edit_t'), originalAt: numberAttr(meta, 'original_msg_t') }
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
