import { z } from 'zod'
import { type Endpoint, post, reply } from '../../../http/endpoint/endpoint.ts'
import {
  bool,
  integer,
  listUpTo,
  optional,
  stringArray,
  text,
  textUpTo,
} from '../../../http/endpoint/fields.ts'
import { ApiError } from '../../../lib/errors.ts'
import { limits } from '../../../lib/limits.ts'
import {
  type EmojiReactions,
  type PollChoice,
  reactionsTo,
  votesIn,
} from '../../../operations/messages/message-answers.ts'
import { fetchMessageFile, type MessageFile } from '../../../operations/messages/message-media.ts'
import { sendPoll } from '../../../operations/messages/send.ts'
import { sendContent } from '../../../operations/messages/send-content.ts'
import {
  deleteMessage,
  editStored,
  forwardMessage,
  reactTo,
  starMessage,
} from '../../../operations/messages/stored-changes.ts'
import { ifGiven } from '../../shared/address-fields.ts'
import { contentFields, contentOf, fileFailures, messageOptions, textOf } from '../shapes/content.ts'
import { peopleIfAny, person, recipient, required } from '../shapes/fields.ts'
import { done, result, sent } from '../shapes/replies.ts'

/** The id of a message; of wwebjs-api's `false_4917…@c.us_3EB0…` the part that WhatsApp knows. */
function messageId(name: string) {
  return required(name, limits.messageId).transform(bareId)
}

function bareId(id: string): string {
  return /^(?:true|false)_[^_]+_([^_]+)/.exec(id)?.[1] ?? id
}

const named = z.object({ chatId: recipient('chatId'), messageId: messageId('messageId') })

/** A message that is told by its author too, in case it was not sent or received here. */
const target = named.extend({
  sender: ifGiven(person('sender')).describe('Who wrote it, if it was not sent or received here'),
  fromMe: optional(bool()).describe('It is an own one, if it was not sent or received here'),
})

const nameOf = ({ chatId, messageId: id }: z.infer<typeof named>) => ({ chat: chatId, id })

function targetOf(body: z.infer<typeof target>) {
  return { ...nameOf(body), author: body.sender, fromMe: body.fromMe }
}

/** The message that `options.quotedMessageId` names, in the same chat. */
function quotedIn(chat: string, id: string) {
  return id === '' ? undefined : { chat, id: bareId(id) }
}

/** Other names of the fields of a poll, and `options` as its answers or as its settings. */
const pollBody = z.object({
  chatId: recipient('chatId'),
  pollName: text(limits.pollQuestion).describe('The question'),
  name: text(limits.pollQuestion).describe('Another name of pollName'),
  question: text(limits.pollQuestion).describe('Another name of pollName'),
  pollOptions: stringArray({ each: limits.pollOption, all: limits.pollOptions }).describe(
    'The answers to choose from',
  ),
  options: z
    .union([
      listUpTo(limits.pollOptions, z.array(textUpTo(limits.pollOption, z.string()))),
      z.object({ allowMultipleAnswers: optional(bool()), messageId: optional(text(limits.messageId)) }),
    ])
    .optional()
    .describe('Settings; or another name of pollOptions'),
  selectableCount: integer().describe('How many answers may be chosen; 1 when absent'),
})

function pollOf(body: z.infer<typeof pollBody>) {
  const [settings, answers] = Array.isArray(body.options) ? [{}, body.options] : [body.options, []]
  const question = body.pollName || body.name || body.question
  const options = body.pollOptions.length > 0 ? body.pollOptions : answers
  if (question === '') throw new ApiError('missing_field', { text: 'pollName is required' })
  if (options.length === 0) throw new ApiError('missing_field', { text: 'pollOptions is required' })
  const selectable = settings?.allowMultipleAnswers ? 0 : body.selectableCount || 1
  return { to: body.chatId, id: settings?.messageId, question, options, selectable }
}

const seconds = (ms: number) => Math.floor(ms / 1000)

export const messageEndpoints: Endpoint[] = [
  post('/client/sendMessage/{id}', {
    summary: 'Send a text, a file, a place, a contact or a poll',
    needs: 'stored',
    body: z.object({ chatId: recipient('chatId'), ...contentFields }),
    run: sendContent,
    repeatable: 'message',
    input: ({ body }) => ({
      to: body.chatId,
      ...messageOptions(body),
      content: contentOf(body),
      replyTo: quotedIn(body.chatId, body.options.quotedMessageId),
    }),
    reply: sent,
    failure: fileFailures,
  }),

  post('/client/sendPoll/{id}', {
    summary: 'Send a poll',
    body: pollBody,
    run: sendPoll,
    repeatable: 'message',
    input: ({ body }) => pollOf(body),
    reply: sent,
  }),

  post('/message/reply/{id}', {
    summary: 'Answer a message, which is quoted',
    needs: 'stored',
    body: target.extend(contentFields),
    run: sendContent,
    repeatable: 'message',
    input: ({ body }) => ({
      to: body.chatId,
      ...messageOptions(body),
      content: contentOf(body),
      replyTo: targetOf(body),
    }),
    reply: sent,
    failure: fileFailures,
  }),

  post('/message/forward/{id}', {
    summary: 'Forward a message to another chat (a channel gets texts and polls only: else 501)',
    needs: 'stored',
    body: named.extend({ destinationChatId: recipient('destinationChatId') }),
    power: 'full',
    run: forwardMessage,
    repeatable: 'message',
    input: ({ body }) => ({ source: nameOf(body), to: body.destinationChatId }),
    reply: sent,
  }),

  post('/message/react/{id}', {
    summary: 'React to a message',
    needs: 'stored',
    body: target.extend({
      reaction: textUpTo(limits.reaction, z.string('reaction is required')).describe(
        'An emoji; empty takes the reaction back',
      ),
    }),
    power: 'send',
    run: reactTo,
    repeatable: 'change',
    input: ({ body }) => ({ ...targetOf(body), emoji: body.reaction }),
    reply: sent,
  }),

  post('/message/edit/{id}', {
    summary: 'Change the text of an own message',
    needs: 'stored',
    body: named.extend({
      text: text().describe('The new text'),
      content: text().describe('Another name of text'),
      options: z.object({ mentions: peopleIfAny('mentions') }).prefault({}),
    }),
    run: editStored,
    repeatable: 'change',
    input: ({ body }) => ({ ...nameOf(body), text: textOf(body), mentions: body.options.mentions }),
    reply: sent,
  }),

  post('/message/delete/{id}', {
    summary: 'Delete a message for everyone or on the own devices',
    needs: 'stored',
    body: target.extend({
      everyone: bool().describe('Else only on the own devices'),
      clearMedia: optional(bool()).describe('Also delete its file from the phone: yes when absent'),
    }),
    run: deleteMessage,
    repeatable: 'change',
    input: ({ body }) => ({
      ...targetOf(body),
      everyone: body.everyone,
      deleteMedia: body.clearMedia ?? true,
    }),
    reply: done,
  }),

  post('/message/star/{id}', {
    summary: 'Star a message',
    needs: 'stored',
    body: target,
    run: starMessage,
    input: ({ body }) => ({ ...targetOf(body), starred: true }),
    reply: done,
  }),

  post('/message/unstar/{id}', {
    summary: 'Take the star off a message',
    needs: 'stored',
    body: target,
    run: starMessage,
    input: ({ body }) => ({ ...targetOf(body), starred: false }),
    reply: done,
  }),

  post('/message/downloadMedia/{id}', {
    summary: 'Download the file of a message',
    needs: 'stored',
    body: named,
    power: 'read',
    run: fetchMessageFile,
    input: ({ body }) => nameOf(body),
    reply: reply(
      z.object({
        messageMedia: z.object({
          mimetype: z.string(),
          data: z.string().describe('Base64'),
          filename: z.string(),
          filesize: z.int(),
        }),
      }),
      (file: MessageFile) => ({ messageMedia: { ...fileFields(file), filesize: file.bytes.length } }),
    ),
  }),

  post('/message/downloadMediaAsData/{id}', {
    summary: 'Download the file of a message as base64',
    needs: 'stored',
    body: named,
    power: 'read',
    run: fetchMessageFile,
    input: ({ body }) => nameOf(body),
    reply: reply(
      z.object({ mimetype: z.string(), data: z.string().describe('Base64'), filename: z.string() }),
      fileFields,
    ),
  }),

  post('/message/getReactions/{id}', {
    summary: 'The reactions to a message that were seen here',
    needs: 'stored',
    body: named,
    power: 'read',
    run: reactionsTo,
    input: ({ body }) => nameOf(body),
    reply: result(
      z.array(
        z.object({
          id: z.string().describe('The emoji'),
          senders: z.array(z.object({ senderId: z.string(), timestamp: z.int() })),
        }),
      ),
      (reactions: EmojiReactions[]) =>
        reactions.map(({ emoji, senders }) => ({
          id: emoji,
          senders: senders.map(({ sender, at }) => ({ senderId: sender, timestamp: seconds(at) })),
        })),
    ),
  }),

  post('/message/getPollVotes/{id}', {
    summary: 'The votes in a poll that were seen here',
    needs: 'stored',
    body: named,
    power: 'read',
    run: votesIn,
    input: ({ body }) => nameOf(body),
    reply: reply(
      z.object({
        votes: z.array(
          z.object({ voter: z.string(), selectedOptions: z.array(z.string()), timestamp: z.int() }),
        ),
      }),
      (votes: PollChoice[]) => ({
        votes: votes.map(({ voter, options, at }) => ({
          voter,
          selectedOptions: options,
          timestamp: seconds(at),
        })),
      }),
    ),
  }),
]

function fileFields({ bytes, mimeType, fileName }: MessageFile) {
  return { mimetype: mimeType, data: bytes.toString('base64'), filename: fileName }
}
