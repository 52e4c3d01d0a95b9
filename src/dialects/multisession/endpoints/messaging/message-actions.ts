import { z } from 'zod'
import { del, type Endpoint, patch, post, reply } from '../../../../http/endpoint/endpoint.ts'
import { bool, text } from '../../../../http/endpoint/fields.ts'
import { ApiError } from '../../../../lib/errors.ts'
import { limits } from '../../../../lib/limits.ts'
import { requestMedia } from '../../../../operations/messages/media.ts'
import { deleteMessage } from '../../../../operations/messages/stored-changes.ts'
import { done } from '../../envelope.ts'
import {
  address,
  chatFields,
  chatIn,
  chatOf,
  jidOf,
  messagePath,
  NO_CHAT,
  oneOf,
  personOf,
  requireAddress,
} from '../../shapes/chat-address.ts'
import { inChat } from '../../shapes/in-chat.ts'
import { live } from '../../shapes/live.ts'
import { simulation, simulationOf } from '../../shapes/manner-fields.ts'
import { mentionFields, mentionsOf } from '../../shapes/mention-fields.ts'
import { sent } from '../../shapes/sent-shape.ts'
import {
  editAny,
  forwardById,
  reactToAny,
  readAfterMoment,
  replyTo,
  type Star,
  setStar,
} from './message-runs.ts'

/** Who wrote it, in both spellings. */
const senderFields = { sender_jid: address, senderjid: address }

const NO_CHAT_OR_SENDER = 'chat_jid and sender_jid are required'
const NO_LOST_MEDIA = 'chat_jid, sender_jid, message_id and media_key are required'
const UNDECODABLE = 'Failed to parse body request'

function senderIn(body: { sender_jid: string; senderjid: string }): string | undefined {
  return personOf(oneOf(body.sender_jid, body.senderjid))
}

/** Bytes in padded base64. */
function keyOf(base64: string): Uint8Array {
  const isBase64 = base64.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(base64)
  if (!isBase64) throw new ApiError('invalid_field', { text: 'media_key must be base64' })
  return Buffer.from(base64, 'base64')
}

const react = inChat(reactToAny)
const edit = inChat(editAny)
const remove = inChat(deleteMessage)
const answerWith = inChat(replyTo)
const forward = inChat(forwardById)
const star = inChat(setStar)

export const messageEndpoints: Endpoint[] = [
  post('/messages/media/retry-receipt', {
    summary: 'Ask the phone to upload the file of a message again; its answer is an event',
    needs: 'stored',
    undecodable: UNDECODABLE,
    body: z.object({
      ...chatFields,
      ...senderFields,
      message_id: text(limits.messageId),
      messageid: text(limits.messageId),
      media_key: text(limits.mediaKey).describe('Base64'),
      mediakey: text(limits.mediaKey),
    }),
    run: live(requestMedia),
    input: ({ body }) => {
      const chat = requireAddress(oneOf(body.chat_jid, body.chatjid), NO_LOST_MEDIA)
      const sender = requireAddress(oneOf(body.sender_jid, body.senderjid), NO_LOST_MEDIA)
      const id = requireAddress(oneOf(body.message_id, body.messageid), NO_LOST_MEDIA)
      const mediaKey = keyOf(requireAddress(oneOf(body.media_key, body.mediakey), NO_LOST_MEDIA))
      const author = personOf(sender) ?? ''
      return { chat: jidOf(chatOf(chat)), id, author, fromMe: false, mediaKey }
    },
    reply: done('Media retry receipt sent'),
  }),

  post('/messages/{message_id}/read', {
    summary: 'Mark a message as read',
    needs: 'stored',
    undecodable: NO_CHAT_OR_SENDER,
    params: messagePath,
    body: z.object({ ...chatFields, ...senderFields }),
    power: 'send',
    run: readAfterMoment,
    input: ({ params, body }) => {
      const chat = requireAddress(oneOf(body.chat_jid, body.chatjid), NO_CHAT_OR_SENDER)
      const sender = requireAddress(oneOf(body.sender_jid, body.senderjid), NO_CHAT_OR_SENDER)
      return { chat, sender: personOf(sender) ?? '', id: params.message_id }
    },
    reply: done('Success mark message as read'),
  }),

  post('/messages/{message_id}/reaction', {
    summary: 'React to a message; an empty emoji takes the reaction back',
    needs: 'stored',
    params: messagePath,
    body: z.object({ ...chatFields, ...senderFields, emoji: text(limits.reaction) }),
    power: 'send',
    run: react,
    repeatable: 'change',
    input: ({ params, body }) => ({
      chat: chatIn(body),
      id: params.message_id,
      author: senderIn(body),
      emoji: body.emoji,
    }),
    reply: sent('Success react to message'),
  }),

  patch('/messages/{message_id}', {
    summary: 'Change the text of a message you sent',
    needs: 'stored',
    params: messagePath,
    body: z.object({ ...chatFields, text: text() }),
    run: edit,
    repeatable: 'change',
    input: ({ params, body }) => {
      const chat = chatIn(body)
      if (body.text.trim() === '') throw new ApiError('missing_field', { text: 'text is required' })
      return { chat, id: params.message_id, text: body.text }
    },
    reply: sent('Success edit message'),
  }),

  del('/messages/{message_id}', {
    summary: 'Delete a message for everyone; one that is not yours in groups only, as an admin',
    needs: 'stored',
    undecodable: NO_CHAT,
    params: messagePath,
    body: z.object({ ...chatFields, ...senderFields }),
    run: remove,
    repeatable: 'change',
    input: ({ params, body }) => {
      const author = senderIn(body)
      return {
        chat: chatIn(body),
        id: params.message_id,
        // Where nobody knows the message, the caller's word counts: without a sender it is the caller's own.
        ...(author === undefined ? { fromMe: true } : { author }),
        everyone: true,
        deleteMedia: false,
      }
    },
    reply: done('Success delete message'),
  }),

  post('/messages/{message_id}/reply', {
    summary: 'Answer a message with a text that quotes it',
    needs: 'stored',
    params: messagePath,
    body: z.object({ ...chatFields, ...senderFields, text: text(), ...mentionFields, ...simulation }),
    run: answerWith,
    repeatable: 'message',
    input: ({ params, body }) => {
      const chat = chatOf(oneOf(body.chat_jid, body.chatjid).trim())
      if (body.text.trim() === '') throw new ApiError('missing_field', { text: 'Message cannot be empty' })
      return {
        chat,
        message: params.message_id,
        author: senderIn(body),
        text: body.text,
        ...mentionsOf(body),
        manner: simulationOf(body),
      }
    },
    reply: sent('Success reply to message'),
  }),

  post('/messages/{message_id}/forward', {
    summary: 'Send a stored message once more, to another chat',
    needs: 'stored',
    params: messagePath,
    body: z.object({ to_chat_jid: address, tochatjid: address }),
    power: 'full',
    run: forward,
    repeatable: 'message',
    input: ({ params, body }) => {
      const to = requireAddress(oneOf(body.to_chat_jid, body.tochatjid), 'to_chat_jid is required')
      return { source: params.message_id, chat: chatOf(to) }
    },
    reply: sent('Success forward message'),
  }),

  post('/messages/{message_id}/star', {
    summary: 'Star a message or take the star off, on all your devices',
    needs: 'stored',
    undecodable: UNDECODABLE,
    params: messagePath,
    body: z.object({ ...chatFields, star: bool() }),
    run: star,
    input: ({ params, body }) => ({ chat: chatIn(body), id: params.message_id, starred: body.star }),
    reply: reply(z.object({ message: z.string() }), ({ starred }: Star) => ({
      message: starred ? 'Message starred successfully' : 'Message unstarred successfully',
    })),
  }),
]
