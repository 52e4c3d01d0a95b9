import { SENT_AGAIN } from '../messages/messages.ts'
import { COLUMNS, type Part } from './rows.ts'

/** The conflict clauses of what a commit inserts; both databases say it in the same words. */
const ON_CONFLICT = {
  keys: '(user_id, kind, id) do update set sealed_value = excluded.sealed_value',
  inbox: '(user_id, digest) do nothing',
  sent: `(user_id, id, chat) do update set
           ${Object.entries(SENT_AGAIN)
             .map(([column, sql]) => `${column} = ${sql}`)
             .join(', ')}`,
  received: '(user_id, id, chat) do nothing',
  events: '(id) do nothing',
  deliveries: '(id) do nothing',
  // A lane that is there is locked until the commit: nobody must close it without having seen these deliveries. One that
  // this outbox holds already stays with it.
  lanes: `(lane) do update set
            destination = excluded.destination,
            due_at = case when lanes.lease = excluded.lease then excluded.due_at else lanes.due_at end,
            set_at = case when lanes.lease = excluded.lease then excluded.set_at else lanes.set_at end`,
} as const satisfies Partial<Record<Part, string>>

type Inserted = keyof typeof ON_CONFLICT

const TABLES: Record<Inserted, string> = {
  keys: 'auth',
  inbox: 'inbox',
  sent: 'messages',
  received: 'messages',
  events: 'events',
  deliveries: 'deliveries',
  lanes: 'lanes',
}

/** Reads a column of `value`, a row as a JSON array, in the words of a database. */
type ReadCell = (index: number, type: string) => string

export const sqliteCell: ReadCell = (index) => `value ->> ${index}`

export const postgresCell: ReadCell = (index, type) =>
  type === 'text' ? `value ->> ${index}` : `cast(value ->> ${index} as ${type})`

/** An insert of rows that `source` yields. */
export function insertInto(part: Inserted, { cell, source }: { cell: ReadCell; source: string }): string {
  const columns = Object.entries(COLUMNS[part])
  const values = columns.map(([, type], index) => cell(index, type))
  return `insert into ${TABLES[part]} (${columns.map(([name]) => name).join(', ')})
          select ${values.join(', ')} ${source}
              on conflict ${ON_CONFLICT[part]}`
}

/**
 * Ends those deliveries as accepted that are still to be ended, whoever has their lanes now: what was delivered is. `source`
 * yields id, attempts made before, status, duration and instant of each.
 */
export function markAccepted({ cell, source }: { cell: ReadCell; source: string }): string {
  return `update deliveries
             set state = 'delivered', attempt = attempt + 1, last_status = told.status, last_answer = null,
                 duration_ms = told.duration_ms, finished_at = told.at
            from (select ${cell(0, 'text')} as id, ${cell(1, 'integer')} as earlier, ${cell(2, 'integer')} as status,
                         ${cell(3, 'integer')} as duration_ms, ${cell(4, 'bigint')} as at
                    ${source}) as told
           where deliveries.id = told.id and deliveries.state = 'pending' and deliveries.attempt = told.earlier`
}
