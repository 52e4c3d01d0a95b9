import {
  type Database,
  insertChunked,
  lockPresent,
  type Queryable,
  type Transaction,
} from '../database/database.ts'

export type DeliveryState = 'pending' | 'delivered' | 'dropped' | 'dead'

/** What became of an event on its way to one target. */
export interface LoggedDelivery {
  id: string
  eventId: string
  userId: string
  /** Which receiver, see `delivery/targets.ts`. */
  target: string
  /** Which of the several things that are told of the event; '' where it is told once. */
  part: string
  /** Type of the event. */
  type: string
  /** JID of the chat it belongs to, '' for none. */
  chat: string
  state: DeliveryState
  /** Attempts made so far. */
  attempts: number
  /** HTTP status of the last answer, absent when there was none. */
  status?: number
  /** Beginning of the last failed answer, or why there was none. */
  answer?: string
  /** How long the last request took, absent when none was made. */
  latencyMs?: number
  /** Instants in milliseconds. `dueAt` is when its lane is worked on next; absent unless it is pending. */
  createdAt: number
  finishedAt?: number
  dueAt?: number
  /** Grows with each delivery: where a list is continued. */
  seq: number
}

export interface DeliveryFilter {
  userId?: string
  target?: string
  /** Targets that are left out, as patterns of `like`. */
  exceptTargets?: string[]
  state?: DeliveryState
  eventId?: string
  /** The JIDs of one chat. */
  chats?: string[]
  /** When they were recorded, in milliseconds: from this instant on, and before that one. */
  since?: number
  until?: number
  /** Types of events that are left out. */
  exceptTypes?: string[]
  /** Only deliveries older than the one with this number, and not older than that one. */
  before?: number
  from?: number
  limit: number
}

interface LogRow {
  seq: number
  id: string
  event_id: string
  user_id: string
  target: string
  part: string
  type: string
  chat: string
  state: DeliveryState
  attempt: number
  last_status: number | null
  last_answer: string | null
  latency_ms: number | null
  duration_ms: number | null
  created_at: number
  finished_at: number | null
  due_at: number | null
  parked: number | null
}

/** The newest deliveries that match, newest first. */
export async function listDeliveries(db: Queryable, filter: DeliveryFilter): Promise<LoggedDelivery[]> {
  const query = logged(db).orderBy('deliveries.seq', 'desc').limit(filter.limit)
  if (filter.userId !== undefined) query.where('deliveries.user_id', filter.userId)
  if (filter.target !== undefined) query.where('deliveries.target', filter.target)
  for (const pattern of filter.exceptTargets ?? []) query.whereNot('deliveries.target', 'like', pattern)
  if (filter.state !== undefined) query.where('deliveries.state', filter.state)
  if (filter.eventId !== undefined) query.where('deliveries.event_id', filter.eventId)
  if (filter.chats !== undefined) query.whereIn('events.chat', filter.chats)
  if (filter.since !== undefined) query.where('deliveries.created_at', '>=', filter.since)
  if (filter.until !== undefined) query.where('deliveries.created_at', '<', filter.until)
  if (filter.exceptTypes !== undefined) query.whereNotIn('events.type', filter.exceptTypes)
  if (filter.before !== undefined) query.where('deliveries.seq', '<', filter.before)
  if (filter.from !== undefined) query.where('deliveries.seq', '>=', filter.from)
  const rows: LogRow[] = await query
  return rows.map(fromRow)
}

/** The number of the newest delivery; 0 while there is none. */
export async function newestDelivery(db: Queryable): Promise<number> {
  const row: { newest?: number | string | null } | undefined = await db('deliveries')
    .max({ newest: 'seq' })
    .first()
  return Number(row?.newest ?? 0)
}

/** The delivery with this id. */
export async function findDelivery(db: Queryable, id: string): Promise<LoggedDelivery | undefined> {
  const row: LogRow | undefined = await logged(db).where('deliveries.id', id).first()
  return row && fromRow(row)
}

/** Makes a delivery due now, whatever became of it before, as if it had not been attempted. */
export function repeatDelivery(
  db: Database,
  { id, destination }: { id: string; destination: string },
  now = Date.now(),
): Promise<void> {
  return db.transaction(async (trx) => {
    const row: { seq: number } | undefined = await trx('deliveries').where({ id }).first('seq')
    if (row) await repeatRows(trx, [row.seq], () => destination, now)
  })
}

/** The same for several at once; `destinationOf` names the receiver of a target and a user. */
export async function repeatRows(
  trx: Transaction,
  seqs: number[],
  destinationOf: (target: string, userId: string) => string,
  now: number,
): Promise<void> {
  const owners: string[] = await trx('deliveries').whereIn('seq', seqs).pluck('user_id')
  // Before their deliveries, as whoever deletes them.
  await lockPresent(trx, { table: 'users', column: 'id' }, owners)
  const rows: { lane: string; user_id: string; target: string }[] = await trx('deliveries')
    .whereIn('seq', seqs)
    .update({ state: 'pending', attempt: 0, finished_at: null })
    .returning(['lane', 'user_id', 'target'])
  // Sorted like the lanes of a recorder.
  const lanes = [...new Map(rows.map((row) => [row.lane, row])).values()]
    .sort((a, b) => (a.lane < b.lane ? -1 : 1))
    .map(({ lane, user_id, target }) => ({
      lane,
      user_id,
      destination: destinationOf(target, user_id),
      due_at: now,
      set_at: now,
    }))
  // Merging locks a lane that exists, so that it is not closed before its worker can see the delivery.
  await insertChunked(trx, 'lanes', lanes, (insert) => insert.onConflict('lane').merge(['destination']))
  const names = lanes.map(({ lane }) => lane)
  // A lane in work is not to be taken by a second worker; whoever holds it comes to these deliveries.
  await trx('lanes').whereIn('lane', names).whereNull('lease').update({ due_at: now, set_at: now, parked: 0 })
}

function logged(db: Queryable) {
  return db('deliveries')
    .join('events', 'events.id', 'deliveries.event_id')
    .leftJoin('lanes', 'lanes.lane', 'deliveries.lane')
    .select(
      'deliveries.seq',
      'deliveries.id',
      'deliveries.event_id',
      'deliveries.user_id',
      'deliveries.target',
      'deliveries.part',
      'deliveries.state',
      'deliveries.attempt',
      'deliveries.last_status',
      'deliveries.last_answer',
      'deliveries.created_at',
      'deliveries.finished_at',
      'events.type',
      'events.chat',
      'lanes.due_at',
      'lanes.parked',
      'deliveries.duration_ms',
      db('attempts')
        .select('latency_ms')
        .whereRaw('attempts.delivery_seq = deliveries.seq')
        .orderBy('id', 'desc')
        .limit(1)
        .as('latency_ms'),
    )
}

function fromRow(row: LogRow): LoggedDelivery {
  return {
    seq: row.seq,
    id: row.id,
    eventId: row.event_id,
    userId: row.user_id,
    target: row.target,
    part: row.part,
    type: row.type,
    chat: row.chat,
    state: row.state,
    attempts: row.attempt,
    status: row.last_status ?? undefined,
    answer: row.last_answer ?? undefined,
    // What was accepted says it itself.
    latencyMs: (row.state === 'delivered' ? row.duration_ms : null) ?? row.latency_ms ?? undefined,
    createdAt: row.created_at,
    finishedAt: row.finished_at ?? undefined,
    // A lane that is set aside is due when its receiver is.
    dueAt: row.state === 'pending' && row.parked !== 1 ? (row.due_at ?? undefined) : undefined,
  }
}
