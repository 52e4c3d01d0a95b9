import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Device, DeviceBench } from '../device-bench.ts'
import { recorded } from './recorded.ts'

const PHONE = '15550008008'
const jid = `${PHONE}@s.whatsapp.net`

let bench: DeviceBench
let device: Device
beforeAll(async () => {
  bench = await DeviceBench.start({ env: { WHATSAPP_APPSTATE_WEBHOOK_ENABLED: 'true' } })
  device = await bench.device()
  await bench.webhook(device, 'e')
})
afterAll(() => bench.stop())

/** What the phone of the recording and that of the sandbox call themselves. */
const LINKED: Record<string, object> = {
  'connection.connected': { platform: expect.any(String), push_name: expect.any(String) },
}

const names = () => bench.told('e').map(({ event_type: type }) => type)

/** Makes the server refuse the next login, and the device log in anew. */
async function refuseLogin(reason: number): Promise<void> {
  await bench.app.sandbox('POST', '/faults', { kind: 'refuse-login', reason, jid, times: 1 })
  await bench.app.sandbox('POST', '/disconnect', { jid, code: 503 })
}

async function open(): Promise<void> {
  const { services } = bench.app.parley
  await services.sessions.disconnect(device.userId).catch(() => {})
  await services.sessions.connect(await bench.user(device))
  await bench.app.waitFor('the session', () => services.sessions.find(device.userId)?.status.loggedIn)
}

describe('the connection of a device', () => {
  test('all codes are told at once, then that it is linked and what it learns', async () => {
    device = await bench.link(device, PHONE)
    const linked = await bench.event('e', 'connection.connected')
    const learnt = await bench.event('e', 'history.sync', { sync_type: 'INITIAL_BOOTSTRAP' })

    const [qr] = bench.told('e').filter(({ event_type: type }) => type === 'connection.qr')
    expect(qr?.device_id).toBe(device.id)
    expect(qr?.data).toEqual({ jid: '', codes: expect.any(Array) })
    const codes = qr?.data.codes as string[]
    expect(new Set(codes).size).toBe(codes.length)
    expect(codes.length).toBeGreaterThan(1)
    expect((await bench.event('e', 'connection.pair_success')).data).toEqual({
      ...recorded('connection.pair_success', 'link'),
      jid: PHONE,
      pair_jid: expect.stringMatching(/^15550008008:\d+@s\.whatsapp\.net$/),
      pair_lid: expect.stringMatching(/^291076695044784:\d+@lid$/),
    })
    expect(linked.data).toEqual({
      ...recorded('connection.connected', 'link'),
      jid: PHONE,
      phone_number: PHONE,
      platform: expect.any(String),
      push_name: expect.any(String),
    })
    expect(learnt.data).toEqual({
      ...recorded('history.sync', 'link'),
      jid: PHONE,
      conversation_count: expect.any(Number),
    })
    expect((await bench.event('e', 'history.sync_complete')).data).toMatchObject({ jid: PHONE })
    expect((await bench.event('e', 'offline.sync_completed')).data).toMatchObject({ jid: PHONE })
    expect((await bench.event('e', 'message.received', { is_from_me: true })).data).toEqual(
      recorded('message.received', 'link', { chat: jid, from: jid }),
    )
    expect(names()).not.toContain('connection.disconnected')
  })

  test('that it was lost, and is there again', async () => {
    const before = bench.told('e').length
    await bench.app.sandbox('POST', '/disconnect', { jid, code: 503 })
    await bench.app.waitFor('connected', () => names().slice(before).includes('connection.connected'))

    const lost = bench
      .told('e')
      .slice(before)
      .find((one) => one.event_type === 'connection.disconnected')
    expect(lost?.data).toEqual(recorded('connection.disconnected', 'connection cut'))
    for (const name of ['connection.connected', 'offline.sync_completed'])
      expect((await bench.event('e', name)).data).toEqual(recorded(name, 'connection cut', LINKED[name]))
  })

  test.each([
    [
      'connection.temporary_ban',
      402,
      'login refused: temporary ban',
      { expires: expect.any(Number), reason: expect.any(Number) },
    ],
    ['connection.client_outdated', 405, 'login refused: client outdated', {}],
    ['connection.connect_failure', 409, 'login refused: other reason', { message: expect.any(String) }],
    ['connection.connect_failure', 400, 'login refused: 400', { message: expect.any(String) }],
  ])('%s', async (name, reason, trigger, differing) => {
    const before = bench.told('e').length
    await refuseLogin(reason)
    const told = (type: string) =>
      bench
        .told('e')
        .slice(before)
        .findLast((one) => one.event_type === type)
    await bench.app.waitFor(name, () => told(name))

    expect(told(name)?.data).toEqual(recorded(name, trigger, differing))
    await open()
  })

  test.each([
    ['connect_failure: 409: client user agent was rejected', 'login refused: other reason'],
    ['connect_failure: 400: unknown error', 'login refused: 400'],
  ])('a refusal is a loss as well, and that comes before it: %s', async (reason, trigger) => {
    const lost = await bench.event('e', 'connection.disconnected', { reason })

    expect(lost.data).toEqual(recorded('connection.disconnected', trigger))
    const told = bench.told('e')
    expect(told[told.indexOf(lost) + 1]?.event_type).toBe('connection.connect_failure')
  })

  test.each([
    ['connection.stream_error', { tag: 'stream:error', attrs: { code: '599' } }, 'unknown stream error'],
    [
      'connection.qr_scanned_without_multidevice',
      { tag: 'ib', attrs: {}, content: [{ tag: 'downgrade_webclient', attrs: {} }] },
      'phone without multi-device',
    ],
  ])('%s', async (name, stanza, trigger) => {
    await open()
    bench.inject(device, stanza)

    expect((await bench.event('e', name)).data).toEqual(recorded(name, trigger))
  })

  test.each([
    [
      'connection.keepalive_timeout',
      { type: 'session.keepalive.timeout', errorCount: 1, lastSuccess: 1_767_268_800 },
    ],
    ['connection.keepalive_restored', { type: 'session.keepalive.restored' }],
  ] as const)('%s', async (name, event) => {
    await bench.app.parley.services.events.record(device.userId, [event])

    const trigger = 'keep-alive unanswered'
    expect((await bench.event('e', name)).data).toEqual(recorded(name, trigger, { jid: PHONE }))
  })

  test('that another connection took over', async () => {
    await open()
    await bench.app.sandbox('POST', '/disconnect', { jid, code: 440 })

    expect((await bench.event('e', 'connection.stream_replaced')).data).toEqual(
      recorded('connection.stream_replaced', 'session taken over'),
    )
  })

  test('that it was unlinked', async () => {
    await open()
    await bench.app.sandbox('POST', '/unlink', { jid })

    expect((await bench.event('e', 'connection.logged_out')).data).toEqual(
      recorded('connection.logged_out', 'unlinked by the phone'),
    )
  })
})

test('a device that could not be linked', async () => {
  const other = await bench.device()
  await bench.webhook(other, 'c')
  await bench.app.parley.services.events.record(
    other.userId,
    (['socket', 'pairing'] as const).map((by) => ({
      type: 'session.pair.failed',
      by,
      jid: '15550007007:1@s.whatsapp.net',
      lid: '144131549911039:1@lid',
      businessName: '',
      platform: 'android',
      error: 'invalid device identity HMAC in pair success message',
    })),
  )

  const { data } = await bench.event('c', 'connection.pair_error')
  expect(data).toEqual(recorded('connection.pair_error', 'link'))
  expect(bench.told('c')).toHaveLength(1)
})
