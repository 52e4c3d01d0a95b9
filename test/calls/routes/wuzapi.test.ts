import { rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { readFloats, writeFloats } from '../../../src/calls/float-line.ts'
import { type Receiver, startReceiver } from '../../helpers/receiver.ts'
import type { CallScene } from '../call-scene.ts'
import { joinFrames, loudnessOf, toneOf } from '../tones.ts'
import { outcome, startWithFiles, toneWav } from './call-files-folder.ts'

let scene: CallScene
let files: string
let receiver: Receiver
let host: Server
let phones = 0
const sockets: WebSocket[] = []

beforeAll(async () => {
  receiver = await startReceiver()
  ;({ scene, files } = await startWithFiles(
    { MEDIA_ALLOWED_NETWORKS: 'any' },
    { webhook: receiver.url, events: 'All' },
  ))
  host = createServer((request, response) => {
    if (request.url === '/tone.wav') response.end(toneWav(900, 20))
    else if (request.url === '/text.wav') response.end('this is no sound')
    else response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => host.listen(0, '127.0.0.1', resolve))
})

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate()
  for (const { id } of scene.calls.list()) await scene.calls.hangUp(id)
})

afterAll(async () => {
  await scene.close()
  await receiver.close()
  host.close()
  await rm(files, { recursive: true })
})

const call = async (path: string, body: unknown, token = scene.user.token) =>
  outcome(await scene.app.post(path, token, body))
const success = (data: unknown) => [200, { code: 200, data, success: true }]
const failure = (code: number, error: unknown) => [code, { code, error, success: false }]
const address = (path: string) => `http://127.0.0.1:${(host.address() as AddressInfo).port}${path}`
const contact = (behaviour?: object) => scene.contact(`49151200000${10 + phones++}`, behaviour)

async function active(behaviour: object = {}): Promise<{ phone: string; id: string }> {
  const phone = await contact({ onOffer: 'answer', ...behaviour })
  const [, { data }] = await call('/call/dial', { phone })
  await scene.reached(data.call_id, 'active')
  return { phone, id: data.call_id }
}

/** A program that talks and listens. */
function open(query: string, headers: Record<string, string> = {}) {
  const socket = new WebSocket(`${scene.app.url.replace('http', 'ws')}/call/ws${query}`, { headers })
  sockets.push(socket)
  const heard: Int16Array[] = []
  const told: unknown[] = []
  let pings = 0
  socket.on('message', (data: Buffer, isBinary) => {
    if (isBinary) heard.push(readFloats(data))
    else told.push(JSON.parse(data.toString()))
  })
  socket.on('ping', () => pings++)
  const opened = new Promise<number>((resolve, reject) => {
    socket.once('open', () => resolve(101))
    socket.once('unexpected-response', (_request, response) => {
      let text = ''
      response.on('data', (piece: Buffer) => (text += piece.toString()))
      response.on('end', () => reject(new Error(`${response.statusCode} ${text.trim()}`)))
    })
    socket.once('error', reject)
  })
  const closed = new Promise<{ code: number; reason: string }>((resolve) =>
    socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() })),
  )
  return { socket, heard, told, opened, closed, pings: () => pings }
}

describe('a call', () => {
  test('is dialled, listed, plays from an address and is hung up', async () => {
    const { phone, id } = await active()

    expect(outcome(await scene.app.get('/call/active', scene.user.token))).toEqual(
      success({ calls: [{ call_id: id, caller: `${phone}@s.whatsapp.net`, state: '3' }] }),
    )
    expect(await call('/call/play', { call_id: id, audio_url: address('/tone.wav') })).toEqual(
      success({ success: true }),
    )
    await expect.poll(async () => (await scene.heardBy(phone, id)).tones).toContain(900)
    expect(await call('/call/hangup', { call_id: id })).toEqual(success({ success: true }))
    expect(outcome(await scene.app.get('/call/active', scene.user.token))).toEqual(success({ calls: [] }))
  })

  test('that comes in is answered, and its signals name it as a call of this server', async () => {
    const phone = await contact()
    const id = await scene.ring(phone)
    await scene.reached(id, 'ringing')

    expect(await call('/call/answer', { call_id: id })).toEqual(success({ call_id: id, success: true }))
    await scene.reached(id, 'active')
    await scene.app.sandbox('POST', `/contacts/${phone}/calls/${id}/hangup`)

    const { event } = await receiver.next('CallTerminate')
    expect(event).toMatchObject({
      callId: id,
      caller: `${phone}@s.whatsapp.net`,
      reason: '',
      event: { CallID: id },
    })
  })

  test('that comes in is rejected, with the route there always was', async () => {
    const phone = await contact()
    const id = await scene.ring(phone)
    await scene.reached(id, 'ringing')

    const [status] = await call('/call/reject', { call_from: `${phone}@s.whatsapp.net`, call_id: id })

    expect(status).toBe(200)
    expect(scene.calls.find(id)).toMatchObject({ state: 'ended', reason: 'rejected' })
    await expect
      .poll(async () => (await scene.phoneCalls(phone)).at(-1))
      .toMatchObject({ id, state: 'ended', reason: 'rejected' })
  })

  test('that is rejected is told as ended, which no stanza of the library says', async () => {
    const phone = await contact({ onOffer: 'reject' })
    const [, { data }] = await call('/call/dial', { phone })

    const ended = async () =>
      receiver.requests.find(({ event }) => event.type === 'CallTerminate' && event.callId === data.call_id)
    await expect.poll(ended).toBeTruthy()
    expect((await ended())?.event).toMatchObject({ caller: `${phone}@s.whatsapp.net`, reason: 'rejected' })
  })

  test('that came in and fails after it was taken is told as ended, which no stanza says', async () => {
    const id = await scene.ring(await contact())
    await scene.reached(id, 'ringing')
    await call('/call/answer', { call_id: id })
    await scene.reached(id, 'active')

    await scene.calls.mediaOf(id).close()

    const { event } = await scene.app.waitFor('the end to be told', () =>
      receiver.requests.find((told) => told.event.type === 'CallTerminate' && told.event.callId === id),
    )
    expect(event).toMatchObject({ callId: id, reason: 'failed' })
  })

  test('that is taken is told with its id and whom it reached', async () => {
    const { phone, id } = await active()

    const taken = async () =>
      receiver.requests.find(({ event }) => event.type === 'CallAccept' && event.callId === id)
    await expect.poll(taken).toBeTruthy()
    expect((await taken())?.event.caller).toBe(`${phone}@s.whatsapp.net`)
  })
})

describe('what cannot be', () => {
  test('has the statuses of the branch', async () => {
    const other = await scene.app.linkedUser()
    const { id } = await active()

    expect(await call('/call/answer', { call_id: 'NONE' })).toEqual(failure(404, 'Call not found'))
    expect(await call('/call/hangup', { call_id: id }, other.token)).toEqual(
      failure(403, 'Call belongs to another user'),
    )
    expect(await call('/call/answer', { call_id: id })).toEqual(failure(500, 'Call is not ringing'))
    expect(await call('/call/play', { call_id: id, audio_url: address('/none.wav') })).toEqual(
      failure(502, expect.stringContaining('404')),
    )
    expect(await call('/call/play', { call_id: id, audio_url: address('/text.wav') })).toEqual(
      failure(422, expect.stringContaining('cannot be decoded')),
    )
    expect(await call('/call/dial', { phone: 'x' })).toEqual(failure(400, 'Could not parse phone'))
    expect(await call('/call/video/start', { call_id: id })).toEqual(
      failure(501, expect.stringContaining('ideo')),
    )
    expect(await call('/call/dial', { phone: await contact() })).toEqual(
      failure(502, 'Another call is in progress'),
    )
    await call('/call/hangup', { call_id: id })
    expect(await call('/call/dial', { phone: '4915999999998' })).toEqual(
      failure(502, 'The number is not on WhatsApp'),
    )
  })

  test('nobody calls without a session', async () => {
    const { token } = await scene.app.createUser()

    expect(await call('/call/dial', { phone: '4915999999998' }, token)).toEqual(
      failure(503, 'Whatsapp session not connected'),
    )
  })
})

describe('/call/ws', () => {
  test('carries sound both ways, and says how the call ended', async () => {
    const { phone, id } = await active({ say: { tone: 1_000 } })
    const line = open(`?token=${scene.user.token}&call_id=${id}`)
    await line.opened
    const tone = toneOf(600, 16_000 * 10)
    for (let at = 0; at < tone.length; at += 960) line.socket.send(writeFloats(tone.subarray(at, at + 960)))
    const before = (await scene.heardBy(phone, id)).tones.length
    await delay(4_000)

    expect((await scene.heardBy(phone, id)).tones.slice(before + 1)).toContain(600)
    const sound = joinFrames(line.heard.slice(-30))
    expect(loudnessOf(sound, 1_000)).toBeGreaterThan(6_000)
    expect(loudnessOf(sound, 600)).toBeLessThan(300)
    await scene.app.sandbox('POST', `/contacts/${phone}/calls/${id}/hangup`)
    expect(await line.closed).toEqual({ code: 1000, reason: 'the call has ended' })
    expect(line.told).toEqual([{ type: 'ended', reason: 'remote_hangup' }])
  })

  test('is pinged every ten seconds', async () => {
    const { id } = await active()
    const line = open(`?call_id=${id}`, { token: scene.user.token })
    await line.opened

    await expect.poll(line.pings, { timeout: 12_000 }).toBeGreaterThan(0)
  })

  test('a second program takes the call over', async () => {
    const { id } = await active()
    const first = open(`?token=${scene.user.token}&call_id=${id}`)
    await first.opened
    const second = open(`?token=${scene.user.token}&call_id=${id}`)
    await second.opened

    expect(await first.closed).toEqual({ code: 1000, reason: 'another program has taken the call over' })
    expect(first.told).toEqual([])
    await call('/call/hangup', { call_id: id })
    await second.closed
    expect(second.told).toEqual([{ type: 'ended', reason: 'hangup' }])
  })

  test('a program that leaves may come back', async () => {
    const { id } = await active()
    const first = open(`?token=${scene.user.token}&call_id=${id}`)
    await first.opened
    first.socket.close()
    await first.closed
    await expect.poll(() => scene.calls.mediaOf(id).stats.hasLine).toBe(false)

    await open(`?token=${scene.user.token}&call_id=${id}`).opened

    expect(scene.calls.mediaOf(id).stats.hasLine).toBe(true)
  })

  test.each([
    ['a frame that is none', Buffer.from('abc'), 1008],
    ['a frame of more than four seconds', Buffer.alloc(300 * 1024), 1009],
  ])('%s closes it, and the call goes on', async (_, frame, code) => {
    const { id } = await active()
    const line = open(`?token=${scene.user.token}&call_id=${id}`)
    await line.opened

    line.socket.send(frame)

    expect((await line.closed).code).toBe(code)
    expect(scene.calls.find(id)?.state).toBe('active')
    await expect.poll(() => scene.calls.mediaOf(id).stats.hasLine).toBe(false)
  })

  test('more than a minute ahead closes it', async () => {
    const { id } = await active()
    const line = open(`?token=${scene.user.token}&call_id=${id}`)
    await line.opened

    const second = writeFloats(new Int16Array(16_000))
    for (let seconds = 0; seconds < 70; seconds++) line.socket.send(second)

    expect(await line.closed).toEqual({ code: 1008, reason: 'more than 60 seconds wait to be said' })
  })

  test('is refused in plain text', async () => {
    const other = await scene.app.linkedUser()
    const { id } = await active()
    const { token } = scene.user

    await expect(open(`?call_id=${id}`).opened).rejects.toThrow('401 token required')
    await expect(open(`?token=wrong&call_id=${id}`).opened).rejects.toThrow('401 unauthorized')
    await expect(open(`?token=${token}`).opened).rejects.toThrow('400 call_id required')
    await expect(open(`?token=${token}&call_id=NONE`).opened).rejects.toThrow('404 call not found')
    await expect(open(`?token=${other.token}&call_id=${id}`).opened).rejects.toThrow('403 forbidden')
    await call('/call/hangup', { call_id: id })
    await expect(open(`?token=${token}&call_id=${id}`).opened).rejects.toThrow('500 the call has ended')
  })

  test('ends when its token does', async () => {
    const user = await scene.app.linkedUser()
    const phone = await contact({ onOffer: 'answer' })
    const [, { data }] = await call('/call/dial', { phone }, user.token)
    const line = open(`?token=${user.token}&call_id=${data.call_id}`)
    await line.opened

    await scene.app.request('DELETE', `/admin/users/${user.id}`, { admin: true })

    expect([1000, 1001, 1008]).toContain((await line.closed).code)
  })
})

test('files below the folder are played by name, too', async () => {
  await writeFile(join(files, '500.wav'), toneWav(500))
  const { phone, id } = await active()

  expect(await call('/call/play', { call_id: id, audio_url: '500.wav' })).toEqual(success({ success: true }))
  await expect.poll(async () => (await scene.heardBy(phone, id)).tones).toContain(500)
  expect(await call('/call/play', { call_id: id, audio_url: '../x' })).toEqual(
    failure(500, expect.stringContaining('outside the folder')),
  )
})
