import type { MessageFacts } from '../../../events/event-parts.ts'
import { canonical, serverOf } from '../../../lib/jid.ts'
import type { BinaryNode } from '../../library/engine.ts'
import { child, children, type Me, numberAttr } from '../../wire/node.ts'
import { sourceOf } from './source.ts'
import { readVerifiedName } from './verified-name.ts'

/** Edits of an AI bot's answer name the message they continue; its first part does not. */
const BOT_CONTINUATIONS = ['inner', 'last']

/** What a `<message>` stanza says about itself, with or without ciphertext inside. */
export function messageFacts(node: BinaryNode, me: Me): MessageFacts {
  const { attrs } = node
  return {
    ...sourceOf(node, me),
    id: attrs.id ?? '',
    serverId: numberAttr(node, 'server_id'),
    stanzaType: attrs.type ?? '',
    pushName: attrs.notify ?? '',
    timestamp: numberAttr(node, 't'),
    category: attrs.category ?? '',
    multicast: child(node, 'multicast') !== undefined,
    mediaType: mediaType(node),
    edit: attrs.edit ?? '',
    bot: botFacts(child(node, 'bot')),
    meta: metaFacts(child(node, 'meta')),
    isNewsletterStatus: isNewsletterStatus(node),
    verifiedName: readVerifiedName(node),
  }
}

function mediaType(node: BinaryNode): string {
  return children(node).find((part) => part.attrs.mediatype)?.attrs.mediatype ?? ''
}

function botFacts(bot: BinaryNode | undefined): MessageFacts['bot'] {
  const editType = bot?.attrs.edit ?? ''
  const continues = BOT_CONTINUATIONS.includes(editType)
  return {
    editType,
    editTargetId: continues ? (bot?.attrs.edit_target_id ?? '') : '',
    editSenderTimestampMs: continues ? numberAttr(bot, 'sender_timestamp_ms') : 0,
  }
}

function metaFacts(meta: BinaryNode | undefined): MessageFacts['meta'] {
  const attrs = meta?.attrs ?? {}
  return {
    targetId: attrs.target_id ?? '',
    targetSender: canonical(attrs.target_sender_jid),
    targetChat: canonical(attrs.target_chat_jid),
    deprecatedLidSession:
      attrs.deprecated_lid_session === undefined ? null : isTrue(attrs.deprecated_lid_session),
    threadMessageId: attrs.thread_msg_id ?? '',
    threadMessageSender: canonical(attrs.thread_msg_sender_jid),
  }
}

function isNewsletterStatus(node: BinaryNode): boolean {
  return serverOf(node.attrs.from ?? '') === 'newsletter' && isTrue(node.attrs.is_status)
}

function isTrue(attribute: string | undefined): boolean {
  return attribute === 'true' || attribute === '1'
}
