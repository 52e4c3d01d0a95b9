import { z } from 'zod'
import {
  type Endpoint,
  get,
  post,
  type Reply,
  type ReplyContext,
  reply,
} from '../../http/endpoint/endpoint.ts'
import { textUpTo } from '../../http/endpoint/fields.ts'
import { limits } from '../../lib/limits.ts'
import { type ChatListPage, listConversations } from '../../operations/conversations/chat-list.ts'
import { type ChatView, viewChat } from '../../operations/conversations/chat-views.ts'
import { fetchConversationFile, fetchConversationPicture } from '../../operations/conversations/files.ts'
import type { MessageView } from '../../operations/conversations/message-views.ts'
import { listMessages, type MessagesPage, showMessage } from '../../operations/conversations/messages.ts'
import { readConversation, unreadConversation } from '../../operations/conversations/reading.ts'
import type { MessageFile } from '../../operations/messages/message-media.ts'
import { chat, chatShape, message, messageShape } from './chat-shapes.ts'
import { count } from './count.ts'
import { fileHeaders, fileType } from './file-answer.ts'

const DEFAULT_LIMIT = 50
const MAX_LIMIT = 100

const cursor = textUpTo(limits.cursor, z.string()).optional()
const named = z.object({ chat: textUpTo(limits.address, z.string()).describe('JID, percent-encoded') })
const namedMessage = named.extend({
  id: textUpTo(limits.messageId, z.string()).describe('Id of the message'),
})
const yes = z.enum(['true', 'false'], 'unread must be true or false').optional()

const oneChat: Reply<ChatView> = reply(chat, chatShape)
/** A key that only sends sees neither people nor messages: of the chat it is told which one it is, and how it is set. */
const markedChat: Reply<ChatView> = reply(chat, (view: ChatView, { caller }: ReplyContext) => {
  const isSender = caller.kind === 'user' && caller.power === 'send'
  return chatShape(isSender ? { ...view, name: '', last: undefined } : view)
})
const oneMessage: Reply<MessageView> = reply(message, messageShape)

const fileReply: Reply<MessageFile> = reply(
  z.string().meta({ format: 'binary' }),
  ({ bytes }: MessageFile) => bytes,
  {
    bare: true,
    contentType: {
      all: ['application/octet-stream', 'image/jpeg'],
      of: ({ mimeType }) => fileType(mimeType),
    },
    headers: fileHeaders,
  },
)

/** The chats of an account as people read them, from what is stored. */
export const chatEndpoints: Endpoint[] = [
  get('/me/chats', {
    summary: 'Your chats, the one with the newest message first',
    description:
      'From what is stored here, whether the session is open or not. With `search` a part may be short, even empty, while `next` says that there is more to look through.',
    needs: 'stored',
    query: z.object({
      search: textUpTo(limits.name, z.string())
        .optional()
        .describe('A name, a number, or words of the newest 300 messages of a chat within 90 days'),
      unread: yes.describe('true: only chats with something unread'),
      limit: count('limit', MAX_LIMIT),
      before: cursor.describe('`next` of an answer'),
    }),
    run: listConversations,
    input: ({ query }) => ({
      search: query.search,
      isUnread: query.unread === 'true',
      limit: Number(query.limit ?? DEFAULT_LIMIT),
      before: query.before,
    }),
    reply: reply(
      z.object({ chats: z.array(chat), next: z.string().optional().describe('Where to go on') }),
      ({ chats, ...rest }: ChatListPage) => ({ chats: chats.map(chatShape), ...rest }),
    ),
  }),

  get('/me/chats/{chat}', {
    summary: 'One chat',
    needs: 'stored',
    params: named,
    run: viewChat,
    input: ({ params }) => params.chat,
    reply: oneChat,
  }),

  get('/me/chats/{chat}/messages', {
    summary: 'The messages of a chat as they stand, newest first',
    needs: 'stored',
    params: named,
    query: z.object({
      limit: count('limit', MAX_LIMIT),
      before: cursor.describe('`next` of an answer: older ones'),
      after: cursor.describe('`newer` of an answer: newer ones'),
      around: textUpTo(limits.messageId, z.string()).optional().describe('Id of a message to be among them'),
    }),
    run: listMessages,
    input: ({ params, query: { limit, ...query } }) => ({
      ...query,
      chat: params.chat,
      limit: Number(limit ?? DEFAULT_LIMIT),
    }),
    reply: reply(
      z.object({
        messages: z.array(message),
        next: z.string().optional().describe('Where older ones begin'),
        newer: z.string().optional().describe('Where newer ones begin'),
      }),
      ({ messages, ...rest }: MessagesPage) => ({ messages: messages.map(messageShape), ...rest }),
    ),
  }),

  get('/me/chats/{chat}/messages/{id}', {
    summary: 'One message of a chat as it stands',
    needs: 'stored',
    params: namedMessage,
    run: showMessage,
    input: ({ params }) => params,
    reply: oneMessage,
  }),

  get('/me/chats/{chat}/messages/{id}/media', {
    summary: 'The file of a message',
    description:
      'Fetched from WhatsApp, or asked of the phone where WhatsApp no longer has it: 410 when nobody has. Pictures, sounds and videos may be shown where they are; everything else is to be saved.',
    needs: 'stored',
    params: namedMessage,
    run: fetchConversationFile,
    input: ({ params }) => params,
    reply: fileReply,
  }),

  get('/me/chats/{chat}/picture', {
    summary: 'The small profile picture of a person or group; 404 where there is none',
    needs: 'stored',
    params: named,
    run: fetchConversationPicture,
    input: ({ params }) => params.chat,
    reply: reply(z.string().meta({ format: 'binary' }), (jpeg: Buffer) => jpeg, {
      bare: true,
      contentType: 'image/jpeg',
      headers: () => ({ 'X-Content-Type-Options': 'nosniff', 'Cache-Control': 'private, max-age=900' }),
    }),
  }),

  post('/me/chats/{chat}/read', {
    summary: 'Mark all messages of a chat as read',
    description: 'Where the session is connected, their authors and your phone are told.',
    needs: 'stored',
    params: named,
    power: 'send',
    run: readConversation,
    input: ({ params }) => params.chat,
    reply: markedChat,
  }),

  post('/me/chats/{chat}/unread', {
    summary: 'Mark a chat as unread, also on your phone where the session is connected',
    needs: 'stored',
    params: named,
    run: unreadConversation,
    input: ({ params }) => params.chat,
    reply: oneChat,
  }),
]
