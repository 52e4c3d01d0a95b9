import { z } from 'zod'
import { del, type Endpoint, get, post, put, reply } from '../../http/endpoint/endpoint.ts'
import { textUpTo } from '../../http/endpoint/fields.ts'
import { limits } from '../../lib/limits.ts'
import {
  listTargets,
  pauseTarget,
  redriveTarget,
  resumeTarget,
  setMode,
  type TargetState,
  targetState,
} from '../../operations/deliveries/targets.ts'
import { readSecret, removeSecret, rotateSecret } from '../../operations/deliveries/webhook-secrets.ts'

const target = z
  .object({
    id: z.string().describe('user or a dialect, a colon and the id of a user (`wsgo:…`); or global or amqp'),
    userId: z.string().optional(),
    mode: z.enum(['push', 'pull']).describe('pull: the receiver fetches its deliveries itself'),
    pausedAt: z.int().optional().describe('Unix milliseconds, like the other instants'),
    breaker: z.object({
      state: z
        .enum(['closed', 'open', 'half-open'])
        .describe('open: nothing is sent until retryAt; half-open: one request at a time until one succeeds'),
      failures: z.int().optional().describe('In a row'),
      openedAt: z.int().optional(),
      retryAt: z.int().optional(),
      status: z.int().optional(),
      answer: z.string().optional(),
    }),
    waiting: z.int().describe('Deliveries that wait'),
  })
  .meta({ title: 'Target' })

/** A target as both operators and its own user see it. */
export const targetReply = reply(target, ({ breaker, ...state }: TargetState) => {
  if (breaker.state === 'closed') return { ...state, breaker }
  const { openings: _, ...told } = breaker
  return { ...state, breaker: told }
})

/** The secrets of a target. */
export const secretReply = reply(
  z.object({
    secret: z.string().describe('whsec_ and base64, as Standard Webhooks has it'),
    previous: z.string().optional().describe('Signs, too, until previousUntil'),
    previousUntil: z.int().optional(),
  }),
  ({ secret, previous, previousUntil }: { secret: string; previous: string; previousUntil: number }) =>
    previous !== '' && previousUntil > Date.now() ? { secret, previous, previousUntil } : { secret },
)

/** An answer that says no more than that it was done. */
export const doneReply = reply(z.object({}), () => ({}))

/** How many deliveries are made again. */
export const countReply = reply(z.object({ deliveries: z.int() }), (deliveries: number) => ({ deliveries }))

/** What a secret is replaced with. */
export const secretBody = z
  .object({
    secret: textUpTo(limits.secret, z.string()).optional().describe('A new one is made when left out'),
    graceSeconds: z
      .int()
      .min(0, 'graceSeconds must not be negative')
      .max(2_592_000, 'graceSeconds must not exceed 30 days')
      .optional()
      .describe('How long the old secret stays valid; a day when left out'),
  })
  .prefault({})

/** Whether deliveries are sent or fetched. */
export const modeBody = z.object({
  mode: z.enum(['push', 'pull'], 'mode must be push or pull'),
})

const instant = z.int().min(0).optional()

/** Which deliveries are made again. */
export const rangeFields = {
  state: z
    .enum(['dead', 'delivered', 'dropped'], 'state must be one of dead, delivered, dropped')
    .default('dead'),
  from: instant.describe('Recorded at this instant or later, in Unix milliseconds'),
  to: instant.describe('Recorded before this instant'),
}

const id = z.object({ id: textUpTo(limits.name, z.string()) })

export const targetEndpoints: Endpoint[] = [
  get('/targets', {
    summary: 'The shared targets, and those of users that are paused, pulled from, failing or waited for',
    needs: 'none',
    run: listTargets,
    reply: reply(z.object({ targets: z.array(target) }), (targets: TargetState[], context) => ({
      targets: targets.map((one) => targetReply.render(one, context)),
    })),
  }),

  get('/targets/{id}', {
    summary: 'How a target is doing',
    needs: 'none',
    params: id,
    run: targetState,
    input: ({ params }) => params.id,
    reply: targetReply,
  }),

  post('/targets/{id}/pause', {
    summary: 'Send nothing more to a target; its deliveries wait',
    needs: 'none',
    params: id,
    run: pauseTarget,
    input: ({ params }) => params.id,
    reply: targetReply,
  }),

  post('/targets/{id}/resume', {
    summary: 'Send what waits, also to a target whose breaker is open',
    needs: 'none',
    params: id,
    run: resumeTarget,
    input: ({ params }) => params.id,
    reply: targetReply,
  }),

  post('/targets/{id}/redrive', {
    summary: 'Make the deliveries of a target again that were given up, and those that wait at once',
    needs: 'none',
    params: id,
    body: z.object(rangeFields).prefault({}),
    run: redriveTarget,
    input: ({ params, body }) => ({ id: params.id, ...body }),
    reply: countReply,
  }),

  put('/targets/{id}/mode', {
    summary: 'Send the deliveries of a user, or keep them to be fetched',
    needs: 'none',
    params: id,
    body: modeBody,
    run: setMode,
    input: ({ params, body }) => ({ id: params.id, mode: body.mode }),
    reply: targetReply,
  }),

  get('/targets/{id}/secret', {
    summary: 'The secrets that sign what a webhook gets',
    needs: 'none',
    params: id,
    run: readSecret,
    input: ({ params }) => params.id,
    reply: secretReply,
  }),

  post('/targets/{id}/secret', {
    summary: 'Set or replace the secret; the old one stays valid for a while',
    needs: 'none',
    params: id,
    body: secretBody,
    run: rotateSecret,
    input: ({ params, body }) => ({ id: params.id, ...body }),
    reply: secretReply,
  }),

  del('/targets/{id}/secret', {
    summary: 'Sign no longer with the headers of Standard Webhooks',
    needs: 'none',
    params: id,
    run: removeSecret,
    input: ({ params }) => params.id,
    reply: doneReply,
  }),
]
