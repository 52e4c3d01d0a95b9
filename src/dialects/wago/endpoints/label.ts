import { z } from 'zod'
import { type Endpoint, post } from '../../../http/endpoint/endpoint.ts'
import { integer, text } from '../../../http/endpoint/fields.ts'
import { ApiError } from '../../../lib/errors.ts'
import { limits } from '../../../lib/limits.ts'
import { editLabel, labelChat, labelMessage } from '../../../operations/chats/labels.ts'
import { chat, missing, required } from '../shapes/fields.ts'
import { ok } from '../shapes/replies.ts'

const onChat = z.object({
  Jid: chat('Jid').describe('Phone number or JID of the chat'),
  LabelId: required('LabelId', limits.messageId),
})
const onMessage = onChat.extend({ MessageId: required('MessageId', limits.messageId) })

/** Puts a label on a chat, or takes it off. */
function chatLabel(path: string, summary: string, { labeled }: { labeled: boolean }): Endpoint {
  return post(path, {
    summary,
    body: onChat,
    run: labelChat,
    input: ({ body }) => ({ chat: body.Jid, labelId: body.LabelId, labeled }),
    reply: ok,
  })
}

/** Puts a label on a message, or takes it off. */
function messageLabel(path: string, summary: string, { labeled }: { labeled: boolean }): Endpoint {
  return post(path, {
    summary,
    body: onMessage,
    run: labelMessage,
    input: ({ body }) => ({ chat: body.Jid, labelId: body.LabelId, id: body.MessageId, labeled }),
    reply: ok,
  })
}

export const labelEndpoints: Endpoint[] = [
  chatLabel('/label/chat', 'Put a label on a chat', { labeled: true }),
  chatLabel('/unlabel/chat', 'Take a label off a chat', { labeled: false }),
  messageLabel('/label/message', 'Put a label on a message', { labeled: true }),
  messageLabel('/unlabel/message', 'Take a label off a message', { labeled: false }),

  post('/label/edit', {
    summary: 'Make, change or delete a label of a business account',
    body: z.object({
      LabelId: required('LabelId', limits.messageId),
      Name: text(limits.labelName),
      Color: integer().describe("Number of one of WhatsApp's colours"),
      Action: z.boolean().default(true).describe('false deletes the label'),
    }),
    run: editLabel,
    input: ({ body: { LabelId: id, Name: name, Color: color, Action } }) => {
      if (Action && name === '') throw new ApiError('missing_field', { text: missing('Name') })
      return { id, name, color, deleted: !Action }
    },
    reply: ok,
  }),
]
