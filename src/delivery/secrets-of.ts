import type { Config } from '../config/config.ts'
import { addressSecrets } from '../lib/secrets/redact.ts'
import type { WebhookSecret } from '../store/delivery/webhook-secrets.ts'
import type { Webhook } from '../store/delivery/webhooks.ts'
import type { User } from '../store/users/users.ts'

/** Who has secrets that somebody outside may have been sent, and may send back. */
export interface SecretHolders {
  config: Config
  /** The user on whose behalf something was sent; undefined when it is gone. */
  user?: User
  /** The webhooks of that user. */
  webhooks?: Iterable<Webhook>
  /** The keys that sign what the receiver gets. */
  signing?: WebhookSecret
  /** Where things were sent, besides what the settings say. */
  addresses?: string[]
}

/**
 * What must not stand in any record of what was sent to somebody outside, or came back: the only list of it. The text
 * goes through `redact` with it.
 */
export function secretsOf(holders: SecretHolders): string[] {
  const { config, user, signing, addresses = [] } = holders
  const webhooks = [...(holders.webhooks ?? [])]
  const all = [
    config.adminToken,
    config.apiKey,
    config.metricsToken,
    config.globalHmacKey,
    config.encryptionKey,
    ...config.encryptionKeyPrevious,
    config.databasePassword,
    user?.token,
    ...webhooks.flatMap(({ hmacKey, headers }) => [hmacKey, ...Object.values(headers)]),
    user?.proxyUrl,
    user?.s3.accessKey,
    user?.s3.secretKey,
    ...[signing?.secret, signing?.previous].flatMap((key) => [key, key?.replace(/^whsec_/, '')]),
    ...[
      config.databaseUrl,
      config.rabbitmqUrl,
      config.globalWebhook,
      ...webhooks.map(({ url }) => url),
      user?.proxyUrl,
      ...addresses,
    ].flatMap((address) => addressSecrets(address)),
  ]
  return [...new Set(all.filter((secret): secret is string => Boolean(secret)))]
}
