import { join, resolve } from 'node:path'
import { newToken } from '../lib/ids.ts'
import { InstallationError } from '../lib/process/installation-error.ts'
import { persistedSecret, readPersistedSecret } from '../lib/secrets/persisted-secret.ts'
import type { Secrets } from '../lib/secrets/secrets.ts'
import type { Database } from '../store/database/database.ts'
import { isInUse, noteInUse } from '../store/keys/secrets-in-use.ts'

const NAME = 'global-hmac-key'

/**
 * The key that signs the global webhook: the configured one, else one that is generated once and kept. Throws
 * InstallationError when that one is gone: receivers would refuse what another key signs, until it is given up.
 */
export async function globalHmacKey(
  config: { globalHmacKey?: string; globalWebhook?: string; dataDir: string },
  { db, secrets }: { db: Database; secrets: Secrets },
): Promise<string | undefined> {
  if (config.globalHmacKey || !config.globalWebhook) return config.globalHmacKey
  // In this order: a node that starts at the same moment has its key on disk before the database knows of it.
  const isKnown = await isInUse(db, NAME)
  const kept = await readPersistedSecret(config.dataDir, NAME)
  if (kept === undefined && isKnown)
    throw new InstallationError(
      `the key that signs the global webhook is missing: restore ${join(resolve(config.dataDir), NAME)} from a backup or another node, or set GLOBAL_HMAC_KEY to a new one and tell it to the receiver`,
    )
  const key = kept ?? (await persistedSecret(config.dataDir, NAME, newToken))
  await noteInUse(db, secrets, NAME)
  return key
}
