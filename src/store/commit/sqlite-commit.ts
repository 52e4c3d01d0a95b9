import type { Secrets } from '../../lib/secrets/secrets.ts'
import type { Database } from '../database/database.ts'
import { oncePerConnection, onWriter, type RunPrepared } from '../database/prepared.ts'
import type { Change, Committed } from './change.ts'
import {
  acceptedRow,
  type Delivered,
  deliveriesOf,
  jsonOf,
  leaseRows,
  outboxLease,
  type Part,
  type Row,
  rowsOf,
} from './rows.ts'
import { standingWithin } from './standing.ts'
import { insertInto, markAccepted, sqliteCell } from './statements.ts'

/** An insert inside a trigger, where a row's JSON arrays are the column of the same name. */
function insert(part: Exclude<Part, 'deleted_keys'>, condition = 'true'): string {
  return insertInto(part, {
    cell: sqliteCell,
    source: `from json_each(new.${part}) where ${condition}`,
  })
}

/** What a commit does for each kind of rows, in this order. */
const STEPS = {
  keys: insert('keys'),
  deleted_keys: `delete from auth where (user_id, kind, id) in
                   (select value ->> 0, value ->> 1, value ->> 2 from json_each(new.deleted_keys))`,
  sent: insert('sent'),
  inbox: insert('inbox'),
  received: insert('received'),
  events: insert('events', 'exists (select 1 from users where users.id = value ->> 1)'),
  deliveries: insert('deliveries', 'exists (select 1 from events where events.id = value ->> 1)'),
  lanes: insert('lanes', 'exists (select 1 from users where users.id = value ->> 1)'),
  accepted: markAccepted({ cell: sqliteCell, source: 'from json_each(new.accepted)' }),
  closing: `delete from lanes
             where lane in (select value from json_each(new.closing)) and lease = new.outbox
               and not exists (select 1 from deliveries where deliveries.lane = lanes.lane and state = 'pending');
            update lanes set due_at = new.now, set_at = new.now, lease = null
             where lane in (select value from json_each(new.closing)) and lease = new.outbox`,
} as const satisfies Record<Part | 'accepted' | 'closing', string>

type Step = keyof typeof STEPS

/**
 * A view that takes a whole commit as one row, and a trigger that spreads it over the tables: one statement is atomic by
 * itself, and crosses to the thread of SQLite and back once. Each combination of steps has its own, so that a step with
 * nothing to do costs nothing.
 */
function setUp(name: string, steps: Step[]): string[] {
  const columns = [...steps, ...OUTBOX].map((column) => `null as ${column}`)
  return [
    `create temp view if not exists ${name} as select ${columns.join(', ')}`,
    `create temp trigger if not exists write_${name} instead of insert on ${name} begin
       ${steps.map((step) => `${STEPS[step]};`).join('\n')}
     end`,
  ]
}

/** Which outbox closes its lanes, and when. */
const OUTBOX = ['outbox', 'now'] as const

/** Writes changes in one statement. */
export function commitOnSqlite(db: Database, secrets: Secrets, changes: Change[]): Promise<Committed> {
  return onWriter(db, async (run) => {
    const held = await goodLeases(run, changes)
    const written = changes.filter(({ lease }) => !lease || held.has(lease.userId))
    const deliveries = deliveriesOf(written)
    const { known, taken } = await presentOf(run, written, deliveries)
    const fresh = deliveries.filter(({ eventId }) => !known.has(eventId))
    const rows = { ...rowsOf(secrets, written, fresh), ...outcomesOf(written) }
    // The order of the steps is that of the names.
    const steps = (Object.keys(STEPS) as Step[]).filter((step) => rows[step].length > 0)
    if (steps.length === 0) return { held, known, taken }
    const name = `commit_${steps.join('_')}`
    await oncePerConnection(run, name, () => setUp(name, steps))
    const lease = written.find(({ outcomes }) => outcomes)?.outcomes?.lease ?? null
    await run(
      `insert into ${name} (${[...steps, ...OUTBOX].join(', ')})
       values (${[...steps, ...OUTBOX].map(() => '?').join(', ')})`,
      [...steps.map((step) => jsonOf(rows[step])), lease, Date.now()],
    )
    return { held, known, taken }
  })
}

async function goodLeases(run: RunPrepared, changes: Change[]): Promise<Set<string>> {
  const leases = leaseRows(changes)
  if (leases.length === 0) return new Set()
  const rows = await run<{ id: string }>(
    `select id from users
      where (id, owner, epoch) in (select value ->> 0, value ->> 1, value ->> 2 from json_each(?))`,
    [jsonOf(leases)],
  )
  return new Set(rows.map(({ id }) => id))
}

/** Which events are there already, and which lanes that an outbox wants are somebody else's. */
async function presentOf(
  run: RunPrepared,
  changes: Change[],
  deliveries: Delivered[],
): Promise<Pick<Committed, 'known' | 'taken'>> {
  const events = changes.flatMap(({ news }) => news?.events ?? []).filter(({ isDerived }) => isDerived)
  const held = deliveries.filter(({ isHeld, accepted }) => isHeld && !accepted)
  const standing = await standingWithin(run, {
    events: events.map(({ id }) => id),
    lanes: held.map(({ lane }) => lane),
    exceptLease: outboxLease(deliveries) ?? undefined,
  })
  return { known: standing.events, taken: standing.lanes }
}

function outcomesOf(changes: Change[]): { accepted: Row[]; closing: string[] } {
  const outcomes = changes.flatMap((change) => change.outcomes ?? [])
  return {
    accepted: outcomes.flatMap(({ accepted }) => accepted.map(acceptedRow)),
    closing: outcomes.flatMap(({ closing }) => closing()),
  }
}
