import type { Config } from './config.ts'
import { globalHmacKey } from './events/global-key.ts'
import { adminToken } from './lib/admin-token.ts'
import type { Secrets } from './lib/secrets.ts'
import { type Database, openDatabase } from './store/database.ts'
import { checkEncryptionKey, settleEncryptionKey } from './store/encryption-key.ts'
import { lockFolder } from './store/folder-lock.ts'
import { migrate } from './store/migrations.ts'
import { demandDatabase } from './store/reachable.ts'
import { resealUsers } from './store/resealing.ts'

/** The database and the secrets of a server, which are this process's until they are closed. */
export interface Installation {
  db: Database
  secrets: Secrets
  adminToken: string
  /** Absent without a global webhook. */
  globalHmacKey: string | undefined
  close(): Promise<void>
}

/**
 * Opens what the server keeps, or makes it at the first start. Everything that speaks against it is said, as an
 * InstallationError, before anything is changed: another server in the folder, an encryption key that is lost or wrong.
 */
export async function openInstallation(config: Config): Promise<Installation> {
  // Nodes that share PostgreSQL may share the folder of their keys as well, as the workers of a machine do.
  const lock = config.databaseUrl === undefined ? await lockFolder(config.dataDir) : undefined
  let db: Database | undefined
  const close = async () => {
    await db?.destroy()
    // The last thing: from here on another server may begin.
    await lock?.release()
  }
  try {
    db = await openDatabase(config)
    await demandDatabase(db, config)
    await checkEncryptionKey(db, config)
    await migrate(db)
    const secrets = await settleEncryptionKey(db, config)
    if (secrets.isRotating) await resealUsers(db, secrets)
    const hmacKey = await globalHmacKey(config, { db, secrets })
    return { db, secrets, adminToken: await adminToken(config), globalHmacKey: hmacKey, close }
  } catch (error) {
    await close()
    throw error
  }
}
