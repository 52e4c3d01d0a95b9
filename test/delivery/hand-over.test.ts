import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ApiError } from '../../src/lib/errors.ts'
import { isPostgres } from '../../src/store/database/database.ts'
import { changeDestination } from '../../src/store/delivery/destinations.ts'
import type { User } from '../../src/store/users/users.ts'
import { databaseKinds } from '../helpers/database.ts'
import { numbered, type OutboxBench, outboxBench } from '../helpers/outbox.ts'
import { type Receiver, startReceiver } from '../helpers/receiver.ts'

const patient = { timeout: 20_000 }

describe.each(databaseKinds)('a webhook that leaves while its event is being written, on %s', (kind) => {
  let bench: OutboxBench
  let receiver: Receiver
  let user: User

  beforeEach(async () => {
    bench = await outboxBench(kind)
    receiver = await startReceiver({ timeoutMs: 20_000 })
    user = await bench.addUser({ webhook: receiver.url })
    bench.start()
    // The outbox has looked at what there was, and the receiver is known.
    await bench.bus.record(user.id, [numbered('first', 0)])
    await receiver.next()
    await settled()
  })
  afterEach(async () => {
    receiver.answer(200)
    await bench.close()
    await receiver.close()
  })

  test('is one row when it is answered in time: no lane, no attempt, no second write', async () => {
    // A busy machine may answer one or the other too late.
    const chats = Array.from({ length: 20 }, (_, index) => `a${index}`)
    const rows = []
    for (const [index, chat] of chats.entries()) {
      await bench.bus.record(user.id, [numbered(chat, index + 1)])
      const lanes = await bench.database.db('lanes').whereLike('lane', `%:${chat}`)
      rows.push(
        ...(await deliveriesOf(chat)).filter(({ state }) => state === 'delivered' && lanes.length === 0),
      )
    }

    const [delivery] = rows
    expect(delivery).toMatchObject({ state: 'delivered', attempt: 1, last_status: 200 })
    expect(delivery.duration_ms).toBeGreaterThanOrEqual(0)
    expect(delivery.finished_at).toBeGreaterThan(0)
    await settled()
    expect(await bench.database.db('attempts')).toEqual([])
    expect(numbersAtReceiver()).toEqual([0, ...chats.map((_, index) => index + 1)])
  })

  test('is written as waiting when the answer takes longer, which holds nobody up', async () => {
    receiver.slow(3_000)
    const begun = performance.now()

    await bench.bus.record(user.id, [numbered('a', 1)])

    expect(performance.now() - begun).toBeLessThan(2_500)
    expect(await deliveriesOf('a')).toMatchObject([{ state: 'pending', attempt: 0 }])
    expect(await bench.database.db('lanes').pluck('lease')).toEqual([expect.stringMatching(/^node\//)])
    await settled()
    expect(await deliveriesOf('a')).toMatchObject([{ state: 'delivered', attempt: 1 }])
    expect(numbersAtReceiver()).toEqual([0, 1])
  })

  test('that fails is repeated under its id, and the chat waits for it', async () => {
    receiver.answer(500)
    await bench.bus.record(user.id, [numbered('a', 1)])
    await bench.bus.record(user.id, [numbered('a', 2)])
    await receiver.attempts(2)
    receiver.answer(200)
    await settled()

    const ids = receiver.requests
      .filter(({ event }) => event.number === 1)
      .map(({ headers }) => headers['webhook-id'])
    expect(ids.length).toBeGreaterThan(1)
    expect(new Set(ids).size).toBe(1)
    expect(numbersAtReceiver().at(-1)).toBe(2)
    expect(numbersAtReceiver().filter((number) => number === 2)).toHaveLength(1)
  })

  test('is told again under the same id when the event could not be written', async () => {
    const record = () => bench.bus.record(user.id, [numbered('a', 1)], { ids: ['one'] })
    const mend = await breakEvents()
    await expect(record()).rejects.toThrow()
    await mend()
    expect(await deliveriesOf('a')).toEqual([])

    await record()
    await settled()

    const told = receiver.requests.filter(({ event }) => event.number === 1)
    expect(told.length).toBeGreaterThan(0)
    expect(new Set(told.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
    expect(await deliveriesOf('a')).toMatchObject([{ state: 'delivered' }])
  })

  test('is nobody’s when the session was lost in between: the new owner tells it under the same id', async () => {
    const batch = { userId: user.id, events: [numbered('a', 1)], ids: ['one'] }
    const lost = bench.bus.recordWith(batch, async () => {
      await delay(20)
      throw new ApiError('lease_lost')
    })
    await expect(lost).rejects.toMatchObject({ code: 'lease_lost' })

    await bench.recordElsewhere(user.id, [numbered('a', 1)], ['one'])
    await settled()

    const told = receiver.requests.filter(({ event }) => event.number === 1)
    expect(new Set(told.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
    expect(await deliveriesOf('a')).toMatchObject([{ state: 'delivered' }])
    expect(await bench.database.db('lanes')).toEqual([])
  })

  test('is not told once more when the same thing is recorded again, at once or later', async () => {
    const record = () => bench.bus.record(user.id, [numbered('a', 1)], { ids: ['one'] })

    await Promise.all([record(), record()])
    await record()
    await settled()

    expect(numbersAtReceiver()).toEqual([0, 1])
  })

  test('waits its turn behind what is there already', async () => {
    receiver.slow(50)
    await bench.recordElsewhere(user.id, [numbered('a', 1), numbered('a', 2)])
    await bench.bus.record(user.id, [numbered('a', 3)])
    // As what is recorded in a transaction.
    await bench.recordElsewhere(user.id, [numbered('a', 4)])
    bench.bus.announceDeliveries()
    await bench.bus.record(user.id, [numbered('a', 5), numbered('a', 6)])
    await settled()

    expect(numbersAtReceiver()).toEqual([0, 1, 2, 3, 4, 5, 6])
  })

  test('keeps its order also when far more comes than is kept in memory', async () => {
    receiver.slow(5)
    const numbers = Array.from({ length: 200 }, (_, index) => index + 1)
    await Promise.all(numbers.map((number) => bench.bus.record(user.id, [numbered('a', number)])))
    await settled()

    expect(numbersAtReceiver()).toEqual([0, ...numbers])
  })

  test('is not sent to a receiver that is paused', async () => {
    const { db } = bench.database
    await changeDestination(db, { name: `user:${user.id}`, userId: user.id }, { pausedAt: Date.now() })

    await bench.bus.record(user.id, [numbered('a', 1)])
    await delay(100)
    expect(numbersAtReceiver()).toEqual([0])

    await changeDestination(db, { name: `user:${user.id}`, userId: user.id }, { pausedAt: null })
    await settled()
    expect(numbersAtReceiver()).toEqual([0, 1])
  })

  /** Nothing waits any more, and nothing is open. */
  async function settled(): Promise<void> {
    const { db } = bench.database
    await expect.poll(() => db('deliveries').where('state', 'pending').pluck('id'), patient).toEqual([])
    await expect.poll(() => db('lanes').pluck('lane'), patient).toEqual([])
  }

  function deliveriesOf(chat: string) {
    return bench.database.db('deliveries').whereLike('lane', `%:${chat}`).orderBy('seq')
  }

  function numbersAtReceiver(): unknown[] {
    return receiver.requests.map(({ event }) => event.number)
  }

  /** Nothing can be written to `events` until what this returns is called. */
  async function breakEvents(): Promise<() => Promise<void>> {
    const { db } = bench.database
    if (isPostgres(db)) {
      await db.raw(`alter table events add constraint broken check (chat <> 'a') not valid`)
      return async () => void (await db.raw('alter table events drop constraint broken'))
    }
    await db.raw(`create trigger broken before insert on events begin select raise(abort, 'broken'); end`)
    return async () => void (await db.raw('drop trigger broken'))
  }
})
