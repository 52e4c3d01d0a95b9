import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { proto } from '../../whatsapp/library/engine.ts'
import type { MediaFile, MediaKind } from './samples.ts'
import { sampleFile } from './samples.ts'

/** A file to send: `true` for a sample, base64 or a data URL, or that with its particulars. */
const fileOptions = z.object({
  data: z.string().optional(),
  mimetype: z.string().optional(),
  caption: z.string().optional(),
  fileName: z.string().optional(),
  /** Length of an audio or video in seconds. */
  seconds: z.number().optional(),
  /** An audio that was recorded in the chat. */
  ptt: z.boolean().optional(),
  /** A video that plays like an animated picture. */
  gif: z.boolean().optional(),
  viewOnce: z.boolean().optional(),
})
type FileOptions = z.infer<typeof fileOptions>
const file = z.union([z.literal(true), z.string(), fileOptions]).transform((value): FileOptions => {
  if (value === true) return {}
  return typeof value === 'string' ? { data: value } : value
})

/** Everything that can be said, one member per kind; a message has exactly one of them. */
export const contentShape = {
  text: z.string(),
  image: file,
  video: file,
  audio: file,
  document: file,
  sticker: file,
  location: z.object({
    latitude: z.number(),
    longitude: z.number(),
    name: z.string().optional(),
    address: z.string().optional(),
  }),
  contact: z.object({ name: z.string(), phone: z.string().optional(), vcard: z.string().optional() }),
  poll: z.object({
    name: z.string(),
    options: z.array(z.string()).min(1),
    /** How many options one voter may choose; 0 = any number. */
    selectable: z.number().int().default(1),
  }),
  reaction: z.object({ id: z.string(), emoji: z.string() }),
  /** Phones put an edit into a wrapper of its own; without it, it is what older clients send. */
  edit: z.object({ id: z.string(), text: z.string(), wrapped: z.boolean().optional() }),
  /** The id of the message to take back. */
  revoke: z.string(),
  /** Any other message: the JSON form of its protobuf. */
  message: z.record(z.string(), z.unknown()),
}

type ContentKinds = z.infer<z.ZodObject<typeof contentShape>>
type Kind = keyof ContentKinds

/** One thing to send. */
export type Content = Partial<ContentKinds>

/** A file on the media host, in the words of the messages that refer to it. */
export interface UploadedMedia {
  url: string
  directPath: string
  /** A file of a channel is not encrypted. */
  mediaKey?: Uint8Array
  mediaKeyTimestamp?: number
  fileSha256: Uint8Array
  fileEncSha256?: Uint8Array
  fileLength: number
}

/** What a message says about others and itself, beside its content. */
export const contentOptions = z
  .object({
    /** The id it has itself, a new one by default: whoever sends chooses it freely. */
    id: z.string(),
    /** The id of the message it answers. */
    quote: z.string(),
    /** JIDs of the people it mentions. */
    mentions: z.array(z.string()),
    /** Seconds after which it disappears. */
    expiration: z.number(),
    /** It was forwarded. */
    forwarded: z.boolean(),
  })
  .partial()
export type ContentOptions = z.infer<typeof contentOptions>

/** What the sender of a message lends to the making of it. */
export interface ContentContext {
  /** Puts a file on the media host, encrypted unless it is for a channel. */
  upload(bytes: Buffer, kind: MediaKind): Promise<UploadedMedia>
  /** The key of an earlier message of the chat, as its new referrer sees it. */
  keyOf(id: string): proto.IMessageKey
  /** The JID of the writer of an earlier message, and what it said. */
  find(id: string): { writer: string; message: proto.IMessage } | undefined
}

/**
 * Builds the protobuf of one thing to send.
 * @throws Error when not exactly one kind is named.
 */
export async function buildMessage(
  content: Content,
  options: ContentOptions,
  context: ContentContext,
): Promise<proto.IMessage> {
  // Object.keys forgets the key type; the result is checked against the table it indexes.
  const kinds = (Object.keys(builders) as Kind[]).filter((kind) => content[kind] !== undefined)
  const [kind] = kinds
  if (!kind || kinds.length > 1) {
    throw new Error(
      `name exactly one of ${Object.keys(builders).join(', ')}; got ${kinds.join(', ') || 'none'}`,
    )
  }
  const value = content[kind]
  if (value === undefined) throw new Error(`${kind} is empty`)
  return withContextInfo(await build(kind, value, context), options, context)
}

// One type parameter ties the value to its builder; the union of kinds alone would not.
function build<K extends Kind>(kind: K, value: ContentKinds[K], context: ContentContext) {
  return builders[kind](value, context)
}

function withContextInfo(
  message: proto.IMessage,
  { quote, mentions, expiration, forwarded }: ContentOptions,
  { find }: ContentContext,
): proto.IMessage {
  if (quote === undefined && !mentions && expiration === undefined && !forwarded) return message

  const quoted = quote === undefined ? undefined : find(quote)
  if (quote !== undefined && !quoted) throw new Error(`there is no message ${quote} to quote`)
  const contextInfo: proto.IContextInfo = {
    stanzaId: quote,
    participant: quoted?.writer,
    quotedMessage: quoted?.message,
    mentionedJid: mentions,
    expiration,
    isForwarded: forwarded,
    forwardingScore: forwarded ? 1 : undefined,
  }
  const { conversation, ...others } = message
  if (conversation) return { ...others, extendedTextMessage: { text: conversation, contextInfo } }
  // The content is the one member that is neither about the envelope nor a plain text.
  const members = Object.entries(others).filter(([name]) => name !== 'messageContextInfo')
  return {
    ...others,
    ...Object.fromEntries(members.map(([name, value]) => [name, { ...value, contextInfo }])),
  }
}

type Builders = {
  [K in Kind]: (value: ContentKinds[K], context: ContentContext) => proto.IMessage | Promise<proto.IMessage>
}

const builders: Builders = {
  text: (text) => ({ conversation: text }),
  image: async (options, context) => {
    const { media, mimetype } = await uploadFile('image', options, context)
    return once(options, { imageMessage: { ...media, mimetype, caption: options.caption } })
  },
  video: async (options, context) => {
    const { media, mimetype } = await uploadFile('video', options, context)
    const { caption, gif, seconds = 1 } = options
    return once(options, { videoMessage: { ...media, mimetype, caption, gifPlayback: gif, seconds } })
  },
  audio: async (options, context) => {
    const { media, mimetype } = await uploadFile('audio', options, context)
    return once(options, {
      audioMessage: { ...media, mimetype, ptt: options.ptt, seconds: options.seconds ?? 1 },
    })
  },
  document: async (options, context) => {
    const { media, mimetype } = await uploadFile('document', options, context)
    const { caption, fileName = 'document.pdf' } = options
    const documentMessage = { ...media, mimetype, caption, fileName, title: fileName }
    // A captioned document travels inside an envelope of its own.
    if (!caption) return { documentMessage }
    return { documentWithCaptionMessage: { message: { documentMessage } } }
  },
  sticker: async (options, context) => {
    const { media, mimetype } = await uploadFile('sticker', options, context)
    return { stickerMessage: { ...media, mimetype } }
  },
  location: ({ latitude, longitude, name, address }) => ({
    locationMessage: { degreesLatitude: latitude, degreesLongitude: longitude, name, address },
  }),
  contact: ({ name, phone = '', vcard }) => ({
    contactMessage: { displayName: name, vcard: vcard ?? contactCard(name, phone) },
  }),
  poll: ({ name, options, selectable }) => ({
    // The secret is what votes are encrypted with.
    messageContextInfo: { messageSecret: randomBytes(32) },
    pollCreationMessageV3: {
      name,
      options: options.map((optionName) => ({ optionName })),
      selectableOptionsCount: selectable,
    },
  }),
  reaction: ({ id, emoji }, { keyOf }) => ({
    reactionMessage: { key: keyOf(id), text: emoji, senderTimestampMs: Date.now() },
  }),
  edit: ({ id, text, wrapped = true }, { keyOf }) => {
    const protocolMessage = {
      type: proto.Message.ProtocolMessage.Type.MESSAGE_EDIT,
      key: keyOf(id),
      editedMessage: { conversation: text },
      timestampMs: Date.now(),
    }
    return wrapped ? { editedMessage: { message: { protocolMessage } } } : { protocolMessage }
  },
  revoke: (id, { keyOf }) => ({
    protocolMessage: { type: proto.Message.ProtocolMessage.Type.REVOKE, key: keyOf(id) },
  }),
  message: (json) => proto.Message.fromObject(json),
}

async function uploadFile(kind: MediaKind, options: FileOptions, context: ContentContext) {
  const { bytes, mimetype } = options.data === undefined ? await sampleFile(kind) : givenFile(options.data)
  return { media: await context.upload(bytes, kind), mimetype: options.mimetype ?? mimetype }
}

function givenFile(text: string): MediaFile {
  const url = /^data:([^,]*?)(?:;base64)?,(.*)$/s.exec(text)
  return {
    mimetype: url?.[1] || 'application/octet-stream',
    bytes: Buffer.from(url?.[2] ?? text, 'base64'),
  }
}

function once(options: FileOptions, message: proto.IMessage): proto.IMessage {
  return options.viewOnce ? { viewOnceMessageV2: { message } } : message
}

function contactCard(name: string, phone: string): string {
  return `BEGIN:VCARD\nVERSION:3.0\nFN:${name}\nTEL;type=CELL;waid=${phone}:+${phone}\nEND:VCARD`
}
