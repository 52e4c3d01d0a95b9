import { z } from 'zod'
import { del, type Endpoint, get, patch, post } from '../../../../http/endpoint/endpoint.ts'
import { bool, integer, textUpTo } from '../../../../http/endpoint/fields.ts'
import { limits } from '../../../../lib/limits.ts'
import {
  archiveChat,
  deleteChat,
  markChatRead,
  markChatUnread,
  muteChat,
  pinChat,
} from '../../../../operations/chats/chats.ts'
import { setDisappearingTimer } from '../../../../operations/groups/groups.ts'
import type { LiveSession } from '../../../../whatsapp/session/session.ts'
import { answer, done } from '../../envelope.ts'
import { chatJidOf, chatPath, timedChatOf } from '../../shapes/chat-address.ts'
import { changing } from '../../shapes/in-chat.ts'
import { type PagedMessages, pageOf } from '../../shapes/message-pages.ts'
import { messageFields, messageShape } from '../../shapes/message-shape.ts'
import { secondsOf, timer } from '../../shapes/timer-field.ts'

/** A chat and whether it is marked as read. */
interface ReadMark {
  chat: string
  read: boolean
}

function markChat(session: LiveSession, { chat, read }: ReadMark): Promise<void> {
  return read ? markChatRead(session, chat) : markChatUnread(session, chat)
}

/** Seconds; 0 is for ever, and a chat that is not muted is heard. */
function muteSeconds({ muted, duration }: { muted: boolean; duration: number }): number {
  if (!muted) return 0
  return duration === 0 ? Number.POSITIVE_INFINITY : duration
}

const cursor = textUpTo(limits.messageId, z.string()).default('')

export const chatEndpoints: Endpoint[] = [
  get('/chats/{chat_jid}/messages', {
    summary: 'List the messages of a chat that this server has stored, newest first',
    needs: 'stored',
    params: chatPath,
    query: z.object({
      limit: textUpTo(limits.name, z.string()).optional().describe('50, at most 500'),
      before: cursor.describe('Id of a message, or Unix seconds: only what is older'),
      after: cursor.describe('Id of a message, or Unix seconds: only what is newer'),
    }),
    run: pageOf,
    input: ({ params, query }) => ({ chat: params.chat_jid, ...query }),
    reply: answer(
      'Success get chat messages',
      z.object({
        after: z.string(),
        before: z.string(),
        chat_jid: z.string().describe('Empty for what is no chat'),
        limit: z.int(),
        messages: z.array(messageShape),
      }),
      ({ chat, limit, before, after, messages }: PagedMessages) => ({
        after,
        before,
        chat_jid: chat,
        limit,
        messages: messages.map(messageFields),
      }),
    ),
  }),

  post('/chats/{chat_jid}/archive', {
    summary: 'Put a chat aside, or bring it back',
    needs: 'stored',
    params: chatPath,
    body: z.object({ archive: bool() }),
    run: changing(archiveChat),
    input: ({ params, body }) => ({ chat: chatJidOf(params.chat_jid), archived: body.archive }),
    reply: done('Success archive chat'),
  }),

  post('/chats/{chat_jid}/pin', {
    summary: 'Keep a chat on top of the list, or let it go',
    needs: 'stored',
    params: chatPath,
    body: z.object({ pin: bool() }),
    run: changing(pinChat),
    input: ({ params, body }) => ({ chat: chatJidOf(params.chat_jid), pinned: body.pin }),
    reply: done('Success pin chat'),
  }),

  post('/chats/{chat_jid}/mute', {
    summary: 'Silence a chat, or let it be heard again',
    needs: 'stored',
    params: chatPath,
    body: z.object({
      muted: bool(),
      duration: integer()
        .refine((seconds) => seconds >= 0, 'duration must be >= 0')
        .describe('Seconds; 0 is for ever'),
    }),
    run: changing(muteChat),
    input: ({ params, body }) => ({ chat: chatJidOf(params.chat_jid), durationSeconds: muteSeconds(body) }),
    reply: done('Success mute chat'),
  }),

  post('/chats/{chat_jid}/mark-read', {
    summary: 'Mark a chat as read or unread, on your own devices',
    needs: 'stored',
    params: chatPath,
    body: z.object({
      read: bool(),
      last_message_ts: integer().describe('Accepted; what was said until now is marked'),
    }),
    power: 'send',
    run: changing(markChat),
    input: ({ params, body }) => ({ chat: chatJidOf(params.chat_jid), read: body.read }),
    reply: done('Success mark chat read'),
  }),

  del('/chats/{chat_jid}', {
    summary: 'Remove a chat with all its messages, on your own devices',
    needs: 'stored',
    params: chatPath,
    body: z.object({ delete_media: bool() }),
    run: changing(deleteChat),
    input: ({ params, body }) => ({ chat: chatJidOf(params.chat_jid), deleteMedia: body.delete_media }),
    reply: done('Success delete chat'),
  }),

  patch('/chats/{chat_jid}/disappearing-timer', {
    summary: 'Let messages of a chat disappear',
    needs: 'stored',
    params: chatPath,
    body: z.object({ timer }),
    run: changing(setDisappearingTimer),
    input: ({ params, body }) => ({ chat: timedChatOf(params.chat_jid), seconds: secondsOf(body.timer) }),
    reply: done('Success set disappearing timer'),
  }),
]
