import { z } from 'zod'
import { type Endpoint, post } from '../../../http/endpoint/endpoint.ts'
import { ApiError } from '../../../lib/errors.ts'
import { disappearingSeconds } from '../../../lib/text/disappearing-words.ts'
import {
  archiveChat,
  deleteChat,
  markChatUnread,
  muteChat,
  pinChat,
} from '../../../operations/chats/chats.ts'
import { setChatPresence } from '../../../operations/chats/presence.ts'
import { setDisappearingTimer } from '../../../operations/groups/groups.ts'
import { seeChat } from '../../../operations/messages/messages.ts'
import { chat, recipient, required } from '../shapes/fields.ts'
import { muteTime } from '../shapes/mute-time.ts'
import { ok } from '../shapes/replies.ts'

const inChat = z.object({ Chat: chat('Chat') })
const inPhone = z.object({ Phone: chat('Phone') })

/** Shows a chat that we do something, or have stopped. */
function indicator(
  path: string,
  summary: string,
  { state, media }: { state: string; media: string },
): Endpoint {
  return post(path, {
    summary,
    body: z.object({ Jid: chat('Jid') }),
    power: 'send',
    run: setChatPresence,
    input: ({ body }) => ({ chat: body.Jid, state, media }),
    reply: ok,
  })
}

function requireTimer(timer: string): number {
  const seconds = disappearingSeconds(timer)
  if (seconds === undefined)
    throw new ApiError('invalid_field', { text: 'timer must be off, 24h, 7d or 90d' })
  return seconds
}

export const chatEndpoints: Endpoint[] = [
  post('/chat/pin', {
    summary: 'Keep a chat on top of the list',
    body: inChat.extend({ Pin: z.boolean().default(true).describe('false lets it go') }),
    run: pinChat,
    input: ({ body }) => ({ chat: body.Chat, pinned: body.Pin }),
    reply: ok,
  }),

  post('/chat/unpin', {
    summary: 'Let a chat on top of the list go',
    body: inChat,
    run: pinChat,
    input: ({ body }) => ({ chat: body.Chat, pinned: false }),
    reply: ok,
  }),

  post('/chat/archive', {
    summary: 'Put a chat aside',
    body: inChat.extend({ Archive: z.boolean().default(true).describe('false brings it back') }),
    run: archiveChat,
    input: ({ body }) => ({ chat: body.Chat, archived: body.Archive }),
    reply: ok,
  }),

  post('/chat/mute', {
    summary: 'Silence a chat',
    body: inChat.extend({
      Mute: z.boolean().default(true).describe('false lets it be heard again'),
      Duration: muteTime,
    }),
    run: muteChat,
    input: ({ body }) => ({ chat: body.Chat, durationSeconds: body.Mute ? body.Duration : 0 }),
    reply: ok,
  }),

  indicator('/chat/typing/start', 'Show that you are typing', { state: 'composing', media: '' }),
  indicator('/chat/typing/stop', 'Show that you have stopped typing', { state: 'paused', media: '' }),
  indicator('/chat/recording/start', 'Show that you are recording', { state: 'composing', media: 'audio' }),
  indicator('/chat/recording/stop', 'Show that you have stopped recording', { state: 'paused', media: '' }),

  post('/chat/delete', {
    summary: 'Remove a chat with all its messages, on your own devices',
    body: inPhone,
    run: deleteChat,
    input: ({ body }) => ({ chat: body.Phone, deleteMedia: false }),
    reply: ok,
  }),

  post('/chat/read', {
    summary: 'Mark a chat and its newest messages as read',
    needs: 'stored',
    body: inPhone,
    power: 'send',
    run: seeChat,
    input: ({ body }) => body.Phone,
    reply: ok,
  }),

  post('/chat/unread', {
    summary: 'Mark a chat as unread',
    body: inPhone,
    run: markChatUnread,
    input: ({ body }) => body.Phone,
    reply: ok,
  }),

  post('/chat/disappearing-timer', {
    summary: 'Let messages of a chat disappear',
    body: z.object({
      phone: recipient('phone'),
      timer: required('timer').meta({ enum: ['off', '24h', '7d', '90d'] }),
    }),
    run: setDisappearingTimer,
    input: ({ body }) => ({ chat: body.phone, seconds: requireTimer(body.timer) }),
    reply: ok,
  }),
]
