import type { Logger } from '../../lib/process/logger.ts'
import { DecryptionError, type Secrets } from '../../lib/secrets/secrets.ts'
import type { Database, Transaction } from '../database/database.ts'

/** A column of encrypted texts and the primary key of its table. */
interface SealedColumn {
  table: string
  column: string
  key: string[]
}

/** Every encrypted column but those that `reEncryptUsers` takes care of. */
const COLUMNS: SealedColumn[] = [
  { table: 'auth', column: 'sealed_value', key: ['user_id', 'kind', 'id'] },
  { table: 'inbox', column: 'sealed_plaintext', key: ['seq'] },
  { table: 'history_syncs', column: 'sealed_notification', key: ['seq'] },
  { table: 'webhook_secrets', column: 'sealed_secret', key: ['destination'] },
  { table: 'webhook_secrets', column: 'sealed_previous', key: ['destination'] },
  { table: 'secrets_in_use', column: 'sealed_name', key: ['name'] },
  { table: 'shared_secrets', column: 'sealed_value', key: ['name'] },
  { table: 'imports', column: 'sealed_extra', key: ['user_id'] },
  {
    table: 'message_secrets',
    column: 'sealed_secret',
    key: ['user_id', 'message_id', 'chat', 'sender'],
  },
]

const USER_COLUMNS = [
  'sealed_token',
  'sealed_proxy_url',
  'sealed_s3_access_key',
  'sealed_s3_secret_key',
] as const

/** Everything that is encrypted anew, as `table.column`. */
export const sealedColumns: readonly string[] = [
  ...COLUMNS.map(({ table, column }) => `${table}.${column}`),
  ...USER_COLUMNS.map((column) => `users.${column}`),
  'webhooks.sealed_key',
]

type UserRow = { id: string } & Record<(typeof USER_COLUMNS)[number], string>
type SealedRow = Record<string, string | number>

// Few enough that a request never waits long for the one connection of SQLite.
const ROWS_PER_BATCH = 50

/**
 * Seals the users anew with the current key, their webhooks and their tokens' blind indexes with them: all or none,
 * before anybody asks for a user. Throws DecryptionError when one was encrypted with a key that is not configured.
 */
export async function reEncryptUsers(db: Database, secrets: Secrets): Promise<number> {
  return db.transaction(async (trx) => {
    const rows = await trx<UserRow>('users').select('id', ...USER_COLUMNS)
    const stale = rows.filter((row) => USER_COLUMNS.some((column) => isStale(row[column], secrets)))
    for (const row of stale) {
      const token = secrets.decrypt(row.sealed_token)
      await trx('users')
        .where('id', row.id)
        .update({
          ...Object.fromEntries(USER_COLUMNS.map((column) => [column, reEncryptText(row[column], secrets)])),
          token_index: token === '' ? null : secrets.blindIndex(token),
        })
    }
    await reEncryptWebhooks(trx, secrets)
    return stale.length
  })
}

async function reEncryptWebhooks(trx: Transaction, secrets: Secrets): Promise<void> {
  const rows: { id: string; sealed_key: string }[] = await trx('webhooks').select('id', 'sealed_key')
  for (const { id, sealed_key } of rows)
    if (isStale(sealed_key, secrets))
      await trx('webhooks')
        .where({ id })
        .update({ sealed_key: reEncryptText(sealed_key, secrets) })
}

/** What became of the texts that another key had encrypted. */
export interface Resealed {
  reEncrypted: number
  /** Texts that no configured key opens; they are left as they are. */
  unreadable: number
}

/**
 * Seals everything else anew, a few rows at a time while the server works. A run that is interrupted is continued by
 * the next one, which skips what has the current key; a row that changes meanwhile has it too.
 */
export async function reEncryptRows(db: Database, secrets: Secrets, signal: AbortSignal): Promise<Resealed> {
  const total: Resealed = { reEncrypted: 0, unreadable: 0 }
  for (const encrypted of COLUMNS) {
    let last: SealedRow | undefined
    while (!signal.aborted) {
      const rows = await nextRows(db, encrypted, { after: last, prefix: secrets.currentPrefix })
      last = rows.at(-1)
      if (!last) break
      for (const row of rows) {
        if (await reEncrypt(db, secrets, encrypted, row)) total.reEncrypted++
        else total.unreadable++
      }
    }
  }
  return total
}

/** Runs `reEncryptRows` in the background where there are previous keys, and says when those are no longer needed. */
export function startReEncryption(deps: {
  db: Database
  secrets: Secrets
  log: Logger
}): () => Promise<void> {
  const { db, secrets, log } = deps
  if (!secrets.isRotating) return async () => {}
  const stopping = new AbortController()
  const running = reEncryptRows(db, secrets, stopping.signal).then(
    (result) => {
      if (stopping.signal.aborted) return
      if (result.unreadable > 0) log.error(result, 'some stored texts open with none of the encryption keys')
      else
        log.info(
          result,
          'everything is encrypted with the current key; ENCRYPTION_KEY_PREVIOUS can be removed',
        )
    },
    (error: unknown) => log.error({ err: error }, 'encrypting anew failed; the next start goes on with it'),
  )
  return async () => {
    stopping.abort()
    await running
  }
}

function nextRows(
  db: Database,
  { table, column, key }: SealedColumn,
  { after, prefix }: { after: SealedRow | undefined; prefix: string },
): Promise<SealedRow[]> {
  const query = db(table)
    .select(...key, column)
    .where(column, '<>', '')
    .whereNot(column, 'like', `${prefix}%`)
    .orderBy(key)
    .limit(ROWS_PER_BATCH)
  if (after) {
    const places = key.map(() => '?').join(', ')
    query.whereRaw(
      `(${key.join(', ')}) > (${places})`,
      key.map((name) => after[name] ?? ''),
    )
  }
  return query
}

/** False when no key opens the text. The update leaves a row alone that was written since it was read. */
async function reEncrypt(
  db: Database,
  secrets: Secrets,
  { table, column, key }: SealedColumn,
  row: SealedRow,
): Promise<boolean> {
  const encrypted = String(row[column])
  try {
    const place = Object.fromEntries(key.map((name) => [name, row[name]]))
    await db(table)
      .where({ ...place, [column]: encrypted })
      .update({ [column]: reEncryptText(encrypted, secrets) })
    return true
  } catch (error) {
    if (error instanceof DecryptionError) return false
    throw error
  }
}

function isStale(encrypted: string, secrets: Secrets): boolean {
  return encrypted !== '' && !encrypted.startsWith(secrets.currentPrefix)
}

function reEncryptText(encrypted: string, secrets: Secrets): string {
  return isStale(encrypted, secrets) ? secrets.encrypt(secrets.decrypt(encrypted)) : encrypted
}
