import type { Secrets } from '../../lib/secrets/secrets.ts'
import { nextNumber } from '../counters.ts'
import type { Database, Queryable } from '../database/database.ts'
import { RowCache } from '../database/row-cache.ts'
import { closeBreakers } from './destinations.ts'
import { parseTarget, webhookId } from './webhook-ids.ts'

/** Where events go, and how. Secrets are clear in memory. */
export interface Webhook {
  /** `<slot>:<user id>` for the one that every user has of a slot, with `/` and a key behind it for further ones. */
  id: string
  /** Which webhook profile it belongs to. */
  slot: string
  /** Receiver, '' for none. */
  url: string
  /** Subscribed names separated by commas, where its dialect has subscriptions. */
  events: string
  /** How bodies are written, where its dialect leaves a choice; '' as the server is set. */
  format: '' | 'form' | 'json'
  /** Key of its dialect's own signature, '' for none. */
  hmacKey: string
  /** Further headers of its requests. */
  headers: Record<string, string>
  /** Nothing is recorded for one that is switched off, and what waits for it is dropped. */
  isActive: boolean
  /** Unix milliseconds; 0 while nothing is stored. */
  createdAt: number
  updatedAt: number
}

/** What can be changed of a webhook. */
export type WebhookPatch = Partial<Omit<Webhook, 'id' | 'slot' | 'createdAt' | 'updatedAt'>>

interface WebhookRow {
  id: string
  user_id: string
  slot: string
  url: string
  events: string
  format: Webhook['format']
  sealed_key: string
  headers: string
  is_active: number
  created_at: number
  updated_at: number | null
}

/** By id. */
export type Webhooks = ReadonlyMap<string, Webhook>

const cache = new RowCache<Webhooks>()

/** A webhook with nothing set: what stands for a row that is not there. */
export function blankWebhook(id: string, slot: string): Webhook {
  return {
    id,
    slot,
    url: '',
    events: '',
    format: '',
    hmacKey: '',
    headers: {},
    isActive: true,
    createdAt: 0,
    updatedAt: 0,
  }
}

/** The webhook of a target of a user; blank where nothing of it is stored. */
export function webhookOf(webhooks: Webhooks, target: string, userId: string): Webhook {
  const id = webhookId(target, userId)
  return webhooks.get(id) ?? blankWebhook(id, parseTarget(target).slot)
}

/** The webhooks of a user, oldest first. */
export async function getWebhooks(db: Queryable, secrets: Secrets, userId: string): Promise<Webhooks> {
  const known = await cache.get(db, userId, async () => {
    const rows = await db<WebhookRow>('webhooks').where({ user_id: userId }).orderBy(['created_at', 'id'])
    return new Map(rows.map((row) => [row.id, fromRow(row, secrets)]))
  })
  return known ?? new Map()
}

/** The webhooks of a slot, of all users. */
export async function listWebhooks(db: Queryable, secrets: Secrets, slot: string): Promise<Webhooks> {
  const rows = await db<WebhookRow>('webhooks').where({ slot })
  return new Map(rows.map((row) => [row.id, fromRow(row, secrets)]))
}

/** Changes the webhook of a target of a user, or stores it when there is none. */
export async function putWebhook(
  db: Queryable,
  secrets: Secrets,
  { target, userId, patch }: { target: string; userId: string; patch: WebhookPatch },
): Promise<void> {
  const changed = toColumns(patch, secrets)
  const { slot } = parseTarget(target)
  const now = Date.now()
  const columns = Object.keys(changed).length > 0 ? { ...changed, updated_at: now } : {}
  const query = db<WebhookRow>('webhooks')
    .insert({ id: webhookId(target, userId), user_id: userId, slot, created_at: now, ...columns })
    .onConflict('id')
  await (Object.keys(columns).length > 0 ? query.merge(columns) : query.ignore()).finally(() =>
    forgetWebhooks(db, userId),
  )
  // What the old address did says nothing about the new one.
  if (patch.url !== undefined) await closeBreakers(db, userId)
}

/**
 * Stores a further webhook of a user under the next number of its slot, and yields the number; undefined when the user has
 * `most` of that slot already.
 */
export function insertNumberedWebhook(
  db: Database,
  secrets: Secrets,
  { slot, userId, patch, most }: { slot: string; userId: string; patch: WebhookPatch; most: number },
): Promise<number | undefined> {
  return db.transaction(async (trx) => {
    // Whoever has the number has the counter until the transaction ends: nobody is counted twice.
    const number = await nextNumber(trx, `webhooks of ${slot}`)
    const known: { id: string }[] = await trx('webhooks').where({ user_id: userId, slot }).select('id')
    if (known.length >= most) return undefined
    await putWebhook(trx, secrets, { target: `${slot}/${number}`, userId, patch })
    return number
  })
}

/** Removes the webhook of a target of a user with all that is set. */
export async function deleteWebhook(db: Queryable, userId: string, target: string): Promise<void> {
  await db('webhooks')
    .where('id', webhookId(target, userId))
    .delete()
    .finally(() => forgetWebhooks(db, userId))
}

/** Must be called after a transaction that changed webhooks of a user. */
export function forgetWebhooks(db: Queryable, userId: string): void {
  cache.forget(db, userId)
}

function fromRow(row: WebhookRow, secrets: Secrets): Webhook {
  const { id, slot, url, events, format } = row
  return {
    id,
    slot,
    url,
    events,
    format,
    hmacKey: secrets.decrypt(row.sealed_key),
    headers: JSON.parse(row.headers),
    isActive: row.is_active === 1,
    createdAt: row.created_at,
    updatedAt: row.updated_at ?? row.created_at,
  }
}

function toColumns(patch: WebhookPatch, secrets: Secrets): Partial<WebhookRow> {
  const { url, events, format, hmacKey, headers, isActive } = patch
  return {
    ...(url !== undefined && { url }),
    ...(events !== undefined && { events }),
    ...(format !== undefined && { format }),
    ...(hmacKey !== undefined && { sealed_key: secrets.encrypt(hmacKey) }),
    ...(headers !== undefined && { headers: JSON.stringify(headers) }),
    ...(isActive !== undefined && { is_active: isActive ? 1 : 0 }),
  }
}
