import { z } from 'zod'
import { type Endpoint, post } from '../../../../http/endpoint/endpoint.ts'
import { bool, listUpTo, optional, stringArray, text } from '../../../../http/endpoint/fields.ts'
import { ApiError } from '../../../../lib/errors.ts'
import { limits } from '../../../../lib/limits.ts'
import { changeLabel, knownLabels, labelChats } from '../../../../operations/chats/labels.ts'
import { ifGiven } from '../../../shared/address-fields.ts'
import { chat, required } from '../../shapes/fields.ts'
import { labels } from '../../shapes/label-shape.ts'
import { accepted } from '../../shapes/replies.ts'

const association = z.object({
  labelIds: stringArray({ each: limits.messageId, all: limits.labels }),
  labelId: optional(text(limits.messageId)).describe('The same for one label'),
  chatIds: listUpTo(limits.labelledChats, z.array(chat('chatIds'))).default([]),
  chatId: ifGiven(chat('chatId')).describe('The same for one chat'),
  action: z.enum(['add', 'remove'], 'action is add or remove').optional(),
  add: optional(bool()).describe('The same as a yes or no'),
})

function chatLabels(body: z.infer<typeof association>) {
  return {
    labelIds: requireSome('labelIds', body.labelId ? [body.labelId] : body.labelIds),
    chats: requireSome('chatIds', body.chatId ? [body.chatId] : body.chatIds),
    labeled: body.action ? body.action === 'add' : (body.add ?? true),
  }
}

function requireSome(name: string, values: string[]): string[] {
  if (values.length > 0 && values.every((value) => value !== '')) return values
  throw new ApiError('missing_field', { text: `${name} is required` })
}

export const clientLabelEndpoints: Endpoint[] = [
  post('/client/getLabels/{id}', {
    summary: 'List the labels of a business account',
    needs: 'stored',
    power: 'read',
    run: knownLabels,
    reply: labels,
  }),

  post('/client/addOrRemoveLabels/{id}', {
    summary: 'Put labels on chats or take them off',
    body: association,
    run: labelChats,
    input: ({ body }) => chatLabels(body),
    reply: accepted,
  }),

  post('/client/editLabel/{id}', {
    summary: 'Make, change or delete a label',
    needs: 'stored',
    body: z.object({
      labelId: required('labelId', limits.messageId),
      name: optional(text(limits.labelName)).describe('As it was when absent; a new label needs one'),
      color: z
        .int()
        .min(0, 'color is a number from 0 to 19')
        .max(19, 'color is a number from 0 to 19')
        .optional()
        .describe("Number of one of WhatsApp's colours"),
      deleted: bool(),
    }),
    run: changeLabel,
    input: ({ body: { labelId: id, ...change } }) => ({ id, ...change }),
    reply: accepted,
  }),
]
