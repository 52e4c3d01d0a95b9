import { z } from 'zod'
import { type Endpoint, get, post, reply } from '../../../../http/endpoint/endpoint.ts'
import { stringArray } from '../../../../http/endpoint/fields.ts'
import { limits } from '../../../../lib/limits.ts'
import { type Chat, findChat, listChats } from '../../../../operations/chats/chat-list.ts'
import { archiveChat, markChatUnread, muteChat, pinChat } from '../../../../operations/chats/chats.ts'
import { readChat } from '../../../../operations/messages/messages.ts'
import { ifGiven } from '../../../shared/address-fields.ts'
import { channelFields, channelShape } from '../../shapes/channel-shape.ts'
import { chat, count, person } from '../../shapes/fields.ts'
import { groupFields, groupShape } from '../../shapes/group-shape.ts'
import { muteUntil } from '../../shapes/mute-until.ts'
import { accepted, done } from '../../shapes/replies.ts'
import { syncHistory } from '../sync-history.ts'

/** Chats of either kind in one answer. */
const MAX_CHATS = 10_000

const personShape = z.object({
  jid: z.string(),
  name: z.string(),
  lastMessageAt: z.int().describe('Unix seconds, 0 = no message is kept'),
})

const chatShape = z.union([groupShape, channelShape, personShape])

function chatFields(found: Chat): z.infer<typeof chatShape> {
  switch (found.kind) {
    case 'group':
      return groupFields(found.group)
    case 'channel':
      return channelFields(found.channel)
    case 'person':
      return found.person
  }
}

const named = z.object({ chatId: chat('chatId') })

export const clientChatEndpoints: Endpoint[] = [
  get('/client/getChats/{id}', {
    summary: 'List the groups the account is in and, if wanted, its chats with people',
    needs: 'stored',
    query: z.object({
      type: z
        .enum(['group', 'all'], 'type is group or all')
        .default('group')
        .describe('`all` adds the people the account has exchanged messages with, the latest first'),
      limit: count('limit').describe(`How many groups and how many people at most: ${MAX_CHATS} when absent`),
    }),
    run: listChats,
    input: ({ query }) => ({
      withPeople: query.type === 'all',
      limit: Math.min(query.limit ?? MAX_CHATS, MAX_CHATS),
    }),
    reply: reply(z.object({ chats: z.array(chatShape) }), (chats: Chat[]) => ({
      chats: chats.map(chatFields),
    })),
  }),

  post('/client/getChatById/{id}', {
    summary: 'Describe a chat: a group, a channel, or what is known of the chat with a person',
    needs: 'stored',
    body: named,
    power: 'read',
    run: findChat,
    input: ({ body }) => body.chatId,
    reply: reply(z.object({ chat: chatShape }), (found: Chat) => ({ chat: chatFields(found) })),
  }),

  post('/client/sendSeen/{id}', {
    summary: 'Mark messages read',
    needs: 'stored',
    body: named.extend({
      messageIds: stringArray({ each: limits.messageId }).describe(
        'The newest messages of the chat when absent',
      ),
      sender: ifGiven(person('sender')).describe('Who wrote them, if it was not received here'),
    }),
    power: 'send',
    run: readChat,
    input: ({ body }) => ({ chat: body.chatId, ids: body.messageIds, sender: body.sender ?? '' }),
    reply: done,
  }),

  post('/client/archiveChat/{id}', {
    summary: 'Archive a chat',
    body: named,
    run: archiveChat,
    input: ({ body }) => ({ chat: body.chatId, archived: true }),
    reply: done,
  }),

  post('/client/unarchiveChat/{id}', {
    summary: 'Bring a chat back from the archive',
    body: named,
    run: archiveChat,
    input: ({ body }) => ({ chat: body.chatId, archived: false }),
    reply: done,
  }),

  post('/client/muteChat/{id}', {
    summary: 'Silence a chat',
    body: named.extend({
      unmuteDate: muteUntil.describe('A date, unix time, or a duration in seconds; for ever when absent'),
    }),
    run: muteChat,
    input: ({ body }) => ({ chat: body.chatId, durationSeconds: body.unmuteDate }),
    reply: accepted,
  }),

  post('/client/unmuteChat/{id}', {
    summary: 'Let a chat be heard again',
    body: named,
    run: muteChat,
    input: ({ body }) => ({ chat: body.chatId, durationSeconds: 0 }),
    reply: done,
  }),

  post('/client/pinChat/{id}', {
    summary: 'Keep a chat on top of the list',
    body: named,
    run: pinChat,
    input: ({ body }) => ({ chat: body.chatId, pinned: true }),
    reply: done,
  }),

  post('/client/unpinChat/{id}', {
    summary: 'Let a chat go from the top of the list',
    body: named,
    run: pinChat,
    input: ({ body }) => ({ chat: body.chatId, pinned: false }),
    reply: done,
  }),

  post('/client/markChatUnread/{id}', {
    summary: 'Mark a chat as unread',
    body: named,
    run: markChatUnread,
    input: ({ body }) => body.chatId,
    reply: accepted,
  }),

  syncHistory('/client/syncHistory/{id}'),
]
