import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { changeDestination, getDestination } from '../../src/store/delivery/destinations.ts'
import { databaseKinds } from '../helpers/database.ts'
import { numbered, type OutboxBench, outboxBench } from '../helpers/outbox.ts'
import { type Receiver, startReceiver } from '../helpers/receiver.ts'

// A busy machine may need longer than the default second.
const patient = { timeout: 30_000 }

const HOUR = 3_600_000
const quick = { careful: 3, open: 5, firstMs: 100, maxMs: 200 }
const stubborn = { careful: 1, open: 2, firstMs: HOUR, maxMs: HOUR }

describe.each(databaseKinds)('receivers that fail, on %s', (kind) => {
  let bench: OutboxBench
  let receiver: Receiver

  beforeEach(async () => {
    receiver = await startReceiver()
    bench = await outboxBench(kind, { WEBHOOK_KEEP_ATTEMPTS: 'all' })
  })
  afterEach(async () => {
    await bench.close()
    await receiver.close()
  })

  const breakerOf = async (id: string) => (await getDestination(bench.database.db, `user:${id}`))?.breaker
  const chats = (count: number) =>
    Array.from({ length: count }, (_, number) => numbered(`c${number}`, number))
  const accepted = () => receiver.requests.filter(({ status }) => status === 200)

  test('get nothing for a while, and everything once a probe succeeds', async () => {
    const user = await bench.addUser({ webhook: receiver.url })
    receiver.answer(503, {}, 'closed for today')
    bench.start({ breakers: quick })
    await bench.bus.record(user.id, chats(30))
    await expect.poll(() => breakerOf(user.id), patient).toBeDefined()
    expect(await breakerOf(user.id)).toMatchObject({ status: 503, answer: 'closed for today' })

    receiver.answer(200)

    await expect.poll(() => accepted().length, patient).toBe(30)
    await expect.poll(() => breakerOf(user.id), patient).toBeUndefined()
  })

  test('are not asked while their breaker is open, and use up no attempts', async () => {
    const user = await bench.addUser({ webhook: receiver.url })
    const other = await startReceiver()
    const healthy = await bench.addUser({ webhook: other.url })
    receiver.answer(500)
    bench.start({ breakers: stubborn })
    await bench.bus.record(user.id, chats(40))
    await expect.poll(() => breakerOf(user.id), patient).toBeDefined()
    const asked = receiver.requests.length

    await bench.bus.record(user.id, chats(5))
    await bench.bus.record(healthy.id, [numbered('a', 1)])
    await other.next()

    await expect
      .poll(() => bench.database.db('lanes').where('parked', 0).select('lane'), patient)
      .toHaveLength(0)
    expect(receiver.requests.length).toBeLessThanOrEqual(asked + 8)
    const untouched = await bench.database.db('deliveries').where({ user_id: user.id, attempt: 0 }).select()
    expect(untouched.length).toBeGreaterThan(30)
    await other.close()
  })

  test('are remembered over a restart', async () => {
    const user = await bench.addUser({ webhook: receiver.url })
    receiver.answer(500)
    const before = bench.start({ breakers: stubborn })
    await bench.bus.record(user.id, chats(20))
    await expect.poll(() => breakerOf(user.id), patient).toBeDefined()
    await before.stop()
    const asked = receiver.requests.length

    bench.start({ breakers: stubborn })
    await bench.bus.record(user.id, [numbered('new', 99)])

    await expect
      .poll(() => bench.database.db('lanes').where('parked', 0).select('lane'), patient)
      .toHaveLength(0)
    expect(receiver.requests).toHaveLength(asked)
  })

  test('are asked again at once when their address changes', async () => {
    const second = await startReceiver()
    const user = await bench.addUser({ webhook: receiver.url })
    receiver.answer(500)
    bench.start({ breakers: stubborn, pausesMs: [10, 10, 10, 10, 10] })
    await bench.bus.record(user.id, chats(20))
    await expect.poll(() => breakerOf(user.id), patient).toBeDefined()

    await bench.setWebhook(user.id, second.url)

    await second.attempts(20)
    await second.close()
  })

  test('with a new address are not held back by what the former one still fails at', async () => {
    const second = await startReceiver()
    const user = await bench.addUser({ webhook: receiver.url })
    receiver.answer(500)
    receiver.slow(300)
    bench.start({ breakers: stubborn, pausesMs: [10, 10] })
    await bench.bus.record(user.id, chats(8))
    await receiver.attempts(8)

    await bench.setWebhook(user.id, second.url)

    await second.attempts(8)
    await second.close()
  })

  test('cannot use up the requests that all receivers share', async () => {
    const slow = await startReceiver()
    slow.slow(20_000)
    const bad = await Promise.all(Array.from({ length: 12 }, () => bench.addUser({ webhook: receiver.url })))
    receiver.answer(500)
    const outbox = bench.start({ breakers: { ...quick, open: 1_000 }, pausesMs: Array(50).fill(1) })
    for (const { id } of bad) await bench.bus.record(id, chats(8))
    await receiver.attempts(100)
    receiver.slow(20_000)
    const asked = receiver.requests.length

    const healthy = await bench.addUser({ webhook: slow.url })
    await bench.bus.record(healthy.id, chats(3))

    await slow.attempts(3)
    expect(receiver.requests.length - asked).toBeLessThanOrEqual(32)
    await outbox.stop(0)
    await slow.close()
  })

  test('a paused receiver gets nothing, nothing is lost, and the order stays', async () => {
    const { db } = bench.database
    const user = await bench.addUser({ webhook: receiver.url })
    const target = { name: `user:${user.id}`, userId: user.id }
    await changeDestination(db, target, { pausedAt: Date.now() })
    bench.start()
    await bench.bus.record(user.id, [numbered('a', 1), numbered('a', 2), numbered('b', 3)])
    await expect.poll(() => db('lanes').where('parked', 1).select('lane'), patient).toHaveLength(2)
    await bench.bus.record(user.id, [numbered('a', 4)])
    expect(receiver.requests).toEqual([])

    await changeDestination(db, target, { pausedAt: null })

    await receiver.attempts(4)
    const ofA = receiver.requests.filter(({ event }) => event.chat === 'a').map(({ event }) => event.number)
    expect(ofA).toEqual([1, 2, 4])
  })

  test('a pause counts at once, also within a chat that is being delivered', async () => {
    const { db } = bench.database
    const user = await bench.addUser({ webhook: receiver.url })
    receiver.slow(100)
    bench.start()
    await bench.bus.record(
      user.id,
      Array.from({ length: 9 }, (_, number) => numbered('a', number)),
    )
    await receiver.attempts(1)

    await changeDestination(db, { name: `user:${user.id}`, userId: user.id }, { pausedAt: Date.now() })

    await expect.poll(() => db('lanes').where('parked', 1).select('lane'), patient).toHaveLength(1)
    expect(receiver.requests.length).toBeLessThanOrEqual(2)
  })

  test('each attempt is kept with its latency, request and answer', async () => {
    const { db } = bench.database
    const user = await bench.addUser({ webhook: receiver.url })
    receiver.answer(500, {}, `your token is ${user.token}`)
    bench.start()
    await bench.bus.record(user.id, [numbered('a', 1)])
    await receiver.attempts(1)
    receiver.answer(200, {}, 'thank you')
    await receiver.next()

    await expect.poll(() => db('attempts').select(), patient).not.toHaveLength(1)
    const attempts = await db('attempts').orderBy('id')
    expect(attempts[0]).toMatchObject({ status: 500, answer: 'your token is [redacted]' })
    expect(attempts.at(-1)).toMatchObject({ status: 200, answer: 'thank you' })
    expect(JSON.parse(attempts[0].request)).toMatchObject({ chat: 'a', number: 1 })
    expect(attempts[0].latency_ms).toBeGreaterThanOrEqual(0)
  })
})
