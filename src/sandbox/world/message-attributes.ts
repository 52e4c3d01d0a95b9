import { normalizeMessageContent, type proto } from '../../whatsapp/library/engine.ts'

/** What a message's stanza says about the content inside the ciphertext. */
export interface MessageAttributes {
  /** `type` of the `<message>`. */
  type: 'text' | 'media' | 'poll' | 'reaction' | 'event'
  /** `mediatype` of each `<enc>`. */
  mediatype?: string
  /** `edit` of the `<message>`: 1 = edit, 7 = revoke of an own message, 8 = revoke by an admin. */
  edit?: '1' | '7' | '8'
  /** `decrypt-fail` of each `<enc>`: the receiver shows nothing when it cannot decrypt. */
  decryptFail?: 'hide'
  /** `polltype` of a `<meta>` child. */
  pollType?: 'creation' | 'vote'
}

// The first member found decides, as in the client (its getMediaType).
const MEDIA_TYPES: [keyof proto.IMessage, string | ((message: proto.IMessage) => string)][] = [
  ['imageMessage', 'image'],
  ['videoMessage', (message) => (message.videoMessage?.gifPlayback ? 'gif' : 'video')],
  ['audioMessage', (message) => (message.audioMessage?.ptt ? 'ptt' : 'audio')],
  ['contactMessage', 'vcard'],
  ['documentMessage', 'document'],
  ['contactsArrayMessage', 'contact_array'],
  ['locationMessage', 'location'],
  ['liveLocationMessage', 'livelocation'],
  ['stickerMessage', 'sticker'],
  ['listMessage', 'list'],
  ['listResponseMessage', 'list_response'],
  ['buttonsResponseMessage', 'buttons_response'],
  ['orderMessage', 'order'],
  ['productMessage', 'product'],
  ['interactiveResponseMessage', 'native_flow_response'],
  ['groupInviteMessage', 'url'],
]

const MESSAGE_EDIT = 14
const REVOKE = 0

/** The attributes real clients put on a message of this content. */
export function messageAttributes(message: proto.IMessage): MessageAttributes {
  const content = normalizeMessageContent(message) ?? message
  if (content.reactionMessage) return { type: 'reaction', decryptFail: 'hide' }
  if (content.pollUpdateMessage) return { type: 'poll', pollType: 'vote' }
  if (content.pollCreationMessage || content.pollCreationMessageV2 || content.pollCreationMessageV3) {
    return { type: 'poll', pollType: 'creation' }
  }
  if (content.eventMessage) return { type: 'event' }
  if (content.protocolMessage) return { type: 'text', edit: editAttribute(content.protocolMessage) }
  const media = MEDIA_TYPES.find(([member]) => content[member])?.[1]
  if (!media) return { type: 'text' }
  return { type: 'media', mediatype: typeof media === 'string' ? media : media(content) }
}

function editAttribute({ type, key }: proto.Message.IProtocolMessage): MessageAttributes['edit'] {
  if (type === MESSAGE_EDIT) return '1'
  if (type === REVOKE) return key?.fromMe ? '7' : '8'
  return undefined
}
