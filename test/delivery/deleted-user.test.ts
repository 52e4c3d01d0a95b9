import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { changeDestination } from '../../src/store/delivery/destinations.ts'
import { deleteUser } from '../../src/store/users/users.ts'
import { databaseKinds } from '../helpers/database.ts'
import { numbered, type OutboxBench, outboxBench } from '../helpers/outbox.ts'
import { type Receiver, startReceiver } from '../helpers/receiver.ts'

const CHATS = [...Array(14).keys()].map((number) => `chat ${number}`)

describe.each(databaseKinds)('a user that is deleted on %s while its deliveries are on their way', (kind) => {
  let bench: OutboxBench
  let receiver: Receiver

  beforeEach(async () => {
    receiver = await startReceiver()
    bench = await outboxBench(kind, { WEBHOOK_CONCURRENCY_PER_TARGET: '50' })
  })
  afterEach(async () => {
    await bench.close()
    await receiver.close()
  })

  test('leaves the deliveries of others as they are: each arrives once, and is known to have', async () => {
    const deleted = await bench.addUser({ webhook: receiver.url })
    const other = await bench.addUser({ webhook: receiver.url })
    const leaseMs = 60_000
    receiver.slow(300)
    bench.start({ leaseMs })

    for (const chat of CHATS)
      for (const { id } of [deleted, other]) await bench.bus.record(id, [numbered(chat, 1)])
    await receiver.attempts(CHATS.length)
    await deleteUser(bench.database.db, deleted.id)

    // Long before the leases run out, after which everything would be told again.
    await expect
      .poll(() => bench.database.db('deliveries').pluck('state'), { timeout: leaseMs / 2 })
      .toEqual(CHATS.map(() => 'delivered'))
    const told = receiver.requests.filter(({ event }) => event.userID === other.id)
    expect(told.map(({ event }) => event.chat).sort()).toEqual([...CHATS].sort())
    expect(await bench.database.db('lanes')).toEqual([])
  })

  test('leaves nothing to remember of its receiver, whose failure is told too late', async () => {
    const { db } = bench.database
    const { id: userId } = await bench.addUser({ webhook: receiver.url })
    await deleteUser(db, userId)
    const breaker = { failures: 5, openings: 1, openedAt: 1, retryAt: 2, answer: 'no answer' }

    await changeDestination(db, { name: `user:${userId}`, userId }, { breaker })

    expect(await db('destinations')).toEqual([])
  })
})
