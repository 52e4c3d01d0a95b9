import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { browserIsMissing } from '../../browser/browser.ts'
import { type CallBrowser, connectPage, inPage, startCallBrowser } from '../../browser/call-page.ts'
import { CallScene } from '../call-scene.ts'

/** The tone of the browser's microphone, and that of the phone. */
const [MICROPHONE_HZ, PHONE_HZ] = [700, 440]

describe.skipIf(browserIsMissing)('a browser in a call, by the routes', () => {
  let folder: string
  let scene: CallScene
  let browser: CallBrowser
  let page: Page
  let phones = 0

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-test-'))
    scene = await CallScene.start({ env: { CALL_PUBLIC_IP: '127.0.0.1' } })
    browser = await startCallBrowser(folder, MICROPHONE_HZ)
  })

  afterEach(async () => {
    await page?.context().close()
    for (const { id } of scene.calls.list()) await scene.calls.hangUp(id)
  })

  afterAll(async () => {
    await browser?.close()
    await scene.close()
    await rm(folder, { recursive: true })
  })

  async function active(): Promise<{ phone: string; id: string }> {
    const phone = await scene.contact(`49151400000${10 + phones++}`, {
      onOffer: 'answer',
      say: { tone: PHONE_HZ },
    })
    const { id } = await scene.calls.make(phone)
    await scene.reached(id, 'active')
    return { phone, id }
  }

  const post = (path: string, body: unknown) => scene.app.post(path, scene.user.token, body)

  async function byWago(callID: string, sdp: string): Promise<string> {
    const { status, json } = await post('/wago/call/webrtc/offer', { callID, sdp, type: 'offer' })
    expect([status, json]).toEqual([
      200,
      {
        callID,
        type: 'answer',
        sdp: expect.stringMatching(/^v=0/),
        turn: { enabled: false, status: 'coming_soon' },
      },
    ])
    return json.sdp
  }

  /** The tones that the phone hears in the next two seconds and a half. */
  async function heardBy(phone: string, id: string): Promise<number[]> {
    const before = (await scene.heardBy(phone, id)).tones.length
    await delay(2_500)
    return (await scene.heardBy(phone, id)).tones.slice(before + 1)
  }

  test('talks and listens through WaGo’s routes, leaves, and comes back', async () => {
    const { phone, id } = await active()
    page = await browser.open()
    await connectPage(page, (offer) => byWago(id, offer))

    expect(await heardBy(phone, id)).toContain(MICROPHONE_HZ)
    await expect.poll(async () => (await inPage(page, (one) => one.hears())).level).toBeGreaterThan(150)
    const { hz } = await inPage(page, (one) => one.hears())
    expect(Math.abs(hz - PHONE_HZ)).toBeLessThan(6)
    const { json } = await scene.app.get(`/wago/call/status?callID=${id}`, scene.user.token)
    expect(json.call.bridge).toBe(true)

    expect((await post('/wago/call/webrtc/close', { callID: id })).json).toEqual({ details: 'closed' })
    await delay(600)
    expect(await heardBy(phone, id)).not.toContain(MICROPHONE_HZ)
    expect(scene.calls.find(id)?.state).toBe('active')

    await connectPage(page, (offer) => byWago(id, offer))
    expect(await heardBy(phone, id)).toContain(MICROPHONE_HZ)
  })

  test('talks through the softphone’s routes, and is let go when the call ends', async () => {
    const { phone, id } = await active()
    page = await browser.open()
    await connectPage(page, async (offer) => {
      const { status, json } = await post(`/parley/calls/${id}/browser`, { sdp: offer })
      expect(status).toBe(200)
      return json.sdp
    })

    expect(await heardBy(phone, id)).toContain(MICROPHONE_HZ)
    await scene.app.sandbox('POST', `/contacts/${phone}/calls/${id}/hangup`)
    await scene.reached(id, 'ended')

    await expect.poll(() => inPage(page, (one) => one.state())).not.toBe('connected')
    expect((await post(`/parley/calls/${id}/browser`, { sdp: 'v=0' })).status).toBe(409)
  })
})
