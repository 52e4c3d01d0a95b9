import { z } from 'zod'
import { type Endpoint, post, reply } from '../../../http/endpoint/endpoint.ts'
import { bool, integer, text } from '../../../http/endpoint/fields.ts'
import { limits } from '../../../lib/limits.ts'
import {
  type ChatLabel,
  editLabel,
  type Label,
  labelChat,
  labelMessage,
  type MessageLabel,
} from '../../../operations/chats/labels.ts'
import { demand, required } from '../shapes/fields.ts'
import { chatJid } from './chat-state.ts'

const chat = required('jid', limits.address).describe('JID of the chat')
const label = required('labelId', limits.messageId)
const labeled = bool().describe('false takes the label off')

const labelShape = z.object({
  color: z.int(),
  deleted: z.boolean(),
  labelId: z.string(),
  name: z.string(),
  success: z.literal(true),
})

const chatShape = z.object({
  jid: z.string(),
  labelId: z.string(),
  labeled: z.boolean(),
  success: z.literal(true),
})

export const labelEndpoints: Endpoint[] = [
  post('/label/edit', {
    summary: 'Make, change or delete a label of a business account',
    body: z.object({
      labelId: label,
      name: text(limits.labelName),
      color: integer().describe("Number of one of WhatsApp's colours"),
      deleted: bool(),
    }),
    run: editLabel,
    input: ({ body: { labelId: id, name, color, deleted } }) => ({
      id,
      name: deleted ? name : demand(name, 'name'),
      color,
      deleted,
    }),
    reply: reply(labelShape, ({ id, name, color, deleted }: Label) => ({
      color,
      deleted,
      labelId: id,
      name,
      success: true,
    })),
    failure: 'failed to edit label: %s',
  }),

  post('/label/chat', {
    summary: 'Put a label on a chat or take it off',
    body: z.object({ jid: chat, labelId: label, labeled }),
    run: labelChat,
    input: ({ body: { jid, labelId, labeled } }) => ({
      chat: chatJid(jid, 'invalid jid format'),
      labelId,
      labeled,
    }),
    reply: reply(chatShape, ({ chat: jid, labelId, labeled }: ChatLabel) => ({
      jid,
      labelId,
      labeled,
      success: true,
    })),
    failure: 'failed to update chat label: %s',
  }),

  post('/label/message', {
    summary: 'Put a label on a message or take it off',
    body: z.object({
      jid: chat,
      labelId: label,
      messageId: required('messageId', limits.messageId),
      labeled,
    }),
    run: labelMessage,
    input: ({ body: { jid, labelId, messageId, labeled } }) => ({
      chat: chatJid(jid, 'invalid jid format'),
      labelId,
      id: messageId,
      labeled,
    }),
    reply: reply(
      chatShape.extend({ messageId: z.string() }),
      ({ chat: jid, labelId, id: messageId, labeled }: MessageLabel) => ({
        jid,
        labelId,
        labeled,
        messageId,
        success: true,
      }),
    ),
    failure: 'failed to update message label: %s',
  }),
]
