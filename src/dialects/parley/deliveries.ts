import { z } from 'zod'
import { type Endpoint, get, post, reply } from '../../http/endpoint/endpoint.ts'
import { textUpTo } from '../../http/endpoint/fields.ts'
import { limits } from '../../lib/limits.ts'
import {
  deliveryDetails,
  lastDeliveries,
  redeliver,
  sendTestEvent,
} from '../../operations/deliveries/deliveries.ts'
import { redrive } from '../../operations/deliveries/targets.ts'
import { count } from './count.ts'
import { countReply, rangeFields } from './targets.ts'

const DEFAULT_LIMIT = 50
const MAX_LIMIT = 500

const states = ['pending', 'delivered', 'dropped', 'dead'] as const

const delivery = z.object({
  id: z.string().describe('Also the header webhook-id of each attempt'),
  eventId: z.string(),
  userId: z.string(),
  target: z
    .string()
    .describe(
      'user, global or a dialect such as wsgo (webhooks), amqp (RabbitMQ), amqp-error:user and the like (its error queue)',
    ),
  part: z
    .string()
    .describe('What is told of the event, where its dialect tells several things of one; else empty'),
  type: z.string().describe('Internal name of the event: message, receipt, session.open, test, ...'),
  chat: z.string(),
  state: z.enum(states).describe('dropped: nobody wanted it any more; dead: given up'),
  attempts: z.int(),
  status: z.int().optional().describe('HTTP status of the last answer'),
  answer: z.string().optional().describe('Beginning of the last failed answer, or why there was none'),
  latencyMs: z.int().optional().describe('How long the last request took'),
  createdAt: z.int().describe('Unix milliseconds, like the other instants'),
  finishedAt: z.int().optional(),
  dueAt: z.int().optional().describe('When the next attempt may begin'),
  seq: z.int().describe('For `before`'),
})

const details = delivery.extend({
  log: z
    .array(
      z.object({
        at: z.int(),
        latencyMs: z.int(),
        status: z.int().optional(),
        request: z.string().describe('Beginning of the body that was sent, without secrets'),
        answer: z.string().describe('Beginning of the answer, or why there was none'),
      }),
    )
    .describe('The newest attempts, oldest first'),
})

/** Deliveries as operators and their own user see them. */
export const deliveryList = reply(
  z.object({ deliveries: z.array(delivery) }),
  (deliveries: z.infer<typeof delivery>[]) => ({
    deliveries,
  }),
)

/** Which part of the log is asked for. */
export const logFields = z.object({
  state: z.enum(states, `state must be one of ${states.join(', ')}`).optional(),
  limit: count('limit', MAX_LIMIT),
  before: count('before', Number.MAX_SAFE_INTEGER).describe('Only deliveries with a smaller seq'),
})

/** The same for the store. */
export function logFilter({ state, limit, before }: z.infer<typeof logFields>) {
  return {
    state,
    limit: Number(limit ?? DEFAULT_LIMIT),
    before: before === undefined ? undefined : Number(before),
  }
}

export const deliveryEndpoints: Endpoint[] = [
  get('/deliveries', {
    summary: 'The last deliveries, newest first',
    needs: 'none',
    query: logFields.extend({
      user: textUpTo(limits.name, z.string()).optional().describe('Only those of the user with this id'),
      target: textUpTo(limits.name, z.string()).optional().describe('Only those to this target'),
    }),
    run: lastDeliveries,
    input: ({ query }) => ({ ...logFilter(query), userId: query.user, target: query.target }),
    reply: deliveryList,
  }),

  get('/deliveries/{id}', {
    summary: 'A delivery with its attempts: when, how long, what was sent and what was answered',
    needs: 'none',
    params: z.object({ id: textUpTo(limits.name, z.string()) }),
    run: deliveryDetails,
    input: ({ params }) => params.id,
    reply: reply(details, (known: z.infer<typeof details>) => known),
  }),

  post('/deliveries/redrive', {
    summary: 'Make deliveries again: of a time range, of a user, of a target, or all that were given up',
    needs: 'none',
    body: z
      .object({
        ...rangeFields,
        user: textUpTo(limits.name, z.string()).optional().describe('Only those of the user with this id'),
        target: textUpTo(limits.name, z.string())
          .optional()
          .describe('Only those to user, global, amqp or a dialect'),
      })
      .prefault({}),
    run: redrive,
    input: ({ body: { user, ...rest } }) => ({ ...rest, userId: user }),
    reply: countReply,
  }),

  post('/deliveries/{id}/redeliver', {
    summary: 'Make a delivery again, whatever became of it',
    needs: 'none',
    params: z.object({ id: textUpTo(limits.name, z.string()) }),
    run: redeliver,
    input: ({ params }) => params.id,
    reply: reply(delivery, (repeated: z.infer<typeof delivery>) => repeated),
  }),

  post('/users/{id}/test-event', {
    summary: 'Send an event of type Test to all receivers of a user',
    needs: 'none',
    params: z.object({ id: textUpTo(limits.name, z.string()) }),
    run: sendTestEvent,
    input: ({ params }) => params.id,
    reply: deliveryList,
  }),
]
