import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts'
import { ADMIN_TOKEN, TestApp } from '../helpers/app.ts'
import { oddRequests, sendRaw } from '../helpers/raw-request.ts'
import { type Receiver, startReceiver } from '../helpers/receiver.ts'

/** Errors that nothing caught: each would end a server, were there not one last net. */
const stray: unknown[] = []
const noteStray = (error: unknown) => stray.push(error)

let elsewhere: Sandbox

beforeAll(async () => {
  process.on('uncaughtExceptionMonitor', noteStray).on('unhandledRejection', noteStray)
  elsewhere = await startSandbox()
})
afterAll(async () => {
  process.off('uncaughtExceptionMonitor', noteStray).off('unhandledRejection', noteStray)
  await elsewhere.stop()
})

describe.each([
  ['inside the server', () => 'sandbox'],
  ['in another process', () => elsewhere.url],
])('the control plane of a network %s', (_name, network) => {
  let app: TestApp
  let port: number
  let stranger: Receiver

  beforeAll(async () => {
    app = await TestApp.start({ env: { WHATSAPP_NETWORK: network() } })
    port = Number(new URL(app.url).port)
    stranger = await startReceiver()
  })
  afterAll(async () => {
    await app.close()
    await stranger.close()
  })

  test('is closed to whoever has no admin token', async () => {
    for (const headers of [{}, { authorization: 'guess' }, { origin: app.url }] as Record<string, string>[])
      expect((await app.request('GET', '/sandbox/state', { headers })).status).toBe(401)
  })

  test('answers every request, whatever its target, name or upgrade is', async () => {
    for (const odd of oddRequests) {
      const withToken = odd.replace('\r\n', `\r\nAuthorization: ${ADMIN_TOKEN}\r\n`)
      const answer = await sendRaw(port, withToken)
      expect(answer, odd).not.toMatch(/^HTTP\/1\.1 5/)
    }

    expect(stray).toEqual([])
    expect((await app.request('GET', '/sandbox/state', { admin: true })).status).toBe(200)
  })

  test('is asked at its own address alone, whatever host the target names', async () => {
    const { host } = new URL(stranger.url)
    const target = `http://${host}/sandbox/state`

    const answer = await sendRaw(
      port,
      `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: ${ADMIN_TOKEN}\r\nConnection: close\r\n\r\n`,
    )

    expect(answer).toMatch(/^HTTP\/1\.1 200/)
    expect(stranger.requests).toEqual([])
  })

  test('takes bodies of a limited size', async () => {
    const body = Buffer.alloc(33 * 1024 * 1024, ' ')

    const answer = await app.request('POST', '/sandbox/scan', { admin: true, body })

    expect(answer).toMatchObject({ status: 413, json: { error: expect.stringContaining('larger than') } })
  })
})
