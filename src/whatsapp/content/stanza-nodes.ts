import { pollOf } from '../inbound/parse/poll-vote.ts'
import { type BinaryNode, normalizeMessageContent, type proto } from '../library/engine.ts'
import { LIST_NODE } from './list.ts'
import { mixedFlowNode, paymentFlowNode } from './native-flow.ts'
import { POLL_NODE } from './poll.ts'

/**
 * What the stanza of a message has to say beside its content, for one that was made earlier: forwarded, or sent again to a
 * device that could not decrypt it. Without it phones show nothing.
 */
export function stanzaNodes(message: proto.IMessage): BinaryNode[] {
  const { listMessage, interactiveMessage } = normalizeMessageContent(message) ?? message
  if (pollOf(message)) return [POLL_NODE]
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
