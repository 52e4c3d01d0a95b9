import { z } from 'zod'
import { del, type Endpoint, get, post, type Reply, reply } from '../../http/endpoint/endpoint.ts'
import { bool, file, listUpTo, requiredText, text, textUpTo } from '../../http/endpoint/fields.ts'
import { limits } from '../../lib/limits.ts'
import {
  type BulkRow,
  bulkReport,
  bulkRowStates,
  type CheckedJob,
  type CountedJob,
  cancelBulkJob,
  createBulkJob,
  ownBulkJob,
  ownBulkJobs,
  ownBulkRows,
  pauseBulkJob,
  removeBulkJob,
  resumeBulkJob,
  startBulkJob,
} from '../../operations/bulk/bulk-jobs.ts'
import { count } from './count.ts'
import { doneReply } from './targets.ts'

const DEFAULT_PER_MINUTE = 6
const MAX_PER_MINUTE = 60
const DEFAULT_PER_DAY = 500
const MAX_PER_DAY = 10_000
const DEFAULT_LIMIT = 100
const MAX_LIMIT = 1_000

const instant = z.int().describe('Unix milliseconds, like the other instants')
const states = bulkRowStates.join(', ')

const job = z.object({
  id: z.string(),
  name: z.string(),
  state: z
    .enum(['ready', 'running', 'paused', 'done', 'cancelled'])
    .describe('ready: checked, and nothing is sent before it is started'),
  reason: z.string().describe('Why it waits, or has paused by itself; empty otherwise'),
  perMinute: z.int(),
  perDay: z.int(),
  rows: z.record(z.string(), z.int()).describe(`How many rows are in which state: ${states}`),
  createdAt: instant,
  startedAt: instant.nullable(),
  endedAt: instant.nullable(),
  nextAt: instant.nullable().describe('When the next message leaves, while it runs'),
})

const fault = z.object({ line: z.int(), phone: z.string(), reason: z.string() })

function shown({ userId: _, failures: __, nextAt, ...told }: CountedJob): z.infer<typeof job> {
  return { ...told, nextAt: told.state === 'running' ? nextAt : null }
}

const checkedJob = job.extend({
  faults: z
    .array(fault)
    .describe('The first lines that cannot be sent; the line with the names of the columns is 1'),
})

const view = (checked: CheckedJob): z.infer<typeof checkedJob> => {
  const { faults, ...rest } = checked
  return { ...shown(rest), faults }
}

const one: Reply<CheckedJob> = reply(checkedJob, view)

const row = z.object({
  line: z.int(),
  phone: z.string(),
  state: z.enum(bulkRowStates),
  reason: z.string().describe('Why it cannot be sent, or has failed'),
  messageId: z.string(),
  sentAt: instant.nullable(),
})

const named = z.object({ id: textUpTo(limits.name, z.string()).describe('Id of the job') })

/** In a form every value is a text. */
function pace(name: string, { max, usual }: { max: number; usual: number }) {
  const sentence = `${name} must be a number from 1 to ${max}`
  return z.coerce.number(sentence).int(sentence).min(1, sentence).max(max, sentence).default(usual)
}

const newJob = z.object({
  name: requiredText('missing name', limits.name).describe('What it is about, for the list of jobs'),
  template: text().describe(
    'What is said to each, with names of columns in braces: `Hello {name}`; rows with a text of their own do not need it',
  ),
  perMinute: pace('perMinute', { max: MAX_PER_MINUTE, usual: DEFAULT_PER_MINUTE }),
  perDay: pace('perDay', { max: MAX_PER_DAY, usual: DEFAULT_PER_DAY }).describe(
    'Messages of all jobs of this user within 24 hours',
  ),
  csv: file().describe(
    `A table with the columns phone, and text or media (an address) or those that the template names; UTF-8, at most ${limits.bulkFile.max} bytes`,
  ),
  rows: listUpTo(limits.bulkRows, z.array(z.record(z.string(), z.unknown())))
    .optional()
    .describe('The same in JSON, in place of `csv`'),
})

export const bulkEndpoints: Endpoint[] = [
  get('/me/bulk', {
    summary: 'Your bulk jobs, newest first',
    needs: 'stored',
    run: ownBulkJobs,
    reply: reply(z.object({ jobs: z.array(job) }), (jobs: CountedJob[]) => ({ jobs: jobs.map(shown) })),
  }),

  post('/me/bulk', {
    summary: 'Check the rows of a table, for a message to each; nothing is sent before the job is started',
    needs: 'stored',
    body: newJob,
    run: createBulkJob,
    repeatable: 'change',
    input: ({ body }) => body,
    reply: reply(checkedJob, view, { status: 201 }),
  }),

  get('/me/bulk/{id}', {
    summary: 'How far a bulk job is',
    needs: 'stored',
    params: named,
    run: ownBulkJob,
    input: ({ params }) => params.id,
    reply: one,
  }),

  post('/me/bulk/{id}/start', {
    summary: 'Begin to send a bulk job; one at a time',
    needs: 'stored',
    params: named,
    body: z
      .object({
        skipInvalid: bool().describe(
          'Leave out the lines that cannot be sent; refused without, if there are any',
        ),
      })
      .prefault({}),
    run: startBulkJob,
    input: ({ params, body }) => ({ id: params.id, skipInvalid: body.skipInvalid }),
    reply: one,
  }),

  post('/me/bulk/{id}/pause', {
    summary: 'Pause a bulk job; a message that is on its way still leaves',
    needs: 'stored',
    params: named,
    run: pauseBulkJob,
    input: ({ params }) => params.id,
    reply: one,
  }),

  post('/me/bulk/{id}/resume', {
    summary: 'Go on with a bulk job that is paused',
    needs: 'stored',
    params: named,
    run: resumeBulkJob,
    input: ({ params }) => params.id,
    reply: one,
  }),

  post('/me/bulk/{id}/cancel', {
    summary: 'Give up what is left of a bulk job',
    needs: 'stored',
    params: named,
    run: cancelBulkJob,
    input: ({ params }) => params.id,
    reply: one,
  }),

  del('/me/bulk/{id}', {
    summary: 'Forget a bulk job with its report; one that runs is paused or cancelled first',
    needs: 'stored',
    params: named,
    run: removeBulkJob,
    input: ({ params }) => params.id,
    reply: doneReply,
  }),

  get('/me/bulk/{id}/rows', {
    summary: 'The rows of a bulk job, in the order of its lines',
    needs: 'stored',
    params: named,
    query: z.object({
      state: z.enum(bulkRowStates, `state must be one of ${states}`).optional(),
      after: count('after', limits.bulkRows.max * 2).describe('Only rows after this line'),
      limit: count('limit', MAX_LIMIT),
    }),
    run: ownBulkRows,
    input: ({ params, query }) => ({
      id: params.id,
      state: query.state,
      after: Number(query.after ?? 0),
      limit: Number(query.limit ?? DEFAULT_LIMIT),
    }),
    reply: reply(z.object({ rows: z.array(row) }), (rows: BulkRow[]) => ({
      rows: rows.map(({ line, phone, state, reason, messageId, sentAt }) => ({
        line,
        phone,
        state,
        reason,
        messageId,
        sentAt,
      })),
    })),
  }),

  get('/me/bulk/{id}/report', {
    summary: 'What became of each row of a bulk job, as CSV',
    needs: 'stored',
    params: named,
    run: bulkReport,
    input: ({ params }) => params.id,
    reply: reply(z.string(), (csv: string) => csv, { bare: true, contentType: 'text/csv; charset=utf-8' }),
  }),
]
