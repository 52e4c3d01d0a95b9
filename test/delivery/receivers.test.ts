import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { EventRenderers } from '../../src/delivery/renderer.ts'
import { type WebhookProfile, WebhookProfiles } from '../../src/delivery/webhook-profiles.ts'
import { countDeliveries } from '../../src/store/delivery/deliveries.ts'
import { changeDestination } from '../../src/store/delivery/destinations.ts'
import { recentEvents } from '../../src/store/delivery/events.ts'
import { putWebhook } from '../../src/store/delivery/webhooks.ts'
import { databaseKinds } from '../helpers/database.ts'
import { numbered, type OutboxBench, outboxBench, plainProfile } from '../helpers/outbox.ts'
import { type Receiver, startReceiver } from '../helpers/receiver.ts'

/** A dialect that tells presences of even numbers, to an address with the event's name in it. */
const plain: WebhookProfile = {
  slot: 'plain',
  renderers: {
    presence: ({ lastSeen }) => ({ name: 'seen', payload: { plain: lastSeen } }),
    'session.open': () => ({ name: 'open', payload: { plain: 'open' } }),
  } as Partial<EventRenderers> as EventRenderers,
  encode: ({ payload }) => ({
    body: JSON.stringify(payload),
    headers: { 'content-type': 'application/json' },
  }),
  isOn: ({ webhook }) => webhook.url !== '',
  wants: (event) => event.type === 'presence' && event.lastSeen % 2 === 0,
  urlOf: ({ name }, { webhook }) => `${webhook.url}/${name}`,
  firstPausesMs: [10, 20],
  keeps: ['session.open'],
}

describe.each(databaseKinds)('the webhooks of dialects on %s', (kind) => {
  let bench: OutboxBench
  let receiver: Receiver

  beforeEach(async () => {
    bench = await outboxBench(kind, {}, [plainProfile, plain])
    receiver = await startReceiver()
  })
  afterEach(async () => {
    await bench.close()
    await receiver.close()
  })

  const subscribe = (userId: string, url = receiver.url, key = '') =>
    putWebhook(bench.database.db, bench.secrets, {
      target: key ? `plain/${key}` : 'plain',
      userId,
      patch: { url },
    })
  const states = () => countDeliveries(bench.database.db)
  const bodies = () => receiver.requests.map(({ path, body }) => [path, body])

  test('a user can have one beside another one, each told in its own words', async () => {
    const user = await bench.addUser({ webhook: `${receiver.url}/own`, events: 'All' })
    await subscribe(user.id)
    bench.start()

    await bench.bus.record(user.id, [numbered('a', 1), numbered('a', 2)])

    await receiver.attempts(3)
    expect(bodies()).toEqual(
      expect.arrayContaining([
        ['/webhook/own', `{"type":"Presence","chat":"a","number":1,"userID":"${user.id}"}`],
        ['/webhook/own', `{"type":"Presence","chat":"a","number":2,"userID":"${user.id}"}`],
        ['/webhook/seen', '{"plain":2}'],
      ]),
    )
  })

  test('what it does not want, and what a user without an address gets, is not stored', async () => {
    const [without, user] = [await bench.addUser({ events: '' }), await bench.addUser({ events: '' })]
    await subscribe(user.id)

    await bench.bus.record(without.id, [numbered('a', 2)])
    await bench.bus.record(user.id, [numbered('a', 1)])

    expect(await recentEvents(bench.database.db, without.id, 10)).toEqual([])
    expect(await recentEvents(bench.database.db, user.id, 10)).toEqual([])
  })

  test('what it keeps is stored without a delivery', async () => {
    const user = await bench.addUser({ events: '' })

    await bench.bus.record(user.id, [{ type: 'session.open' }, { type: 'session.qr.timeout' }])

    expect((await recentEvents(bench.database.db, user.id, 10)).map(({ type }) => type)).toEqual([
      'session.open',
    ])
    expect((await states()).pending).toBe(0)
  })

  test('the address is the one of the attempt', async () => {
    const user = await bench.addUser({ events: '' })
    await subscribe(user.id, 'http://127.0.0.1:9/nobody')
    await bench.bus.record(user.id, [numbered('a', 2)])
    await subscribe(user.id)

    bench.start()

    expect((await receiver.next()).path).toBe('/webhook/seen')
  })

  test('deliveries of a user whose address is gone are dropped', async () => {
    const user = await bench.addUser({ events: '' })
    await subscribe(user.id)
    await bench.bus.record(user.id, [numbered('a', 2)])
    await subscribe(user.id, '')

    bench.start()

    await expect.poll(states).toEqual({ pending: 0, dead: 0 })
    expect(receiver.requests).toEqual([])
  })

  test('its own pauses come first, then those of the server', async () => {
    const user = await bench.addUser({ events: '' })
    await subscribe(user.id)
    receiver.answer(500)
    // Three attempts of its own, of which the breaker must not make five.
    bench.start({ pausesMs: [30], breakers: { careful: 100, open: 100, firstMs: 10, maxMs: 10 } })

    await bench.bus.record(user.id, [numbered('a', 2)])

    await expect.poll(states).toMatchObject({ pending: 0, dead: 1 })
    expect(receiver.requests).toHaveLength(4)
  })

  test('nothing is repeated where repetitions are off', async () => {
    const user = await bench.addUser({ events: '' })
    await subscribe(user.id)
    receiver.answer(500)
    bench.start({ pausesMs: [] })

    await bench.bus.record(user.id, [numbered('a', 2)])

    await expect.poll(states).toMatchObject({ pending: 0, dead: 1 })
    expect(receiver.requests).toHaveLength(1)
  })

  test('the failures of one receiver do not hold back the other of the same user', async () => {
    const user = await bench.addUser({ webhook: `${receiver.url}/own`, events: 'All' })
    await subscribe(user.id)
    receiver.answerBy(({ path }) => (path === '/webhook/seen' ? 500 : 200))
    bench.start()

    for (let number = 2; number <= 12; number += 2) await bench.bus.record(user.id, [numbered('a', number)])

    await expect.poll(() => receiver.requests.filter(({ path }) => path === '/webhook/own').length).toBe(6)
    expect(JSON.parse(receiver.requests.find(({ path }) => path === '/webhook/seen')?.body ?? '')).toEqual({
      plain: 2,
    })
  })

  test('one that is pulled from needs no address', async () => {
    const user = await bench.addUser({ events: '' })
    await changeDestination(
      bench.database.db,
      { name: `plain:${user.id}`, userId: user.id },
      { isPulled: true },
    )

    await bench.bus.record(user.id, [numbered('a', 1), numbered('a', 2)])

    expect((await states()).pending).toBe(1)
  })

  test('its deliveries of a dialect that is gone are dropped', async () => {
    const user = await bench.addUser({ events: '' })
    await subscribe(user.id)
    await bench.bus.record(user.id, [numbered('a', 2)])

    bench.start({ profiles: new WebhookProfiles([], bench.config) })

    await expect.poll(states).toEqual({ pending: 0, dead: 0 })
  })
})
