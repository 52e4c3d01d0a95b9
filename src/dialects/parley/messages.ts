import { z } from 'zod'
import { type Endpoint, get, post, reply } from '../../http/endpoint/endpoint.ts'
import { textUpTo } from '../../http/endpoint/fields.ts'
import { limits } from '../../lib/limits.ts'
import { repeatMessage } from '../../operations/conversations/repeat.ts'
import { messagesOf, ownMessages, ownProgress } from '../../operations/messages/message-progress.ts'
import type { Sent } from '../../whatsapp/outbound/outgoing.ts'
import { count } from './count.ts'

const DEFAULT_LIMIT = 50
const MAX_LIMIT = 500

const statuses = ['accepted', 'sent', 'delivered', 'read', 'played', 'failed'] as const

type MessageProgress = Awaited<ReturnType<typeof ownProgress>>

const instant = z.int().optional()
const message = z
  .object({
    id: z.string(),
    userId: z.string(),
    chat: z.string().describe('JID it was sent to'),
    status: z
      .enum(statuses)
      .describe('accepted: stored here; sent: WhatsApp has it; delivered, read, played: a recipient says so'),
    reason: z.string().optional().describe('Why it failed, with the code of WhatsApp if there is one'),
    acceptedAt: z
      .int()
      .describe('Unix milliseconds, like the other instants; steps that were skipped are absent'),
    sentAt: instant,
    deliveredAt: instant,
    readAt: instant,
    playedAt: instant,
    failedAt: instant,
  })
  .meta({ title: 'MessageProgress' })

function told({ status, failure, ...progress }: MessageProgress) {
  const known = Object.entries(progress).filter(([, value]) => value !== null)
  return {
    ...Object.fromEntries(known),
    status: status === 'pending' ? 'accepted' : status,
    ...(status === 'failed' && failure !== null && { reason: failure }),
  }
}

const one = reply(message, told)
const list = reply(z.object({ messages: z.array(message) }), (messages: MessageProgress[]) => ({
  messages: messages.map(told),
}))

const filter = {
  status: z.enum(statuses, `status must be one of ${statuses.join(', ')}`).optional(),
  limit: count('limit', MAX_LIMIT),
  before: count('before', Number.MAX_SAFE_INTEGER).describe('Only messages with a smaller acceptedAt'),
}

function queryOf({ status, limit, before }: { status?: string; limit?: string; before?: string }) {
  return {
    status: status === 'accepted' ? 'pending' : status,
    limit: Number(limit ?? DEFAULT_LIMIT),
    before: before === undefined ? undefined : Number(before),
  }
}

export const messageEndpoints: Endpoint[] = [
  get('/messages', {
    summary: 'The messages a user has sent and how far they got, newest first',
    needs: 'none',
    query: z.object({
      user: textUpTo(limits.name, z.string('missing user')).describe('Id of the user'),
      ...filter,
    }),
    run: messagesOf,
    input: ({ query }) => ({ ...queryOf(query), userId: query.user }),
    reply: list,
  }),
]

export const ownMessageEndpoints: Endpoint[] = [
  get('/me/messages', {
    summary: 'The messages you have sent and how far they got, newest first',
    needs: 'stored',
    query: z.object(filter),
    run: ownMessages,
    input: ({ query }) => queryOf(query),
    reply: list,
  }),

  get('/me/messages/{id}', {
    summary: 'How far a message you have sent got',
    needs: 'stored',
    params: z.object({ id: textUpTo(limits.messageId, z.string()) }),
    query: z.object({
      chat: textUpTo(limits.address, z.string())
        .optional()
        .describe('JID of its chat, as told here, where several messages have this id'),
    }),
    power: 'any',
    run: ownProgress,
    input: ({ params, query }) => ({ id: params.id, chat: query.chat }),
    reply: one,
  }),

  post('/me/messages/{id}/repeat', {
    summary: 'Send a message that failed again, as it is stored, under a new id',
    description: '409 when it did not fail, or only says something about another message.',
    needs: 'stored',
    params: z.object({ id: textUpTo(limits.messageId, z.string()) }),
    query: z.object({
      chat: textUpTo(limits.address, z.string())
        .optional()
        .describe('JID of its chat, where several messages have this id'),
    }),
    run: repeatMessage,
    input: ({ params, query }) => ({ id: params.id, chat: query.chat }),
    reply: reply(z.object({ id: z.string(), chat: z.string() }), ({ id, to }: Sent) => ({ id, chat: to })),
  }),
]
