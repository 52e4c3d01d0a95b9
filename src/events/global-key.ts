import { newToken } from '../lib/ids.ts'
import { keptSecret } from '../lib/kept-secret.ts'

/** The key that signs the global webhook: the configured one, else one that is generated once and kept. */
export async function globalHmacKey(config: {
  globalHmacKey?: string
  globalWebhook?: string
  dataDir: string
}): Promise<string | undefined> {
  if (config.globalHmacKey || !config.globalWebhook) return config.globalHmacKey
  return keptSecret(config.dataDir, 'global-hmac-key', newToken)
}
