import { STATUS_JID } from '../lib/jid.ts'
import * as words from './content-words.ts'
import type { Event } from './event.ts'
import type { JsonObject, ProtoJson } from './event-parts.ts'
import { innermost, KEY_EXCHANGE, keyedId, objectAt, textAt } from './unwrap.ts'

interface MemberFacts {
  /** Our word for it; several members may be of one kind. */
  kind: string
  /** What kind of file it holds for the media servers, if it holds one. */
  file?: 'image' | 'video' | 'audio' | 'document' | 'sticker'
  /** Its field with something to read, or what reads it. What has none is not part of the message history. */
  text?: string | ((content: JsonObject) => string)
  /** What the senders' own clients write into `mediatype`. */
  label?: string | ((content: JsonObject) => string)
  /** Answers to buttons and lists: the id of what was chosen. */
  choice?: (content: JsonObject) => string
  /** `incoming` is content that is not made here; `about` is nothing without the message that it is about. */
  role?: 'incoming' | 'about'
}

/** The members of a message that are its content, and what they are; a message holds one, or the first of them counts. */
export const MESSAGE_KINDS = {
  conversation: { kind: 'text', text: 'text' },
  extendedTextMessage: { kind: 'text', text: 'text', label: ({ title }) => (title ? 'url' : '') },
  imageMessage: { kind: 'image', file: 'image', text: 'caption', label: 'image' },
  videoMessage: {
    kind: 'video',
    file: 'video',
    text: 'caption',
    label: ({ gifPlayback }) => (gifPlayback ? 'gif' : 'video'),
  },
  ptvMessage: { kind: 'video', file: 'video', text: 'caption', label: 'ptv' },
  audioMessage: {
    kind: 'audio',
    file: 'audio',
    text: 'caption',
    label: ({ ptt }) => (ptt ? 'ptt' : 'audio'),
  },
  documentMessage: { kind: 'document', file: 'document', text: 'caption', label: 'document' },
  stickerMessage: { kind: 'sticker', file: 'sticker', text: 'caption', label: 'sticker' },
  locationMessage: {
    kind: 'location',
    text: 'caption',
    label: ({ isLive }) => (isLive ? 'livelocation' : 'location'),
  },
  liveLocationMessage: { kind: 'location', text: 'caption', label: 'livelocation', role: 'incoming' },
  contactMessage: { kind: 'contact', text: 'caption', label: 'vcard' },
  contactsArrayMessage: { kind: 'contact', text: words.contactsWords, label: 'contact_array' },
  pollCreationMessage: { kind: 'poll', text: 'name' },
  pollCreationMessageV2: { kind: 'poll', text: 'name' },
  pollCreationMessageV3: { kind: 'poll', text: 'name' },
  pollCreationMessageV5: { kind: 'poll', text: 'name' },
  pollCreationMessageV6: { kind: 'poll', text: 'name' },
  pollResultSnapshotMessage: { kind: 'poll_result', text: words.pollResultWords, role: 'incoming' },
  pollResultSnapshotMessageV3: { kind: 'poll_result', text: words.pollResultWords, role: 'incoming' },
  eventMessage: { kind: 'event', text: words.eventWords },
  eventInviteMessage: { kind: 'event_invite', text: words.eventInviteWords, role: 'incoming' },
  groupInviteMessage: { kind: 'group_invite', text: words.groupInviteWords, label: 'url', role: 'incoming' },
  newsletterAdminInviteMessage: { kind: 'channel_invite', text: words.channelAdminWords, role: 'incoming' },
  newsletterFollowerInviteMessageV2: {
    kind: 'channel_invite',
    text: words.channelInviteWords,
    role: 'incoming',
  },
  albumMessage: { kind: 'album', text: words.albumWords },
  stickerPackMessage: { kind: 'sticker_pack', text: words.stickerPackWords, role: 'incoming' },
  musicMessage: { kind: 'music', text: words.musicWords, role: 'incoming' },
  listMessage: {
    kind: 'list',
    text: (list) => textAt(list, 'description') || textAt(list, 'title'),
    label: 'list',
  },
  interactiveMessage: { kind: 'buttons', text: (flow) => textAt(objectAt(flow, 'body'), 'text') },
  buttonsMessage: { kind: 'buttons', text: 'contentText' },
  templateMessage: {
    kind: 'template',
    text: (template) =>
      textAt(objectAt(template, 'hydratedTemplate'), 'hydratedContentText') ||
      textAt(objectAt(objectAt(template, 'interactiveMessageTemplate'), 'body'), 'text'),
  },
  buttonsResponseMessage: {
    kind: 'buttons_response',
    text: 'selectedDisplayText',
    label: 'buttons_response',
    choice: (answer) => textAt(answer, 'selectedButtonId'),
    role: 'incoming',
  },
  templateButtonReplyMessage: {
    kind: 'buttons_response',
    text: 'selectedDisplayText',
    choice: (answer) => textAt(answer, 'selectedId'),
    role: 'incoming',
  },
  listResponseMessage: {
    kind: 'list_response',
    text: 'title',
    label: 'list_response',
    choice: (answer) => textAt(objectAt(answer, 'singleSelectReply'), 'selectedRowId'),
    role: 'incoming',
  },
  interactiveResponseMessage: {
    kind: 'flow_response',
    text: (answer) => textAt(objectAt(answer, 'body'), 'text'),
    label: 'native_flow_response',
    choice: flowChoice,
    role: 'incoming',
  },
  orderMessage: { kind: 'order', text: words.orderWords, label: 'order', role: 'incoming' },
  productMessage: { kind: 'product', text: words.productWords, label: 'product', role: 'incoming' },
  requestPaymentMessage: { kind: 'payment', text: words.paymentRequestWords, role: 'incoming' },
  sendPaymentMessage: { kind: 'payment', text: words.paymentWords, role: 'incoming' },
  paymentReminderMessage: { kind: 'payment', text: words.paymentReminderWords, role: 'incoming' },
  splitPaymentMessage: { kind: 'payment', text: words.splitPaymentWords, role: 'incoming' },
  paymentInviteMessage: {
    kind: 'payment',
    text: () => 'Invitation to pay and be paid here',
    role: 'incoming',
  },
  invoiceMessage: { kind: 'payment', text: words.invoiceWords, role: 'incoming' },
  scheduledCallCreationMessage: { kind: 'call', text: words.callPlanWords, role: 'incoming' },
  callLogMesssage: { kind: 'call', text: words.callWords, role: 'incoming' },
  requestPhoneNumberMessage: { kind: 'request', text: () => 'Asks for your phone number', role: 'incoming' },
  richResponseMessage: { kind: 'assistant', text: words.assistantWords, role: 'incoming' },
  conditionalRevealMessage: {
    kind: 'hidden',
    text: () => 'A message that is shown later',
    role: 'incoming',
  },
  placeholderMessage: {
    kind: 'hidden',
    text: () => 'A message that only the phone shows',
    role: 'incoming',
  },
  reactionMessage: { kind: 'reaction', text: 'text', role: 'about' },
  commentMessage: { kind: 'comment', text: commentText, role: 'incoming' },
  pollUpdateMessage: { kind: 'vote', role: 'about' },
  pollAddOptionMessage: {
    kind: 'poll_option',
    text: (added) => textAt(objectAt(added, 'addOption'), 'optionName'),
    role: 'about',
  },
  encEventResponseMessage: { kind: 'event_response', role: 'about' },
  encReactionMessage: { kind: 'sealed_reaction', role: 'about' },
  encCommentMessage: { kind: 'sealed_comment', role: 'about' },
  secretEncryptedMessage: { kind: 'sealed_change', role: 'about' },
  pinInChatMessage: { kind: 'pin', role: 'about' },
  keepInChatMessage: { kind: 'keep', role: 'about' },
  scheduledCallEditMessage: { kind: 'call_change', role: 'about' },
  declinePaymentRequestMessage: { kind: 'payment_change', role: 'about' },
  cancelPaymentRequestMessage: { kind: 'payment_change', role: 'about' },
  splitPaymentUpdateMessage: { kind: 'payment_change', role: 'about' },
  questionResponseMessage: { kind: 'answer', text: 'text', role: 'about' },
  statusQuestionAnswerMessage: { kind: 'answer', text: 'text', role: 'about' },
  statusStickerInteractionMessage: { kind: 'status_reaction', role: 'about' },
  statusNotificationMessage: { kind: 'status_notice', role: 'about' },
  stickerSyncRmrMessage: { kind: 'sync', role: 'about' },
  messageHistoryNotice: { kind: 'sync', role: 'about' },
  messageHistoryBundle: { kind: 'sync', role: 'about' },
  protocolMessage: { kind: 'change', role: 'about' },
} as const satisfies Record<string, MemberFacts>

type Member = keyof typeof MESSAGE_KINDS

type MemberWith<Facts> = {
  [One in Member]: (typeof MESSAGE_KINDS)[One] extends Facts ? One : never
}[Member]

/** Our words for what messages are: `text`, `image`, `reaction`, ... */
export type MessageKind = (typeof MESSAGE_KINDS)[Member]['kind']

/** The content of a message, with the facts of its member. */
export interface MessageContent extends MemberFacts {
  member: Member
  kind: MessageKind
  /** What the member holds; a bare text is `{ text }`, as where it comes with a preview. */
  content: JsonObject
}

// Object.entries forgets the type of the keys.
const ENTRIES = Object.entries(MESSAGE_KINDS) as [Member, MemberFacts & { kind: MessageKind }][]

// What is filtered is what the type says.
function membersWith<Facts>(test: (facts: MemberFacts) => boolean): MemberWith<Facts>[] {
  return ENTRIES.filter(([, facts]) => test(facts)).map(([member]) => member as MemberWith<Facts>)
}

/** The members that hold a file. */
export const FILE_MEMBERS = membersWith<{ file: string }>(({ file }) => file !== undefined)

/** The members that ask something in a poll. */
export const POLL_MEMBERS = membersWith<{ kind: 'poll' }>(({ kind }) => kind === 'poll')

/** The kinds of content that is made here. */
export const SENT_KINDS: ReadonlySet<string> = new Set(
  ENTRIES.filter(([, { role }]) => role === undefined).map(([, { kind }]) => kind),
)

/** Members that carry keys, or say something about another message. */
export const NO_CONTENT: ReadonlySet<string> = new Set([
  ...KEY_EXCHANGE,
  ...membersWith<{ role: 'about' }>(({ role }) => role === 'about'),
])

/** The content of a message inside its wrappers; undefined when nobody here has a word for it. */
export function contentOf(wrapped: ProtoJson): MessageContent | undefined {
  const message = innermost(wrapped)
  for (const [member, facts] of ENTRIES) {
    const value = message[member]
    const content = typeof value === 'string' ? { text: value } : objectAt(message, member)
    if (content) return { member, content, ...facts }
  }
  return undefined
}

/** Whether an event is a message that somebody else wrote: no key exchange, reaction, vote or change of an earlier one. */
export function isMessage(event: Event): boolean {
  if (event.type !== 'message' || event.fromMe || event.chat === STATUS_JID) return false
  const content = contentOf(event.raw)
  return content !== undefined && content.role !== 'about'
}

/** The text of a content, its caption, or what it is in words; '' when there is nothing to read. */
export function textOf({ text = '', content }: MessageContent): string {
  return typeof text === 'string' ? textAt(content, text) : text(content)
}

/** The same, also for content that has a name without being text: whose card it is, what place. */
export function describeContent(found: MessageContent): string {
  const { kind, content } = found
  const name = kind === 'contact' ? 'displayName' : 'name'
  return textOf(found) || (kind === 'contact' || kind === 'location' ? textAt(content, name) : '')
}

/** The id of the message that a content is about; '' for content that stands for itself. */
export function targetOf({ role, content }: MessageContent): string {
  if (role !== 'about') return ''
  return TARGET_KEYS.map((key) => keyedId(content, key)).find((id) => id !== '') ?? ''
}

const TARGET_KEYS = ['key', 'targetMessageKey', 'pollCreationMessageKey', 'eventCreationMessageKey']

/** The id of the button or row that an answer chose; '' for everything else. */
export function choiceOf({ choice, content }: MessageContent): string {
  return choice?.(content) ?? ''
}

/** Answers to buttons of today hold JSON that the sender's client wrote. */
function flowChoice(answer: JsonObject): string {
  try {
    const { id }: { id?: unknown } = Object(
      JSON.parse(textAt(objectAt(answer, 'nativeFlowResponseMessage'), 'paramsJson')),
    )
    return typeof id === 'string' ? id : ''
  } catch {
    return ''
  }
}

function commentText(comment: JsonObject): string {
  const found = contentOf(objectAt(comment, 'message') ?? {})
  return found ? textOf(found) : ''
}
