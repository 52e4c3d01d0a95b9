import type { Source } from '../../../events/event-parts.ts'
import { bare, canonical, isMe, onSameDevice, serverOf, unhosted } from '../../../lib/jid.ts'
import type { BinaryNode } from '../../library/engine.ts'
import { child, children, type Me } from '../../wire/node.ts'

/** Companions in the cloud included: the addresses below are as the server writes them. */
const isLid = (jid: string) => ['lid', 'hosted.lid'].includes(serverOf(jid))

/**
 * Who sent a `<message>`, `<receipt>` or `<chatstate>`, and in which chat.
 * The rules are whatsmeow's (`types.MessageSource`): `Chat` has no device, `Sender` does; a message of an own
 * device belongs to the chat named by `recipient`.
 */
export function sourceOf(node: BinaryNode, me: Me): Source {
  const from = unhosted(node.attrs.from ?? '')
  const server = serverOf(from)
  const source: Source = {
    chat: bare(from),
    sender: from,
    fromMe: false,
    isGroup: false,
    addressingMode: addressingMode(node),
    senderAlt: '',
    recipientAlt: '',
    broadcastListOwner: '',
    broadcastRecipients: null,
  }
  if (server === 'g.us' || server === 'broadcast') return groupSource(source, node, me)
  if (server === 'newsletter') return source
  if (isMe(from, me)) return ownSource(source, node)
  if (server === 'bot') {
    return { ...source, chat: bare(child(node, 'meta')?.attrs.target_chat_jid) || source.chat }
  }
  const alt = isLid(from) ? node.attrs.sender_pn : node.attrs.sender_lid
  return { ...source, senderAlt: onSameDevice(alt ?? '', from) }
}

function addressingMode(node: BinaryNode): Source['addressingMode'] {
  const mode = node.attrs.addressing_mode
  return mode === 'pn' || mode === 'lid' ? mode : ''
}

function groupSource(source: Source, node: BinaryNode, me: Me): Source {
  const sender = canonical(node.attrs.participant)
  const fromMe = isMe(sender, me)
  const lid = source.addressingMode === 'lid' || isLid(sender) ? '' : node.attrs.participant_lid
  const alt = node.attrs.participant_pn || lid
  return {
    ...source,
    sender,
    fromMe,
    isGroup: true,
    senderAlt: onSameDevice(alt ?? '', sender),
    ...(serverOf(source.chat) === 'broadcast' && {
      broadcastListOwner: canonical(node.attrs.recipient),
      broadcastRecipients: fromMe ? broadcastRecipients(node) : null,
    }),
  }
}

function ownSource(source: Source, node: BinaryNode): Source {
  const chat = bare(node.attrs.recipient) || source.chat
  const alt = isLid(chat) ? node.attrs.peer_recipient_pn : node.attrs.peer_recipient_lid
  return { ...source, chat, fromMe: true, recipientAlt: canonical(alt) }
}

function broadcastRecipients(node: BinaryNode): Source['broadcastRecipients'] {
  const list = child(node, 'participants')
  if (!list) return null
  return children(list)
    .filter((to) => to.tag === 'to')
    .map((to) => {
      const jid = canonical(to.attrs.jid)
      return isLid(jid)
        ? { lid: jid, pn: canonical(to.attrs.peer_recipient_pn) }
        : { lid: canonical(to.attrs.peer_recipient_lid), pn: jid }
    })
}
