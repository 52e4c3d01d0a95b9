import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { countDeliveries } from '../../src/store/delivery/deliveries.ts'
import { forgetDestinations } from '../../src/store/delivery/destinations.ts'
import { recentEvents } from '../../src/store/delivery/events.ts'
import { deleteUser, forgetUser } from '../../src/store/users/users.ts'
import { databaseKinds } from '../helpers/database.ts'
import { numbered, type OutboxBench, outboxBench } from '../helpers/outbox.ts'

// A busy machine may need longer than the default second.
const patient = { timeout: 30_000 }

const webhook = 'http://127.0.0.1:9/never-called'

describe.each(databaseKinds)('the event bus on %s', (kind) => {
  let bench: OutboxBench

  beforeEach(async () => {
    bench = await outboxBench(kind)
  })
  afterEach(() => bench.close())

  const pending = async () => (await countDeliveries(bench.database.db)).pending

  test('an event is stored with a delivery for the webhook', async () => {
    const user = await bench.addUser({ webhook, events: 'Message, Presence' })

    await bench.bus.record(user.id, [numbered('a@s.whatsapp.net', 1)])

    expect(await recentEvents(bench.database.db, user.id, 10)).toMatchObject([
      {
        type: 'presence',
        chat: 'a@s.whatsapp.net',
        payload: JSON.stringify(numbered('a@s.whatsapp.net', 1)),
      },
    ])
    expect(await pending()).toBe(1)
  })

  test.each([
    ['All', 1],
    ['Presence', 1],
    ['Message', 0],
    ['presence', 0],
    ['', 0],
  ])('a user subscribed to "%s" gets %i deliveries of a presence', async (events, count) => {
    const user = await bench.addUser({ webhook, events })

    await bench.bus.record(user.id, [numbered('a', 1)])

    expect(await pending()).toBe(count)
    expect(await recentEvents(bench.database.db, user.id, 10)).toHaveLength(count)
  })

  test('events of one user keep the order they were recorded in, whatever has to be looked up first', async () => {
    const user = await bench.addUser({ webhook })
    const { db } = bench.database
    for (let n = 0; n < 50; n++) {
      forgetUser(db, user.id)
      forgetDestinations(db)
      await Promise.all([1, 2, 3].map((m) => bench.bus.record(user.id, [numbered('chat', 10 * n + m)])))
    }

    const rows = await db('deliveries')
      .join('events', 'events.id', 'deliveries.event_id')
      .orderBy('deliveries.seq')
      .pluck('payload')
    const numbers: number[] = rows.map((payload: string) => JSON.parse(payload).lastSeen)
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
    expect(numbers).toHaveLength(150)
  })

  test('an event that nobody subscribed to still reaches live listeners', async () => {
    const user = await bench.addUser({ webhook, events: '' })
    const heard: string[] = []
    bench.bus.listen((_userId, events) => heard.push(...events.map(({ event }) => event.type)))

    await bench.bus.record(user.id, [numbered('a', 1)])

    expect(heard).toEqual(['presence'])
  })

  test('an event that the dialect does not have is not delivered', async () => {
    const user = await bench.addUser({ webhook })

    await bench.bus.record(user.id, [{ type: 'session.replaced' }])

    expect(await pending()).toBe(0)
  })

  test('a replay of events with the same ids changes nothing and is not announced', async () => {
    const user = await bench.addUser({ webhook })
    const other = await bench.addUser({ webhook })
    const heard: string[] = []
    bench.bus.listen((_userId, events) => heard.push(...events.map(({ id }) => id)))

    await bench.bus.record(user.id, [numbered('a', 1)], { ids: ['one'] })
    await bench.bus.record(user.id, [numbered('a', 1), numbered('a', 2)], { ids: ['one', 'two'] })
    await bench.bus.record(other.id, [numbered('a', 1)], { ids: ['one'] })

    expect(await recentEvents(bench.database.db, user.id, 10)).toHaveLength(2)
    expect(await pending()).toBe(3)
    expect(heard).toHaveLength(3)
  })

  test('who waits for what receivers were told of early finds it, though its commit still waits for their answers', async () => {
    const user = await bench.addUser({ webhook })
    let taken: () => void = () => {}
    const isTaken = new Promise<void>((resolve) => {
      taken = resolve
    })
    bench.bus.handOverTo(async () => {
      taken()
      return { underWay: new Promise(() => {}), deliveries: () => [], committed: () => {}, failed: () => {} }
    })

    void bench.bus.record(user.id, [numbered('a', 1)])
    await isTaken
    await new Promise(setImmediate)
    await bench.bus.settled(user.id)

    expect(await recentEvents(bench.database.db, user.id, 10)).toHaveLength(1)
  })

  test('the same id twice in one call is one event', async () => {
    const user = await bench.addUser({ webhook })

    await bench.bus.record(user.id, [numbered('a', 1), numbered('a', 1)], { ids: ['one', 'one'] })

    expect(await pending()).toBe(1)
  })

  test('in a transaction of the caller, listeners hear of events after the commit', async () => {
    const user = await bench.addUser({ webhook })
    const heard: string[] = []
    bench.bus.listen((userId) => heard.push(userId))

    await bench.database.db.transaction(async (trx) => {
      await bench.bus.record(user.id, [numbered('a', 1)], { trx })
      expect(heard).toEqual([])
    })

    await expect.poll(() => heard, patient).toEqual([user.id])
    expect(await pending()).toBe(1)
  })

  test('a transaction that is rolled back leaves nothing and tells nobody', async () => {
    const user = await bench.addUser({ webhook })
    const heard: string[] = []
    bench.bus.listen((userId) => heard.push(userId))

    const work = bench.database.db.transaction(async (trx) => {
      await bench.bus.record(user.id, [numbered('a', 1)], { trx })
      throw new Error('changed my mind')
    })

    await expect(work).rejects.toThrow('changed my mind')
    expect(await pending()).toBe(0)
    expect(heard).toEqual([])
  })

  test('a thousand events are recorded at once, in order', async () => {
    const user = await bench.addUser({ webhook })

    await bench.bus.record(
      user.id,
      Array.from({ length: 1000 }, (_, number) => numbered(`chat${number % 300}`, number)),
    )

    const stored = await recentEvents(bench.database.db, user.id, 1000)
    expect(stored.map(({ payload }) => JSON.parse(payload).lastSeen).reverse()).toEqual([
      ...Array(1000).keys(),
    ])
    expect(await pending()).toBe(1000)
  })

  test('events of a user that is gone are forgotten', async () => {
    const user = await bench.addUser({ webhook })
    await bench.bus.record(user.id, [numbered('a', 1)])

    await deleteUser(bench.database.db, user.id)
    await bench.bus.record(user.id, [numbered('a', 2)])

    expect(await pending()).toBe(0)
    expect(await recentEvents(bench.database.db, user.id, 10)).toEqual([])
  })

  test('a listener that throws does not keep the others from hearing', async () => {
    const user = await bench.addUser()
    const heard: string[] = []
    bench.bus.listen(() => {
      throw new Error('broken stream')
    })
    const stop = bench.bus.listen((userId) => heard.push(userId))

    await bench.bus.record(user.id, [numbered('a', 1)])
    stop()
    await bench.bus.record(user.id, [numbered('a', 2)])

    expect(heard).toEqual([user.id])
  })
})
