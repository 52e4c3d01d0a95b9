import type { Queryable } from '../database/database.ts'

/** Adds to the requests of a customer in an hour (hours since 1970) and yields how many there are now, of all nodes. */
export async function addRequests(
  db: Queryable,
  { customerId, hour, requests }: { customerId: number; hour: number; requests: number },
): Promise<number> {
  const [row]: { requests: number }[] = await db('customer_requests')
    .insert({ customer_id: customerId, hour, requests })
    .onConflict(['customer_id', 'hour'])
    .merge({ requests: db.raw('customer_requests.requests + ?', [requests]) })
    .returning('requests')
  return row?.requests ?? requests
}

/** Removes what was counted before an hour. */
export async function forgetRequests(db: Queryable, before: number): Promise<void> {
  await db('customer_requests').where('hour', '<', before).delete()
}
