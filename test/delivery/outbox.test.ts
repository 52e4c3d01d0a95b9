import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { WebhookProfiles } from '../../src/delivery/webhook-profiles.ts'
import { newLaneLease } from '../../src/store/delivery/deliveries.ts'
import { databaseKinds } from '../helpers/database.ts'
import { numbered, type OutboxBench, outboxBench, plainProfile } from '../helpers/outbox.ts'
import { startHttpProxy } from '../helpers/proxies.ts'
import { type Receiver, startReceiver } from '../helpers/receiver.ts'

// A busy machine may need longer than the default second.
const patient = { timeout: 30_000 }

describe.each(databaseKinds)('the outbox on %s', (kind) => {
  let bench: OutboxBench
  let receiver: Receiver

  beforeEach(async () => {
    receiver = await startReceiver()
    bench = await outboxBench(kind)
  })
  afterEach(async () => {
    await bench.close()
    await receiver.close()
  })

  const states = async () => {
    const rows = await bench.database.db('deliveries').select('state').orderBy('seq')
    return rows.map(({ state }) => state)
  }
  const lanes = () => bench.database.db('lanes').select()

  test('what is recorded arrives at once, and is delivered afterwards', async () => {
    const user = await bench.addUser({ webhook: receiver.url })
    bench.start({ pollMs: 60_000 })

    await bench.bus.record(user.id, [numbered('a', 7)])

    const request = await receiver.next('Presence')
    expect(request.event).toEqual({ type: 'Presence', chat: 'a', number: 7, userID: user.id })
    expect(request.headers['webhook-id']).toMatch(/^[0-9a-f]{32}$/)
    await expect.poll(states, patient).toEqual(['delivered'])
    await expect.poll(lanes, patient).toEqual([])
  })

  test('a receiver that was away gets the event when it returns, under the same id', async () => {
    const user = await bench.addUser({ webhook: receiver.url })
    receiver.answer(503)
    bench.start()

    await bench.bus.record(user.id, [numbered('a', 1)])
    await receiver.attempts(2)
    receiver.answer(200)

    const request = await receiver.next('Presence')
    expect(new Set(receiver.requests.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
    expect(request.event.number).toBe(1)
  })

  test('the deliveries of one chat stay in order while one of them fails', async () => {
    const user = await bench.addUser({ webhook: receiver.url })
    let failures = 3
    receiver.answerBy(({ event }) => (event.number === 2 && failures-- > 0 ? 500 : 200))
    bench.start()

    for (let number = 0; number < 30; number++) await bench.bus.record(user.id, [numbered('a', number)])

    await expect
      .poll(() => receiver.requests.filter(({ status }) => status === 200), patient)
      .toHaveLength(30)
    const accepted = receiver.requests.filter(({ status }) => status === 200).map(({ event }) => event.number)
    expect(accepted).toEqual([...Array(30).keys()])
  })

  test('a failing chat does not hold back another chat', async () => {
    const user = await bench.addUser({ webhook: receiver.url })
    receiver.answerBy(({ event }) => (event.chat === 'bad' ? 500 : 200))
    bench.start({ pausesMs: [60_000] })

    await bench.bus.record(user.id, [numbered('bad', 1), numbered('bad', 2), numbered('good', 3)])

    expect((await receiver.next()).event.chat).toBe('good')
    await expect.poll(states, patient).toEqual(['pending', 'pending', 'delivered'])
    expect(receiver.requests.filter(({ event }) => event.chat === 'bad')).toHaveLength(1)
  })

  test('a delivery is given up after the last attempt, with the last answer, and the chat goes on', async () => {
    const user = await bench.addUser({ webhook: receiver.url })
    receiver.answer(500, {}, 'database is full')
    receiver.answerBy(({ event }) => (event.number === 2 ? 200 : undefined))
    bench.start({ pausesMs: [10, 10] })

    await bench.bus.record(user.id, [numbered('a', 1), numbered('a', 2)])

    expect((await receiver.next()).event.number).toBe(2)
    await expect.poll(states, patient).toEqual(['dead', 'delivered'])
    expect(await bench.database.db('deliveries').orderBy('seq').first()).toMatchObject({
      attempt: 3,
      last_status: 500,
      last_answer: 'database is full',
    })
  })

  test('410 Gone and a redirect: the one is final, the other a failure that is repeated', async () => {
    const user = await bench.addUser({ webhook: receiver.url })
    receiver.answerBy(({ event }) => (event.chat === 'gone' ? 410 : undefined))
    receiver.answer(302, { location: 'http://127.0.0.1:9/' })
    bench.start()

    await bench.bus.record(user.id, [numbered('gone', 1), numbered('moved', 2)])

    await receiver.attempts(3)
    await expect.poll(states, patient).toEqual(['dead', 'pending'])
  })

  test('Retry-After lengthens the pause', async () => {
    const user = await bench.addUser({ webhook: receiver.url })
    receiver.answer(429, { 'retry-after': '1' })
    bench.start({ pausesMs: [10] })

    await bench.bus.record(user.id, [numbered('a', 1)])
    const [first, second] = await receiver.attempts(2)

    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(900)
  })

  test('what was not delivered before a restart is delivered after it', async () => {
    const user = await bench.addUser({ webhook: receiver.url })
    receiver.answer(500)
    const before = bench.start({ pausesMs: [1] })
    await bench.bus.record(user.id, [numbered('a', 1), numbered('b', 2)])
    await receiver.attempts(2)
    await before.stop()
    receiver.answer(200)

    bench.start()

    const numbers = [await receiver.next(), await receiver.next()].map(({ event }) => event.number)
    expect(numbers.sort()).toEqual([1, 2])
  })

  test('the lanes of a process that died come back when its lease has run out', async () => {
    const user = await bench.addUser({ webhook: receiver.url })
    await bench.bus.record(user.id, [numbered('a', 1)])
    await bench.database.db('lanes').update({ lease: 'a process that died', due_at: Date.now() + 300 })

    bench.start()

    expect((await receiver.next()).event.number).toBe(1)
  })

  test('a node that is started again has the lanes of its former process long before their leases end', async () => {
    const user = await bench.addUser({ webhook: receiver.url })
    await bench.bus.record(user.id, [numbered('a', 1)])
    const held = { lease: newLaneLease('node'), due_at: Date.now() + 60_000 }
    await bench.database.db('lanes').update(held)

    bench.start({ nodeId: 'node', leaseMs: 1_000 })

    expect((await receiver.next()).event.number).toBe(1)
  })

  test.runIf(kind === 'postgres')(
    'two processes with the id of one node do not take lanes from each other',
    async () => {
      const user = await bench.addUser({ webhook: receiver.url })
      receiver.slow(200)
      const numbers = [1, 2, 3, 4, 5, 6]
      await bench.bus.record(
        user.id,
        numbers.map((number) => numbered('a', number)),
      )
      bench.start({ nodeId: 'node', leaseMs: 1_000 })
      await receiver.attempts(1)

      bench.start({ nodeId: 'node', leaseMs: 1_000 })
      await expect
        .poll(async () => (await states()).every((state) => state === 'delivered'), patient)
        .toBe(true)

      expect(receiver.requests.map(({ event }) => event.number)).toEqual(numbers)
    },
  )

  test.runIf(kind === 'postgres')('the lanes of other nodes are left to them at a start', async () => {
    const user = await bench.addUser({ webhook: receiver.url })
    await bench.bus.record(user.id, [numbered('a', 1)])
    const held = { lease: newLaneLease('node-12'), due_at: Date.now() + 60_000 }
    await bench.database.db('lanes').update(held)

    bench.start({ nodeId: 'node-1' })
    await new Promise((resolve) => setTimeout(resolve, 300))

    expect(receiver.requests).toEqual([])
    expect(await lanes()).toMatchObject([held])
  })

  test('a lane that another process has taken meanwhile is left to it', async () => {
    const user = await bench.addUser({ webhook: receiver.url })
    receiver.slow(200)
    bench.start()
    await bench.bus.record(user.id, [numbered('a', 1)])
    await receiver.attempts(1)
    const taken = { lease: 'another process', due_at: Date.now() + 60_000 }
    await bench.database.db('lanes').update(taken)
    await expect.poll(states).toEqual(['delivered'])

    await bench.bus.record(user.id, [numbered('a', 2)])
    await new Promise((resolve) => setTimeout(resolve, 300))

    expect(receiver.requests).toHaveLength(1)
    expect(await lanes()).toMatchObject([taken])
  })

  test('a changed webhook counts at once, also for what failed before', async () => {
    const second = await startReceiver()
    const user = await bench.addUser({ webhook: receiver.url })
    receiver.answer(500)
    bench.start()
    await bench.bus.record(user.id, [numbered('a', 1)])
    await receiver.attempts(1)

    await bench.setWebhook(user.id, second.url)

    expect((await second.next()).event.number).toBe(1)
    await second.close()
  })

  test('nothing is delivered once the webhook is removed', async () => {
    const user = await bench.addUser({ webhook: receiver.url })
    await bench.bus.record(user.id, [numbered('a', 1)])
    await bench.setWebhook(user.id, '')

    bench.start()

    await expect.poll(states, patient).toEqual(['dropped'])
    expect(receiver.requests).toEqual([])
  })

  test('an event that cannot be rendered is given up and does not hold back the next', async () => {
    const user = await bench.addUser({ webhook: receiver.url })
    bench.start()

    await bench.bus.record(user.id, [{ type: 'session.closed', code: 428 }, { type: 'session.open' }])

    await receiver.next('Connected')
    await expect.poll(states, patient).toEqual(['dead', 'delivered'])
  })

  test('an attempt that fails by itself is counted like any other, and given up at last', async () => {
    const user = await bench.addUser({ webhook: receiver.url })
    bench.start({
      pausesMs: [10],
      profiles: new WebhookProfiles(
        [
          {
            ...plainProfile,
            isOn: () => {
              throw new Error('this user has no dialect')
            },
          },
        ],
        bench.config,
      ),
    })

    await bench.bus.record(user.id, [numbered('a', 1)])

    await expect.poll(states, patient).toEqual(['dead'])
    expect(await bench.database.db('deliveries').first()).toMatchObject({
      attempt: 2,
      last_answer: 'Error: this user has no dialect',
    })
  })

  test('one whose event cannot be read is counted, too, and the chat goes on', async () => {
    const user = await bench.addUser({ webhook: receiver.url })
    await bench.bus.record(user.id, [numbered('a', 1), numbered('a', 2)])
    const first = await bench.database.db('deliveries').orderBy('seq').first()
    await bench.database.db('events').where('id', first.event_id).update({ payload: '{' })

    bench.start({ pausesMs: [10] })

    expect((await receiver.next()).event.number).toBe(2)
    await expect.poll(states, patient).toEqual(['dead', 'delivered'])
  })

  test('a percent sign in the password of a proxy or a receiver is one', async () => {
    const proxy = await startHttpProxy({ credentials: 'me:50%' })
    const proxied = await bench.addUser({ webhook: receiver.url, proxyUrl: proxy.url, webhookUseProxy: true })
    const direct = await bench.addUser({ webhook: receiver.url.replace('://', '://me:50%@') })
    bench.start()

    await bench.bus.record(proxied.id, [numbered('a', 1)])
    await bench.bus.record(direct.id, [numbered('a', 2)])

    const told = await receiver.attempts(2)
    expect(told.map(({ event }) => event.number).sort()).toEqual([1, 2])
    expect(proxy.targets).toHaveLength(1)
    await proxy.close()
  })

  test('media that cannot be fetched now are fetched at the next attempt', async () => {
    const user = await bench.addUser({ webhook: receiver.url })
    let failures = 1
    bench.start({
      mediaOf: async () => {
        if (failures-- > 0) throw new Error('the host is away')
        return undefined
      },
    })

    await bench.bus.record(user.id, [numbered('a', 1)])

    expect((await receiver.next()).event.number).toBe(1)
  })

  test('a receiver that never answers does not hold back another user', async () => {
    const slow = await startReceiver()
    slow.slow(20_000)
    const stuck = await bench.addUser({ webhook: slow.url })
    const user = await bench.addUser({ webhook: receiver.url })
    const outbox = bench.start()

    const chats = Array.from({ length: 100 }, (_, number) => numbered(`chat${number}`, number))
    await bench.bus.record(stuck.id, chats)
    await bench.bus.record(user.id, [numbered('a', 1)])

    expect((await receiver.next()).event.number).toBe(1)
    expect(slow.requests.length).toBeLessThanOrEqual(8)
    await outbox.stop(0)
    await slow.close()
  })

  test('stopping waits for the request in flight, and nothing is sent twice', async () => {
    const user = await bench.addUser({ webhook: receiver.url })
    receiver.slow(200)
    const outbox = bench.start()
    await bench.bus.record(user.id, [numbered('a', 1), numbered('a', 2)])
    await receiver.attempts(1)

    await outbox.stop()

    expect(await states()).toEqual(['delivered', 'pending'])
    expect(await lanes()).toMatchObject([{ lease: null }])
  })

  test('two outboxes on one database deliver everything once and in order', async () => {
    const user = await bench.addUser({ webhook: receiver.url })
    bench.start()
    bench.start()

    for (let number = 0; number < 200; number++) {
      await bench.bus.record(user.id, [numbered(`chat${number % 5}`, number)])
    }

    await receiver.attempts(200)
    await expect.poll(lanes, patient).toEqual([])
    expect(receiver.requests).toHaveLength(200)
    for (let chat = 0; chat < 5; chat++) {
      const numbers = receiver.requests
        .filter(({ event }) => event.chat === `chat${chat}`)
        .map(({ event }) => event.number)
      expect(numbers).toEqual([...Array(40).keys()].map((index) => index * 5 + chat))
    }
  })

  test('events recorded while their lane is being emptied are not forgotten', async () => {
    const user = await bench.addUser({ webhook: receiver.url })
    bench.start({ pollMs: 60_000 })

    const recorders = Array.from({ length: 4 }, async (_, recorder) => {
      for (let number = 0; number < 50; number++) {
        await bench.bus.record(user.id, [numbered('a', number), numbered(`b${recorder}`, number)])
      }
    })
    await Promise.all(recorders)

    await receiver.attempts(400)
    await expect.poll(lanes, patient).toEqual([])
    expect(receiver.requests).toHaveLength(400)
  })
})

test('the global webhook gets the events of every user, signed with its own key', async () => {
  const receiver = await startReceiver()
  const own = await startReceiver()
  const bench = await outboxBench('sqlite', { GLOBAL_WEBHOOK: receiver.url, GLOBAL_HMAC_KEY: 'global key' })
  const first = await bench.addUser({ webhook: own.url, hmacKey: 'own key' })
  const second = await bench.addUser()
  bench.start()

  await bench.bus.record(first.id, [numbered('a', 1)])
  await bench.bus.record(second.id, [numbered('a', 2)])

  const requests = [await receiver.next(), await receiver.next()]
  expect(requests.map(({ event }) => event.userID).sort()).toEqual([first.id, second.id].sort())
  expect(requests.map(({ headers }) => headers['x-key'])).toEqual(['global key', 'global key'])
  expect((await own.next()).headers['x-key']).toBe('own key')
  await bench.close()
  await receiver.close()
  await own.close()
})

test('a webhook on a private address is refused where only public ones are allowed', async () => {
  const receiver = await startReceiver()
  const bench = await outboxBench('sqlite', { WEBHOOK_ALLOWED_NETWORKS: 'public' })
  const user = await bench.addUser({ webhook: receiver.url })
  bench.start({ pausesMs: [] })

  await bench.bus.record(user.id, [numbered('a', 1)])

  await expect
    .poll(async () => (await bench.database.db('deliveries').first('state')).state, patient)
    .toBe('dead')
  expect(receiver.requests).toEqual([])
  await bench.close()
  await receiver.close()
})
