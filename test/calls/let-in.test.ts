import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { RTCPeerConnection, useOPUS } from 'werift'
import { type BridgeNetwork, openBrowserBridge } from '../../src/calls/bridge.ts'
import { type Call, startCall } from './media-ends.ts'
import { toneWav } from './routes/call-files-folder.ts'

let folder: string
let file: string
let offer: string
const calls: Call[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-test-'))
  file = join(folder, '440.wav')
  await writeFile(file, toneWav(440, 30))
  offer = await offerOfBrowser()
})

afterAll(() => rm(folder, { recursive: true }))

afterEach(async () => {
  for (const call of calls.splice(0)) await call.stop()
})

async function start(): Promise<Call> {
  const call = await startCall()
  calls.push(call)
  return call
}

/** What a browser offers that nobody will see again. */
async function offerOfBrowser(): Promise<string> {
  const connection = new RTCPeerConnection({ codecs: { audio: [useOPUS()], video: [] }, iceServers: [] })
  connection.addTransceiver('audio', { direction: 'sendrecv' })
  await connection.setLocalDescription(await connection.createOffer())
  const { sdp = '' } = connection.localDescription ?? {}
  await connection.close()
  return sdp
}

function udpSockets(): number {
  return process.getActiveResourcesInfo().filter((name) => name.startsWith('UDP')).length
}

test('a browser is not let into a call that ends meanwhile', async () => {
  const { a } = await start()

  const [answer] = await Promise.allSettled([a.media.attachBrowser(offer), a.media.close()])

  expect(answer).toMatchObject({ status: 'rejected', reason: { code: 'conflict' } })
})

test('a file is not played into a call that ends meanwhile', async () => {
  const { a } = await start()

  const [played] = await Promise.allSettled([a.media.play(file), a.media.close()])

  expect(played).toMatchObject({ status: 'rejected', reason: { code: 'conflict' } })
})

test('browsers that come at once are let in one after the other, and ports are given back', async () => {
  const { a } = await start()
  const before = udpSockets()
  await a.media.attachBrowser(offer)
  const ofOne = udpSockets() - before
  let most = 0
  const watch = setInterval(() => {
    most = Math.max(most, udpSockets())
  }, 1)

  const answers = await Promise.all(Array.from({ length: 12 }, () => a.media.attachBrowser(offer)))
  clearInterval(watch)

  expect(new Set(answers).size).toBe(12)
  // While one takes the place of another, both have ports.
  expect(most - before).toBeLessThanOrEqual(2 * ofOne)
})

test('a browser for which no port is free gets no answer without an address', async () => {
  const [first, second] = [createSocket('udp4').bind(0), createSocket('udp4')]
  await once(first, 'listening')
  const { port } = first.address()
  // Whoever else may have the next one, it is taken.
  second.on('error', () => {}).bind(port + 1)
  const network: BridgeNetwork = { udpPorts: [port, port + 1] }

  const answered = openBrowserBridge({ sdp: offer, network, onGone() {} })

  await expect(answered).rejects.toMatchObject({ code: 'rate_limited' })
  for (const socket of [first, second]) socket.close()
})
