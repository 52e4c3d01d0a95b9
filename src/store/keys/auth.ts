import type { Secrets } from '../../lib/secrets/secrets.ts'
import { chunked, insertChunked, type Queryable } from '../database/database.ts'
import { storable } from '../database/storable.ts'
import { forgetChatTimers } from '../messages/chat-timers.ts'
import type { Lease } from '../nodes/leases.ts'

/** One key of a session: its type, its id within the type, and its clear JSON text; null deletes it. */
export interface KeyValue {
  userId: string
  kind: string
  id: string
  text: string | null
}

/** A session may have 35 KB. */
const ROWS_AT_ONCE = 200

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

/** Everything stored for a session, in portions, by kind and id. */
export async function* readAllKeys(
  db: Queryable,
  secrets: Secrets,
  userId: string,
): AsyncGenerator<{ kind: string; id: string; text: string }[]> {
  let after: [string, string] = ['', '']
  for (;;) {
    const rows = await db<AuthRow>('auth')
      .where({ user_id: userId })
      .whereRaw('(kind, id) > (?, ?)', after)
      .orderBy(['kind', 'id'])
      .limit(ROWS_AT_ONCE)
      .select('kind', 'id', 'sealed_value')
    const last = rows.at(-1)
    if (!last) return
    yield rows.map((row) => ({ kind: row.kind, id: row.id, text: secrets.decrypt(row.sealed_value) }))
    after = [last.kind, last.id]
  }
}

/** Writes and deletes keys; of several values for one key the last counts. Belongs into a transaction. */
export async function writeKeys(db: Queryable, secrets: Secrets, values: KeyValue[]): Promise<void> {
  const { rows, deletions } = latestOf(secrets, values)
  await insertChunked(db, 'auth', rows, (insert) => insert.onConflict(['user_id', 'kind', 'id']).merge())
  for (const { userId, kind, ids } of deletions) {
    for (const some of chunked(ids))
      await db('auth').where({ user_id: userId, kind }).whereIn('id', some).delete()
  }
}

/** Of several values for one key the last. */
export function latestValues(values: KeyValue[]): Iterable<KeyValue> {
  return new Map(
    values.map((value) => [storable(`${value.userId}/${value.kind}/${value.id}`), value]),
  ).values()
}

function latestOf(secrets: Secrets, values: KeyValue[]) {
  const rows: AuthRow[] = []
  const deletions = new Map<string, { userId: string; kind: string; ids: string[] }>()
  for (const { userId, kind, id, text } of latestValues(values)) {
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

/** Deletes everything stored for a session, if `lease` is good: it can never decrypt or log in again. */
export async function eraseKeys(db: Queryable, userId: string, lease?: Lease): Promise<void> {
  // How its chats are set belongs to the account: the next one may be another.
  for (const table of ['chat_timers', 'chat_settings', 'message_secrets', 'auth']) {
    const rows = db(table).where({ user_id: userId }).delete()
    if (lease) rows.whereExists(db('users').where({ id: userId, owner: lease.owner, epoch: lease.epoch }))
    await rows
  }
  forgetChatTimers(db)
}

/** The highest id of a stored pre-key, 0 when there is none. */
export async function highestPreKeyId(db: Queryable, userId: string): Promise<number> {
  const row = await db('auth')
    .where({ user_id: userId, kind: 'pre-key' })
    .max({ highest: db.raw('cast(id as integer)') })
    .first()
  return Number(row?.highest ?? 0)
}
