import { z } from 'zod'
import { type Endpoint, post, reply } from '../../../http/endpoint/endpoint.ts'
import { stringArray, text, textUpTo } from '../../../http/endpoint/fields.ts'
import { limits } from '../../../lib/limits.ts'
import { ownMember } from '../../../lib/own-member.ts'
import { setChatPresence } from '../../../operations/chats/presence.ts'
import { editText, revokeMessage } from '../../../operations/messages/message-changes.ts'
import { ownProgress } from '../../../operations/messages/message-progress.ts'
import { markRead, reactToMessage } from '../../../operations/messages/messages.ts'
import { ifGiven } from '../../shared/address-fields.ts'
import { MESSAGE_ID } from '../../shared/documents/example-values.ts'
import { chat, missing, person, recipient, required } from '../shapes/fields.ts'
import { done, sent } from '../shapes/replies.ts'

type MessageProgress = Awaited<ReturnType<typeof ownProgress>>

/** An emoji; `remove` and the empty text take the reaction back. */
const emoji = textUpTo(limits.reaction, z.string(missing('Body')))
  .transform((body) => (body === 'remove' ? '' : body))
  .describe('An emoji; `remove` or an empty text takes the reaction back')

/** The ids of messages, or one of them. */
const ids = z
  .union([
    textUpTo(limits.messageId, z.string()).transform((one) => [one]),
    stringArray({ each: limits.messageId, all: limits.list }),
  ])
  .refine((given) => given.length > 0 && !given.includes(''), missing('Id'))

/** How far a message got -> the document's words. */
const STATES: Record<string, string> = {
  pending: 'Pending',
  sent: 'Sent',
  delivered: 'Delivered',
  read: 'Read',
  played: 'Played',
  failed: 'Failed',
}

export const messageEndpoints: Endpoint[] = [
  post('/message/react', {
    summary: 'React to a message',
    body: z.object({
      Phone: chat('Phone').describe('Chat of the message'),
      Body: emoji,
      Id: required('Id', limits.messageId),
      IsFromMe: z.boolean(missing('IsFromMe')).describe('Whether the message is your own'),
      Participant: ifGiven(person('Participant')).describe('Who wrote it; needed in groups'),
    }),
    power: 'send',
    run: reactToMessage,
    repeatable: 'change',
    input: ({ body: { Phone, Body, Id, IsFromMe, Participant } }) => ({
      chat: Phone,
      id: Id,
      fromMe: IsFromMe,
      author: Participant ?? '',
      emoji: Body,
    }),
    reply: sent,
  }),

  post('/message/presence', {
    summary: 'Show that you are typing, recording or have stopped',
    body: z.object({
      Phone: chat('Phone'),
      State: required('State')
        .refine((state) => state === 'composing' || state === 'paused', 'State must be composing or paused')
        .meta({ enum: ['composing', 'paused'] }),
      Media: text(limits.name).describe('audio while recording'),
    }),
    power: 'send',
    run: setChatPresence,
    input: ({ body }) => ({ chat: body.Phone, state: body.State, media: body.Media }),
    reply: done('Chat presence set successfuly'),
  }),

  post('/message/markread', {
    summary: 'Mark messages as read',
    body: z.object({
      Id: ids.meta({ description: 'Ids of the messages, or one of them', example: [MESSAGE_ID] }),
      Chat: chat('Chat'),
      Sender: ifGiven(person('Sender')).describe('Who wrote them; needed in groups'),
    }),
    power: 'send',
    run: markRead,
    input: ({ body }) => ({ chat: body.Chat, sender: body.Sender, ids: body.Id }),
    reply: done('Message(s) marked as read'),
  }),

  post('/message/status', {
    summary: 'Tell how far a sent message got',
    needs: 'stored',
    body: z.object({ Id: required('Id', limits.messageId) }),
    power: 'any',
    run: ownProgress,
    input: ({ body }) => ({ id: body.Id }),
    reply: reply(
      z.object({ Id: z.string(), Status: z.string().describe(Object.values(STATES).join(', ')) }),
      ({ id, status }: MessageProgress) => ({ Id: id, Status: ownMember(STATES, status) ?? status }),
    ),
  }),

  post('/message/delete', {
    summary: 'Delete an own message for everyone',
    body: z.object({ Chat: recipient('Chat'), MessageID: required('MessageID', limits.messageId) }),
    run: revokeMessage,
    repeatable: 'change',
    input: ({ body }) => ({ chat: body.Chat, id: body.MessageID }),
    reply: sent,
  }),

  post('/message/edit', {
    summary: 'Change the text of a message you sent',
    body: z.object({
      Chat: recipient('Chat'),
      Message: required('Message').describe('The new text'),
      MessageID: required('MessageID', limits.messageId),
    }),
    run: editText,
    repeatable: 'change',
    input: ({ body }) => ({ chat: body.Chat, id: body.MessageID, text: body.Message }),
    reply: sent,
  }),
]
