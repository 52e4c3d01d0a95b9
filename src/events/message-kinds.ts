import type { JsonObject, ProtoJson } from './event-parts.ts'
import { KEY_EXCHANGE, objectAt, textAt } from './unwrap.ts'

interface MemberFacts {
  /** Our word for it; several members may be of one kind. */
  kind: string
  /** What kind of file it holds for the media servers, if it holds one. */
  file?: 'image' | 'video' | 'audio' | 'document' | 'sticker'
  /** Its field with something to read, or what reads it. What has none is not part of the message history. */
  text?: string | ((content: JsonObject) => string)
  /** What the senders' own clients write into `mediatype`. */
  label?: string | ((content: JsonObject) => string)
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
  ptvMessage: { kind: 'video', file: 'video' },
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
  contactsArrayMessage: { kind: 'contact', text: 'caption', label: 'contact_array' },
  pollCreationMessage: { kind: 'poll' },
  pollCreationMessageV2: { kind: 'poll' },
  pollCreationMessageV3: { kind: 'poll' },
  pollCreationMessageV5: { kind: 'poll' },
  listMessage: {
    kind: 'list',
    text: (list) => textAt(list, 'description') || textAt(list, 'title'),
    label: 'list',
  },
  interactiveMessage: { kind: 'buttons', text: (flow) => textAt(objectAt(flow, 'body'), 'text') },
  buttonsMessage: { kind: 'buttons', text: 'contentText' },
  templateMessage: { kind: 'template' },
  buttonsResponseMessage: {
    kind: 'buttons_response',
    text: 'selectedDisplayText',
    label: 'buttons_response',
    role: 'incoming',
  },
  templateButtonReplyMessage: { kind: 'buttons_response', role: 'incoming' },
  listResponseMessage: { kind: 'list_response', text: 'title', label: 'list_response', role: 'incoming' },
  interactiveResponseMessage: { kind: 'flow_response', label: 'native_flow_response', role: 'incoming' },
  orderMessage: { kind: 'order', label: 'order', role: 'incoming' },
  productMessage: { kind: 'product', label: 'product', role: 'incoming' },
  reactionMessage: { kind: 'reaction', text: 'text', role: 'about' },
  encReactionMessage: { kind: 'sealed_reaction', role: 'about' },
  pollUpdateMessage: { kind: 'vote', role: 'about' },
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

/** The content of a message without its wrappers; undefined when nobody here has a word for it. */
export function contentOf(message: ProtoJson): MessageContent | undefined {
  for (const [member, facts] of ENTRIES) {
    const value = message[member]
    const content = typeof value === 'string' ? { text: value } : objectAt(message, member)
    if (content) return { member, content, ...facts }
  }
  return undefined
}

/** The text of a content, or its caption; '' when it has none. */
export function textOf({ text = '', content }: MessageContent): string {
  return typeof text === 'string' ? textAt(content, text) : text(content)
}
