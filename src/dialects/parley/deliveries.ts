import { z } from 'zod'
import { type Endpoint, get, post, reply } from '../../http/endpoint/endpoint.ts'
import { textUpTo } from '../../http/endpoint/fields.ts'
import { limits } from '../../lib/limits.ts'
import {
  type DeliveryDetails,
  deliveryDetails,
  redeliver,
  sendTestEvent,
} from '../../operations/deliveries/deliveries.ts'
import { type DeliveryPage, searchDeliveries } from '../../operations/deliveries/delivery-search.ts'
import type { DescribedDelivery } from '../../operations/deliveries/described-deliveries.ts'
import { redrive } from '../../operations/deliveries/targets.ts'
import { count, instant } from './count.ts'
import { countReply, rangeFields } from './targets.ts'

const DEFAULT_LIMIT = 50
const MAX_LIMIT = 500

const states = ['pending', 'delivered', 'dropped', 'dead'] as const

const delivery = z
  .object({
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
    event: z
      .string()
      .describe(
        'What its receiver calls the event: Message, message.received, message_ack, ... by its dialect',
      ),
    type: z.string().describe('Our own name of the event: message, receipt, session.open, test, ...'),
    chat: z.string().describe('JID, empty for none'),
    chatName: z.string().describe('Empty where nobody knows'),
    person: z.string().describe('Who did it: a name, else a number; empty for what nobody does'),
    text: z.string().describe('Beginning of what was written'),
    state: z.enum(states).describe('dropped: nobody wanted it any more when its turn came; dead: given up'),
    attempts: z.int(),
    status: z.int().optional().describe('HTTP status of the last answer'),
    answer: z
      .string()
      .optional()
      .describe('Beginning of the last failed answer, or why there was none, or why it was dropped'),
    latencyMs: z.int().optional().describe('How long the last request took'),
    createdAt: z.int().describe('Unix milliseconds, like the other instants'),
    finishedAt: z.int().optional(),
    dueAt: z.int().optional().describe('When the next attempt may begin'),
    seq: z.int().describe('For `before`'),
  })
  .meta({ title: 'Delivery' })

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
  told: z
    .string()
    .optional()
    .describe(
      'What the receiver is told, as JSON without secrets and files, cut off where it is long; absent where that is nothing any more',
    ),
})

/** Deliveries as operators and their own user see them. */
export const deliveryList = reply(
  z.object({ deliveries: z.array(delivery) }),
  (deliveries: DescribedDelivery[]) => ({ deliveries }),
)

/** A part of them. */
export const deliveryPage = reply(
  z.object({
    deliveries: z.array(delivery),
    next: z
      .int()
      .optional()
      .describe('For `before`, where there may be more; a part can be short, or empty, and not be the last'),
  }),
  (page: DeliveryPage) => page,
)

/** One delivery, and one with all that is known of it. */
export const deliveryReply = reply(delivery, (one: DescribedDelivery) => one)
export const detailsReply = reply(details, (known: DeliveryDetails) => known)

/** Which part of the log is asked for. */
export const logFields = z.object({
  state: z.enum(states, `state must be one of ${states.join(', ')}`).optional(),
  event: textUpTo(limits.name, z.string())
    .optional()
    .describe('Only events that their receiver calls so: Message, message.received, ...'),
  chat: textUpTo(limits.address, z.string())
    .optional()
    .describe('Only those of this chat; with a user, a person is found by either JID'),
  since: instant('since').describe('Only those recorded at this instant or later, in Unix milliseconds'),
  until: instant('until').describe('Only those recorded before this instant'),
  limit: count('limit', MAX_LIMIT),
  before: count('before', Number.MAX_SAFE_INTEGER).describe('Only deliveries with a smaller seq'),
})

/** The same for the store. */
export function logFilter({ limit, before, since, until, ...given }: z.infer<typeof logFields>) {
  return {
    ...given,
    limit: Number(limit ?? DEFAULT_LIMIT),
    before: optionalNumber(before),
    since: optionalNumber(since),
    until: optionalNumber(until),
  }
}

function optionalNumber(digits: string | undefined): number | undefined {
  return digits === undefined ? undefined : Number(digits)
}

export const deliveryEndpoints: Endpoint[] = [
  get('/deliveries', {
    summary: 'The last deliveries, newest first',
    needs: 'none',
    query: logFields.extend({
      user: textUpTo(limits.name, z.string()).optional().describe('Only those of the user with this id'),
      target: textUpTo(limits.name, z.string()).optional().describe('Only those to this target'),
    }),
    run: searchDeliveries,
    input: ({ query: { user, target, ...part } }) => ({ ...logFilter(part), userId: user, target }),
    reply: deliveryPage,
  }),

  get('/deliveries/{id}', {
    summary:
      'A delivery with what it tells and its attempts: when, how long, what was sent and what was answered',
    needs: 'none',
    params: z.object({ id: textUpTo(limits.name, z.string()) }),
    run: deliveryDetails,
    input: ({ params }) => params.id,
    reply: detailsReply,
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
    reply: deliveryReply,
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
