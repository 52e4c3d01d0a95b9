import { type Database, isPostgres } from '../database/database.ts'
import { queryPrepared, type RunPrepared, readPrepared } from '../database/prepared.ts'
import { jsonOf } from './rows.ts'

/** What is stored already of what is asked for. */
export interface Standing {
  events: ReadonlySet<string>
  /** Lanes that are open, whoever works on them; except those under the lease that was named. */
  lanes: ReadonlySet<string>
}

interface Question {
  events: string[]
  lanes: string[]
  /** Lanes under this lease do not count. */
  exceptLease?: string
}

interface Row {
  kind: 'event' | 'lane'
  name: string
}

/** Which of these events are stored, and which of these lanes are open. */
export async function findStanding(db: Database, question: Question): Promise<Standing> {
  if (!isPostgres(db)) return standingWithin((sql, values) => readPrepared(db, sql, values), question)
  const { events, lanes, exceptLease } = question
  const rows = await queryPrepared<Row>(db, {
    name: 'standing',
    sql: `select 'event' as kind, id as name from events where id = any($1)
           union all
          select 'lane', lane from lanes where lane = any($2) and lease is distinct from $3`,
    values: [events, lanes, exceptLease ?? ''],
  })
  return toStanding(rows)
}

/** The same on a connection of SQLite. */
export async function standingWithin(
  run: RunPrepared,
  { events, lanes, exceptLease }: Question,
): Promise<Standing> {
  if (events.length === 0 && lanes.length === 0) return toStanding([])
  const rows = await run<Row>(
    `select 'event' as kind, id as name from events where id in (select value from json_each(?))
      union all
     select 'lane', lane from lanes where lane in (select value from json_each(?)) and lease is not ?`,
    [jsonOf(events), jsonOf(lanes), exceptLease ?? ''],
  )
  return toStanding(rows)
}

function toStanding(rows: Row[]): Standing {
  const named = (wanted: Row['kind']) =>
    new Set(rows.filter(({ kind }) => kind === wanted).map(({ name }) => name))
  return { events: named('event'), lanes: named('lane') }
}
