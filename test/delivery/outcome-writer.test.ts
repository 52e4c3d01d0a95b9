import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Settler } from '../../src/delivery/outcome-writer.ts'
import { errorReport } from '../../src/delivery/targets.ts'
import { claimLanes, nextDeliveries, type PendingDelivery } from '../../src/store/delivery/deliveries.ts'
import { deleteUser } from '../../src/store/users/users.ts'
import { databaseKinds } from '../helpers/database.ts'
import { numbered, type OutboxBench, outboxBench } from '../helpers/outbox.ts'

const LEASE = 'lease'

describe.each(databaseKinds)('what came of deliveries on %s', (kind) => {
  let bench: OutboxBench
  let settler: Settler

  beforeEach(async () => {
    bench = await outboxBench(kind)
    settler = new Settler(bench.database.db, LEASE)
  })
  afterEach(() => bench.close())

  test('is written although one outcome among them cannot be', async () => {
    const [first, bad, last] = await claimed('a', 'b', 'c')

    const outcomes = await Promise.allSettled([
      settler.add(delivered(first)),
      settler.add({ postponed: [{ seq: bad.seq, lane: bad.lane, dueAt: Number.NaN, answer: '' }] }),
      settler.add(delivered(last)),
    ])

    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(await states()).toEqual(['delivered', 'pending', 'delivered'])
  })

  test('is passed over where the deliveries were deleted with their user', async () => {
    const { db } = bench.database
    const [gone] = await claimed('a')
    await deleteUser(db, gone.userId)
    const [kept] = await claimed('b')
    let transactions = 0
    db.on('query', ({ sql }: { sql: string }) => {
      if (sql.startsWith('BEGIN')) transactions += 1
    })
    const report = errorReport({ ...gone, target: 'user' })

    const closed = await Promise.all([
      settler.add(delivered(gone)),
      settler.add({ ...delivered(gone), reports: report ? [report] : [] }),
      settler.add(delivered(kept)),
    ])

    expect(transactions).toBe(1)
    expect(closed[0]).toEqual(new Set([gone.lane, kept.lane]))
    expect(await states()).toEqual(['delivered'])
    expect(await db('attempts').pluck('delivery_seq')).toEqual([kept.seq])
  })

  /** A delivery of each of these chats, claimed, of a user of their own. */
  async function claimed(...chats: string[]): Promise<[PendingDelivery, PendingDelivery, PendingDelivery]> {
    const { db } = bench.database
    const user = await bench.addUser({ webhook: 'http://127.0.0.1:9/' })
    for (const chat of chats) await bench.bus.record(user.id, [numbered(chat, 1)])
    const lanes: string[] = await db('lanes').where('user_id', user.id).orderBy('lane').pluck('lane')
    await claimLanes(db, lanes, { lease: LEASE, now: Date.now(), until: Date.now() + 60_000 })
    // As many as there are chats; the test names no more than it asked for.
    return (await nextDeliveries(db, lanes)) as [PendingDelivery, PendingDelivery, PendingDelivery]
  }

  function states(): Promise<string[]> {
    return bench.database.db('deliveries').orderBy('seq').pluck('state')
  }
})

function delivered({ seq, lane }: PendingDelivery) {
  const attempt = { at: 1, latencyMs: 1, status: 200, request: '{}', answer: 'ok' }
  return { finished: [{ seq, state: 'delivered' as const, status: 200, attempt }], closing: [lane] }
}
