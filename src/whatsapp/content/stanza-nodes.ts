import { innermost } from '../../events/unwrap.ts'
import { pollOf } from '../inbound/parse/polls.ts'
import { type BinaryNode, normalizeMessageContent, proto } from '../library/engine.ts'
import { EVENT_NODE } from './event.ts'
import { LIST_NODE } from './list.ts'
import { mixedFlowNode, paymentFlowNode } from './native-flow.ts'
import { POLL_NODE } from './poll.ts'

const { MESSAGE_EDIT, REVOKE } = proto.Message.ProtocolMessage.Type

/**
 * The `edit` of the stanza of a message that changes another one, as whatsmeow derives it: 1 edits, 2 pins, 7 takes back what
 * the account wrote, a reaction too, 8 what somebody else wrote. Empty for all others.
 */
export function editAttribute(message: proto.IMessage): { edit?: '1' | '2' | '7' | '8' } {
  const { protocolMessage, reactionMessage, pinInChatMessage } = normalizeMessageContent(message) ?? message
  if (pinInChatMessage) return { edit: '2' }
  if (reactionMessage) return reactionMessage.text ? {} : { edit: '7' }
  if (protocolMessage?.type === MESSAGE_EDIT) return { edit: '1' }
  // In a protobuf the first kind of a protocol message, which this is, may go without saying.
  const isRevoke = protocolMessage?.key && (protocolMessage.type ?? REVOKE) === REVOKE
  return isRevoke ? { edit: protocolMessage.key?.fromMe ? '7' : '8' } : {}
}

/**
 * What the stanza of a message has to say beside its content, for one that was made earlier: forwarded, or sent again to a
 * device that could not decrypt it. Without it phones show nothing.
 */
export function stanzaNodes(message: proto.IMessage): BinaryNode[] {
  const { eventMessage, listMessage, interactiveMessage } = innermost(message)
  if (pollOf(message)) return [POLL_NODE]
  if (eventMessage) return [EVENT_NODE]
  if (listMessage) return [LIST_NODE]
  if (!interactiveMessage) return []
  switch (interactiveMessage.nativeFlowMessage?.buttons?.[0]?.name) {
    case 'payment_info':
      return [paymentFlowNode('payment_info')]
    case 'review_and_pay':
      return [paymentFlowNode('order_details')]
    default:
      return [mixedFlowNode()]
  }
}
