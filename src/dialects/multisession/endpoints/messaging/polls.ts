import { z } from 'zod'
import { del, type Endpoint, get, post } from '../../../../http/endpoint/endpoint.ts'
import { bool, listUpTo, stringArray, text, textUpTo } from '../../../../http/endpoint/fields.ts'
import { ApiError } from '../../../../lib/errors.ts'
import { limits } from '../../../../lib/limits.ts'
import { type PollTally, pollTally, voteInPoll } from '../../../../operations/messages/poll-ballots.ts'
import { sendPoll } from '../../../../operations/messages/send.ts'
import { deleteMessage } from '../../../../operations/messages/stored-changes.ts'
import type { UserScope } from '../../../../operations/services.ts'
import { answer, done } from '../../envelope.ts'
import { chatFields, chatIn, chatOf, chatPath } from '../../shapes/chat-address.ts'
import { required } from '../../shapes/fields.ts'
import { inChat, sending } from '../../shapes/in-chat.ts'
import { sent } from '../../shapes/sent-shape.ts'

const pollPath = z.object({ poll_id: textUpTo(limits.messageId, z.string()) })

const TOO_FEW = 'at least 2 options are required'
/** Longer lists are counted as well, so that the sentence is the document's. */
const options = listUpTo(
  limits.list,
  z
    .array(text(limits.pollOption), TOO_FEW)
    .min(2, TOO_FEW)
    .max(limits.pollOptions.max, `maximum ${limits.pollOptions.max} options allowed`),
)

const NOTE =
  'Votes are told as they come by the events poll.vote and poll.vote_decrypted; what this server knows of the poll stands beside this note.'

/** What a server can say of a poll that it does not know. */
interface Results {
  pollId: string
  tally: PollTally | undefined
}

async function pollResults(scope: UserScope, pollId: string): Promise<Results> {
  return { pollId, tally: await pollTally(scope, pollId) }
}

const asPoll = sending(sendPoll)
const vote = inChat(voteInPoll)
const remove = inChat(deleteMessage)

const voted = z.object({ option: z.string(), votes: z.int(), voters: z.array(z.string()) })

function resultFields({ question, options: asked, selectable, choices }: PollTally) {
  return {
    question,
    multi_answer: selectable !== 1,
    total_voters: choices.length,
    results: [...new Set(asked)].map((option) => {
      const voters = choices.filter((one) => one.options.includes(option)).map(({ voter }) => voter)
      return { option, votes: voters.length, voters }
    }),
  }
}

export const pollEndpoints: Endpoint[] = [
  post('/chats/{chat_jid}/polls', {
    summary: 'Send a poll',
    needs: 'stored',
    params: chatPath,
    body: z.object({
      question: required('question', limits.pollQuestion),
      options,
      multi_answer: bool().describe('More than one option may be chosen'),
      multianswer: bool(),
    }),
    run: asPoll,
    repeatable: 'message',
    input: ({ params, body }) => ({
      to: chatOf(params.chat_jid),
      question: body.question,
      options: body.options,
      selectable: body.multi_answer || body.multianswer ? body.options.length : 1,
    }),
    reply: sent('Success create poll'),
  }),

  post('/polls/{poll_id}/vote', {
    summary: 'Vote in a poll; what was chosen before counts no more',
    needs: 'stored',
    params: pollPath,
    body: z.object({
      ...chatFields,
      options: stringArray({ each: limits.pollOption, all: limits.pollOptions }),
    }),
    run: vote,
    repeatable: 'change',
    input: ({ params, body }) => {
      const chat = chatIn(body)
      if (body.options.length === 0)
        throw new ApiError('missing_field', { text: 'at least 1 option is required to vote' })
      return { chat, id: params.poll_id, options: body.options }
    },
    reply: done('Success vote on poll'),
  }),

  get('/polls/{poll_id}/results', {
    summary: 'Tell how a poll stands, as far as this server has seen its votes',
    needs: 'stored',
    params: pollPath,
    run: pollResults,
    input: ({ params }) => params.poll_id,
    reply: answer(
      'Poll results are delivered via webhook events',
      z.object({
        note: z.string(),
        poll_id: z.string(),
        question: z.string().optional(),
        multi_answer: z.boolean().optional(),
        total_voters: z.int().optional(),
        results: z.array(voted).optional(),
      }),
      ({ pollId, tally }: Results) => ({
        note: NOTE,
        poll_id: pollId,
        ...(tally && resultFields(tally)),
      }),
    ),
  }),

  del('/polls/{poll_id}', {
    summary: 'Delete an own poll for everyone',
    needs: 'stored',
    params: pollPath,
    body: z.object(chatFields),
    run: remove,
    repeatable: 'change',
    input: ({ params, body }) => ({
      chat: chatIn(body),
      id: params.poll_id,
      fromMe: true,
      everyone: true,
      deleteMedia: false,
    }),
    reply: done('Success delete poll'),
  }),
]
