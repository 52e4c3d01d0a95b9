import { randomBytes } from 'node:crypto'
import type { z } from 'zod'
import { isJidNewsletter, proto } from '../../whatsapp/library/engine.ts'
import { unwrapped } from '../world/wrappers.ts'
import { albumWords } from './album-words.ts'
import { answerWords } from './answer-words.ts'
import { callWords } from './call-words.ts'
import { chatWords } from './chat-words.ts'
import { type ContentOptions, withContextInfo } from './context-info.ts'
import { eventWords } from './event-words.ts'
import { mediaWords } from './media-words.ts'
import { paymentWords } from './payment-words.ts'
import { placeWords } from './place-words.ts'
import { pollWords } from './poll-words.ts'
import { shopWords } from './shop-words.ts'
import { stickerWords } from './sticker-words.ts'
import { textWords } from './text-words.ts'
import type { ContentContext, Saying, Word } from './word.ts'

const words = {
  ...textWords,
  ...mediaWords,
  ...stickerWords,
  ...albumWords,
  ...placeWords,
  ...pollWords,
  ...eventWords,
  ...chatWords,
  ...shopWords,
  ...answerWords,
  ...paymentWords,
  ...callWords,
}

type Words = typeof words
type Kind = keyof Words
type Shapes = { [K in Kind]: Words[K]['shape'] }

/** Everything that can be said, one member per kind; a message has exactly one of them. */
export const contentShape = Object.fromEntries(
  Object.entries(words).map(([kind, { shape }]) => [kind, shape]),
  // Object.fromEntries forgets which shape is whose.
) as Shapes

/** One thing to send. */
export type Content = Partial<{ [K in Kind]: z.output<Words[K]['shape']> }>

/**
 * Says one thing as a phone does.
 * @throws Error when not exactly one kind is named, or it cannot be said here.
 */
export async function say(
  content: Content,
  options: ContentOptions,
  context: ContentContext,
): Promise<Saying> {
  // Object.keys forgets the key type; the result is checked against the table it indexes.
  const kinds = (Object.keys(words) as Kind[]).filter((kind) => content[kind] !== undefined)
  const [kind] = kinds
  if (!kind || kinds.length > 1)
    throw new Error(`name exactly one of ${Object.keys(words).join(', ')}; got ${kinds.join(', ') || 'none'}`)
  // The value has the shape of the word under whose name it stands.
  const { message, items } = await (words[kind] as Word<unknown>).say(content[kind], context)
  const { expiration } = options
  // What everybody may read in a channel needs none.
  const finish = isJidNewsletter(context.chat) ? (one: proto.IMessage) => one : withSecret
  return {
    message: finish(withContextInfo(message, options, context)),
    items: (parent) =>
      items?.(parent).map((item) => finish(withContextInfo(item, { expiration }, context))) ?? [],
  }
}

/** What is only about other messages; nothing is ever said about it. */
const WITHOUT_SECRET: (keyof proto.IMessage)[] = [
  'reactionMessage',
  'encReactionMessage',
  'pollUpdateMessage',
  'encEventResponseMessage',
  'secretEncryptedMessage',
  'protocolMessage',
  'editedMessage',
  'pinInChatMessage',
  'keepInChatMessage',
]

/**
 * Gives a message the secret that others seal votes, reactions and comments about it with, and its author edits. Who says
 * what the envelope has beside the content has said all of it.
 */
function withSecret(message: proto.IMessage): proto.IMessage {
  const { messageContextInfo, ...said } = message
  const content = unwrapped(message)
  if (messageContextInfo && isEmpty(messageContextInfo)) return said
  const isGiven = messageContextInfo && !messageContextInfo.messageAssociation
  if (isGiven || WITHOUT_SECRET.some((member) => content[member])) return message
  return { ...message, messageContextInfo: { ...messageContextInfo, messageSecret: randomBytes(32) } }
}

/** The library fills lists in, so that members say nothing about it. */
function isEmpty(info: proto.IMessageContextInfo): boolean {
  return proto.MessageContextInfo.encode(info).finish().length === 0
}
