import { type Database, insertChunked, lockPresent, type Queryable } from '../database/database.ts'

/** Something that happened to the connection of a user; instants are unix milliseconds. */
export interface SessionNote {
  kind: string
  /** WhatsApp's or the library's, where there was one. */
  code?: number
  /** What else is known of it. */
  params: SessionNoteParams
  /** The node that ran the session; '' where there is only one. */
  node: string
  /** How often it happened one time after the other, first and last when. */
  times: number
  since: number
  at: number
}

export interface SessionNoteParams {
  /** What was said about it, cut. */
  text?: string
  /** Until when it holds, unix milliseconds. */
  until?: number
  /** When it is tried again, unix milliseconds. */
  retryAt?: number
}

/** A note as it is stored: under the same id it replaces what was there. */
export interface StoredNote extends SessionNote {
  id: string
  userId: string
}

export interface NoteRow {
  id: string
  user_id: string
  kind: string
  code: number | null
  params: string
  node: string
  times: number
  since: number
  at: number
}

/** Stores notes; those of users who are gone are passed over. */
export function putSessionNotes(db: Database, notes: StoredNote[]): Promise<void> {
  // One statement must not write a row twice.
  const latest = [...new Map(notes.map((note) => [note.id, note])).values()]
  return db.transaction(async (trx) => {
    const users = latest.map(({ userId }) => userId)
    const present = await lockPresent(trx, { table: 'users', column: 'id' }, users)
    const rows = latest.filter(({ userId }) => present.has(userId)).map(toRow)
    await insertChunked(trx, 'session_events', rows, (insert) =>
      insert.onConflict('id').merge(['params', 'times', 'at']),
    )
  })
}

/** What happened to the connection of a user, newest first; `before` is an instant in milliseconds. */
export async function listSessionNotes(
  db: Queryable,
  { userId, limit, before }: { userId: string; limit: number; before?: number },
): Promise<SessionNote[]> {
  const query = db<NoteRow>('session_events')
    .where('user_id', userId)
    .orderBy([
      { column: 'at', order: 'desc' },
      { column: 'since', order: 'desc' },
    ])
    .limit(limit)
  if (before !== undefined) query.where('at', '<', before)
  return (await query).map(noteOfRow)
}

/** Removes up to `limit` notes from before an instant (milliseconds); returns how many. */
export function pruneSessionNotes(db: Queryable, before: number, limit = 500): Promise<number> {
  const old = db('session_events').select('id').where('at', '<', before).orderBy('at').limit(limit)
  return db('session_events').whereIn('id', old).delete()
}

/** Removes the oldest notes of some users who have more than `most`; returns how many were removed. */
export async function trimSessionNotes(db: Queryable, most: number): Promise<number> {
  const overfull: string[] = await db('session_events')
    .groupBy('user_id')
    .havingRaw('count(*) > ?', [most])
    .limit(100)
    .pluck('user_id')
  let removed = 0
  for (const userId of overfull) {
    const row: { at: number } | undefined = await db('session_events')
      .where('user_id', userId)
      .orderBy('at', 'desc')
      .offset(most)
      .first('at')
    if (row) removed += await db('session_events').where('user_id', userId).where('at', '<=', row.at).delete()
  }
  return removed
}

/** A note from its row. */
export function noteOfRow(row: NoteRow): SessionNote {
  return {
    kind: row.kind,
    ...(row.code !== null && { code: row.code }),
    params: JSON.parse(row.params),
    node: row.node,
    times: row.times,
    since: row.since,
    at: row.at,
  }
}

function toRow({ userId, code, params, ...note }: StoredNote): NoteRow {
  return { ...note, user_id: userId, code: code ?? null, params: JSON.stringify(params) }
}
