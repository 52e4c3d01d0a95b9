import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { bytesOf } from '../../src/calls/samples.ts'
import { wavHeader } from '../../src/calls/wav.ts'
import { listen } from '../calls/listen.ts'
import { type Call, startCall } from '../calls/media-ends.ts'
import { loudnessOf, toneOf } from '../calls/tones.ts'
import { browserIsMissing } from './browser.ts'
import { type CallBrowser, connectPage, inPage, startCallBrowser } from './call-page.ts'

/** The tone of the browser's microphone. */
const MICROPHONE_HZ = 700

describe.skipIf(browserIsMissing)('a browser in a call', () => {
  let folder: string
  let browser: CallBrowser
  let call: Call
  let page: Page

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-test-'))
    browser = await startCallBrowser(folder, MICROPHONE_HZ)
  })

  afterAll(async () => {
    await browser?.close()
    await rm(folder, { recursive: true })
  })

  afterEach(async () => {
    await page.context().close()
    await call.stop()
  })

  /** Opens the page and lets it into the call at the end `a`. */
  async function enter(): Promise<void> {
    page = await browser.open()
    await connect()
  }

  function connect(): Promise<void> {
    return connectPage(page, (offer) => call.a.media.attachBrowser(offer))
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
    await expect.poll(async () => (await inPage(page, (one) => one.hears())).level).toBeGreaterThan(150)
    await delay(1_000)

    const heard = await inPage(page, (one) => one.hears())
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

    await connect()
    await delay(1_000)
    const again = await listen(call.b, folder, 1_000)
    expect(loudnessOf(again.peer, MICROPHONE_HZ)).toBeGreaterThan(2_000)
  })

  test('that comes a second time takes the place of the first', async () => {
    call = await startCall()
    await enter()
    const first = page
    await enter()

    await expect.poll(() => inPage(first, (one) => one.state())).not.toBe('connected')
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
