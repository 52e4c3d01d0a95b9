import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Answer } from '../../helpers/app.ts'
import { databaseKinds } from '../../helpers/database.ts'
import { Multisession, refusal } from './multisession.ts'

describe.each(databaseKinds)('limits of a customer on %s', (database) => {
  let server: Multisession
  beforeAll(async () => {
    server = await Multisession.start({ database })
  })
  afterAll(() => server.close())

  test('of fifty devices that are created at the same time, it gets those it may have', async () => {
    const customer = await server.customer({ max_devices: 7 })
    const answers = await Promise.all(Array.from({ length: 50 }, () => server.create(customer)))
    const created = answers.filter(({ status }) => status === 201)
    const { json } = await server.admin('GET', `/admin/api-keys/${customer.id}`)

    expect(created).toHaveLength(7)
    expect(json.data.device_count).toBe(7)
    for (const { status, json } of answers)
      if (status !== 201) expect([status, json]).toEqual([400, refusal(400, 'Device limit reached')])
  })

  test('its key and its devices share the requests of an hour', async () => {
    const customer = await server.customer({ rate_limit_per_hour: 4 })
    const { token } = await server.newDevice(customer)
    for (let request = 2; request <= 4; request++)
      expect((await server.device('GET', '/devices/me', token)).status).toBe(200)

    const byDevice = await server.device('GET', '/devices/me', token)
    const byKey = await server.create(customer)

    expect([byDevice.status, byDevice.json]).toEqual([429, refusal(429, 'Too many requests')])
    expect(Number(byDevice.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(Number(byDevice.headers.get('retry-after'))).toBeLessThanOrEqual(3_600)
    expect(byKey.status).toBe(429)
    expect((await server.admin('GET', `/admin/api-keys/${customer.id}`)).status).toBe(200)
  })
})

test('what a customer has asked counts after a restart as well, and on another node', async () => {
  const first = await Multisession.start({ database: 'postgres' })
  const customer = await first.customer({ rate_limit_per_hour: 5 })
  const { token } = await first.newDevice(customer)
  for (let request = 2; request <= 4; request++) await first.device('GET', '/devices/me', token)
  // A node tells the others after a second.
  await new Promise((resolve) => setTimeout(resolve, 1_100))
  await first.device('GET', '/devices/me', token)
  const { db } = first.app.parley.services
  const stored = await first.app.waitFor('the count', () =>
    db('customer_requests').where({ customer_id: customer.id }).first(),
  )
  await first.app.stop()
  const second = await Multisession.start({ reuse: first.app.place })
  const answers = [
    await second.device('GET', '/devices/me', token),
    await second.device('GET', '/devices/me', token),
  ]

  expect(stored.requests).toBe(4)
  expect(answers.map(({ status }) => status)).toEqual([200, 429])
  await second.close()
  await first.close()
})

test('an address gets ten tokens a minute, and is told so', async () => {
  const server = await Multisession.start()
  const answers: Answer[] = []
  for (let request = 0; request < 11; request++) answers.push(await server.request('POST', '/devices/token'))
  const told = (name: string) => answers.map(({ headers }) => headers.get(name))

  expect(answers.map(({ status }) => status)).toEqual([...Array(10).fill(400), 429])
  expect(told('x-ratelimit-limit')).toEqual(Array(11).fill('10'))
  expect(told('x-ratelimit-remaining')).toEqual(['9', '8', '7', '6', '5', '4', '3', '2', '1', '0', '0'])
  expect(answers[10]?.json).toEqual(refusal(429, 'Too many requests'))
  expect(Number(answers[10]?.headers.get('retry-after'))).toBeGreaterThan(50)
  await server.close()
})
