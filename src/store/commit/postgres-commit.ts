import type { Secrets } from '../../lib/secrets/secrets.ts'
import type { Database } from '../database/database.ts'
import { queryPrepared } from '../database/prepared.ts'
import { type Change, type Committed, NOTHING_COMMITTED } from './change.ts'
import {
  COLUMNS,
  deliveriesOf,
  jsonOf,
  leaseRows,
  outboxLease,
  type Part,
  type Rows,
  rowsOf,
} from './rows.ts'
import { insertInto, postgresCell } from './statements.ts'

const PARTS = Object.keys(COLUMNS) as Part[]

interface Told {
  kind: 'held' | 'event' | 'lane'
  name: string
}

/** A statement for commits that have rows of the same kinds, and what its values stand for. */
interface Statement {
  name: string
  sql: string
  values: ('leases' | 'outbox' | Part)[]
}

const statements = new Map<string, Statement>()

/** Writes changes in one statement, which is atomic by itself. */
export async function commitOnPostgres(
  db: Database,
  secrets: Secrets,
  changes: Change[],
): Promise<Committed> {
  const deliveries = deliveriesOf(changes)
  const rows = rowsOf(secrets, changes, deliveries)
  const leases = leaseRows(changes)
  const texts = { leases: jsonOf(leases), outbox: outboxLease(deliveries) }
  const { name, sql, values } = statementFor(rows, leases.length > 0)
  if (values.length === 0) return NOTHING_COMMITTED
  const told = await queryPrepared<Told>(db, {
    name,
    sql,
    values: values.map((value) =>
      value === 'leases' || value === 'outbox' ? texts[value] : jsonOf(rows[value]),
    ),
  })
  const named = (kind: Told['kind']) =>
    new Set(told.filter((row) => row.kind === kind).map((row) => row.name))
  const recorded = named('event')
  const ours = named('lane')
  return {
    held: named('held'),
    known: new Set(rows.events.map(([id]) => String(id)).filter((id) => !recorded.has(id))),
    taken: new Set(rows.lanes.map(([lane]) => String(lane)).filter((lane) => !ours.has(lane))),
  }
}

function statementFor(rows: Rows, isLeased: boolean): Statement {
  const parts = PARTS.filter((part) => rows[part].length > 0)
  const name = ['commit', ...(isLeased ? ['leases'] : []), ...parts].join(' ')
  const known = statements.get(name) ?? build(name, parts, isLeased)
  statements.set(name, known)
  return known
}

/**
 * Its locks: a lease keeps others from taking the session over until its keys are written; a user whose events are written
 * is not deleted meanwhile.
 */
function build(name: string, parts: Part[], isLeased: boolean): Statement {
  const has = (part: Part) => parts.includes(part)
  const values: Statement['values'] = [
    ...(isLeased ? (['leases'] as const) : []),
    ...parts,
    ...(has('lanes') ? (['outbox'] as const) : []),
  ]
  const value = (of: Statement['values'][number]) => `$${values.indexOf(of) + 1}`
  const rowsIn = (of: 'leases' | Part) => `json_array_elements(cast(${value(of)} as json))`
  const owner = (index: number) =>
    isLeased ? `not exists (select 1 from lost where lost.id = value ->> ${index})` : 'true'
  const insert = (part: Exclude<Part, 'deleted_keys'>, condition: string) =>
    insertInto(part, {
      cell: postgresCell,
      source: `from ${rowsIn(part)} with ordinality as told (value, place) where ${condition} order by place`,
    })
  const steps: Record<string, string | false> = {
    held:
      isLeased &&
      `select users.id from users
        where (users.id, users.owner, users.epoch) in
              (select value ->> 0, value ->> 1, cast(value ->> 2 as integer) from ${rowsIn('leases')} as told (value))
          for share`,
    lost:
      isLeased &&
      `select value ->> 0 as id from ${rowsIn('leases')} as told (value)
        where value ->> 0 not in (select id from held)`,
    present:
      has('events') &&
      `select users.id from users
        where users.id in (select value ->> 1 from ${rowsIn('events')} as told (value)) for key share`,
    written_keys: has('keys') && insert('keys', owner(0)),
    deleted_keys:
      has('deleted_keys') &&
      `delete from auth where (user_id, kind, id) in
              (select value ->> 0, value ->> 1, value ->> 2 from ${rowsIn('deleted_keys')} as told (value)
                where ${owner(0)})`,
    kept: has('sent') && insert('sent', 'true'),
    taken_in: has('inbox') && insert('inbox', owner(0)),
    received: has('received') && insert('received', owner(0)),
    recorded:
      has('events') &&
      `${insert('events', `value ->> 1 in (select id from present) and ${owner(1)}`)} returning id`,
    delivered:
      has('deliveries') &&
      `${insert('deliveries', 'value ->> 1 in (select id from recorded)')} returning lane`,
    opened:
      has('lanes') &&
      `${insert('lanes', 'value ->> 0 in (select lane from delivered)')} returning lane, lease`,
  }
  const used = Object.entries(steps).filter(([, sql]) => sql)
  const answers = [
    isLeased && `select 'held' as kind, id as name from held`,
    has('events') && `select 'event' as kind, id as name from recorded`,
    has('lanes') && `select 'lane' as kind, lane as name from opened where lease = ${value('outbox')}`,
  ].filter(Boolean)
  const sql = `with ${used.map(([step, text]) => `${step} as (${text})`).join(', ')}
    ${answers.length > 0 ? answers.join(' union all ') : 'select 1 where false'}`
  return { name, sql, values }
}
