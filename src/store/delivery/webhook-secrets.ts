import type { Secrets } from '../../lib/secrets/secrets.ts'
import type { Queryable } from '../database/database.ts'
import { RowCache } from '../database/row-cache.ts'

/** The keys that sign what a receiver gets. */
export interface WebhookSecret {
  secret: string
  /** The key before it, which signs too until `previousUntil` (milliseconds); '' for none. */
  previous: string
  previousUntil: number
}

interface SecretRow {
  destination: string
  user_id: string | null
  sealed_secret: string
  sealed_previous: string
  previous_until: number
}

const cache = new RowCache<WebhookSecret>()

/** The keys of a receiver; undefined when it has none. */
export function getWebhookSecret(
  db: Queryable,
  secrets: Secrets,
  destination: string,
): Promise<WebhookSecret | undefined> {
  return cache.get(db, destination, async () => {
    const row = await db<SecretRow>('webhook_secrets').where({ destination }).first()
    return (
      row && {
        secret: secrets.decrypt(row.sealed_secret),
        previous: secrets.decrypt(row.sealed_previous),
        previousUntil: row.previous_until,
      }
    )
  })
}

/** Stores the keys of a receiver, encrypted, in place of those it had. */
export async function putWebhookSecret(
  db: Queryable,
  secrets: Secrets,
  owner: { name: string; userId?: string },
  { secret, previous, previousUntil }: WebhookSecret,
): Promise<void> {
  await db<SecretRow>('webhook_secrets')
    .insert({
      destination: owner.name,
      user_id: owner.userId ?? null,
      sealed_secret: secrets.encrypt(secret),
      sealed_previous: secrets.encrypt(previous),
      previous_until: previousUntil,
    })
    .onConflict('destination')
    .merge()
    .finally(() => cache.forget(db, owner.name))
}

/** Forgets the keys of a receiver: it is no longer signed with them. */
export async function deleteWebhookSecret(db: Queryable, destination: string): Promise<void> {
  await db('webhook_secrets')
    .where({ destination })
    .delete()
    .finally(() => cache.forget(db, destination))
}
