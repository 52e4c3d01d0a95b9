import type { ReceiptEvent } from '../../../events/event.ts'
import { canonical, isMe } from '../../../lib/jid.ts'
import type { BinaryNode } from '../../library/engine.ts'
import { child, children, childrenOf, type Me, numberAttr } from '../../wire/node.ts'
import { sourceOf } from './source.ts'

/**
 * The events of a `<receipt>`: one, or one per reader when the server put several into a stanza.
 * A receipt of an own device names the author of the messages as `recipient`.
 */
export function receiptEvents(node: BinaryNode, me: Me): ReceiptEvent[] {
  const source = sourceOf(node, me)
  const receipt: ReceiptEvent = {
    type: 'receipt',
    ...source,
    messageIds: messageIds(node),
    timestamp: numberAttr(node, 't'),
    kind: node.attrs.type ?? '',
    messageSender: canonical(node.attrs.recipient),
  }
  if (source.isGroup && !source.sender) return groupedReceipts(receipt, node, me)
  return receipt.messageIds.length ? [receipt] : []
}

function messageIds(node: BinaryNode): string[] {
  const more = childrenOf(child(node, 'list'), 'item')
  return [node.attrs.id, ...more.map(({ attrs }) => attrs.id)].filter((id) => id !== undefined)
}

function groupedReceipts(receipt: ReceiptEvent, node: BinaryNode, me: Me): ReceiptEvent[] {
  return childrenOf(node, 'participants').flatMap((participants) => {
    const id = participants.attrs.key ?? participants.attrs.message_id ?? node.attrs.id
    if (!id) return []
    return children(participants)
      .filter(({ tag, attrs }) => tag === 'user' && attrs.jid && attrs.t)
      .map((user) => {
        const sender = canonical(user.attrs.jid)
        return {
          ...receipt,
          sender,
          fromMe: isMe(sender, me),
          senderAlt: canonical(user.attrs.participant_pn ?? user.attrs.participant_lid),
          messageIds: [id],
          timestamp: numberAttr(user, 't'),
        }
      })
  })
}
