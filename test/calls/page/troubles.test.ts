import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { browserIsMissing, overflow, screenshot } from '../../browser/browser.ts'
import { CallScene } from '../call-scene.ts'
import { INSECURE_HOST, launchTalkingBrowser, openSection, type TalkingBrowser } from './talking-browser.ts'

const ADA = '4915550001234'

describe.skipIf(browserIsMissing)('calls in the dashboard of a browser that', { timeout: 120_000 }, () => {
  let scene: CallScene
  let talking: TalkingBrowser

  beforeAll(async () => {
    scene = await CallScene.start({}, { name: 'Shop' })
    await scene.app.contact(ADA, { name: 'Ada', autoReply: true })
  })
  afterEach(() => talking.close())
  afterAll(() => scene.close())

  test.each([
    ['may not use the microphone', 'denied', 'The browser may not use the microphone.'],
    ['has no microphone', 'missing', 'There is no microphone.'],
  ] as const)('%s says so, and can listen', async (_what, microphone, words) => {
    talking = await launchTalkingBrowser(microphone)
    const { page, context, errors } = await openSection(talking.browser, scene, { width: 390 })
    const id = await scene.ring(ADA, { say: { tone: 440 } })

    await page.getByRole('button', { name: 'Answer' }).click()
    await page.getByText(words).first().waitFor()
    expect(scene.calls.find(id)).toMatchObject({ state: 'ringing' })
    await screenshot(page, `calls-390-11-${microphone}`)
    await page.getByRole('checkbox', { name: 'Only listen' }).check()
    await page.getByRole('button', { name: 'Answer' }).click()
    await page.getByText('You listen through this browser').first().waitFor()

    expect(await scene.reached(id, 'active')).toMatchObject({ direction: 'incoming' })
    expect(await overflow(page)).toBe(0)
    expect(errors).toEqual([])
    await page.getByRole('button', { name: 'Hang up' }).click()
    await page.getByText('It was ended here.').first().waitFor()
    await context.close()
  })

  test('only listens or is muted is not taken for gone', async () => {
    talking = await launchTalkingBrowser()
    const { page, context } = await openSection(talking.browser, scene)
    const id = await scene.ring(ADA, { say: { tone: 440 } })
    const stays = async () => {
      // The server gives up a browser of which nothing came for 15 seconds.
      await delay(17_000)
      expect(scene.calls.mediaOf(id).stats.hasBrowser).toBe(true)
    }

    await page.getByRole('checkbox', { name: 'Only listen' }).check()
    await page.getByRole('button', { name: 'Answer' }).click()
    await page.getByText('You listen through this browser').first().waitFor()
    await stays()
    await page.reload()
    await page.getByRole('button', { name: 'Talk here' }).click()
    await page.getByText('You talk through this browser.').first().waitFor()
    await page.getByRole('button', { name: 'Mute', exact: true }).click()
    await page.getByText('You are muted').first().waitFor()
    await stays()

    await scene.calls.hangUp(id)
    await context.close()
  })

  test('opened the page without TLS from elsewhere says what it needs', async () => {
    talking = await launchTalkingBrowser()
    const { page, context } = await openSection(talking.browser, scene, { host: INSECURE_HOST })

    await page.getByRole('textbox', { name: 'Number' }).fill(ADA)
    await page.getByRole('button', { name: 'Call', exact: true }).click()

    await page.getByText('This page was not opened securely').waitFor()
    await screenshot(page, 'calls-1280-12-insecure')
    expect(scene.calls.list().filter(({ direction }) => direction === 'outgoing')).toEqual([])
    await context.close()
  })

  test('calls a number that nobody has is told so', async () => {
    talking = await launchTalkingBrowser()
    const { page, context } = await openSection(talking.browser, scene)

    await page.getByRole('textbox', { name: 'Number' }).fill('4915550009876')
    await page.getByRole('button', { name: 'Call', exact: true }).click()

    await page.getByText('That number has no WhatsApp account.').waitFor()
    await context.close()
  })
})

describe.skipIf(browserIsMissing)('calls in the dashboard of a server that', { timeout: 120_000 }, () => {
  let scene: CallScene
  let talking: TalkingBrowser

  beforeAll(async () => {
    // Nobody is there (RFC 5737).
    scene = await CallScene.start({ env: { CALL_PUBLIC_IP: '192.0.2.1' } }, { name: 'Shop' })
    await scene.app.contact(ADA, { name: 'Ada', autoReply: true })
    talking = await launchTalkingBrowser('denied')
  })
  afterAll(async () => {
    await talking?.close()
    await scene.close()
  })

  test('no browser reaches by UDP are told what to set', async () => {
    const { page, context } = await openSection(talking.browser, scene)
    const id = await scene.ring(ADA)

    await page.getByRole('checkbox', { name: 'Only listen' }).check()
    await page.getByRole('button', { name: 'Answer' }).click()
    await page.getByText('This browser does not reach the server by UDP').first().waitFor()

    await screenshot(page, 'calls-1280-15-unreachable')
    expect(scene.calls.find(id)).toMatchObject({ state: 'active' })
    await scene.calls.hangUp(id)
    await context.close()
  })

  test('has no session for the user say so, and that it does not answer', async () => {
    const { page, context } = await openSection(talking.browser, scene, { width: 390 })
    await page.getByText('Nobody is calling.').waitFor()

    await context.setOffline(true)
    await page.getByText('The server does not answer.').first().waitFor()
    await screenshot(page, 'calls-390-16-offline')
    await context.setOffline(false)
    await page.getByText('The server does not answer.').first().waitFor({ state: 'hidden' })
    await page.getByText('Nobody is calling.').waitFor()
    await page.getByRole('button', { name: 'Disconnect' }).click()
    await page.getByText('so nobody can call or be called').waitFor()

    await screenshot(page, 'calls-390-17-not-connected')
    await context.close()
  })
})

describe.skipIf(browserIsMissing)('calls that are off', { timeout: 120_000 }, () => {
  let scene: CallScene
  let talking: TalkingBrowser

  beforeAll(async () => {
    scene = await CallScene.start({ env: { CALLS: 'off' } }, { name: 'Shop' })
    talking = await launchTalkingBrowser()
  })
  afterAll(async () => {
    await talking?.close()
    await scene.close()
  })

  test.each([390, 1280])('say how they are switched on, on a screen %i pixels wide', async (width) => {
    const { page, context } = await openSection(talking.browser, scene, { width })

    await page.getByText('starting the server with CALLS=on').waitFor()

    expect(await page.getByRole('textbox', { name: 'Number' }).isVisible()).toBe(false)
    await page.getByText('No calls yet.').waitFor()
    await screenshot(page, `calls-${width}-13-off`)
    expect(await overflow(page)).toBe(0)
    await context.close()
  })
})
