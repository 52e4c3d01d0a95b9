import type { Secrets } from '../../lib/secrets/secrets.ts'
import { chunked, type Database, type Queryable } from '../database/database.ts'
import { storable } from '../database/storable.ts'
import type { Lease } from '../nodes/leases.ts'

/** One key of a session: its type, its id within the type, and its clear JSON text; null deletes it. */
export interface KeyValue {
  userId: string
  kind: string
  id: string
  text: string | null
}

interface AuthRow {
  user_id: string
  kind: string
  id: string
  sealed_value: string
}

/** The clear JSON texts of these keys by id; keys that do not exist are missing from the map. */
export async function readKeys(
  db: Queryable,
  secrets: Secrets,
  keys: { userId: string; kind: string; ids: string[] },
): Promise<Map<string, string>> {
  const stored = new Map<string, string>()
  for (const ids of chunked(keys.ids)) {
    const rows = await db<AuthRow>('auth')
      .where({ user_id: keys.userId, kind: keys.kind })
      .whereIn('id', ids)
      .select('id', 'sealed_value')
    for (const row of rows) stored.set(row.id, secrets.decrypt(row.sealed_value))
  }
  // Under the ids that were asked for, which the database may write otherwise.
  const found = keys.ids.map((id) => [id, stored.get(storable(id))] as const)
  return new Map(found.flatMap(([id, text]) => (text === undefined ? [] : [[id, text]])))
}

/** Writes and deletes keys; of several values for one key the last counts. Belongs into a transaction. */
export async function writeKeys(db: Queryable, secrets: Secrets, values: KeyValue[]): Promise<void> {
  const { rows, deletions } = latestOf(secrets, values)
  for (const some of chunked(rows)) await upsert(db, some)
  for (const { userId, kind, ids } of deletions) {
    for (const some of chunked(ids))
      await db('auth').where({ user_id: userId, kind }).whereIn('id', some).delete()
  }
}

/**
 * Writes the keys of those users whose lease is still good, in one statement that is atomic by itself, and yields
 * these users. Only for values that are one statement; PostgreSQL only.
 */
export async function writeLeasedKeys(
  db: Database,
  secrets: Secrets,
  { values, leases }: { values: KeyValue[]; leases: Lease[] },
): Promise<Set<string>> {
  const { rows } = latestOf(secrets, values)
  // The lock makes whoever wants to take a session over wait until its keys are written.
  const held = await db.raw<{ rows: { id: string }[] }>(
    `with held as (
       select users.id from users
        where (users.id, users.owner, users.epoch) in (${leases.map(() => '(?, ?, ?)').join(', ')})
          for share
     ), written as (
       insert into auth (user_id, kind, id, sealed_value)
       select change.user_id, change.kind, change.id, change.sealed_value
         from (values ${placesFor(rows)}) as change (user_id, kind, id, sealed_value)
         join held on held.id = change.user_id
       on conflict (user_id, kind, id) do update set sealed_value = excluded.sealed_value
     )
     select held.id from held`,
    [...leases.flatMap(({ userId, owner, epoch }) => [userId, owner, epoch]), ...bindingsOf(rows)],
  )
  return new Set(held.rows.map(({ id }) => id))
}

function latestOf(secrets: Secrets, values: KeyValue[]) {
  const latest = new Map(
    values.map((value) => [storable(`${value.userId}/${value.kind}/${value.id}`), value]),
  )
  const rows: AuthRow[] = []
  const deletions = new Map<string, { userId: string; kind: string; ids: string[] }>()
  for (const { userId, kind, id, text } of latest.values()) {
    if (text !== null) {
      rows.push({ user_id: userId, kind, id, sealed_value: secrets.encrypt(text) })
      continue
    }
    const group = deletions.get(`${userId}/${kind}`) ?? { userId, kind, ids: [] }
    deletions.set(`${userId}/${kind}`, group)
    group.ids.push(id)
  }
  return { rows, deletions: [...deletions.values()] }
}

// The most frequent statement of all: written out, because building it takes longer than running it.
async function upsert(db: Queryable, rows: AuthRow[]): Promise<void> {
  await db.raw(
    `insert into auth (user_id, kind, id, sealed_value)
     values ${placesFor(rows)}
     on conflict (user_id, kind, id) do update set sealed_value = excluded.sealed_value`,
    bindingsOf(rows),
  )
}

function placesFor(rows: AuthRow[]): string {
  return rows.map(() => '(?, ?, ?, ?)').join(', ')
}

function bindingsOf(rows: AuthRow[]): string[] {
  return rows.flatMap(({ user_id, kind, id, sealed_value }) => [user_id, kind, id, sealed_value])
}

/** Whether `writeKeys` needs a single statement for these values, and therefore no transaction. */
export function isOneStatement(values: KeyValue[]): boolean {
  return chunked(values).length <= 1 && values.every(({ text }) => text !== null)
}

/** Deletes everything stored for a session, if `lease` is good: it can never decrypt or log in again. */
export async function eraseKeys(db: Queryable, userId: string, lease?: Lease): Promise<void> {
  const keys = db('auth').where({ user_id: userId }).delete()
  if (lease) keys.whereExists(db('users').where({ id: userId, owner: lease.owner, epoch: lease.epoch }))
  await keys
}

/** The highest id of a stored pre-key, 0 when there is none. */
export async function highestPreKeyId(db: Queryable, userId: string): Promise<number> {
  const row = await db('auth')
    .where({ user_id: userId, kind: 'pre-key' })
    .max({ highest: db.raw('cast(id as integer)') })
    .first()
  return Number(row?.highest ?? 0)
}
