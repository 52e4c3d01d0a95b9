import type { Secrets } from '../../lib/secrets/secrets.ts'
import type { Queryable } from '../database/database.ts'

/**
 * How far an account from another server is: its rows are here; WhatsApp has accepted its login; a message to itself went
 * out and came back. `replaced`: another connection took its place soon after, which means that the old server runs.
 * `refused`: WhatsApp has unlinked the device before it was proved to work.
 */
export type ImportState = 'imported' | 'opened' | 'verified' | 'replaced' | 'refused'

/** An account that came from another server. */
export interface ImportedAccount {
  userId: string
  /** The program it came from. */
  source: string
  /** JID with device part, '' for a user without one. */
  device: string
  state: ImportState
  /** What was taken over, and what was not; made by whoever imports. */
  report: object
  /** Unix milliseconds. */
  importedAt: number
  openedAt: number | null
  verifiedAt: number | null
}

interface ImportRow {
  user_id: string
  source: string
  device: string
  state: ImportState
  report: string
  sealed_extra: string
  imported_at: number
  opened_at: number | null
  verified_at: number | null
}

/** Notes that an account has come; `extra` is what no table has a place for. */
export async function insertImport(
  db: Queryable,
  secrets: Secrets,
  account: Pick<ImportedAccount, 'userId' | 'source' | 'device' | 'report'> & { extra: object },
): Promise<void> {
  const { userId, source, device, report, extra } = account
  await db('imports').insert({
    user_id: userId,
    source,
    device,
    state: 'imported' satisfies ImportState,
    report: JSON.stringify(report),
    sealed_extra: secrets.encrypt(JSON.stringify(extra)),
    imported_at: Date.now(),
  })
}

/** The accounts that came from other servers, the latest first. */
export async function listImports(db: Queryable): Promise<ImportedAccount[]> {
  const rows = await db<ImportRow>('imports').orderBy([{ column: 'imported_at', order: 'desc' }, 'user_id'])
  return rows.map(fromRow)
}

/** How the import of a user stands; undefined for one that did not come from another server. */
export async function findImport(db: Queryable, userId: string): Promise<ImportedAccount | undefined> {
  const row = await db<ImportRow>('imports').where({ user_id: userId }).first()
  return row && fromRow(row)
}

/** What was kept of a user for whoever exports it; an empty object where nothing was. */
export async function importedExtra(db: Queryable, secrets: Secrets, userId: string): Promise<object> {
  const row = await db<ImportRow>('imports').where({ user_id: userId }).first('sealed_extra')
  return row ? JSON.parse(secrets.decrypt(row.sealed_extra)) : {}
}

/** Notes how far the import of a user is. */
export async function moveImport(db: Queryable, userId: string, state: ImportState): Promise<void> {
  const now = Date.now()
  const at = {
    ...(state === 'opened' && { opened_at: now }),
    ...(state === 'verified' && { verified_at: now }),
  }
  await db('imports')
    .where({ user_id: userId })
    .update({ state, ...at })
}

function fromRow(row: ImportRow): ImportedAccount {
  return {
    userId: row.user_id,
    source: row.source,
    device: row.device,
    state: row.state,
    report: JSON.parse(row.report),
    importedAt: row.imported_at,
    openedAt: row.opened_at,
    verifiedAt: row.verified_at,
  }
}
