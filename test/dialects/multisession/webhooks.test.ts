import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databaseKinds } from '../../helpers/database.ts'
import { type Device, DeviceBench } from './device-bench.ts'

const fails = (code: number, message: string) => ({ status: false, code, message, error: message })
const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/

describe.each(databaseKinds)('webhooks of devices on %s', (database) => {
  let bench: DeviceBench
  beforeAll(async () => {
    bench = await DeviceBench.start({ database })
  })
  afterAll(() => bench.stop())

  const url = 'https://hooks.example.com/a'
  const create = (device: Device, body: unknown = { url }) => bench.call(device, 'POST', '/webhooks', body)
  const show = async (device: Device, id: number) =>
    (await bench.call(device, 'GET', `/webhooks/${id}`)).json.data.webhook
  const logs = async (device: Device, id: number) =>
    (await bench.call(device, 'GET', `/webhooks/${id}/logs`)).json.data.logs

  test('there is none until one is made, which is shown with its secret', async () => {
    const device = await bench.device()
    const none = await bench.call(device, 'GET', '/webhooks')
    const made = await create(device)
    const { webhook_id: id, secret } = made.json.data
    const listed = await bench.call(device, 'GET', '/webhooks')
    const shown = await bench.call(device, 'GET', `/webhooks/${id}`)

    expect(none.json).toEqual({ status: true, code: 200, message: 'success', data: { webhooks: null } })
    expect(made.json).toEqual({
      status: true,
      code: 200,
      message: 'webhook created',
      data: { secret: expect.stringMatching(/^[0-9a-f]{64}$/), webhook_id: expect.any(Number) },
    })
    const row = {
      ID: id,
      DeviceID: device.id,
      URL: url,
      Secret: secret,
      Events: null,
      Active: true,
      CreatedAt: expect.stringMatching(RFC3339),
      UpdatedAt: expect.stringMatching(RFC3339),
    }
    expect(listed.json.data).toEqual({ webhooks: [row] })
    expect(shown.json.data).toEqual({ webhook: row })
  })

  test('numbers grow over all devices and are never given again', async () => {
    const [one, other] = [await bench.device(), await bench.device()]
    const first = (await create(one)).json.data.webhook_id
    const second = (await create(other)).json.data.webhook_id
    await bench.call(other, 'DELETE', `/webhooks/${second}`)
    const third = (await create(one)).json.data.webhook_id

    expect(second).toBe(first + 1)
    expect(third).toBe(second + 1)
  })

  test('a device has no more of them than the settings allow, however many are asked for at once', async () => {
    const device = await bench.device()

    const answers = await Promise.all(Array.from({ length: 8 }, () => create(device)))

    expect(answers.filter(({ status }) => status === 200)).toHaveLength(5)
    expect(answers.find(({ status }) => status !== 200)?.json).toEqual(fails(400, 'Webhook limit reached'))
    expect((await bench.call(device, 'GET', '/webhooks')).json.data.webhooks).toHaveLength(5)
  })

  test.each([
    ['an address alone', { url, events: ['a.b'] }, { url }, { URL: url, Events: null, Active: false }],
    [
      'everything',
      { url },
      { url: 'https://hooks.example.com/b', events: ['call.offer', 'no.such'], active: true },
      { URL: 'https://hooks.example.com/b', Events: ['call.offer', 'no.such'], Active: true },
    ],
  ])('a change replaces what is set: %s', async (_name, made, change, shown) => {
    const device = await bench.device()
    const { webhook_id: id, secret } = (await create(device, made)).json.data

    const changed = await bench.call(device, 'PATCH', `/webhooks/${id}`, change)

    expect(changed.json).toEqual({ status: true, code: 200, message: 'webhook updated' })
    expect(await show(device, id)).toMatchObject({ ...shown, Secret: secret })
  })

  test.each([
    ['no address', {}, 'url is required'],
    ['an address of another type', { url: 12345 }, 'invalid request body'],
    ['events that are no list', { url, events: 'one' }, 'invalid request body'],
    ['no JSON', '{"a":', 'invalid request body'],
    ['an event with a comma', { url, events: ['a,b'] }, 'an event name has no comma'],
  ])('is refused: %s', async (_name, body, message) => {
    const device = await bench.device()
    const { webhook_id: id } = (await create(device)).json.data

    expect((await create(device, body)).json).toEqual(fails(400, message))
    expect((await bench.call(device, 'PATCH', `/webhooks/${id}`, body)).json).toEqual(fails(400, message))
    expect(await show(device, id)).toMatchObject({ URL: url })
  })

  test.each([
    ['a word', 'abc', 400, 'invalid webhook_id'],
    ['nothing that was made', '99999', 404, 'webhook not found'],
    ['less than nothing', '-1', 404, 'webhook not found'],
    ['more than there can be', '99999999999999999999', 400, 'invalid webhook_id'],
  ])('a number that is %s', async (_name, id, code, message) => {
    const device = await bench.device()
    const at = (method: string, path = '', body?: object) =>
      bench.call(device, method, `/webhooks/${id}${path}`, body)

    for (const answer of [
      await at('GET'),
      await at('PATCH', '', { url }),
      await at('DELETE'),
      await at('GET', '/logs'),
      await at('POST', '/test'),
    ])
      expect(answer.json).toEqual(fails(code, message))
  })

  test('belongs to its device, and to no other of the same customer', async () => {
    const [mine, yours] = [await bench.device(), await bench.device()]
    const { webhook_id: id } = (await create(yours)).json.data

    expect((await bench.call(mine, 'DELETE', `/webhooks/${id}`)).status).toBe(404)
    expect((await bench.call(mine, 'PATCH', `/webhooks/${id}`, { url })).status).toBe(404)
    expect(await show(yours, id)).toMatchObject({ Active: true })
  })

  test('a test goes to every active webhook of the device that takes it, signed with the secret of each', async () => {
    const device = await bench.device()
    const all = await bench.webhook(device, 'all')
    const some = await bench.webhook(device, 'some', ['test.ping'])
    const others = await bench.webhook(device, 'others', ['call.offer'])
    const off = await bench.webhook(device, 'off')
    await bench.call(device, 'PATCH', `/webhooks/${off.webhook_id}`, { url: `${bench.receiver.url}/off` })

    const tried = await bench.call(device, 'POST', `/webhooks/${others.webhook_id}/test`)
    await bench.event('all', 'test.ping')
    await bench.event('some', 'test.ping')

    expect(tried.json).toEqual({ status: true, code: 200, message: 'test webhook dispatched' })
    expect([bench.requests('others'), bench.requests('off')]).toEqual([[], []])
    for (const [name, { secret }] of [
      ['all', all],
      ['some', some],
    ] as const) {
      const [request] = bench.requests(name)
      const { headers, body = '', event } = request ?? {}
      expect(event).toEqual({
        event_type: 'test.ping',
        device_id: device.id,
        timestamp: expect.stringMatching(RFC3339),
        data: { message: 'test webhook delivery' },
      })
      const signature = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`
      expect(headers).toMatchObject({
        'content-type': 'application/json',
        'user-agent': 'WhatsApp-API-MultiSession/1.0',
        'x-webhook-event': 'test.ping',
        'x-webhook-signature': signature,
        'x-hub-signature-256': signature,
        'webhook-id': expect.any(String),
      })
    }
    await bench.app.waitFor(
      'the log',
      async () => (await logs(device, all.webhook_id))?.[0]?.Status === 'success',
    )
    expect(await logs(device, all.webhook_id)).toEqual([
      {
        ID: expect.any(Number),
        WebhookID: all.webhook_id,
        EventType: 'test.ping',
        Status: 'success',
        AttemptCount: 1,
        LastError: '',
        CreatedAt: expect.stringMatching(RFC3339),
        UpdatedAt: expect.stringMatching(RFC3339),
      },
    ])
    expect(await logs(device, others.webhook_id)).toBeNull()
  })

  test('what fails is repeated after 2 and 4 seconds, and then by the schedule of the server', async () => {
    const device = await bench.device()
    const { webhook_id: id, secret } = await bench.webhook(device, 'failing')
    bench.receiver.answerBy(({ path }) => (path === '/webhook/failing' ? 500 : undefined))
    bench.receiver.answer(200, {}, `no thanks, ${secret}`)

    await bench.call(device, 'POST', `/webhooks/${id}/test`)
    await bench.app.waitFor('a retry', async () => (await logs(device, id))?.[0]?.Status === 'retrying')
    await bench.app.waitFor('the end', async () => (await logs(device, id))?.[0]?.Status === 'failed')

    const [first, second, third] = bench.requests('failing')
    const [entry] = await logs(device, id)
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThan(1_200)
    expect((third?.at ?? 0) - (second?.at ?? 0)).toBeGreaterThan(2_500)
    expect(entry).toMatchObject({
      AttemptCount: 3,
      LastError: expect.stringMatching(/^HTTP 500: no thanks, /),
    })
    expect(entry.LastError).not.toContain(secret)
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id'])
    bench.receiver.answerBy(() => undefined)
    bench.receiver.answer(200)
    await bench.app.waitFor('success', async () => (await logs(device, id))?.[0]?.Status === 'success')
  }, 40_000)

  test('a removed webhook, or one of a removed device, gets nothing that waits for it', async () => {
    const device = await bench.device()
    const gone = await bench.webhook(device, 'gone')
    const left = await bench.webhook(device, 'left')
    bench.receiver.answerBy(({ path }) => (/gone|left/.test(path) ? 503 : undefined))
    await bench.call(device, 'POST', `/webhooks/${gone.webhook_id}/test`)
    await bench.app.waitFor('attempts', () => bench.requests('gone')[0] && bench.requests('left')[0])

    await bench.call(device, 'DELETE', `/webhooks/${gone.webhook_id}`)
    await bench.app.request('DELETE', `/admin/users/${device.userId}`, { admin: true })
    await new Promise((resolve) => setTimeout(resolve, 3_000))

    expect([bench.requests('gone').length, bench.requests('left').length]).toEqual([1, 1])
    expect((await bench.call(device, 'GET', `/webhooks/${left.webhook_id}`)).status).toBe(401)
    bench.receiver.answerBy(() => undefined)
  })
})

describe('where only public networks are allowed', () => {
  let bench: DeviceBench
  beforeAll(async () => {
    bench = await DeviceBench.start({
      env: { WEBHOOK_ALLOWED_NETWORKS: 'public', WEBHOOK_MAX_PER_DEVICE: '20' },
    })
  })
  afterAll(() => bench.stop())

  test.each([
    ['no HTTPS', 'http://93.184.216.34/a', 'only HTTPS URLs are allowed'],
    ['no address', 'nothing', 'only HTTPS URLs are allowed'],
    ['blank', ' ', 'only HTTPS URLs are allowed'],
    ['loopback', 'https://127.0.0.1:8443/x', 'private/local network URLs are not allowed'],
    [
      'loopback in another form',
      'https://[::ffff:127.0.0.1]/x',
      'private/local network URLs are not allowed',
    ],
    ['localhost', 'https://localhost/x', 'private/local network URLs are not allowed'],
    ['private', 'https://10.0.0.1/x', 'private/local network URLs are not allowed'],
    ['unspecified', 'https://0.0.0.0/x', 'private/local network URLs are not allowed'],
  ])('nothing is sent to an address that is %s, and nothing repeated', async (_name, url, error) => {
    const device = await bench.device()
    const made = await bench.call(device, 'POST', '/webhooks', { url, events: ['test.ping'] })
    const { webhook_id: id } = made.json.data

    await bench.call(device, 'POST', `/webhooks/${id}/test`)

    const entry = await bench.app.waitFor('the log', async () => {
      const { json } = await bench.call(device, 'GET', `/webhooks/${id}/logs`)
      return json.data.logs?.find(({ Status }: { Status: string }) => Status === 'failed')
    })
    expect(entry).toMatchObject({ AttemptCount: 0, LastError: error, EventType: 'test.ping' })
  })

  test('names are looked up before anything is sent', async () => {
    const device = await bench.device()
    const made = await bench.call(device, 'POST', '/webhooks', { url: 'https://ip6-localhost.localdomain/x' })
    const { webhook_id: id } = made.json.data

    await bench.call(device, 'POST', `/webhooks/${id}/test`)

    const entry = await bench.app.waitFor('the log', async () => {
      const { json } = await bench.call(device, 'GET', `/webhooks/${id}/logs`)
      return json.data.logs?.find(({ Status }: { Status: string }) => Status === 'retrying')
    })
    expect(entry.LastError).toMatch(/not in a network|ENOTFOUND|EAI_AGAIN/)
  })
})

test('where deliveries are switched off, the routes go on and nothing is sent', async () => {
  const bench = await DeviceBench.start({ env: { WEBHOOKS_ENABLED: 'false' } })
  try {
    const device = await bench.device()
    const { webhook_id: id } = await bench.webhook(device, 'quiet')

    const tried = await bench.call(device, 'POST', `/webhooks/${id}/test`)

    expect(tried.json.message).toBe('test webhook dispatched')
    expect((await bench.call(device, 'GET', `/webhooks/${id}/logs`)).json.data).toEqual({ logs: null })
    expect(bench.requests('quiet')).toEqual([])
  } finally {
    await bench.stop()
  }
})
