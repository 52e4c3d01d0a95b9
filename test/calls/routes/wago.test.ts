import { readdir, rm, writeFile } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { LinkedUser } from '../../helpers/app.ts'
import { type Receiver, startReceiver } from '../../helpers/receiver.ts'
import type { CallScene } from '../call-scene.ts'
import { outcome, startWithFiles, tonesIn, toneWav } from './call-files-folder.ts'

let scene: CallScene
let files: string
let receiver: Receiver
let phones = 0

beforeAll(async () => {
  ;({ scene, files } = await startWithFiles({ MEDIA_ALLOWED_NETWORKS: 'any' }))
  receiver = await startReceiver()
  await call('/webhook', { WebhookURL: receiver.url })
})

afterEach(async () => {
  for (const { id } of scene.calls.list()) await scene.calls.hangUp(id)
})

afterAll(async () => {
  await scene.close()
  await receiver.close()
  await rm(files, { recursive: true })
})

const call = async (path: string, body: unknown, user: LinkedUser = scene.user) =>
  outcome(await scene.app.post(`/wago${path}`, user.token, body))
const look = async (path: string) => outcome(await scene.app.get(`/wago${path}`, scene.user.token))
const failure = (code: number, error: unknown) => [code, { code, error, success: false }]

/** Somebody new, and what that phone does when it is called. */
const contact = (behaviour?: object) => scene.contact(`49151100000${10 + phones++}`, behaviour)

/** A call that was taken. */
async function active(
  behaviour: object = {},
  AudioFile?: string,
): Promise<{ phone: string; CallID: string }> {
  const phone = await contact({ onOffer: 'answer', ...behaviour })
  const [status, made] = await call('/call/make', { CallTo: phone, AudioFile })
  expect([status, made.details]).toEqual([200, 'call started'])
  const CallID = made.call.callID
  await scene.reached(CallID, 'active')
  return { phone, CallID }
}

/** The tones that a phone hears in the next two seconds and a half. */
async function tonesOf(phone: string, id: string): Promise<number[]> {
  const before = (await scene.heardBy(phone, id)).tones.length
  await delay(2_500)
  // The second in which something began may hold what was before.
  return (await scene.heardBy(phone, id)).tones.slice(before + 1)
}

test('a call is made, plays, pauses, goes on, is recorded, shown and ended', async () => {
  const { phone, CallID } = await active({ say: { tone: 1_000 } }, '440.wav')
  expect(await tonesOf(phone, CallID)).toContain(440)

  expect(await call('/call/play/pause', { CallID })).toEqual([200, { details: 'paused' }])
  await delay(500)
  expect(await tonesOf(phone, CallID)).not.toContain(440)

  expect(await call('/call/record', { CallID })).toEqual([
    200,
    {
      details: 'recording',
      path: `${CallID}.wav`,
      call: expect.objectContaining({ callID: CallID, state: 'active' }),
    },
  ])
  expect(await call('/call/play/resume', { CallID })).toEqual([200, { details: 'resumed' }])
  expect(await tonesOf(phone, CallID)).toContain(440)
  expect(await look(`/call/status?callID=${CallID}`)).toEqual([
    200,
    {
      call: {
        callID: CallID,
        state: 'active',
        direction: 'outgoing',
        peer: `${phone}@s.whatsapp.net`,
        startedAt: expect.any(String),
        answeredAt: expect.any(String),
        duration: expect.any(Number),
        codec: 'opus',
        muted: false,
        playing: { file: '440.wav', state: 'playing', seconds: expect.any(Number), totalSeconds: 60 },
        recording: { path: `${CallID}.wav`, seconds: expect.any(Number) },
        bridge: false,
        media: { sent: expect.any(Number), received: expect.any(Number), lost: expect.any(Number) },
      },
    },
  ])
  expect(await call('/call/record/stop', { CallID })).toEqual([
    200,
    { details: 'recording stopped', path: `${CallID}.wav`, seconds: expect.any(Number) },
  ])
  const [theirs = 0, ours = 0, nobodys = 0] = await tonesIn(join(files, `${CallID}.wav`), 1_000, 440, 700)
  expect(theirs).toBeGreaterThan(5_000)
  expect(ours).toBeGreaterThan(5_000)
  expect(nobodys).toBeLessThan(300)

  expect(await call('/call/play/stop', { CallID })).toEqual([200, { details: 'stopped' }])
  expect(await call('/call/hangup', { CallID })).toEqual([200, { details: 'call ended' }])
  expect(await call('/call/hangup', { CallID })).toEqual([200, { details: 'call ended' }])
  expect((await look(`/call/status?callID=${CallID}`))[1].call).toMatchObject({
    state: 'ended',
    reason: 'hangup',
  })
  const [, { calls }] = await look('/call/status')
  expect(calls[0]).toMatchObject({ callID: CallID, endedAt: expect.any(String) })
})

test('a call that comes in is taken, and what another file plays takes the place of the first', async () => {
  await writeFile(join(files, '700.wav'), toneWav(700))
  const phone = await contact()
  const CallID = await scene.ring(phone, { say: 'silence' })
  await scene.reached(CallID, 'ringing')

  const [status, answered] = await call('/call/answer', { CallID })
  expect([status, answered]).toEqual([
    200,
    { details: 'call answered', call: expect.objectContaining({ callID: CallID, direction: 'incoming' }) },
  ])
  await call('/call/play', { CallID, AudioFile: '440.wav' })
  await scene.reached(CallID, 'active')
  expect(await call('/call/play', { CallID, AudioFile: join(files, '700.wav') })).toEqual([
    200,
    { details: 'playing', call: expect.objectContaining({ state: 'active' }) },
  ])

  const tones = await tonesOf(phone, CallID)
  expect(tones).toContain(700)
  expect(tones).not.toContain(440)
})

test('a file is fetched from an address, of which only host and path are shown', async () => {
  const server = createServer((_request, response) => response.end(toneWav(900, 20)))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/tone.wav`
  const { phone, CallID } = await active({}, `${address}?key=secret`)

  expect(await tonesOf(phone, CallID)).toContain(900)
  const shown = JSON.stringify((await look(`/call/status?callID=${CallID}`))[1])
  expect(shown).toContain(address)
  expect(shown).not.toContain('secret')
  server.close()
})

test('no more than two files are prepared for a call at the same time', async () => {
  const waiting: ServerResponse[] = []
  const server = createServer((_request, response) => void waiting.push(response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const AudioFile = `http://127.0.0.1:${(server.address() as AddressInfo).port}/tone.wav`
  const { CallID } = await active()
  const begun = [1, 2].map(() => call('/call/play', { CallID, AudioFile }))
  await expect.poll(() => waiting.length).toBe(2)

  const refused = await call('/call/play', { CallID, AudioFile })
  for (const response of waiting) response.end(toneWav(900, 2))

  expect(refused).toEqual(failure(429, 'other files are being prepared for this call'))
  expect((await Promise.all(begun)).map(([status]) => status)).toEqual([200, 200])
  expect((await call('/call/play', { CallID, AudioFile: '440.wav' }))[0]).toBe(200)
  server.close()
})

describe('what cannot be', () => {
  test.each([
    '/call/answer',
    '/call/hangup',
    '/call/play/pause',
    '/call/play/resume',
    '/call/play/stop',
    '/call/record',
    '/call/record/stop',
    '/call/reject',
  ])('%s knows no call that was none', async (path) => {
    expect(await call(path, { CallID: 'NONE' })).toEqual(failure(404, 'call not found'))
  })

  test('neither /call/play nor the browser do', async () => {
    expect(await call('/call/play', { CallID: 'NONE', AudioFile: '440.wav' })).toEqual(
      failure(404, 'call not found'),
    )
    expect(await call('/call/webrtc/offer', { callID: 'NONE', sdp: 'v=0' })).toEqual(
      failure(404, 'call not found'),
    )
    expect(await call('/call/webrtc/close', { callID: 'NONE' })).toEqual(failure(404, 'call not found'))
  })

  test('an outgoing call is neither answered nor rejected, and nothing that does not play is paused', async () => {
    const { CallID } = await active()

    expect(await call('/call/answer', { CallID })).toEqual(failure(500, 'call is not ringing'))
    expect(await call('/call/reject', { CallID })).toEqual(failure(500, 'call is not ringing'))
    expect(await call('/call/play/pause', { CallID })).toEqual(
      failure(404, 'nothing was played in this call'),
    )
    expect(await call('/call/record/stop', { CallID })).toEqual(failure(404, 'the call is not recorded'))
    await call('/call/play', { CallID, AudioFile: '440.wav' })
    await call('/call/play/stop', { CallID })
    expect(await call('/call/play/pause', { CallID })).toEqual(failure(500, 'nothing is playing'))
  })

  test('a call is recorded once at a time, and into no file that is there', async () => {
    const { CallID } = await active()
    expect(await call('/call/record', { CallID, Path: '440.wav' })).toEqual(
      failure(500, 'there is a file of that name already'),
    )
    const [one, other] = await Promise.all([
      call('/call/record', { CallID, Path: 'one.wav' }),
      call('/call/record', { CallID, Path: 'other.wav' }),
    ])
    expect([one[0], other[0]].sort()).toEqual([200, 500])
    const made = (await readdir(files)).filter((name) => ['one.wav', 'other.wav'].includes(name))
    expect(made).toHaveLength(1)

    expect(await call('/call/record', { CallID, Path: 'again.wav' })).toEqual(
      failure(500, 'the call is recorded already'),
    )
  })

  test.each([
    ['../440.wav', /outside the folder/],
    ['/etc/hostname', /outside the folder/],
    ['none.wav', /is not there/],
    ['text.wav', /cannot be decoded/],
  ])('%s is not played, and the call goes on', async (AudioFile, sentence) => {
    await writeFile(join(files, 'text.wav'), 'this is no sound')
    const { CallID } = await active()

    expect(await call('/call/play', { CallID, AudioFile })).toEqual(
      failure(500, expect.stringMatching(sentence)),
    )
    expect(scene.calls.find(CallID)?.state).toBe('active')
  })

  test('nobody is called with a file that is not there, or hears from one that is none', async () => {
    const phone = await contact({ onOffer: 'ring' })
    const before = scene.calls.list().length

    expect(await call('/call/make', { CallTo: phone, AudioFile: 'none.wav' })).toEqual(
      failure(500, 'the audio file is not there'),
    )
    expect(scene.calls.list()).toHaveLength(before)
    await writeFile(join(files, 'text.wav'), 'this is no sound')
    expect(await call('/call/make', { CallTo: phone, AudioFile: 'text.wav' })).toEqual(
      failure(500, 'the audio file cannot be decoded'),
    )
    expect(scene.calls.list().every(({ state }) => state === 'ended')).toBe(true)
  })

  test('there is one call at a time, and a number must be on WhatsApp', async () => {
    expect(await call('/call/make', { CallTo: '4915999999999' })).toEqual(
      failure(500, 'the number is not on WhatsApp'),
    )
    await active()
    const other = await contact()

    expect(await call('/call/make', { CallTo: other })).toEqual(failure(500, 'another call is in progress'))
  })

  test('a call that has ended has no sound', async () => {
    const { CallID } = await active()
    await call('/call/hangup', { CallID })

    for (const path of ['/call/play/pause', '/call/record', '/call/record/stop'])
      expect(await call(path, { CallID })).toEqual(failure(500, 'the call has ended'))
    expect(await call('/call/webrtc/close', { callID: CallID })).toEqual([200, { details: 'closed' }])
  })

  test('offers of browsers that cannot be answered are bad requests', async () => {
    const { CallID } = await active()
    const offer = (sdp: string, type = 'offer') => call('/call/webrtc/offer', { callID: CallID, sdp, type })

    expect(await offer('hello')).toEqual(failure(400, 'the session description cannot be read'))
    expect((await offer(`v=0\r\n${'a=x\r\n'.repeat(20_000)}`))[0]).toBe(400)
    expect(await offer('v=0', 'answer')).toEqual(failure(400, 'type must be offer'))
  })
})

test('two users cannot touch each other’s calls', async () => {
  const other = await scene.app.linkedUser({ events: '' })
  const { CallID } = await active()

  for (const path of ['/call/hangup', '/call/play/pause', '/call/record', '/call/reject'])
    expect(await call(path, { CallID }, other)).toEqual(failure(404, 'call not found'))
  expect(await call('/call/webrtc/offer', { callID: CallID, sdp: 'v=0' }, other)).toEqual(
    failure(404, 'call not found'),
  )
  expect((await scene.app.get('/wago/call/status', other.token)).json).toEqual({ calls: [] })
  expect(scene.calls.find(CallID)?.state).toBe('active')
})

test('the states of a call are told as CallState', async () => {
  const { phone, CallID } = await active()
  await call('/call/hangup', { CallID })

  const states = async () =>
    receiver.requests
      .filter(({ event }) => event.type === 'CallState')
      .map(({ event }) => event.event as Record<string, string>)
      .filter(({ callID }) => callID === CallID)
  await expect.poll(async () => (await states()).at(-1)?.state).toBe('ended')
  const told = await states()
  expect(told.map(({ state }) => state)).toEqual(['calling', 'ringing', 'connecting', 'active', 'ended'])
  expect(told.at(-1)).toEqual({
    callID: CallID,
    state: 'ended',
    direction: 'outgoing',
    peer: `${phone}@s.whatsapp.net`,
    reason: 'hangup',
  })
})

test('how a browser connects is told in the documented shape', async () => {
  expect(await look('/call/webrtc/config')).toEqual([
    200,
    { iceServers: [], turn: { enabled: false, status: 'coming_soon' } },
  ])
})
