import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { OutcomeWriter } from '../../src/delivery/outcome-writer.ts'
import { errorReport } from '../../src/delivery/targets.ts'
import { openDatabase } from '../../src/store/database/database.ts'
import { claimLanes, nextDeliveries, type PendingDelivery } from '../../src/store/delivery/deliveries.ts'
import { settle } from '../../src/store/delivery/settlement.ts'
import { deleteUser } from '../../src/store/users/users.ts'
import { databaseKinds } from '../helpers/database.ts'
import { startForwarder } from '../helpers/forwarder.ts'
import { numbered, type OutboxBench, outboxBench } from '../helpers/outbox.ts'

const LEASE = 'lease'

describe.each(databaseKinds)('what came of deliveries on %s', (kind) => {
  let bench: OutboxBench
  let settler: OutcomeWriter

  beforeEach(async () => {
    bench = await outboxBench(kind)
    settler = new OutcomeWriter(bench.database.db, bench.commits, LEASE)
  })
  afterEach(() => bench.close())

  test('is written although one outcome among them cannot be', async () => {
    const [first, bad, last] = await claimed('a', 'b', 'c')

    const outcomes = await Promise.allSettled([
      settler.add(delivered(first)),
      settler.add({ postponed: [{ ...failed(bad), dueAt: Number.NaN }] }),
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
      settler.add({ finished: [{ ...ended(gone), report }], closing: [gone.lane] }),
      settler.add(delivered(kept)),
    ])

    expect(transactions).toBe(1)
    expect(closed[0]).toEqual(new Set([gone.lane, kept.lane]))
    expect(await states()).toEqual(['delivered'])
    expect(await db('attempts').pluck('delivery_seq')).toEqual([kept.seq])
  })

  test('is written once, however often it is written', async () => {
    const { db } = bench.database
    const [good, postponed, dead] = await claimed('a', 'b', 'c')
    const report = errorReport({ ...dead, target: 'user' })
    const settlement = {
      finished: [ended(good), { ...ended(dead), state: 'dead' as const, report }],
      postponed: [failed(postponed)],
      closing: [good.lane, dead.lane],
      yielded: [],
      aside: [],
    }
    const write = () => settle(db, settlement, { lease: LEASE, now: Date.now() })

    const closed = await write()
    await db('deliveries').where('id', report?.id).update({ state: 'delivered', attempt: 1 })
    const once = await written()

    expect(await write()).toEqual(closed)
    expect(await written()).toEqual(once)
    expect(once.deliveries).toMatchObject([
      { state: 'delivered', attempt: 1 },
      { state: 'pending', attempt: 1 },
      { state: 'dead', attempt: 1 },
      { state: 'delivered', attempt: 1 },
    ])
    expect(once.attempts).toHaveLength(3)
  })

  test('does not end what was asked for anew meanwhile, and makes it at once', async () => {
    const { db } = bench.database
    const [good, bad] = await claimed('a', 'b')

    // Whoever asks for a delivery takes its attempts back.
    const closed = await settler.add(delivered({ ...good, attempt: 3 }))
    await settler.add({ postponed: [failed({ ...bad, attempt: 3 })] })

    expect(closed).toEqual(new Set())
    expect(await db('deliveries').orderBy('seq').select('state', 'attempt')).toEqual([
      { state: 'pending', attempt: 0 },
      { state: 'pending', attempt: 0 },
    ])
    expect(await db('attempts')).toEqual([])
    const { due_at } = await db('lanes').where('lane', bad.lane).first()
    expect(due_at).toBeLessThanOrEqual(Date.now())
  })

  test.each(['dead', 'dropped'] as const)('is left to whoever has the lane by now: %s', async (state) => {
    const { db } = bench.database
    const [lost] = await claimed('a')
    await db('lanes').update({ lease: 'of another' })

    await settler.add({ finished: [{ ...ended(lost), state }] })
    await settler.add({ postponed: [failed(lost)] })

    expect(await db('deliveries').select('state', 'attempt')).toEqual([{ state: 'pending', attempt: 0 }])
    expect(await db('attempts')).toEqual([])
  })

  /** What a settlement changes. */
  async function written() {
    const { db } = bench.database
    return {
      deliveries: await db('deliveries').orderBy('seq').select('seq', 'state', 'attempt', 'finished_at'),
      attempts: await db('attempts').orderBy('id').select(),
      lanes: await db('lanes').orderBy('lane').select(),
    }
  }

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

test('what came of deliveries is written once when the connection ends with the commit', async () => {
  const bench = await outboxBench('postgres')
  const url = new URL(bench.database.config.databaseUrl ?? '')
  const line = await startForwarder({ host: url.hostname, port: Number(url.port) })
  url.host = `127.0.0.1:${line.port}`
  const db = await openDatabase({ ...bench.database.config, databaseUrl: url.href })
  const user = await bench.addUser({ webhook: 'http://127.0.0.1:9/' })
  for (const chat of ['a', 'b', 'c']) await bench.bus.record(user.id, [numbered(chat, 1)])
  const lanes: string[] = await db('lanes').pluck('lane')
  await claimLanes(db, lanes, { lease: LEASE, now: Date.now(), until: Date.now() + 60_000 })
  const pending = await nextDeliveries(db, lanes)
  const settler = new OutcomeWriter(db, bench.commits, LEASE)

  const isCut = line.cutAt('COMMIT')
  await settler.add({ postponed: pending.map(failed) })

  expect(isCut()).toBe(true)
  expect(await db('deliveries').pluck('attempt')).toEqual([1, 1, 1])
  expect(await db('attempts')).toHaveLength(3)
  await db.destroy()
  await line.close()
  await bench.close()
})

const attempt = { at: 1, latencyMs: 1, status: 200, request: '{}', answer: 'ok' }

function ended({ id, attempt: earlier }: PendingDelivery) {
  return { id, earlier, state: 'delivered' as const, status: 200, attempt }
}

function failed({ id, lane, attempt: earlier }: PendingDelivery) {
  return { id, earlier, lane, dueAt: Date.now() + 60_000, answer: 'no', attempt }
}

function delivered(delivery: PendingDelivery) {
  return { finished: [ended(delivery)], closing: [delivery.lane] }
}
