import { z } from 'zod'
import { proto } from '../../whatsapp/library/engine.ts'
import { ownEarlier, type Sealed, word } from './word.ts'

const { MESSAGE_EDIT, REVOKE } = proto.Message.ProtocolMessage.Type

/** A text for somebody who came from an advertisement: what is shown above it. */
const advertisement = z.object({
  text: z.string(),
  title: z.string(),
  body: z.string().optional(),
  url: z.string().default('https://fb.me/sandbox'),
  /** The advertisement's own number. */
  source: z.string().default('120210000000000000'),
  /** What the click is called in Meta's reports. */
  clickId: z.string().optional(),
})

/** Texts, and what is said about messages. */
export const textWords = {
  text: word(z.string(), (text) => ({ conversation: text })),
  reaction: word(
    z.object({ id: z.string(), emoji: z.string(), sealed: z.boolean().optional() }),
    ({ id, emoji, sealed }, { keyOf, seal }) => {
      const reaction = { text: emoji, senderTimestampMs: Date.now() }
      if (!sealed) return { reactionMessage: { key: keyOf(id), ...reaction } }
      // Which message it is about is said outside (whatsmeow 2026-08-21).
      const plain = proto.Message.ReactionMessage.encode(reaction).finish()
      return { encReactionMessage: aboutTarget(seal(id, 'Enc Reaction', plain)) }
    },
  ),
  /** Phones put an edit into a wrapper of its own; without it, it is what older clients send. Sealed ones have none. */
  edit: word(
    z.object({
      id: z.string(),
      text: z.string(),
      wrapped: z.boolean().optional(),
      /** What phones do since May 2026. */
      sealed: z.boolean().optional(),
    }),
    ({ id, text, wrapped = true, sealed }, context) => {
      const protocolMessage = editOf(context.keyOf(id), { conversation: text })
      if (sealed) {
        ownEarlier(context, id)
        const plain = proto.Message.encode({ protocolMessage }).finish()
        return secretMessage(context.seal(id, 'Message Edit', plain), SECRET_TYPES.messageEdit)
      }
      return wrapped ? { editedMessage: { message: { protocolMessage } } } : { protocolMessage }
    },
  ),
  /** The id of the message to take back. */
  revoke: word(z.string(), (id, { keyOf }) => ({ protocolMessage: { type: REVOKE, key: keyOf(id) } })),
  /** A comment on an announcement of a community. */
  comment: word(
    z.object({ id: z.string(), text: z.string(), sealed: z.boolean().optional() }),
    ({ id, text, sealed }, { keyOf, seal }) => {
      const message = { extendedTextMessage: { text } }
      if (!sealed) return { commentMessage: { message, targetMessageKey: keyOf(id) } }
      const plain = proto.Message.encode(message).finish()
      return { encCommentMessage: aboutTarget(seal(id, 'Enc Comment', plain)) }
    },
  ),
  ad: word(advertisement, ({ text, title, body, url, source, clickId }) => ({
    extendedTextMessage: {
      text,
      contextInfo: {
        conversionSource: 'FB_Ads',
        entryPointConversionSource: 'ctwa_ad',
        entryPointConversionApp: 'facebook',
        externalAdReply: {
          title,
          body,
          mediaType: 1,
          sourceType: 'ad',
          sourceId: source,
          sourceUrl: url,
          ctwaClid: clickId,
          showAdAttribution: true,
          renderLargerThumbnail: true,
        },
      },
    },
  })),
  /** What companions get instead of the first message of somebody who came from an advertisement. */
  adPlaceholder: word(z.literal(true), () => ({
    placeholderMessage: { type: proto.Message.PlaceholderMessage.PlaceholderType.MASK_LINKED_DEVICES },
  })),
  /** A text that is hidden until it is touched. */
  spoiler: word(z.string(), (text) => ({
    spoilerMessage: {
      message: {
        extendedTextMessage: { text, contextInfo: proto.ContextInfo.fromObject({ isSpoiler: true }) },
      },
    },
  })),
  /** Any other message: the JSON form of its protobuf. */
  message: word(z.record(z.string(), z.unknown()), (json) => proto.Message.fromObject(json)),
}

/** Kinds of messages that are sealed as a whole; the library knows the first two (whatsmeow 2026-08-21). */
export const SECRET_TYPES = { eventEdit: 1, messageEdit: 2, pollEdit: 4, pollAddOption: 5 }

/** A message that is sealed as a whole. */
export function secretMessage({ key, encPayload, encIv }: Sealed, secretEncType: number): proto.IMessage {
  return { secretEncryptedMessage: { targetMessageKey: key, encPayload, encIv, secretEncType } }
}

/** The new content of an earlier message. */
export function editOf(
  key: proto.IMessageKey,
  editedMessage: proto.IMessage,
): proto.Message.IProtocolMessage {
  return { type: MESSAGE_EDIT, key, editedMessage, timestampMs: Date.now() }
}

function aboutTarget({ key, encPayload, encIv }: Sealed) {
  return { targetMessageKey: key, encPayload, encIv }
}
