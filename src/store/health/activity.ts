import { postgresCell, sqliteCell } from '../commit/statements.ts'
import {
  chunked,
  type Database,
  isPostgres,
  lockPresent,
  type Queryable,
  type Transaction,
} from '../database/database.ts'

/** Upper bounds of the times that requests to webhooks took, in milliseconds; one more counts what took longer. */
export const LATENCY_BOUNDS = [25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000] as const

/** What is counted, in the order of the columns. */
const EVENTS = ['received', 'sent', 'failed', 'accepted', 'refused'] as const
const LATENCIES = [...LATENCY_BOUNDS.map((ms) => `within_${ms}`), 'slower']
const COLUMNS = [...EVENTS, ...LATENCIES]

/** Of the columns that are no integers. */
const TYPES: Record<string, string> = { user_id: 'text', at: 'bigint' }
/** A row has some hundred characters as JSON. */
const ROWS_PER_STATEMENT = 5_000

/** Lengths of the rows, in seconds: a minute and an hour. */
export type Span = 60 | 3600

/**
 * Messages and deliveries in numbers. `failed` are messages that could not be sent; `accepted` and `refused` are attempts at
 * webhooks; `latencies` counts their requests by time, one number for each of `LATENCY_BOUNDS` and one for all above.
 */
export interface Counts extends Record<(typeof EVENTS)[number], number> {
  latencies: number[]
}

/** What happened to a user within a minute or an hour that began at `at`, unix milliseconds. */
export interface ActivityRow extends Counts {
  userId: string
  span: Span
  at: number
}

/** Nothing yet. */
export function noCounts(): Counts {
  return { received: 0, sent: 0, failed: 0, accepted: 0, refused: 0, latencies: LATENCIES.map(() => 0) }
}

/** Adds the second to the first. */
export function addCounts(sum: Counts, more: Counts): void {
  for (const name of EVENTS) sum[name] += more[name]
  for (const [index, count] of more.latencies.entries())
    sum.latencies[index] = (sum.latencies[index] ?? 0) + count
}

/** Adds to what is counted already, by other nodes too; what belongs to users who are gone is passed over. */
export function addActivity(db: Database, activity: ActivityRow[]): Promise<void> {
  return db.transaction(async (trx) => {
    const users = activity.map(({ userId }) => userId)
    const present = await lockPresent(trx, { table: 'users', column: 'id' }, users)
    const rows = activity.filter(({ userId }) => present.has(userId))
    await addRows(trx, { table: 'activity', key: ['user_id', 'span', 'at'] }, rows.map(toRow))
    await addRows(trx, { table: 'activity_totals', key: ['span', 'at'] }, totalsOf(rows).map(toRow))
  })
}

/** One statement for thousands of rows. Nodes that add to the same rows lock them in the same order. */
async function addRows(
  trx: Transaction,
  { table, key }: { table: string; key: string[] },
  rows: CountsRow[],
): Promise<void> {
  const columns = [...key, ...COLUMNS]
  const [cell, source] = isPostgres(trx)
    ? ([postgresCell, 'json_array_elements(cast(? as json)) as one (value)'] as const)
    : ([sqliteCell, 'json_each(?)'] as const)
  const values = columns.map((column, index) => cell(index, TYPES[column] ?? 'integer'))
  const changes = COLUMNS.map((name) => `${name} = ${table}.${name} + excluded.${name}`)
  const sql = `insert into ${table} (${columns.join(', ')})
               select ${values.join(', ')} from ${source} where true
                   on conflict (${key.join(', ')}) do update set ${changes.join(', ')}`
  const nameOf = (row: CountsRow) => key.map((column) => row[column]).join('/')
  const sorted = rows.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
  for (const some of chunked(sorted, ROWS_PER_STATEMENT))
    await trx.raw(sql, [JSON.stringify(some.map((row) => columns.map((column) => row[column])))])
}

/** Of all users together, by span and time. */
function totalsOf(rows: ActivityRow[]): Omit<ActivityRow, 'userId'>[] {
  const totals = new Map<string, Omit<ActivityRow, 'userId'>>()
  for (const row of rows) {
    const { span, at } = row
    const name = `${span}/${at}`
    const total = totals.get(name) ?? { ...noCounts(), span, at }
    addCounts(total, row)
    totals.set(name, total)
  }
  return [...totals.values()]
}

/** What happened since an instant (milliseconds), of one user or all together, oldest first; nothing where nothing happened. */
export async function readActivity(
  db: Queryable,
  { span, since, userId }: { span: Span; since: number; userId?: string },
): Promise<(Counts & { at: number })[]> {
  const known = userId === undefined ? db('activity_totals') : db('activity').where('user_id', userId)
  const rows: CountsRow[] = await known.where('span', span).where('at', '>=', since).orderBy('at')
  return rows.map((row) => ({ ...countsOfRow(row), at: Number(row.at) }))
}

/** How many messages of each user failed since the hour of an instant (milliseconds); users without any are left out. */
export async function countFailedMessages(
  db: Queryable,
  { since, userId }: { since: number; userId?: string },
): Promise<Map<string, number>> {
  const query = db('activity').where('span', 3600).where('at', '>=', since).where('failed', '>', 0)
  if (userId !== undefined) query.where('user_id', userId)
  const rows: { user_id: string; failed: number | string }[] = await query
    .groupBy('user_id')
    .select('user_id')
    .sum({ failed: 'failed' })
  return new Map(rows.map((row) => [row.user_id, Number(row.failed)]))
}

/** Removes up to `limit` rows of a length that began before an instant (milliseconds); returns how many. */
export async function pruneActivity(
  db: Queryable,
  { span, before }: { span: Span; before: number },
  limit = 1000,
): Promise<number> {
  const old = db('activity')
    .select('user_id', 'span', 'at')
    .where('span', span)
    .where('at', '<', before)
    .orderBy('at')
    .limit(limit)
  const removed = await db('activity').whereIn(['user_id', 'span', 'at'], old).delete()
  if (removed < limit) await db('activity_totals').where('span', span).where('at', '<', before).delete()
  return removed
}

type CountsRow = Record<string, number | string>

function toRow({
  userId,
  latencies,
  ...counts
}: Omit<ActivityRow, 'userId'> & { userId?: string }): CountsRow {
  const times = LATENCIES.map((name, index) => [name, latencies[index] ?? 0])
  return { ...(userId !== undefined && { user_id: userId }), ...counts, ...Object.fromEntries(times) }
}

function countsOfRow(row: CountsRow): Counts {
  const [received = 0, sent = 0, failed = 0, accepted = 0, refused = 0] = EVENTS.map((name) =>
    Number(row[name]),
  )
  const latencies = LATENCIES.map((name) => Number(row[name]))
  return { received, sent, failed, accepted, refused, latencies }
}
