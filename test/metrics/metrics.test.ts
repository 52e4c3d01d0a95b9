import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ADMIN_TOKEN, type Answer, type LinkedUser, TestApp } from '../helpers/app.ts'
import { databaseKinds } from '../helpers/database.ts'
import { type Receiver, startReceiver } from '../helpers/receiver.ts'

const METRICS_TOKEN = 'only-for-the-monitor'
const contact = '447900000777'

describe.each(databaseKinds)('the metrics on %s', (database) => {
  let app: TestApp
  let receiver: Receiver
  let user: LinkedUser
  beforeAll(async () => {
    app = await TestApp.start({ database, env: { METRICS_TOKEN } })
    receiver = await startReceiver()
    user = await app.linkedUser({ webhook: receiver.url })
    await app.contact(contact)
  })
  afterAll(async () => {
    await app.close()
    await receiver.close()
  })

  function ask(authorization?: string): Promise<Answer> {
    return app.request('GET', '/metrics', { headers: authorization ? { authorization } : {} })
  }

  /** The value of a series, 0 when there is none. */
  async function value(series: string): Promise<number> {
    const { text } = await ask(`Bearer ${METRICS_TOKEN}`)
    const line = text.split('\n').find((one) => one.startsWith(`${series} `))
    return Number(line?.split(' ')[1] ?? 0)
  }

  test('are for whoever has the admin token or their own', async () => {
    const answers = [
      await ask(),
      await ask('Bearer wrong'),
      await ask(`Bearer ${user.token}`),
      await ask(`Bearer ${ADMIN_TOKEN}`),
      await ask(ADMIN_TOKEN),
      await ask(`Bearer ${METRICS_TOKEN}`),
    ]

    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 200, 200, 200])
    expect(answers[0]?.headers.get('www-authenticate')).toBe('Bearer')
    expect(answers[5]?.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
  })

  test('have a token that opens nothing else', async () => {
    const users = await app.request('GET', '/admin/users', { headers: { authorization: METRICS_TOKEN } })

    expect(users.status).toBe(401)
  })

  test('count sends, deliveries, receipts and commits of keys', async () => {
    await app.post('/chat/send/text', user.token, { Phone: contact, Body: 'hello' })
    await app.sandbox('POST', `/contacts/${contact}/send`, { to: user.phone, text: 'hi' })

    await app.waitFor(
      'the delivery of the message',
      async () =>
        (await value('parley_events_total{type="message"}')) > 0 &&
        (await value('parley_delivery_attempts_total{outcome="delivered"}')) > 0,
    )
    await app.waitFor('a receipt', () => value('parley_receipts_total{kind="delivered"}'))
    expect(await value('parley_sends_total{result="ok"}')).toBe(1)
    expect(await value('parley_delivery_lag_seconds_count')).toBeGreaterThan(0)
    expect(await value('parley_key_commit_seconds_count')).toBeGreaterThan(0)
    expect(await value('parley_key_rows_total')).toBeGreaterThan(0)
  })

  test('count requests by dialect, operation and status', async () => {
    const series = (status: number) =>
      `parley_http_requests_total{dialect="wuzapi",operation="sendText",status="${status}"}`
    const before = await value(series(400))

    await app.post('/chat/send/text', user.token, {})

    await app.waitFor('the request', async () => (await value(series(400))) === before + 1)
    expect(await value(series(200))).toBeGreaterThan(0)
    expect(
      await value('parley_http_request_seconds_count{dialect="wuzapi",operation="sendText"}'),
    ).toBeGreaterThan(1)
  })

  test('show sessions by state, what waits, and the process', async () => {
    expect(await value('parley_sessions{state="open"}')).toBe(1)
    expect(await value('parley_sessions{state="pairing"}')).toBe(0)
    expect(await value('parley_database_up')).toBe(1)
    const { text } = await ask(`Bearer ${METRICS_TOKEN}`)
    for (const name of [
      'parley_lanes_due',
      'parley_deliveries_waiting',
      'parley_deliveries_dead',
      'parley_inbox_waiting',
      'parley_sends_waiting',
      'process_resident_memory_bytes',
      'nodejs_eventloop_lag_p99_seconds',
    ])
      expect(text).toMatch(new RegExp(`^${name} \\d`, 'm'))
  })

  test('count what waits for a receiver that is away, and what was given up', async () => {
    receiver.answer(503)
    await app.sandbox('POST', `/contacts/${contact}/send`, { to: user.phone, text: 'nobody is there' })

    await app.waitFor('a failed attempt', () => value('parley_delivery_attempts_total{outcome="failed"}'))
    // A webhook may leave before its delivery is written: the attempt can be counted a moment before what waits.
    await app.waitFor('a waiting delivery', () => value('parley_deliveries_waiting'))

    receiver.answer(200)
  })

  test('name no session, person or secret', async () => {
    const { text } = await ask(`Bearer ${METRICS_TOKEN}`)

    for (const secret of [user.id, user.token, user.phone, contact, ADMIN_TOKEN, METRICS_TOKEN])
      expect(text).not.toContain(secret)
  })
})
