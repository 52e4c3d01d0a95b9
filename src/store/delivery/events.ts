import { chunked, type Queryable } from '../database/database.ts'

/** Something that happened to a user, as stored. */
export interface StoredEvent {
  /** The same for the same happening, so that a replay is recognised. */
  id: string
  userId: string
  type: string
  /** JID of the chat it belongs to, '' for none. */
  chat: string
  /** When it was stored, in milliseconds. */
  at: number
  /** The event as JSON text. */
  payload: string
  /** Its id follows from what happened, so that it may be there already. */
  isDerived?: boolean
}

interface EventRow {
  seq: number
  id: string
  user_id: string
  type: string
  chat: string
  at: number
  payload: string
}

/** Stores events in the given order and yields the ids of those that were not stored before. */
export async function insertEvents(db: Queryable, events: StoredEvent[]): Promise<Set<string>> {
  const fresh = new Set<string>()
  for (const chunk of chunked(events)) {
    const stored: { id: string }[] = await db('events')
      .insert(chunk.map(eventRow))
      .onConflict('id')
      .ignore()
      .returning('id')
    for (const { id } of stored) fresh.add(id)
  }
  return fresh
}

/** A user's newest events, newest first. */
export async function recentEvents(db: Queryable, userId: string, limit: number): Promise<StoredEvent[]> {
  const rows = await db<EventRow>('events').where('user_id', userId).orderBy('seq', 'desc').limit(limit)
  return rows.map(fromRow)
}

/** Those of these events that are no longer than `longest` characters, as JSON text by their ids. */
export async function shortPayloads(
  db: Queryable,
  ids: string[],
  longest: number,
): Promise<Map<string, string>> {
  const payloads = new Map<string, string>()
  for (const some of chunked(ids)) {
    const rows: { id: string; payload: string }[] = await db('events')
      .select('id', 'payload')
      .whereIn('id', some)
      .whereRaw('length(payload) <= ?', longest)
    for (const { id, payload } of rows) payloads.set(id, payload)
  }
  return payloads
}

/** Kinds of events that can be asked for; written out, so that the index of these events is used. */
const FAMILIES = { session: `type like 'session.%'`, call: `type like 'call.%'` }

/** A user's newest events of some types of one family (`session.…`, `call.…`), newest first. */
export async function recentEventsOf(
  db: Queryable,
  userId: string,
  { family, types, limit }: { family: keyof typeof FAMILIES; types: readonly string[]; limit: number },
): Promise<StoredEvent[]> {
  const rows = await db<EventRow>('events')
    .where('user_id', userId)
    .whereRaw(FAMILIES[family])
    .whereIn('type', [...types])
    .orderBy('seq', 'desc')
    .limit(limit)
  return rows.map(fromRow)
}

/** Removes up to `limit` events stored before an instant (milliseconds) that no delivery needs; returns how many. */
export function pruneEvents(db: Queryable, before: number, limit = 500): Promise<number> {
  const unneeded = db('events')
    .select('events.seq')
    .where('events.at', '<', before)
    .whereNotExists(
      db('deliveries')
        .whereRaw('deliveries.event_id = events.id')
        .whereIn('deliveries.state', ['pending', 'dead']),
    )
    .orderBy('events.at')
    .limit(limit)
  return db('events').whereIn('seq', unneeded).delete()
}

function fromRow(row: EventRow): StoredEvent {
  return { id: row.id, userId: row.user_id, type: row.type, chat: row.chat, at: row.at, payload: row.payload }
}

/** The row of an event, without its number. */
export function eventRow(event: StoredEvent): Omit<EventRow, 'seq'> {
  return {
    id: event.id,
    user_id: event.userId,
    type: event.type,
    chat: event.chat,
    at: event.at,
    payload: event.payload,
  }
}
