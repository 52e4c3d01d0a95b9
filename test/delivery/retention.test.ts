import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startRetention } from '../../src/delivery/retention.ts'
import { cautiousNow } from '../../src/lib/flow/cautious-now.ts'
import { createLogger } from '../../src/lib/process/logger.ts'
import { recentEvents } from '../../src/store/delivery/events.ts'
import type { User } from '../../src/store/users/users.ts'
import { databaseKinds } from '../helpers/database.ts'
import { numbered, type OutboxBench, outboxBench } from '../helpers/outbox.ts'

// A busy machine may need longer than the default second.
const patient = { timeout: 30_000 }

const DAY = 86_400_000

describe.each(databaseKinds)('retention on %s', (kind) => {
  let bench: OutboxBench
  let user: User
  let stop: () => Promise<void>

  beforeEach(async () => {
    bench = await outboxBench(kind)
    user = await bench.addUser({ webhook: 'http://127.0.0.1:9/' })
    await bench.bus.record(user.id, [numbered('waiting', 1), numbered('delivered', 2), numbered('dead', 3)])
    const { db } = bench.database
    await db('deliveries')
      .where('lane', 'like', '%delivered')
      .update({ state: 'delivered', finished_at: Date.now() })
    await db('deliveries').where('lane', 'like', '%dead').update({ state: 'dead', finished_at: Date.now() })
  })
  afterEach(async () => {
    await stop()
    await bench.close()
  })

  const chats = async () =>
    (await recentEvents(bench.database.db, user.id, 10)).map(({ chat }) => chat).reverse()
  const start = (now?: () => number) => {
    const config = { eventRetentionHours: 24, deadRetentionHours: 48, messageRetentionHours: 24 }
    stop = startRetention({ db: bench.database.db, log: createLogger('silent'), config, intervalMs: 5, now })
  }

  test('old events go unless a delivery still waits or was given up recently', async () => {
    await bench.database.db('events').update({ at: Date.now() - 2 * DAY })

    start()

    await expect.poll(chats, patient).toEqual(['waiting', 'dead'])
  })

  test('what was given up goes after its own, longer time', async () => {
    await bench.database.db('events').update({ at: Date.now() - 3 * DAY })
    await bench.database
      .db('deliveries')
      .where('state', 'dead')
      .update({ finished_at: Date.now() - 3 * DAY })

    start()

    await expect.poll(chats, patient).toEqual(['waiting'])
  })

  test('nothing goes because the clock was set a year ahead for a while', async () => {
    let aheadMs = 0
    let looks = 0
    const cautious = cautiousNow({ wall: () => Date.now() + aheadMs })
    aheadMs = 365 * DAY
    start(() => {
      looks += 1
      return cautious()
    })

    await expect.poll(() => looks, patient).toBeGreaterThan(2)
    expect(await chats()).toEqual(['waiting', 'delivered', 'dead'])
  })

  test('nothing recent is removed', async () => {
    await bench.bus.record(user.id, [{ type: 'session.replaced' }], { ids: ['old'] })
    await bench.database
      .db('events')
      .where('type', 'session.replaced')
      .update({ at: Date.now() - 2 * DAY })

    start()

    await expect.poll(chats, patient).toEqual(['waiting', 'delivered', 'dead'])
  })
})
