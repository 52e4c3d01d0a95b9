import { z } from 'zod'
import { del, type Endpoint, get, post, put, reply } from '../../http/endpoint/endpoint.ts'
import { textUpTo } from '../../http/endpoint/fields.ts'
import { limits } from '../../lib/limits.ts'
import { ownDeliveryDetails, redeliverOwn } from '../../operations/deliveries/deliveries.ts'
import { searchOwnDeliveries } from '../../operations/deliveries/delivery-search.ts'
import { acknowledgeOwn, type Leased, leaseOwn } from '../../operations/deliveries/pull.ts'
import { ownTarget, pauseOwn, resumeOwn, setMode, targetState } from '../../operations/deliveries/targets.ts'
import {
  type NewSecret,
  readSecret,
  removeSecret,
  rotateSecret,
} from '../../operations/deliveries/webhook-secrets.ts'
import type { UserScope } from '../../operations/services.ts'
import { count } from './count.ts'
import { deliveryPage, deliveryReply, detailsReply, logFields, logFilter } from './deliveries.ts'
import { doneReply, modeBody, secretBody, secretReply, targetReply } from './targets.ts'

const DEFAULT_LIMIT = 10
const MAX_LIMIT = 100
const DEFAULT_SECONDS = 60
const MAX_SECONDS = 3_600
const MAX_IDS = 500

const pulled = z.object({
  id: z.string().describe('To acknowledge it, and to recognise repetitions'),
  eventId: z.string(),
  type: z.string().describe('Internal name of the event'),
  chat: z.string(),
  attempt: z.int().describe('How often it has been handed out'),
  at: z.int().describe('When it was recorded, in Unix milliseconds'),
  body: z.string().describe('What a webhook would have got, as JSON'),
})

const acknowledged = z.object({
  acknowledged: z.array(z.string()),
  refused: z
    .array(z.string())
    .describe('Unknown, or an earlier delivery of the same chat is not acknowledged'),
})

/** Which of the own webhooks is meant; wuzapi's first one when nothing is said. */
export const which = z.object({
  target: z
    .string()
    .optional()
    .describe("user (wuzapi's webhook, the default), another dialect (wsgo, ...), or a further one: user/…"),
})

/** The target that a query means. */
export function named({ target = 'user' }: z.infer<typeof which>): string {
  return target
}

async function ownState(scope: UserScope, target: string) {
  return targetState(scope.services, await ownTarget(scope, target))
}

async function setOwnMode(scope: UserScope, { target, mode }: { target: string; mode: 'push' | 'pull' }) {
  return setMode(scope.services, { id: await ownTarget(scope, target), mode })
}

async function ownSecret(scope: UserScope, target: string) {
  return readSecret(scope.services, await ownTarget(scope, target))
}

async function rotateOwnSecret(
  scope: UserScope,
  { target, ...given }: Omit<NewSecret, 'id'> & { target: string },
) {
  return rotateSecret(scope.services, { ...given, id: await ownTarget(scope, target) })
}

async function removeOwnSecret(scope: UserScope, target: string) {
  return removeSecret(scope.services, await ownTarget(scope, target))
}

export const ownDeliveryEndpoints: Endpoint[] = [
  get('/me/deliveries', {
    summary: 'The last deliveries to one of the own webhooks, or to all of them (target=all), newest first',
    needs: 'stored',
    query: which.extend(logFields.shape),
    run: searchOwnDeliveries,
    input: ({ query: { target, ...part } }) => ({ ...logFilter(part), target: named({ target }) }),
    reply: deliveryPage,
  }),

  get('/me/target', {
    summary: 'How the own webhook is doing',
    needs: 'stored',
    query: which,
    run: ownState,
    input: ({ query }) => named(query),
    reply: targetReply,
  }),

  put('/me/mode', {
    summary: 'Have deliveries sent (push), or fetch them (pull)',
    needs: 'stored',
    query: which,
    body: modeBody,
    run: setOwnMode,
    input: ({ query, body }) => ({ target: named(query), mode: body.mode }),
    reply: targetReply,
  }),

  get('/me/deliveries/lease', {
    summary:
      'Fetch the next deliveries, each chat in order; they return unless they are acknowledged in time',
    needs: 'stored',
    query: which.extend({ limit: count('limit', MAX_LIMIT), seconds: count('seconds', MAX_SECONDS) }),
    power: 'full',
    run: leaseOwn,
    input: ({ query }) => ({
      target: named(query),
      limit: Number(query.limit ?? DEFAULT_LIMIT),
      seconds: Number(query.seconds ?? DEFAULT_SECONDS),
    }),
    reply: reply(
      z.object({ deliveries: z.array(pulled), until: z.int().describe('When the lease ends') }),
      (leased: Leased) => leased,
    ),
  }),

  // Below the one above: `lease` is no id.
  get('/me/deliveries/{id}', {
    summary: 'An own delivery with what it tells and its attempts',
    needs: 'stored',
    params: z.object({ id: textUpTo(limits.name, z.string()) }),
    run: ownDeliveryDetails,
    input: ({ params }) => params.id,
    reply: detailsReply,
  }),

  post('/me/deliveries/{id}/redeliver', {
    summary: 'Make an own delivery again, whatever became of it',
    needs: 'stored',
    params: z.object({ id: textUpTo(limits.name, z.string()) }),
    run: redeliverOwn,
    input: ({ params }) => params.id,
    reply: deliveryReply,
  }),

  post('/me/target/pause', {
    summary: 'Send nothing more to one of the own webhooks; its deliveries wait',
    needs: 'stored',
    query: which,
    run: pauseOwn,
    input: ({ query }) => named(query),
    reply: targetReply,
  }),

  post('/me/target/resume', {
    summary: 'Send what waits, also to a receiver that has failed',
    needs: 'stored',
    query: which,
    run: resumeOwn,
    input: ({ query }) => named(query),
    reply: targetReply,
  }),

  post('/me/deliveries/ack', {
    summary: 'Acknowledge fetched deliveries, in the order of their chats',
    needs: 'stored',
    query: which,
    body: z.object({
      ids: z
        .array(textUpTo(limits.name, z.string()), 'missing ids')
        .min(1, 'missing ids')
        .max(MAX_IDS, `ids must be at most ${MAX_IDS}`),
    }),
    run: acknowledgeOwn,
    input: ({ query, body }) => ({ target: named(query), ids: body.ids }),
    reply: reply(acknowledged, (result: z.infer<typeof acknowledged>) => result),
  }),

  get('/me/secret', {
    summary: 'The secrets that sign what the own webhook gets',
    needs: 'stored',
    query: which,
    power: 'full',
    run: ownSecret,
    input: ({ query }) => named(query),
    reply: secretReply,
  }),

  post('/me/secret', {
    summary: 'Set or replace the secret; the old one stays valid for a while',
    needs: 'stored',
    query: which,
    body: secretBody,
    run: rotateOwnSecret,
    input: ({ query, body }) => ({ target: named(query), ...body }),
    reply: secretReply,
  }),

  del('/me/secret', {
    summary: 'Sign no longer with the headers of Standard Webhooks',
    needs: 'stored',
    query: which,
    run: removeOwnSecret,
    input: ({ query }) => named(query),
    reply: doneReply,
  }),
]
