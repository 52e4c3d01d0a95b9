import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Event } from '../../../../src/events/event.ts'
import { TestApp } from '../../../helpers/app.ts'
import { databaseKinds } from '../../../helpers/database.ts'
import { type Device, DeviceBench } from '../device-bench.ts'

const CHANNEL = '120363400000000003@newsletter'
const mute = (value: string): Event => ({ type: 'newsletter.mute', chat: CHANNEL, mute: value })
const told = ['newsletter.update', 'newsletter.mute_change']

describe.each(databaseKinds)('an event that is told as several on %s', (database) => {
  let bench: DeviceBench
  let device: Device
  beforeAll(async () => {
    bench = await DeviceBench.start({ database, env: { WEBHOOK_RETRY_DELAY_SECONDS: '1' } })
    device = await bench.device()
  })
  afterAll(() => bench.stop())

  const record = (event: Event, id?: string) =>
    bench.app.parley.services.events.record(device.userId, [event], id === undefined ? {} : { ids: [id] })
  const types = (name: string) => bench.told(name).map(({ event_type: type }) => type)
  const ids = (name: string) => bench.requests(name).map(({ headers }) => headers['webhook-id'])
  const operator = (method: string, path: string, body?: unknown) =>
    bench.app.request(method, `/parley${path}`, { admin: true, body })

  test('has one delivery for each, which keep their place and their ids over all attempts', async () => {
    await bench.webhook(device, 'ordered', told)
    let refused = 0
    bench.receiver.answerBy(({ path }) => (path === '/webhook/ordered' && refused++ === 0 ? 503 : undefined))

    await record(mute('on'))
    await record(mute('off'))
    await bench.app.waitFor('all of them', () => types('ordered').length >= 5)

    expect(types('ordered')).toEqual([told[0], ...told, ...told])
    const [first, again, second] = ids('ordered')
    expect(again).toBe(first)
    expect(second).not.toBe(first)
    expect(new Set(ids('ordered')).size).toBe(4)
    bench.receiver.answerBy(() => undefined)
  })

  test('is told once, however often it is recorded', async () => {
    await bench.webhook(device, 'once', told)

    await record(mute('on'), 'the same')
    await record(mute('on'), 'the same')
    await record(mute('off'))
    await bench.app.waitFor('the last', () => types('once').length >= 4)

    expect(types('once')).toEqual([...told, ...told])
  })

  test('can be delivered anew in parts', async () => {
    const { webhook_id: number } = await bench.webhook(device, 'anew', told)
    await record(mute('on'))
    const mine = await bench.app.waitFor('both', async () => {
      const { json } = await operator('GET', `/deliveries?user=${device.userId}&limit=50`)
      const sent = json.deliveries.filter(
        ({ target, state }: Record<string, string>) =>
          target === `multisession/${number}` && state === 'delivered',
      )
      return sent.length === 2 && sent
    })

    const { id } = mine.find(({ part }: { part: string }) => part === 'newsletter.mute_change')
    await operator('POST', `/deliveries/${id}/redeliver`)
    await bench.app.waitFor('one more', () => types('anew').length >= 3)

    expect(mine.map(({ part }: { part: string }) => part)).toEqual(told.toReversed())
    expect(types('anew')).toEqual([...told, 'newsletter.mute_change'])
    expect(ids('anew').at(-1)).toBe(id)
  })

  test('what is no longer asked for is not sent', async () => {
    const { webhook_id: number } = await bench.webhook(device, 'changed', told)
    bench.receiver.answerBy(({ path }) => (path === '/webhook/changed' ? 503 : undefined))
    await record(mute('on'))
    await bench.app.waitFor('an attempt', () => types('changed').length > 0)

    const url = `${bench.receiver.url}/changed`
    await bench.call(device, 'PATCH', `/webhooks/${number}`, {
      url,
      events: ['newsletter.mute_change'],
      active: true,
    })
    bench.receiver.answerBy(() => undefined)
    await bench.app.waitFor('the other', () => types('changed').includes('newsletter.mute_change'))

    expect(types('changed').at(-1)).toBe('newsletter.mute_change')
    const ended = bench.requests('changed').filter(({ status }) => status === 200)
    expect(ended).toHaveLength(1)
  })
})

test('what was not delivered when the server stopped is delivered by the next one, in order', async () => {
  const bench = await DeviceBench.start()
  const device = await bench.device()
  await bench.webhook(device, 'later', told)
  bench.receiver.answerBy(() => 503)
  await bench.app.parley.services.events.record(device.userId, [mute('on')])
  await bench.app.waitFor('an attempt', () => bench.requests('later').length > 0)
  await bench.app.stop()

  bench.receiver.answerBy(() => undefined)
  const next = await TestApp.start({ reuse: bench.app.place })
  try {
    const done = () => bench.requests('later').filter(({ status }) => status === 200)
    await next.waitFor('both', () => done().length >= 2)
    expect(done().map(({ event }) => event.event_type)).toEqual(told)
  } finally {
    await next.stop()
    await bench.stop()
  }
})
