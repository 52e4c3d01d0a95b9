import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { type LinkedUser, TestApp } from '../../helpers/app.ts'

// Without CALLS=on: what calls need says how it is switched on, and what there was before works as before.

const OFF = expect.stringMatching(/^voice calls are experimental and off: set CALLS=on/)

let app: TestApp
let user: LinkedUser
let contact: string

beforeAll(async () => {
  app = await TestApp.start()
  user = await app.linkedUser()
  contact = await app.contact('447900000911', { name: 'Ana' })
})

afterAll(() => app.close())

async function ask(method: string, path: string, body?: unknown) {
  const { status, json } = await app.request(method, path, { token: user.token, body })
  return [status, json.error]
}

describe('voice that is off', () => {
  test.each([
    ['/call/make', { CallTo: '447900000911' }],
    ['/call/answer', { CallID: 'C' }],
    ['/call/hangup', { CallID: 'C' }],
    ['/call/play', { CallID: 'C', AudioFile: 'x.wav' }],
    ['/call/play/pause', { CallID: 'C' }],
    ['/call/play/resume', { CallID: 'C' }],
    ['/call/play/stop', { CallID: 'C' }],
    ['/call/record', { CallID: 'C' }],
    ['/call/record/stop', { CallID: 'C' }],
    ['/call/webrtc/offer', { callID: 'C', sdp: 'v=0' }],
    ['/call/webrtc/close', { callID: 'C' }],
  ])('WaGo %s says how it is switched on', async (path, body) => {
    expect(await ask('POST', `/wago${path}`, body)).toEqual([501, OFF])
  })

  test('WaGo /call/webrtc/config says so, too', async () => {
    expect(await ask('GET', '/wago/call/webrtc/config')).toEqual([501, OFF])
  })

  test.each([
    ['/call/dial', { phone: '447900000911' }],
    ['/call/answer', { call_id: 'C' }],
    ['/call/hangup', { call_id: 'C' }],
    ['/call/play', { call_id: 'C', audio_url: 'https://example.com/x.wav' }],
    ['/call/video/start', { call_id: 'C' }],
  ])('wuzapi %s says how it is switched on', async (path, body) => {
    expect(await ask('POST', path, body)).toEqual([
      501,
      expect.stringMatching(/voice calls are experimental and off/i),
    ])
  })

  test.each([
    ['POST', '/calls', { to: '447900000911' }],
    ['POST', '/calls/C/answer', undefined],
    ['POST', '/calls/C/hangup', undefined],
    ['POST', '/calls/C/mute', { muted: true }],
    ['POST', '/calls/C/browser', { sdp: 'v=0' }],
    ['DELETE', '/calls/C/browser', undefined],
    ['GET', '/calls/C/diary', undefined],
  ])('parley %s %s says how it is switched on', async (method, path, body) => {
    expect(await ask(method, `/parley${path}`, body)).toEqual([501, OFF])
  })

  test('a softphone is told that there is none', async () => {
    const { json } = await app.get('/parley/calls/config', user.token)

    expect(json).toEqual({ isOn: false, iceServers: [] })
  })

  test('/call/ws is refused in plain text', async () => {
    const answer = await app.request('GET', `/call/ws?token=${user.token}&call_id=C`)

    expect([answer.status, answer.headers.get('content-type')]).toEqual([501, 'text/plain; charset=utf-8'])
    expect(answer.text).toMatch(/set CALLS=on/)
  })

  test('/call/ws refuses a WebSocket in the same way', async () => {
    const address = `${app.url.replace('http', 'ws')}/call/ws?token=${user.token}&call_id=C`
    const status = await new Promise((resolve) => {
      const socket = new WebSocket(address)
      socket.once('unexpected-response', (_request, response) => resolve(response.statusCode))
      socket.once('error', resolve)
    })

    expect(status).toBe(501)
  })
})

test('a call that was active when the server died, and voice was switched off, is over', async () => {
  const peer = `${contact}@s.whatsapp.net`
  const known = { callId: 'LEFT', chat: peer, peer, direction: 'outgoing', reason: '' } as const
  const timestamp = Math.floor(Date.now() / 1000)
  await app.post('/wago/webhook', user.token, { WebhookURL: 'http://127.0.0.1:9/webhook' })
  await app.parley.services.events.record(user.id, [
    { type: 'call.state', state: 'active', timestamp, ...known },
  ])

  const { json } = await app.get('/wago/call/status?callID=LEFT', user.token)

  expect(json.call).toMatchObject({ state: 'ended', reason: 'connection_lost' })
})

describe('a call that rings', () => {
  test('is listed and rejected by its id in the dialect parley', async () => {
    await app.post('/wago/webhook', user.token, { WebhookURL: 'http://127.0.0.1:9/webhook' })
    const { callId } = await app.sandbox('POST', `/contacts/${contact}/call`, {
      to: user.phone,
      kind: 'offer',
    })
    const shown = async () => (await app.get(`/parley/calls/${callId}`, user.token)).json
    await expect
      .poll(shown)
      .toMatchObject({ id: callId, direction: 'incoming', state: 'ringing', isOwn: false })

    const { status } = await app.post(`/parley/calls/${callId}/reject`, user.token)

    expect(status).toBe(200)
    expect(await shown()).toMatchObject({ state: 'ended', reason: 'rejected' })
    const { json } = await app.get('/parley/calls', user.token)
    expect(json.calls.map(({ id }: { id: string }) => id)).toContain(callId)
  })

  test('is nobody else’s', async () => {
    const { callId } = await app.sandbox('POST', `/contacts/${contact}/call`, {
      to: user.phone,
      kind: 'offer',
    })
    const other = await app.linkedUser()

    const shown = await app.get(`/parley/calls/${callId}`, other.token)
    const rejected = await app.post(`/parley/calls/${callId}/reject`, other.token)

    expect([shown.status, rejected.status]).toEqual([404, 404])
  })
})
