import { z } from 'zod'
import type { proto } from '../../whatsapp/library/engine.ts'
import { wrapperIn } from '../world/wrappers.ts'
import type { ContentContext } from './word.ts'

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

/** Puts what the options say into a message. @throws Error when it answers one that the speaker has not. */
export function withContextInfo(
  message: proto.IMessage,
  { quote, mentions, expiration, forwarded }: ContentOptions,
  { find }: Pick<ContentContext, 'find'>,
): proto.IMessage {
  if (quote === undefined && !mentions && expiration === undefined && !forwarded) return message

  const quoted = quote === undefined ? undefined : find(quote)
  if (quote !== undefined && !quoted) throw new Error(`there is no message ${quote} to quote`)
  return withInfo(message, {
    ...(quoted && {
      stanzaId: quote,
      participant: quoted.writer,
      // What the envelope has, the secret among it, is not repeated.
      quotedMessage: { ...quoted.message, messageContextInfo: undefined },
    }),
    ...(mentions && { mentionedJid: mentions }),
    ...(expiration !== undefined && { expiration }),
    ...(forwarded && { isForwarded: true, forwardingScore: 1 }),
  })
}

/** Adds to the context of a message, which is a member of its content. */
export function withInfo(message: proto.IMessage, contextInfo: proto.IContextInfo): proto.IMessage {
  const wrapper = wrapperIn(message)
  if (wrapper) {
    const inner = withInfo(message[wrapper]?.message ?? {}, contextInfo)
    return { ...message, [wrapper]: { message: inner } }
  }
  const { conversation, ...others } = message
  if (conversation) return { ...others, extendedTextMessage: { text: conversation, contextInfo } }
  // The content is the one member that is neither about the envelope nor a plain text.
  // Members without a context lose it when they are encoded.
  const members = Object.entries(others as Record<string, { contextInfo?: proto.IContextInfo }>).filter(
    ([name]) => name !== 'messageContextInfo',
  )
  return {
    ...others,
    ...Object.fromEntries(
      members.map(([name, value]) => [
        name,
        { ...value, contextInfo: { ...value.contextInfo, ...contextInfo } },
      ]),
    ),
  }
}
