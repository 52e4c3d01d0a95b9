import { z } from 'zod'
import { type Endpoint, post, reply } from '../../../http/endpoint/endpoint.ts'
import { listUpTo, textUpTo } from '../../../http/endpoint/fields.ts'
import { limits } from '../../../lib/limits.ts'
import { deleteChat, markChatUnread } from '../../../operations/chats/chats.ts'
import { labelsOf, setLabels } from '../../../operations/chats/labels.ts'
import { setChatPresence } from '../../../operations/chats/presence.ts'
import { type FoundContact, findContact } from '../../../operations/contacts/address-book.ts'
import { seeChat } from '../../../operations/messages/messages.ts'
import { type ChatMessage, chatMessages } from '../../../operations/messages/stored-messages.ts'
import { contactFields, contactShape } from '../shapes/contact-shape.ts'
import { searchOptions } from '../shapes/content.ts'
import { chat } from '../shapes/fields.ts'
import { labels } from '../shapes/label-shape.ts'
import { messageShape } from '../shapes/message-shape.ts'
import { accepted, done } from '../shapes/replies.ts'
import { syncHistory } from './sync-history.ts'

const named = z.object({ chatId: chat('chatId') })

const listedMessage = z.looseObject({
  id: z.string(),
  chat: z.string(),
  sender: z.string(),
  pushName: z.string(),
  body: z.string(),
  type: z.string(),
  timestamp: z.int().describe('Unix seconds'),
  isGroup: z.boolean(),
  isFromMe: z.boolean(),
})

/** A message as the event of its arrival shows it, with the text it has now. */
function messageFields({ event, editedText }: ChatMessage) {
  const shape = messageShape(event)
  return shape ? [{ ...shape, ...(editedText && { body: editedText }) }] : []
}

export const chatEndpoints: Endpoint[] = [
  post('/chat/sendStateTyping/{id}', {
    summary: 'Show that the account is typing',
    body: named,
    power: 'send',
    run: setChatPresence,
    input: ({ body }) => ({ chat: body.chatId, state: 'composing', media: '' }),
    reply: done,
  }),

  post('/chat/sendStateRecording/{id}', {
    summary: 'Show that the account is recording',
    body: named,
    power: 'send',
    run: setChatPresence,
    input: ({ body }) => ({ chat: body.chatId, state: 'composing', media: 'audio' }),
    reply: done,
  }),

  post('/chat/clearState/{id}', {
    summary: 'Show that the account stopped typing or recording',
    body: named,
    power: 'send',
    run: setChatPresence,
    input: ({ body }) => ({ chat: body.chatId, state: 'paused', media: '' }),
    reply: done,
  }),

  post('/chat/sendSeen/{id}', {
    summary: 'Mark a chat read',
    needs: 'stored',
    body: named,
    power: 'send',
    run: seeChat,
    input: ({ body }) => body.chatId,
    reply: done,
  }),

  post('/chat/markUnread/{id}', {
    summary: 'Mark a chat unread',
    body: named,
    run: markChatUnread,
    input: ({ body }) => body.chatId,
    reply: done,
  }),

  post('/chat/delete/{id}', {
    summary: 'Remove a chat with all its messages, on the own devices',
    body: named,
    run: deleteChat,
    input: ({ body }) => ({ chat: body.chatId, deleteMedia: true }),
    reply: done,
  }),

  post('/chat/fetchMessages/{id}', {
    summary: 'The newest messages of a chat that are kept here, oldest first',
    needs: 'stored',
    body: named.extend({ searchOptions }),
    power: 'read',
    run: chatMessages,
    input: ({ body }) => ({ chat: body.chatId, ...body.searchOptions }),
    reply: reply(z.object({ messages: z.array(listedMessage) }), (messages: ChatMessage[]) => ({
      messages: messages.flatMap(messageFields),
    })),
  }),

  syncHistory('/chat/syncHistory/{id}'),

  post('/chat/getContact/{id}', {
    summary: 'What the account knows of the person in a chat',
    needs: 'stored',
    body: named,
    power: 'read',
    run: findContact,
    input: ({ body }) => body.chatId,
    reply: reply(z.object({ contact: contactShape }), (contact: FoundContact) => ({
      contact: contactFields(contact, contact.isKnown),
    })),
  }),

  post('/chat/getLabels/{id}', {
    summary: 'List the labels on a chat',
    needs: 'stored',
    body: named,
    power: 'read',
    run: labelsOf,
    input: ({ body }) => body.chatId,
    reply: labels,
  }),

  post('/chat/changeLabels/{id}', {
    summary: 'Give a chat these labels and no others',
    needs: 'stored',
    body: named.extend({
      labelIds: listUpTo(
        limits.labels,
        z.array(textUpTo(limits.messageId, z.string()), 'labelIds is required'),
      ),
    }),
    run: setLabels,
    input: ({ body }) => ({ chat: body.chatId, labelIds: body.labelIds }),
    reply: accepted,
  }),
]
