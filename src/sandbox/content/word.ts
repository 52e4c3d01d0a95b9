import type { ZodType } from 'zod'
import type { proto } from '../../whatsapp/library/engine.ts'
import type { Account } from '../world/account.ts'
import type { FileKind } from '../world/media-cipher.ts'
import type { Network } from '../world/network.ts'
import type { UseCase } from './sealing.ts'

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

/** An earlier message of the chat, as its new referrer has it. */
export interface EarlierMessage {
  id: string
  /** The JID of its writer, as the chat addresses people. */
  writer: string
  /** Written by who refers to it. */
  fromMe: boolean
  message: proto.IMessage
}

/** What is sealed with the secret of another message. */
export interface Sealed {
  /** The message whose secret it is. */
  key: proto.IMessageKey
  encPayload: Uint8Array
  encIv: Uint8Array
}

/** What the sender of a message lends to the making of it. */
export interface ContentContext {
  network: Network
  /** Who speaks. */
  account: Account
  /** The JID of the chat or channel it is said in. */
  chat: string
  /** Puts a file on the media host, encrypted with keys of that kind unless it is for a channel. */
  upload(bytes: Buffer, kind: FileKind): Promise<UploadedMedia>
  /** The key of an earlier message of the chat, as its new referrer sees it. */
  keyOf(id: string): proto.IMessageKey
  /** An earlier message; undefined when the speaker has never had it. */
  find(id: string): EarlierMessage | undefined
  /** Seals something about an earlier message. @throws Error when the speaker has neither it nor its secret. */
  seal(id: string, useCase: UseCase, plain: Uint8Array): Sealed
  /** How often each option of a poll was chosen, as far as the speaker has seen. */
  tally(id: string): Map<string, number>
}

/** What a phone says: a message, and what it sends with it. */
export interface Saying {
  message: proto.IMessage
  /** Messages of their own that belong to it, made when its key is known. */
  items?: (parent: proto.IMessageKey) => proto.IMessage[]
}

/** Something that can be said: the shape of what is given, and how a phone says it. */
export interface Word<Value> {
  shape: ZodType<Value>
  say(value: Value, context: ContentContext): Promise<Saying>
}

/** Declares a word that is one message. */
export function word<Value>(
  shape: ZodType<Value>,
  build: (value: Value, context: ContentContext) => proto.IMessage | Promise<proto.IMessage>,
): Word<Value> {
  return { shape, say: async (value, context) => ({ message: await build(value, context) }) }
}

/** Declares a word that is several messages. */
export function severalWord<Value>(
  shape: ZodType<Value>,
  say: (value: Value, context: ContentContext) => Promise<Saying>,
): Word<Value> {
  return { shape, say }
}

/** An earlier message that has to be there. @throws Error when it is not. */
export function earlier({ find }: ContentContext, id: string): EarlierMessage {
  const found = find(id)
  if (!found) throw new Error(`there is no message ${id}`)
  return found
}

/** An earlier message of the speaker's own. @throws Error when it is not there, or somebody else's. */
export function ownEarlier(context: ContentContext, id: string): EarlierMessage {
  const found = earlier(context, id)
  if (!found.fromMe) throw new Error(`message ${id} is somebody else's`)
  return found
}
