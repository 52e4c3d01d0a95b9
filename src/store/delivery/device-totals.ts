import type { Queryable } from '../database/database.ts'

/** The webhooks of all devices of customers, and what became of their deliveries as long as these are kept. */
export interface WebhookTotals {
  webhooks: number
  /** Those with an address: the others get nothing. */
  active: number
  delivered: number
  /** Given up. */
  failed: number
}

/** Counts them. */
export async function webhookTotals(db: Queryable): Promise<WebhookTotals> {
  const devices = db('users').whereNotNull('customer_id').whereNull('removed_at').select('id')
  const [webhooks, active, deliveries] = await Promise.all([
    total(db('webhooks').whereIn('user_id', devices.clone())),
    total(db('webhooks').whereIn('user_id', devices.clone()).whereNot('url', '')),
    db('deliveries')
      .whereIn('user_id', devices.clone())
      .whereIn('state', ['delivered', 'dead'])
      .groupBy('state')
      .select('state')
      .count({ total: '*' }),
  ])
  const ended = (state: string) =>
    Number(
      (deliveries as { state: string; total: number | string }[]).find((row) => row.state === state)?.total ??
        0,
    )
  return { webhooks, active, delivered: ended('delivered'), failed: ended('dead') }
}

async function total(rows: ReturnType<Queryable>): Promise<number> {
  const row: { total?: number | string } | undefined = await rows.count({ total: '*' }).first()
  return Number(row?.total ?? 0)
}
