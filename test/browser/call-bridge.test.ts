import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { bytesOf } from '../../src/calls/samples.ts'
import { wavHeader } from '../../src/calls/wav.ts'
import { listen } from '../calls/listen.ts'
import { type Call, startCall } from '../calls/media-ends.ts'
import { loudnessOf, toneOf } from '../calls/tones.ts'
import { browserIsMissing, launchOptions } from './browser.ts'

/** The tone of the browser's microphone. */
const MICROPHONE_HZ = 700

/** What the page of a call does, in the browser. */
interface CallPage {
  /** Opens a connection and resolves with its offer, when every address is in it. */
  offer(): Promise<string>
  answer(sdp: string): Promise<void>
  /** The loudest frequency of what comes, and how loud it is, 0 to 255. */
  hears(): Promise<{ hz: number; level: number }>
  state(): string
}

const PAGE = `<!doctype html><title>Call</title><script type="module">
let connection, analyser
window.call = {
  async offer() {
    const constraints = { echoCancellation: false, noiseSuppression: false, autoGainControl: false }
    const microphone = await navigator.mediaDevices.getUserMedia({ audio: constraints })
    connection = new RTCPeerConnection()
    for (const track of microphone.getTracks()) connection.addTrack(track, microphone)
    connection.ontrack = ({ streams: [stream] }) => {
      const audio = new Audio()
      audio.srcObject = stream
      audio.play()
      const context = new AudioContext()
      analyser = context.createAnalyser()
      analyser.fftSize = 16384
      context.createMediaStreamSource(stream).connect(analyser)
    }
    await connection.setLocalDescription(await connection.createOffer())
    while (connection.iceGatheringState !== 'complete') await new Promise((done) => setTimeout(done, 20))
    return connection.localDescription.sdp
  },
  answer: (sdp) => connection.setRemoteDescription({ type: 'answer', sdp }),
  async hears() {
    if (!analyser) return { hz: 0, level: 0 }
    const bins = new Uint8Array(analyser.frequencyBinCount)
    analyser.getByteFrequencyData(bins)
    const level = Math.max(...bins)
    return { hz: (bins.indexOf(level) * analyser.context.sampleRate) / analyser.fftSize, level }
  },
  state: () => connection.connectionState,
}
</script>`

describe.skipIf(browserIsMissing)('a browser in a call', () => {
  let folder: string
  let server: Server
  let browser: Browser
  let call: Call
  let page: Page

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-test-'))
    const samples = bytesOf(toneOf(MICROPHONE_HZ, 16_000 * 10))
    await writeFile(join(folder, 'microphone.wav'), Buffer.concat([wavHeader(1, samples.length), samples]))
    server = createServer((_request, response) => response.setHeader('content-type', 'text/html').end(PAGE))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    browser = await chromium.launch({
      ...launchOptions,
      args: [
        ...launchOptions.args,
        '--use-fake-ui-for-media-stream',
        '--use-fake-device-for-media-stream',
        `--use-file-for-fake-audio-capture=${join(folder, 'microphone.wav')}`,
        '--autoplay-policy=no-user-gesture-required',
      ],
    })
  })

  afterAll(async () => {
    await browser?.close()
    server?.close()
    await rm(folder, { recursive: true })
  })

  afterEach(async () => {
    await page.context().close()
    await call.stop()
  })

  /** Opens the page and lets it into the call at the end `a`. */
  async function enter(): Promise<void> {
    const { port } = server.address() as AddressInfo
    page = await (await browser.newContext()).newPage()
    await page.goto(`http://127.0.0.1:${port}/`)
    await connectPage()
  }

  async function connectPage(): Promise<void> {
    const offer = await inPage((one) => one.offer())
    const answer = await call.a.media.attachBrowser(offer)
    await page.evaluate((sdp) => (globalThis as unknown as { call: CallPage }).call.answer(sdp), answer)
    await expect.poll(() => inPage((one) => one.state())).toBe('connected')
  }

  /** Does something with what the page offers; the function is carried over as text. */
  function inPage<Result>(work: (one: CallPage) => Promise<Result> | Result): Promise<Result> {
    return page.evaluate<Result>(`(${work})(window.call)`)
  }

  async function playTone(hz: number): Promise<void> {
    const samples = bytesOf(toneOf(hz, 16_000 * 30))
    const path = join(folder, `${hz}.wav`)
    await writeFile(path, Buffer.concat([wavHeader(1, samples.length), samples]))
    await call.b.media.play(path)
  }

  test('is heard, and hears', async () => {
    call = await startCall()
    await enter()
    await playTone(440)
    await expect.poll(async () => (await inPage((one) => one.hears())).level).toBeGreaterThan(150)
    await delay(1_000)

    const heard = await inPage((one) => one.hears())
    const { peer } = await listen(call.b, folder, 2_000)

    expect(Math.abs(heard.hz - 440)).toBeLessThan(6)
    expect(loudnessOf(peer, MICROPHONE_HZ)).toBeGreaterThan(2_000)
    expect(loudnessOf(peer, 1_100)).toBeLessThan(200)
    expect(call.a.media.stats).toMatchObject({ hasBrowser: true })
  })

  test('that is let go is not heard any more, and may come back', async () => {
    call = await startCall()
    await enter()
    await delay(600)

    expect(await call.a.media.detachBrowser()).toBe(true)
    expect(await call.a.media.detachBrowser()).toBe(false)
    await delay(600)
    const { peer } = await listen(call.b, folder, 600)
    expect(loudnessOf(peer, MICROPHONE_HZ)).toBeLessThan(50)

    await connectPage()
    await delay(1_000)
    const again = await listen(call.b, folder, 1_000)
    expect(loudnessOf(again.peer, MICROPHONE_HZ)).toBeGreaterThan(2_000)
  })

  test('that comes a second time takes the place of the first', async () => {
    call = await startCall()
    await enter()
    const first = page
    await enter()

    await expect
      .poll(() => first.evaluate(() => (globalThis as unknown as { call: CallPage }).call.state()))
      .not.toBe('connected')
    expect(call.a.media.stats.hasBrowser).toBe(true)
    await first.context().close()
  })

  test('whose page is closed is missed', async () => {
    call = await startCall()
    await enter()
    await page.close()

    await expect
      .poll(() => call.a.events.map(({ type }) => type), { timeout: 25_000 })
      .toContain('browser-gone')
    expect(call.a.media.stats.hasBrowser).toBe(false)
  })
})
