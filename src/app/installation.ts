import type { Config } from '../config/config.ts'
import { globalHmacKey } from '../delivery/global-key.ts'
import { adminToken } from '../lib/secrets/admin-token.ts'
import type { Secrets } from '../lib/secrets/secrets.ts'
import { type Database, openDatabase } from '../store/database/database.ts'
import { lockFolder } from '../store/database/folder-lock.ts'
import { migrate } from '../store/database/migrations.ts'
import { requireDatabase } from '../store/database/reachable.ts'
import { checkEncryptionKey, settleEncryptionKey } from '../store/keys/encryption-key.ts'
import { reEncryptUsers } from '../store/keys/re-encryption.ts'

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
    await requireDatabase(db, config)
    await checkEncryptionKey(db, config)
    await migrate(db)
    const secrets = await settleEncryptionKey(db, config)
    if (secrets.isRotating) await reEncryptUsers(db, secrets)
    const hmacKey = await globalHmacKey(config, { db, secrets })
    return { db, secrets, adminToken: await adminToken(config), globalHmacKey: hmacKey, close }
  } catch (error) {
    await close()
    throw error
  }
}
