import { z } from 'zod'
import { type Endpoint, get, reply } from '../../http/endpoint/endpoint.ts'
import { textUpTo } from '../../http/endpoint/fields.ts'
import { limits } from '../../lib/limits.ts'
import {
  type Overview,
  overview,
  ownOverview,
  type Totals,
  totals,
  type UserHealth,
} from '../../operations/health/overview.ts'
import { ownSeries, type Series, SPANS, series, seriesOf } from '../../operations/health/series.ts'
import { ownTimeline, timelineOf } from '../../operations/health/timeline.ts'
import { count } from './count.ts'

const DEFAULT_LIMIT = 100
const MAX_LIMIT = 1_000

const instant = z.int().describe('Unix milliseconds')

const note = z.object({
  kind: z
    .string()
    .describe(
      'connected, disconnected, failed (could not connect), scan (waits for its code to be scanned), unscanned, paired, ' +
        'pair_failed, passkey, passkey_failed, logged_out (by the phone or WhatsApp), unlinked (by this server), replaced, ' +
        'banned, outdated, refused, stopped (as asked), left (this server stopped, or handed the session over), moved (another node has it)',
    ),
  code: z.int().optional().describe('Of WhatsApp, or the library: 401, 408, 440, 515, ...'),
  params: z.object({
    text: z.string().optional().describe('What was said about it'),
    until: instant.optional().describe('Until when a ban holds, in Unix milliseconds'),
    retryAt: instant.optional().describe('When it is tried again, in Unix milliseconds'),
  }),
  node: z.string().describe('Which node ran the session; empty where there is only one'),
  times: z.int().describe('How often it happened one time after the other'),
  since: instant.describe('When it happened first, in Unix milliseconds'),
  at: instant.describe('When it happened last, in Unix milliseconds'),
})

const receiver = {
  state: z
    .enum(['answering', 'failing', 'paused', 'pulled', 'off'])
    .describe('failing: it refused or did not answer more than once; pulled: it fetches by itself'),
  since: instant.optional().describe('Since when it fails or is paused'),
  status: z.int().optional().describe('HTTP status of the last answer'),
  reason: z.string().optional().describe('Beginning of the last answer, or why there was none'),
  waiting: z.int().describe('Deliveries that wait'),
  dead: z.int().describe('Deliveries that were given up within the last day'),
}

const user = z.object({
  id: z.string(),
  name: z.string(),
  jid: z.string().describe('Account that is or was linked; empty for none'),
  wanted: z.boolean().describe('Whether the session should run'),
  state: z
    .string()
    .describe('idle, queued, connecting, pairing, passkey, open, retrying, loggedOut, blocked'),
  linked: z.boolean().describe('Whether messages can be sent and received'),
  last: note.optional().describe('What happened to its connection last'),
  webhooks: z.array(
    z.object({ target: z.string(), host: z.string().describe('Host of its address'), ...receiver }),
  ),
  failedMessages: z.int().describe('Messages that could not be sent within the last day'),
  attention: z
    .array(z.enum(['session', 'webhook', 'deliveries']))
    .describe('What asks for a person; empty when all is well'),
})

const sums = z.object({
  users: z.int(),
  linked: z.int(),
  needAttention: z.int().describe('Users that need a person'),
  failingReceivers: z.int().describe('Webhooks and shared targets that fail'),
  waiting: z.int().describe('Deliveries that wait'),
  dead: z.int().describe('Deliveries that were given up within the last day'),
})

const figures = {
  received: z.int().describe('Messages that came'),
  sent: z.int().describe('Messages that were sent through this server'),
  failed: z.int().describe('Messages that could not be sent'),
  attempts: z.int().describe('Attempts at webhooks'),
  failures: z.int().describe('Attempts at webhooks that failed'),
  p50Ms: z.int().optional().describe('How long half of the requests to webhooks took at most'),
  p95Ms: z.int().optional().describe('How long 95 of 100 requests to webhooks took at most'),
}

const seriesReply = reply(
  z.object({
    span: z.enum(SPANS),
    stepSeconds: z.int(),
    total: z.object(figures),
    points: z
      .array(z.object({ at: instant.describe('When the step began'), ...figures }))
      .describe('Oldest first, one for every step'),
  }),
  (known: Series) => known,
)

const timelineReply = reply(
  z.object({ events: z.array(note).describe('Newest first') }),
  (events: z.infer<typeof note>[]) => ({ events }),
)

const span = z.object({
  span: z.enum(SPANS, `span must be one of ${SPANS.join(', ')}`).default('hour'),
})
const part = z.object({
  limit: count('limit', MAX_LIMIT),
  before: count('before', Number.MAX_SAFE_INTEGER).describe('Only what happened before this instant'),
})
const ofUser = z.object({ id: textUpTo(limits.name, z.string()) })

function timelinePart({ limit, before }: z.infer<typeof part>) {
  return { limit: Number(limit ?? DEFAULT_LIMIT), before: before === undefined ? undefined : Number(before) }
}

/** How users are doing, for operators. */
export const healthEndpoints: Endpoint[] = [
  get('/overview', {
    summary: 'How all users are doing: session, webhooks, what failed, and who needs a person',
    needs: 'none',
    run: overview,
    reply: reply(
      z.object({
        totals: sums,
        users: z.array(user),
        shared: z
          .array(z.object({ target: z.string(), ...receiver }))
          .describe('Receivers that all users share'),
      }),
      (known: Overview) => known,
    ),
  }),

  get('/overview/totals', {
    summary: 'The same in numbers only',
    needs: 'none',
    run: totals,
    reply: reply(sums, (known: Totals) => known),
  }),

  get('/series', {
    summary: 'Messages and deliveries of all users over the last hour, day or week',
    needs: 'none',
    query: span,
    run: series,
    input: ({ query }) => query,
    reply: seriesReply,
  }),

  get('/users/{id}/series', {
    summary: 'The same of one user',
    needs: 'none',
    params: ofUser,
    query: span,
    run: seriesOf,
    input: ({ params, query }) => ({ userId: params.id, span: query.span }),
    reply: seriesReply,
  }),

  get('/users/{id}/timeline', {
    summary: 'What happened to the connection of a user, newest first',
    needs: 'none',
    params: ofUser,
    query: part,
    run: timelineOf,
    input: ({ params, query }) => ({ userId: params.id, ...timelinePart(query) }),
    reply: timelineReply,
  }),
]

/** The same for the user itself. */
export const ownHealthEndpoints: Endpoint[] = [
  get('/me/overview', {
    summary: 'How the own session and webhooks are doing',
    needs: 'stored',
    run: ownOverview,
    reply: reply(user, (known: UserHealth) => known),
  }),

  get('/me/series', {
    summary: 'Own messages and deliveries over the last hour, day or week',
    needs: 'stored',
    query: span,
    run: ownSeries,
    input: ({ query }) => query,
    reply: seriesReply,
  }),

  get('/me/timeline', {
    summary: 'What happened to the own connection, newest first',
    needs: 'stored',
    query: part,
    run: ownTimeline,
    input: ({ query }) => timelinePart(query),
    reply: timelineReply,
  }),
]
