import { EventEmitter } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SessionEvent } from '../../../src/events/event.ts'
import { type Sandbox, startSandbox } from '../../../src/sandbox/index.ts'
import { node } from '../../../src/sandbox/world/node.ts'
import { type Frames, watchKeepAlive } from '../../../src/whatsapp/library/keep-alive.ts'
import { TestApp, type TestUser } from '../../helpers/app.ts'
import { type Receiver, startReceiver } from '../../helpers/receiver.ts'

let sandbox: Sandbox
let app: TestApp
let receiver: Receiver

beforeAll(async () => {
  receiver = await startReceiver()
  sandbox = await startSandbox()
  app = await TestApp.start({ env: { WEBHOOK_FORMAT: 'json', WHATSAPP_NETWORK: sandbox.url } })
})
afterAll(async () => {
  await app.close()
  await sandbox.stop()
  await receiver.close()
})

async function waitingForScan(): Promise<{ user: TestUser; qr: string }> {
  const user = await app.createUser({ webhook: receiver.url })
  await app.post('/session/connect', user.token, { Immediate: true })
  const qr = await app.waitFor('a code', () => app.parley.services.sessions.find(user.id)?.status.qr)
  return { user, qr }
}

function deliveredTo(user: TestUser, type: string): unknown[] {
  return receiver.requests.map(({ event }) => event).filter((e) => e.userID === user.id && e.type === type)
}

describe('linking with a phone that does not know the secret of the code', () => {
  test('is told of twice, as wuzapi does, and ends the session', async () => {
    const { user, qr } = await waitingForScan()
    const account = sandbox.network.createAccount({ phone: '447900000501', name: 'Forger' })
    const fields = qr.split(',')
    fields[3] = Buffer.alloc(32, 9).toString('base64')

    const scan = sandbox.server.pairing.scan(account, fields.join(',')).catch(() => 'refused')

    const failures = await app.waitFor('both reports', () => {
      const found = deliveredTo(user, 'PairError')
      return found.length === 2 ? found : undefined
    })
    expect(failures[0]).toMatchObject({ event: { ID: expect.stringContaining('447900000501:'), Error: {} } })
    expect(failures[1]).toMatchObject({ event: 'error', error: expect.any(String) })
    expect(await scan).toBe('refused')
    expect(deliveredTo(user, 'PairSuccess')).toEqual([])
    expect(app.parley.services.sessions.find(user.id)).toBeUndefined()
  })
})

describe('a phone that is too old to link devices', () => {
  /** What is told of a user's session from now on. */
  function hearing(userId: string): string[] {
    const heard: string[] = []
    stops.push(
      app.parley.services.events.listen((heardOf, recorded) => {
        if (heardOf === userId) heard.push(...recorded.map(({ event }) => event.type))
      }),
    )
    return heard
  }
  const stops: (() => void)[] = []
  afterAll(() => {
    for (const stop of stops) stop()
  })

  test('is noted, and ends no linked session', async () => {
    const { user, qr } = await waitingForScan()
    const heard = hearing(user.id)
    const account = sandbox.network.createAccount({ phone: '447900000502', name: 'Old phone' })
    const device = await sandbox.server.pairing.scan(account, qr)
    const session = await app.waitFor('the session', () => {
      const found = app.parley.services.sessions.find(user.id)
      return found?.status.loggedIn ? found : undefined
    })

    device.deliver(node('ib', {}, [node('downgrade_webclient')]))

    await app.waitFor('the note', () => heard.includes('session.phone.outdated'))
    // Whatever the stanza had ended could not answer this.
    await session.call((socket) =>
      socket.query(node('iq', { to: 's.whatsapp.net', type: 'get', xmlns: 'blocklist' })),
    )
    expect(session.status).toMatchObject({ connected: true, loggedIn: true })
    expect(heard.filter((type) => /closed|refused|logout/.test(type))).toEqual([])
  })
})

describe('pings', () => {
  /** What a socket tells of its frames and its end. */
  function frames() {
    const ws = new EventEmitter()
    const ev = new EventEmitter()
    // The two emitters are all that is used of a socket.
    return { ws, ev, socket: { ws, ev } as unknown as Frames }
  }

  test('that go unanswered are told of until frames come again', async () => {
    const { ws, ev, socket } = frames()
    const told: SessionEvent[] = []
    watchKeepAlive(socket, (event) => told.push(event), 20)
    await app.waitFor('two reports', () => told.length === 2)

    ws.emit('frame')

    const lastSuccess = expect.any(Number)
    expect(told).toEqual([
      { type: 'session.keepalive.timeout', errorCount: 1, lastSuccess },
      { type: 'session.keepalive.timeout', errorCount: 2, lastSuccess },
      { type: 'session.keepalive.restored' },
    ])
    ev.emit('connection.update', { connection: 'close' })
  })

  test('of a closed connection are no longer missed', async () => {
    const { ev, socket } = frames()
    const told: SessionEvent[] = []
    watchKeepAlive(socket, (event) => told.push(event), 5)

    ev.emit('connection.update', { connection: 'close' })
    await delay(20)

    expect(told).toEqual([])
  })
})

describe('a network that is not there', () => {
  test('is told of after three attempts, and tried again when it comes back', async () => {
    const user = await app.createUser({ webhook: receiver.url })
    await sandbox.server.stop()
    await app.post('/session/connect', user.token, { Immediate: true })

    const failure = await app.waitFor('the report', () => deliveredTo(user, 'ConnectFailure')[0])
    await sandbox.server.start()

    expect(failure).toMatchObject({
      event: 'ConnectFailure',
      attempts: 3,
      error: expect.stringMatching(/./),
      reason: 'Failed to connect after retry attempts',
    })
    await app.waitFor('a code', () => app.parley.services.sessions.find(user.id)?.status.qr)
  })
})
