import { z } from 'zod'
import { del, type Endpoint, get, post, reply } from '../../http/endpoint/endpoint.ts'
import { textUpTo } from '../../http/endpoint/fields.ts'
import { nodeOfId } from '../../lib/ids-of-nodes.ts'
import { limits } from '../../lib/limits.ts'
import type { RedriveJob } from '../../operations/deliveries/redrive-jobs.ts'
import {
  beginOwnRedrive,
  beginRedrive,
  cancelOwnRedrive,
  cancelRedrive,
  listOwnRedrives,
  listRedrives,
  ownRedriveJob,
  redriveJob,
} from '../../operations/deliveries/targets.ts'
import { named, which } from './own-deliveries.ts'
import { rangeFields } from './targets.ts'

const job = z.object({
  id: z.string(),
  state: z
    .enum(['running', 'done', 'cancelled', 'failed'])
    .describe('cancelled and failed: what was made again until then stays so'),
  done: z.int().describe('Deliveries that are on their way again'),
  total: z.int().describe('Of how many that matched when it began'),
  startedAt: z.int().describe('Unix milliseconds, like the other instants'),
  finishedAt: z.int().optional(),
  which: z.object({
    state: z.enum(['dead', 'delivered', 'dropped']),
    userId: z.string().optional(),
    target: z.string().optional(),
    from: z.int().optional(),
    to: z.int().optional(),
  }),
})

const jobReply = reply(job, (one: RedriveJob) => one)
const listReply = reply(z.object({ jobs: z.array(job) }), (jobs: RedriveJob[]) => ({ jobs }))
const params = z.object({ id: textUpTo(limits.name, z.string()) })
/** A job is at the node that was asked first. */
const node = ({ id = '' }: Record<string, string>) => nodeOfId(id)

/** The same to the own webhooks. */
export const ownRedriveEndpoints: Endpoint[] = [
  post('/me/redrive-jobs', {
    summary: 'Begin to make many deliveries to one of the own webhooks again',
    needs: 'stored',
    query: which,
    body: z.object(rangeFields).prefault({}),
    run: beginOwnRedrive,
    input: ({ query, body }) => ({ target: named(query), ...body }),
    reply: reply(job, (one: RedriveJob) => one, { status: 201 }),
  }),

  get('/me/redrive-jobs', {
    summary: 'The own jobs that are not forgotten yet, newest first',
    needs: 'stored',
    run: listOwnRedrives,
    reply: listReply,
  }),

  get('/me/redrive-jobs/{id}', {
    summary: 'How far an own job is',
    needs: 'stored',
    params,
    node,
    run: ownRedriveJob,
    input: ({ params: { id } }) => id,
    reply: jobReply,
  }),

  del('/me/redrive-jobs/{id}', {
    summary: 'End an own job; what is on its way again stays so',
    needs: 'stored',
    params,
    node,
    run: cancelOwnRedrive,
    input: ({ params: { id } }) => id,
    reply: jobReply,
  }),
]

/** Many deliveries that are made again, with how far that is. */
export const redriveEndpoints: Endpoint[] = [
  post('/redrive-jobs', {
    summary: 'Begin to make many deliveries again: of a time range, of a user, of a receiver',
    description:
      'Answers at once; the job tells how far it is. It ends with its server: begun again, it goes on with what is still given up.',
    needs: 'none',
    body: z
      .object({
        ...rangeFields,
        user: textUpTo(limits.name, z.string()).optional().describe('Only those of the user with this id'),
        receiver: textUpTo(limits.name, z.string())
          .optional()
          .describe(
            'Only those of the target with this id, user:… and the like; what waits for it is made at once',
          ),
      })
      .prefault({}),
    run: beginRedrive,
    input: ({ body: { user, ...rest } }) => ({ ...rest, userId: user }),
    reply: reply(job, (one: RedriveJob) => one, { status: 201 }),
  }),

  get('/redrive-jobs', {
    summary: 'The jobs that were begun at this node and are not forgotten yet, newest first',
    needs: 'none',
    run: listRedrives,
    reply: listReply,
  }),

  get('/redrive-jobs/{id}', {
    summary: 'How far a job is',
    needs: 'none',
    params,
    node,
    run: redriveJob,
    input: ({ params: { id } }) => id,
    reply: jobReply,
  }),

  del('/redrive-jobs/{id}', {
    summary: 'End a job; what is on its way again stays so',
    needs: 'none',
    params,
    node,
    run: cancelRedrive,
    input: ({ params: { id } }) => id,
    reply: jobReply,
  }),
]
