import { z } from 'zod'
import { type Endpoint, post } from '../../../http/endpoint/endpoint.ts'
import { stringArray, text } from '../../../http/endpoint/fields.ts'
import { ApiError } from '../../../lib/errors.ts'
import { limits } from '../../../lib/limits.ts'
import { setChatPresence } from '../../../operations/chats/presence.ts'
import {
  markRead,
  type Reaction,
  type ReadMarks,
  reactToMessage,
} from '../../../operations/messages/messages.ts'
import { demand, libraryJid, required } from '../shapes/fields.ts'
import { parseJid, requireJid } from '../shapes/jid.ts'
import { done, sent } from '../shapes/replies.ts'

const readMarks = z.object({
  Id: stringArray({ each: limits.messageId }).describe('Ids of the messages'),
  ChatPhone: text(limits.address).describe('Phone number or JID of the chat'),
  Chat: libraryJid.describe('JID of the chat; ChatPhone wins'),
  SenderPhone: text(limits.address).describe('Who wrote the messages; needed in groups'),
  Sender: libraryJid.describe('JID of who wrote them; SenderPhone wins'),
})

const reaction = z.object({
  Phone: required('Phone', limits.address).describe('Chat of the message'),
  Body: required('Body', limits.reaction).describe('An emoji, or `remove`'),
  Id: text(limits.messageId).describe('Id of the message, with `me:` before it for an own one'),
  Participant: text(limits.address).describe('Who wrote the message; needed in groups'),
})

function readMarksOf(body: z.infer<typeof readMarks>, profile: string): ReadMarks {
  const chat = body.ChatPhone === '' ? body.Chat : requireJid(body.ChatPhone, 'ChatPhone', profile)
  demand(chat, 'ChatPhone')
  const sender = body.SenderPhone === '' ? body.Sender : requireJid(body.SenderPhone, 'SenderPhone', profile)
  if (body.Id.length === 0) throw new ApiError('missing_field', { text: 'missing Id in Payload' })
  return { chat, sender, ids: body.Id }
}

function reactionOf(body: z.infer<typeof reaction>, profile: string): Reaction {
  const chat = requireJid(body.Phone, 'Group JID', profile)
  demand(body.Id, 'Id')
  const fromMe = body.Id.startsWith('me:')
  return {
    chat,
    id: fromMe ? body.Id.slice('me:'.length) : body.Id,
    fromMe,
    author: parseJid(body.Participant, profile) ?? '',
    emoji: body.Body === 'remove' ? '' : body.Body,
  }
}

export const chatEndpoints: Endpoint[] = [
  post('/chat/react', {
    summary: 'React to a message',
    body: reaction,
    power: 'send',
    run: reactToMessage,
    repeatable: 'change',
    input: ({ body }, { profile }) => reactionOf(body, profile),
    reply: sent,
    failure: 'error sending message: %s',
  }),

  post('/chat/presence', {
    summary: 'Show that you are typing, recording or have stopped',
    body: z.object({
      Phone: required('Phone', limits.address),
      State: required('State').meta({ enum: ['composing', 'paused'] }),
      Media: text().describe('audio while recording'),
    }),
    power: 'send',
    run: setChatPresence,
    input: ({ body }, { profile }) => ({
      chat: requireJid(body.Phone, 'Phone', profile),
      state: body.State,
      media: body.Media,
    }),
    reply: done('Chat presence set successfuly'),
    failure: 'failure sending chat presence to Whatsapp servers',
  }),

  post('/chat/markread', {
    summary: 'Mark messages as read',
    body: readMarks,
    power: 'send',
    run: markRead,
    input: ({ body }, { profile }) => readMarksOf(body, profile),
    reply: done('Message(s) marked as read'),
    failure: 'failure marking messages as read',
  }),
]
