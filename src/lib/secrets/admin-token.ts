import { newToken } from '../ids.ts'
import { persistedSecret } from './persisted-secret.ts'

/** The admin token: the configured one, else the one generated at the first start and kept in `dataDir/admin-token`. */
export async function adminToken(config: { adminToken?: string; dataDir: string }): Promise<string> {
  return config.adminToken ?? (await persistedSecret(config.dataDir, 'admin-token', newToken))
}
