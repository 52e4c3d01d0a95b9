import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fail } from '../../../src/dialects/wsgo/failures.ts'
import { ApiError } from '../../../src/lib/errors.ts'
import { qrImage } from '../../../src/lib/text/qr-image.ts'
import { failure, Wsgo } from './wsgo.ts'

let wsgo: Wsgo

beforeAll(async () => {
  wsgo = await Wsgo.start()
})
afterAll(() => wsgo.close())

describe('/api/status', () => {
  test('tells the linked device', async () => {
    const setName = `/../wago-api/client/setPushName/${wsgo.user.id}`
    const { status, json } = await wsgo.app.waitFor('the name', async () => {
      // What the phone wrote while it was linked, and is still being read, says its former name.
      const { status } = await wsgo.request('POST', setName, { body: { pushName: 'My Business' } })
      expect(status).toBe(200)
      const answer = await wsgo.get('/api/status')
      return answer.json.pushName === 'My Business' ? answer : delay(100).then(() => undefined)
    })

    expect(status).toBe(200)
    expect(json).toEqual({
      connected: true,
      loggedIn: true,
      device: expect.stringMatching(new RegExp(`^${wsgo.user.phone}:\\d+@s\\.whatsapp\\.net$`)),
      pushName: 'My Business',
      platform: 'android',
    })
  })

  test('is empty for somebody who never linked a phone', async () => {
    const { token } = await wsgo.unlinked()

    expect((await wsgo.get('/api/status', token)).json).toEqual({
      connected: false,
      loggedIn: false,
      device: '',
      pushName: '',
      platform: '',
    })
  })

  test('knows the device also while it is disconnected', async () => {
    const user = await wsgo.app.linkedUser()
    await wsgo.app.post('/session/disconnect', user.token)

    expect((await wsgo.get('/api/status', user.token)).json).toMatchObject({
      connected: false,
      loggedIn: false,
      device: expect.stringContaining(user.phone),
      platform: 'android',
    })
  })
})

describe('/api/qr', () => {
  test('starts a session that does not run, and shows its code as text, as a picture and as JSON', async () => {
    const { id, token } = await wsgo.unlinked()

    const raw = await wsgo.get('/api/qr', token)

    expect(raw.status).toBe(200)
    expect(raw.headers.get('Content-Type')).toBe('text/plain; charset=utf-8')
    expect(raw.text).toBe(wsgo.app.parley.services.sessions.find(id)?.status.qr)
    const drawn = (await qrImage(raw.text)).split(',')[1]
    const image = await fetch(`${wsgo.app.url}/wsgo/api/qr?format=image`, { headers: { 'X-API-Key': token } })
    expect(image.headers.get('Content-Type')).toBe('image/png')
    expect(Buffer.from(await image.arrayBuffer()).toString('base64')).toBe(drawn)
    const { json, headers } = await wsgo.get('/api/qr?format=base64', token)
    expect(headers.get('Content-Type')).toBe('application/json')
    expect(json).toEqual({ qr: drawn })
  })

  test('links the phone that scans it', async () => {
    const { token } = await wsgo.unlinked()
    const { text } = await wsgo.get('/api/qr', token)

    await wsgo.app.sandbox('POST', '/scan', { qr: text, phone: '573009999999', name: 'Scanned' })

    await wsgo.app.waitFor(
      'the session to open',
      async () => (await wsgo.get('/api/status', token)).json.loggedIn,
    )
    expect((await wsgo.get('/api/status', token)).json.device).toMatch(/^573009999999:/)
  })

  test('has nothing for a phone that is linked', async () => {
    const { status, json } = await wsgo.get('/api/qr')

    expect([status, json]).toEqual([404, failure('already linked to a phone')])
  })

  test('knows two formats', async () => {
    const { status, json } = await wsgo.get('/api/qr?format=svg')

    expect([status, json]).toEqual([400, failure('format must be image or base64, or left out')])
  })
})

test('/api/reconnect closes the connection and makes it again, without a new code', async () => {
  const user = await wsgo.app.linkedUser()
  const before = wsgo.app.parley.services.sessions.find(user.id)

  const { status, json } = await wsgo.post('/api/reconnect', {}, user.token)

  expect([status, json]).toEqual([200, { status: 'reconnecting' }])
  await wsgo.app.waitFor(
    'the session to open',
    async () => (await wsgo.get('/api/status', user.token)).json.loggedIn,
  )
  expect(wsgo.app.parley.services.sessions.find(user.id)).not.toBe(before)
})

describe('/api/logout', () => {
  test('unlinks the device', async () => {
    const user = await wsgo.app.linkedUser()

    const { status, json } = await wsgo.post('/api/logout', {}, user.token)

    expect([status, json]).toEqual([200, { status: 'logged out' }])
    expect((await wsgo.get('/api/status', user.token)).json).toMatchObject({ loggedIn: false, device: '' })
    expect((await wsgo.get('/api/qr', user.token)).status).toBe(200)
  })

  test('needs a session', async () => {
    const { token } = await wsgo.unlinked()
    const { status, json } = await wsgo.post('/api/logout', {}, token)

    expect([status, json]).toEqual([503, failure('not connected to WhatsApp')])
  })
})

test.each([
  [503, 503],
  [504, 500],
  [501, 500],
  [429, 429],
])('a failure with status %i is answered with %i', (status, answered) => {
  expect(fail(new ApiError('upstream_refused', { status })).status).toBe(answered)
})
