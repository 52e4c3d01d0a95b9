import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startClockWatch } from '../../src/delivery/clock-watch.ts'
import { createLogger } from '../../src/lib/process/logger.ts'
import { recountWaits } from '../../src/store/database/waits.ts'
import { claimLanes, dueLanes, nextDeliveries } from '../../src/store/delivery/deliveries.ts'
import { changeDestination, getDestination } from '../../src/store/delivery/destinations.ts'
import { leaseDeliveries } from '../../src/store/delivery/pull.ts'
import { settle } from '../../src/store/delivery/settlement.ts'
import {
  addPendingHistory,
  nextPendingHistory,
  takePendingHistory,
} from '../../src/store/messages/history-syncs.ts'
import { databaseKinds } from '../helpers/database.ts'
import { numbered, type OutboxBench, outboxBench } from '../helpers/outbox.ts'
import { startReceiver } from '../helpers/receiver.ts'

const HOUR = 3_600_000

describe.each(databaseKinds)('a clock that is set back by two hours on %s', (kind) => {
  let bench: OutboxBench
  /** The time before and after. */
  let before: number
  let now: number

  beforeEach(async () => {
    bench = await outboxBench(kind)
    now = Date.now()
    before = now + 2 * HOUR
  })
  afterEach(() => bench.close())

  test('leaves a chat that failed as long to wait as it was to', async () => {
    const { db } = bench.database
    await failedOnce({ at: before, pauseMs: 30_000 })

    const waits = await recountWaits(db, now)

    expect(waits).toBe(1)
    expect(await db('lanes').first('due_at', 'set_at')).toEqual({ due_at: now + 30_000, set_at: now })
  })

  test('leaves alone what another node set whose clock is a little ahead', async () => {
    const { db } = bench.database
    await failedOnce({ at: now + 3_000, pauseMs: 30_000 })

    expect(await recountWaits(db, now)).toBe(0)
    expect(await db('lanes').pluck('due_at')).toEqual([now + 33_000])
  })

  test('leaves the lanes of an outbox that died to the others when their lease is over', async () => {
    const { db } = bench.database
    const user = await bench.addUser({ webhook: 'http://127.0.0.1:9/' })
    await bench.bus.record(user.id, [numbered('a', 1)])
    await claimLanes(db, await db('lanes').pluck('lane'), {
      lease: 'of the dead',
      now: before,
      until: before + 10_000,
    })

    await recountWaits(db, now)

    expect(await dueLanes(db, { now: now + 9_999, limit: 9, except: [] })).toHaveLength(0)
    expect(await dueLanes(db, { now: now + 10_000, limit: 9, except: [] })).toHaveLength(1)
  })

  test('leaves the lease of whoever pulls as long as it was asked for', async () => {
    const { db } = bench.database
    const user = await bench.addUser({ webhook: 'http://127.0.0.1:9/' })
    await bench.bus.record(user.id, [numbered('a', 1)])
    const lease = { destination: `user:${user.id}`, lease: 'pull:1', now: before, until: before + 60_000 }
    await leaseDeliveries(db, { ...lease, limit: 1 })

    await recountWaits(db, now)

    expect(await db('lanes').pluck('due_at')).toEqual([now + 60_000])
  })

  test('leaves a failing receiver alone for no longer than its breaker says', async () => {
    const { db } = bench.database
    const breaker = { failures: 5, openings: 1, openedAt: before, retryAt: before + 2_000, answer: '' }
    await changeDestination(db, { name: 'global' }, { breaker }, before)
    await getDestination(db, 'global')

    await recountWaits(db, now)

    expect((await getDestination(db, 'global'))?.breaker?.retryAt).toBe(now + 2_000)
  })

  test('leaves the parts of a history as long to wait as they were to', async () => {
    const { database, secrets } = bench
    const { id: userId } = await bench.addUser()
    const part = { userId, messageId: 'A', notification: Buffer.from('x'), dueAt: before }
    await addPendingHistory(database.db, secrets, part)
    await takePendingHistory(database.db, secrets, { now: before, leaseUntil: before + HOUR })

    await recountWaits(database.db, now)

    expect(await nextPendingHistory(database.db)).toBe(now + HOUR)
  })

  test('does not keep a failed event from its receiver', async () => {
    const receiver = await startReceiver()
    await failedOnce({ at: before, pauseMs: 100, webhook: receiver.url })
    bench.start()

    const stop = startClockWatch({ db: bench.database.db, log: createLogger('silent'), intervalMs: 20 })

    expect((await receiver.next('Presence')).event.number).toBe(1)
    await stop()
    await receiver.close()
  })

  /** An event whose first attempt failed, by a clock that said `at`. */
  async function failedOnce(given: { at: number; pauseMs: number; webhook?: string }): Promise<void> {
    const { db } = bench.database
    const { at, pauseMs, webhook = 'http://127.0.0.1:9/' } = given
    const user = await bench.addUser({ webhook })
    await bench.bus.record(user.id, [numbered('a', 1)])
    const names: string[] = await db('lanes').pluck('lane')
    await claimLanes(db, names, { lease: 'lease', now: at, until: at + 10_000 })
    const postponed = (await nextDeliveries(db, names)).map(({ id, lane, attempt: earlier }) => ({
      id,
      earlier,
      lane,
      dueAt: at + pauseMs,
      answer: 'no answer',
    }))
    const nothing = { finished: [], closing: [], yielded: [], aside: [] }
    await settle(db, { ...nothing, postponed }, { lease: 'lease', now: at })
  }
})
