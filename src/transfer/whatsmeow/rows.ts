import type { Queryable } from '../../store/database/database.ts'
import { UnreadableRow } from '../signal/go-json.ts'
import type { Schema } from './schema.ts'

/** A row as the driver gives it. */
export type Row = Record<string, unknown>

export interface RowsWanted {
  table: string
  /** Whose rows: the column that names the device, and the device as it is written there. */
  of?: { column: string; jid: string }
  /** What else all of them have. */
  and?: Record<string, string>
  /** What orders the rows and makes each of them the only one of its kind, beside `of`. */
  key: string[]
  columns: string[]
  /** Columns of bytes that may be long: beyond this they are read as null, and whether they are is told in `<name>_is_long`. */
  long?: { column: string; mostBytes: number }
  /** How many rows a portion has. */
  size?: number
}

const PORTION = 500

/** Reads a table in portions; a table that is not there has no rows, a column that is not there is null. */
export async function* readRows(db: Queryable, schema: Schema, wanted: RowsWanted): AsyncGenerator<Row[]> {
  const { table, of, and = {}, key, columns, long, size = PORTION } = wanted
  const there = schema.get(table)
  if (!there) return
  const plain = columns.filter((name) => there.has(name) && name !== long?.column)
  const absent = Object.fromEntries(columns.filter((name) => !there.has(name)).map((name) => [name, null]))
  let after: unknown[] | undefined
  for (;;) {
    const query = db(table)
      .where(and)
      .select([...new Set([...key, ...plain])])
      .limit(size)
    for (const name of key) query.orderBy(name)
    if (of) query.where(of.column, of.jid)
    if (long)
      query.select(
        db.raw('case when length(??) <= ? then ?? end as ??', [
          long.column,
          long.mostBytes,
          long.column,
          long.column,
        ]),
        db.raw('coalesce(length(??), 0) > ? as ??', [long.column, long.mostBytes, `${long.column}_is_long`]),
      )
    if (after)
      query.whereRaw(`(${key.map(() => '??').join(', ')}) > (${key.map(() => '?').join(', ')})`, [
        ...key,
        ...after,
      ] as string[])
    const rows: Row[] = await query
    if (rows.length === 0) return
    yield rows.map((row) => ({ ...absent, ...row }))
    if (rows.length < size) return
    const last = rows.at(-1) ?? {}
    after = key.map((name) => last[name])
  }
}

/** The bytes in a column. Throws UnreadableRow unless there are exactly so many, where that is said. */
export function bytesOf(row: Row, column: string, length?: number): Buffer {
  const value = row[column]
  if (row[`${column}_is_long`]) throw new UnreadableRow(`${column} is longer than any real one`)
  if (!(value instanceof Uint8Array)) throw new UnreadableRow(`${column} holds no bytes`)
  if (length !== undefined && value.length !== length)
    throw new UnreadableRow(`${column} has ${value.length} bytes, not ${length}`)
  return Buffer.from(value)
}

/** The text in a column, '' for nothing. */
export function textOf(row: Row, column: string): string {
  const value = row[column]
  return typeof value === 'string' ? value : ''
}

/** The whole number in a column. Throws UnreadableRow unless it is between 0 and `most`. */
export function numberOf(row: Row, column: string, most = Number.MAX_SAFE_INTEGER): number {
  const value = Number(row[column] ?? Number.NaN)
  if (!Number.isSafeInteger(value) || value < 0 || value > most)
    throw new UnreadableRow(`${column} is no number that could be there`)
  return value
}

/** Whether a column says yes; SQLite has numbers for that. */
export function isTrue(row: Row, column: string): boolean {
  return row[column] === true || row[column] === 1
}
