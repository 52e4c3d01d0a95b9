import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { chromium, type Page } from 'playwright-core'
import { bytesOf } from '../../src/calls/samples.ts'
import { wavHeader } from '../../src/calls/wav.ts'
import { toneOf } from '../calls/tones.ts'
import { launchOptions } from './browser.ts'

/** What the page of a call does, in the browser. */
export interface CallPage {
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

/** A browser whose microphone says a tone. */
export interface CallBrowser {
  /** Opens the page in a tab of its own. */
  open(): Promise<Page>
  close(): Promise<void>
}

/** Starts one; the tone of its microphone is a file in `folder`. */
export async function startCallBrowser(folder: string, microphoneHz: number): Promise<CallBrowser> {
  const samples = bytesOf(toneOf(microphoneHz, 16_000 * 10))
  await writeFile(join(folder, 'microphone.wav'), Buffer.concat([wavHeader(1, samples.length), samples]))
  const server = createServer((_request, response) =>
    response.setHeader('content-type', 'text/html').end(PAGE),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const browser = await chromium.launch({
    ...launchOptions,
    args: [
      ...launchOptions.args,
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
      `--use-file-for-fake-audio-capture=${join(folder, 'microphone.wav')}`,
      '--autoplay-policy=no-user-gesture-required',
    ],
  })
  return {
    async open() {
      const page = await (await browser.newContext()).newPage()
      await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
      return page
    },
    async close() {
      await browser.close()
      server.close()
    },
  }
}

/** Does something with what the page offers; the function is carried over as text. */
export function inPage<Result>(
  page: Page,
  work: (one: CallPage) => Promise<Result> | Result,
): Promise<Result> {
  return page.evaluate<Result>(`(${work})(window.call)`)
}

/** Connects the page to a call: its offer goes to `exchange`, which answers it. Resolves when it is connected. */
export async function connectPage(page: Page, exchange: (offer: string) => Promise<string>): Promise<void> {
  const answer = await exchange(await inPage(page, (one) => one.offer()))
  await page.evaluate((sdp) => (globalThis as unknown as { call: CallPage }).call.answer(sdp), answer)
  for (let waited = 0; (await inPage(page, (one) => one.state())) !== 'connected'; waited += 20) {
    if (waited > 20_000) throw new Error('the page does not connect')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
