import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from '../config/config.ts'
import { openSecrets, readDecrypter, type Secrets } from '../lib/secrets/secrets.ts'
import { type Database, openDatabase, openExistingDatabase } from '../store/database/database.ts'

/** What a server has stored already, to be looked at. */
export interface ExistingInstallation {
  db: Database
  secrets: Secrets
  close(): Promise<void>
}

/**
 * Opens what is there already, without making or changing anything: undefined where nothing was stored yet. A server may run
 * with it. Throws InstallationError for what is no database of Parley.
 */
export async function openExisting(config: Config): Promise<ExistingInstallation | undefined> {
  // Without a key nothing can be there, and asking for one would make it.
  if (!(await readDecrypter(config))) return undefined
  const db = await existingDatabase(config)
  if (!db) return undefined
  if (!(await db.schema.hasTable('exports'))) {
    await db.destroy()
    return undefined
  }
  return { db, secrets: await openSecrets(config), close: () => db.destroy() }
}

async function existingDatabase(config: Config): Promise<Database | undefined> {
  if (config.databaseUrl) return openDatabase(config)
  const found = await stat(join(config.dataDir, 'parley.db')).catch(() => undefined)
  return found && openExistingDatabase(config.dataDir)
}
