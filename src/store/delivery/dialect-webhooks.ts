import type { Queryable } from '../database/database.ts'
import { RowCache } from '../database/row-cache.ts'
import { closeBreakers } from './destinations.ts'

/** Where a user wants events in the words of one dialect; wuzapi's own webhook is part of the user. */
export interface DialectWebhook {
  /** Name of the dialect. */
  dialect: string
  /** Receiver, '' for none. */
  url: string
  /** Subscribed names separated by commas, where the dialect has subscriptions. */
  events: string
}

interface WebhookRow extends DialectWebhook {
  user_id: string
}

/** By the name of the dialect. */
type Webhooks = ReadonlyMap<string, DialectWebhook>

const cache = new RowCache<Webhooks>()

/** What a user has set in each dialect. */
export async function getDialectWebhooks(db: Queryable, userId: string): Promise<Webhooks> {
  const known = await cache.get(db, userId, async () => {
    const rows = await db<WebhookRow>('dialect_webhooks').where({ user_id: userId })
    return new Map(rows.map(({ dialect, url, events }) => [dialect, { dialect, url, events }]))
  })
  return known ?? new Map()
}

/** Sets where a user wants events in the words of a dialect. */
export async function putDialectWebhook(
  db: Queryable,
  userId: string,
  webhook: DialectWebhook,
): Promise<void> {
  await db<WebhookRow>('dialect_webhooks')
    .insert({ user_id: userId, ...webhook })
    .onConflict(['user_id', 'dialect'])
    .merge(['url', 'events'])
    .finally(() => cache.forget(db, userId))
  // What the old address did says nothing about the new one.
  await closeBreakers(db, userId)
}
