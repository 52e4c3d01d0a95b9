import type { MessageEvent } from '../../../events/event.ts'
import { unwrapMessage } from '../../../events/unwrap.ts'
import { bare } from '../../../lib/jid.ts'
import { hasMembers, refOfKey } from '../../../lib/message-ref.ts'
import { proto } from '../../library/engine.ts'
import type { Me } from '../../wire/node.ts'
import { plainMessage } from '../../wire/plain-message.ts'
import { protoJson } from '../../wire/proto-json.ts'
import { mediaTypeOf, stanzaTypeOf } from './media-type.ts'

/**
 * A message as the phone keeps it (history, copies of what this device could not read) as an event.
 * `web` must be decoded, not a literal. Undefined when it holds no message, as for notices about calls and groups.
 */
export function webMessageEvent(web: proto.WebMessageInfo, me: Me): MessageEvent | undefined {
  const { key, message } = web
  const { chat, id, fromMe, author } = refOfKey(
    { ...key, participant: key?.participant || web.participant },
    me,
  )
  if (!message || !chat) return undefined
  const raw = protoJson(proto.Message, proto.Message.create(message))
  return {
    ...plainMessage,
    type: 'message',
    chat,
    sender: fromMe ? bare(me.pn) : author || chat,
    fromMe,
    isGroup: hasMembers(chat),
    addressingMode: '',
    senderAlt: '',
    recipientAlt: '',
    id,
    serverId: Number(web.newsletterServerId ?? 0),
    stanzaType: stanzaTypeOf(raw),
    pushName: web.pushName ?? '',
    timestamp: Number(web.messageTimestamp ?? 0),
    multicast: Boolean(web.multicast),
    mediaType: mediaTypeOf(raw),
    raw,
    deviceSent: unwrapMessage(raw).deviceSent,
    sourceWebMessage: protoJson(proto.WebMessageInfo, web),
  }
}
