import { proto } from '../../whatsapp/library/engine.ts'
import type { Attributes } from '../world/node.ts'
import { unwrapped } from '../world/wrappers.ts'
import { SECRET_TYPES } from './text-words.ts'

/** What a message's stanza says about the content inside the ciphertext. */
export interface MessageAttributes {
  /** `type` of the `<message>`. */
  type: 'text' | 'media' | 'poll' | 'reaction' | 'event'
  /** `mediatype` of each `<enc>`. */
  mediatype?: string
  /** `edit` of the `<message>`: 1 = edit, 2 = pin, 7 = revoke of an own message, 8 = revoke by an admin. */
  edit?: '1' | '2' | '7' | '8'
  /** `decrypt-fail` of each `<enc>`: the receiver shows nothing when it cannot decrypt. */
  decryptFail?: 'hide'
  /** Attributes of a `<meta>` child; undefined where there is none. */
  meta?: Attributes
}

type Reader<T> = (content: proto.IMessage) => T | undefined

/** The attributes real clients put on a message of this content (WhatsApp Web of August 2026; whatsmeow 2026-08-21). */
export function messageAttributes(message: proto.IMessage): MessageAttributes {
  const content = unwrapped(message)
  const mediatype = mediaType(content)
  const edit = editAttribute(content)
  const hides = edit === '1' || edit === '2' || HIDDEN_WHEN_UNREADABLE.some((member) => content[member])
  return {
    type: TYPES.find(([, isType]) => isType(content))?.[0] ?? (mediatype ? 'media' : 'text'),
    mediatype,
    edit,
    decryptFail: hides || isSecret(content, 'pollEdit', 'pollAddOption') ? 'hide' : undefined,
    meta: metaOf(message, content),
  }
}

const POLLS: (keyof proto.IMessage)[] = [
  'pollCreationMessage',
  'pollCreationMessageV2',
  'pollCreationMessageV3',
  'pollCreationMessageV5',
  'pollCreationMessageV6',
]

/** What is not a text, and has no file either. The first that fits decides. */
const TYPES: [MessageAttributes['type'], (content: proto.IMessage) => boolean][] = [
  ['reaction', (content) => Boolean(content.reactionMessage ?? content.encReactionMessage)],
  [
    'event',
    (content) =>
      Boolean(content.eventMessage ?? content.encEventResponseMessage) || isSecret(content, 'eventEdit'),
  ],
  [
    'poll',
    (content) =>
      has(content, POLLS) ||
      Boolean(content.pollUpdateMessage) ||
      isSecret(content, 'pollEdit', 'pollAddOption'),
  ],
]

// The first member found decides.
const MEDIA_TYPES: [keyof proto.IMessage, string | Reader<string>][] = [
  ['imageMessage', 'image'],
  ['videoMessage', (content) => (content.videoMessage?.gifPlayback ? 'gif' : 'video')],
  ['ptvMessage', 'ptv'],
  ['audioMessage', (content) => (content.audioMessage?.ptt ? 'ptt' : 'audio')],
  ['contactMessage', 'vcard'],
  ['documentMessage', 'document'],
  ['contactsArrayMessage', 'contact_array'],
  ['locationMessage', (content) => (content.locationMessage?.isLive ? 'livelocation' : 'location')],
  ['liveLocationMessage', 'livelocation'],
  ['stickerMessage', 'sticker'],
  ['stickerPackMessage', 'sticker_pack'],
  ['listMessage', 'list'],
  ['listResponseMessage', 'list_response'],
  ['buttonsResponseMessage', 'buttons_response'],
  ['orderMessage', 'order'],
  ['productMessage', 'product'],
  ['interactiveResponseMessage', 'native_flow_response'],
  ['groupInviteMessage', 'url'],
  ['extendedTextMessage', (content) => (content.extendedTextMessage?.matchedText ? 'url' : undefined)],
]

function mediaType(content: proto.IMessage): string | undefined {
  const type = MEDIA_TYPES.find(([member]) => content[member])?.[1]
  return typeof type === 'function' ? type(content) : type
}

/** What nobody misses: beside these, edits and pins. */
const HIDDEN_WHEN_UNREADABLE: (keyof proto.IMessage)[] = [
  'reactionMessage',
  'encReactionMessage',
  'pollUpdateMessage',
  'encEventResponseMessage',
  'keepInChatMessage',
  'conditionalRevealMessage',
]

const { MESSAGE_EDIT, REVOKE } = proto.Message.ProtocolMessage.Type

function editAttribute(content: proto.IMessage): MessageAttributes['edit'] {
  const { protocolMessage, reactionMessage, keepInChatMessage } = content
  if (content.editedMessage || isSecret(content, 'eventEdit', 'messageEdit')) return '1'
  if (protocolMessage?.type === MESSAGE_EDIT) return '1'
  if (content.pinInChatMessage) return '2'
  if (protocolMessage?.type === REVOKE) return protocolMessage.key?.fromMe ? '7' : '8'
  // Taking back what was said about a message counts as a revoke.
  if (reactionMessage?.text === '') return '7'
  const { UNDO_KEEP_FOR_ALL } = proto.KeepType
  return keepInChatMessage?.keepType === UNDO_KEEP_FOR_ALL && keepInChatMessage.key?.fromMe ? '7' : undefined
}

/** Associations that the stanza names, too (WhatsApp Web has the first, phones have all). */
const ASSOCIATIONS: Record<number, string> = {
  [proto.MessageAssociation.AssociationType.HD_IMAGE_DUAL_UPLOAD]: 'hd_image_dual_upload',
  [proto.MessageAssociation.AssociationType.HD_VIDEO_DUAL_UPLOAD]: 'hd_video_dual_upload',
  [proto.MessageAssociation.AssociationType.HEVC_VIDEO_DUAL_UPLOAD]: 'hevc_video_dual_upload',
  [proto.MessageAssociation.AssociationType.MOTION_PHOTO]: 'motion_photo',
  [proto.MessageAssociation.AssociationType.MEDIA_POLL]: 'media_poll',
  20: 'poll_add_option',
}

const META: Record<string, (message: proto.IMessage, content: proto.IMessage) => string | undefined> = {
  polltype: (_message, content) => pollType(content),
  event_type: (_message, content) => eventType(content),
  view_once: (message, content) => (isViewOnce(message, content) ? 'true' : undefined),
  thread_msg_id: (_message, content) => commented(content)?.id ?? undefined,
  thread_msg_sender_jid: (_message, content) => commented(content)?.participant ?? undefined,
  message_association_type: ({ messageContextInfo }) =>
    ASSOCIATIONS[messageContextInfo?.messageAssociation?.associationType ?? 0],
  is_status_mention: ({ statusMentionMessage }) => (statusMentionMessage ? 'true' : undefined),
  is_group_status_mention: ({ groupStatusMentionMessage }) =>
    groupStatusMentionMessage ? 'true' : undefined,
  is_group_status: ({ groupStatusMessageV2 }) => (groupStatusMessageV2 ? 'true' : undefined),
}

function metaOf(message: proto.IMessage, content: proto.IMessage): Attributes | undefined {
  const told = Object.entries(META).flatMap(([name, read]) => {
    const value = read(message, content)
    return value === undefined ? [] : [[name, value]]
  })
  return told.length > 0 ? Object.fromEntries(told) : undefined
}

function pollType(content: proto.IMessage): string | undefined {
  if (has(content, POLLS)) return 'creation'
  if (content.pollUpdateMessage) return 'vote'
  if (isSecret(content, 'pollEdit')) return 'edit'
  return isSecret(content, 'pollAddOption') ? 'add_option' : undefined
}

function eventType(content: proto.IMessage): string | undefined {
  if (content.eventMessage) return 'creation'
  if (content.encEventResponseMessage) return 'response'
  return isSecret(content, 'eventEdit') ? 'edit' : undefined
}

function isViewOnce(message: proto.IMessage, content: proto.IMessage): boolean {
  const { imageMessage, videoMessage, audioMessage } = content
  const wrapper = message.viewOnceMessage ?? message.viewOnceMessageV2 ?? message.viewOnceMessageV2Extension
  return Boolean(wrapper) || Boolean((imageMessage ?? videoMessage ?? audioMessage)?.viewOnce)
}

function commented(content: proto.IMessage): proto.IMessageKey | null | undefined {
  return (content.encCommentMessage ?? content.commentMessage)?.targetMessageKey
}

function isSecret(content: proto.IMessage, ...types: (keyof typeof SECRET_TYPES)[]): boolean {
  const type = content.secretEncryptedMessage?.secretEncType
  return types.some((wanted) => SECRET_TYPES[wanted] === type)
}

function has(content: proto.IMessage, members: (keyof proto.IMessage)[]): boolean {
  return members.some((member) => content[member])
}
