import { newId, newToken } from '../../src/lib/ids.ts'
import type { Secrets } from '../../src/lib/secrets/secrets.ts'
import type { Queryable } from '../../src/store/database/database.ts'
import { putWebhook, type WebhookPatch } from '../../src/store/delivery/webhooks.ts'
import { insertUser, type User } from '../../src/store/users/users.ts'

/** A user as the admin endpoint creates one, with a random id and token. */
export function sampleUser(overrides: Partial<User> = {}): User {
  return {
    id: newId(),
    name: 'sample',
    token: newToken(),
    jid: '',
    wanted: false,
    expiration: 0,
    history: 0,
    daysToSyncHistory: 0,
    proxyUrl: '',
    webhookUseProxy: true,
    s3: {
      enabled: false,
      endpoint: '',
      region: '',
      bucket: '',
      accessKey: '',
      secretKey: '',
      pathStyle: false,
      publicUrl: '',
      retentionDays: 0,
    },
    mediaDelivery: '',
    profile: '',
    deviceName: '',
    customerId: null,
    deviceSecretHash: '',
    tokenVersion: 0,
    lastJid: '',
    lastActiveAt: null,
    createdAt: 1_700_000_000_000,
    ...overrides,
  }
}

/** What a test wants of a user: its settings, and where its events go. */
export type UserWish = Partial<User> & { webhook?: string; events?: string; hmacKey?: string }

/** Stores a user that is subscribed to everything, unless the wish says otherwise. */
export async function storeUser(db: Queryable, secrets: Secrets, wish: UserWish = {}): Promise<User> {
  const { webhook = '', events = 'All', hmacKey = '', ...settings } = wish
  const user = sampleUser(settings)
  await insertUser(db, secrets, user)
  await changeOwnWebhook(db, secrets, { userId: user.id, patch: { url: webhook, events, hmacKey } })
  return user
}

/** Changes the webhook that every user has in wuzapi's words. */
export async function changeOwnWebhook(
  db: Queryable,
  secrets: Secrets,
  { userId, patch }: { userId: string; patch: WebhookPatch },
): Promise<void> {
  await putWebhook(db, secrets, { target: 'user', userId, patch })
}
