import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { proto } from '../whatsapp/engine.ts'
import { type MediaFile, type MediaKind, sampleFile } from './samples.ts'
import type { UploadedMedia } from './media-upload.ts'

// `true` stands for a sample; text is base64 or a data URL.
const file = z.union([z.literal(true), z.string(), z.object({ data: z.string().optional() }).loose()])
const key = z.object({ id: z.string(), fromMe: z.boolean().optional(), participant: z.string().optional() })
const contactCard = z.object({ name: z.string(), phone: z.string().optional(), vcard: z.string().optional() })

/** What a contact can be told to send: exactly one of these members. */
export const contentSchema = z.object({
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
  contact: contactCard,
  poll: z.object({ name: z.string(), options: z.array(z.string()).min(2), selectable: z.number().optional() }),
  reaction: key.extend({ emoji: z.string() }),
  edit: z.object({ id: z.string(), text: z.string() }),
  revoke: z.union([z.string(), key]),
  /** Any other message, in the JSON form of its protobuf. */
  message: z.record(z.string(), z.unknown()),
}).partial()

/** One thing to send, as the control plane writes it. */
export type Content = z.infer<typeof contentSchema>

/** Where a message goes and what the sender needs to make it. */
export interface ContentContext {
  /** The chat's JID, as it goes into the keys of edited, revoked and reacted-to messages. */
  chat: string
  /** Encrypts a file and stores it on the media host. */
  upload(bytes: Buffer, kind: MediaKind): Promise<UploadedMedia>
  /** The key of a message of this chat, as the sender of the new one sees it. */
  keyOf(id: string): proto.IMessageKey
}

/**
 * Builds the protobuf of one thing to send.
 * @throws Error when `content` does not name exactly one kind.
 */
export async function buildMessage(content: Content, context: ContentContext): Promise<proto.IMessage> {
  const kinds = contentKinds(content)
  const [kind] = kinds
  if (!kind || kinds.length > 1) {
    throw new Error(`name exactly one of ${Object.keys(builders).join(', ')}; got ${kinds.join(', ') || 'none'}`)
  }
  return builders[kind](content, context)
}

type Kind = keyof Content
type Builder = (content: Content, context: ContentContext) => proto.IMessage | Promise<proto.IMessage>

const builders: Record<Kind, Builder> = {
  text: ({ text }) => ({ conversation: text }),
  image: media('image', (fields, options) => ({
    imageMessage: { ...fields, caption: options.caption, width: 64, height: 64, viewOnce: options.viewOnce },
  })),
}
