import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { browserIsMissing, overflow, screenshot, tabTo } from '../../browser/browser.ts'
import { CallScene } from '../call-scene.ts'
import { toneWav } from '../routes/call-files-folder.ts'
import {
  heardInPage,
  launchTalkingBrowser,
  MICROPHONE_HZ,
  openSection,
  type TalkingBrowser,
} from './talking-browser.ts'

const ADA = '4915550001234'

/** Once around the page: its menu and that of the user alone have some forty stops. */
const MOST_STOPS = 90

describe.skipIf(browserIsMissing)('calls in the dashboard', { timeout: 120_000 }, () => {
  let scene: CallScene
  let talking: TalkingBrowser

  beforeAll(async () => {
    scene = await CallScene.start({}, { name: 'Shop' })
    talking = await launchTalkingBrowser()
    await scene.app.sandbox('POST', '/contacts', { phone: ADA, name: 'Ada', autoReply: true })
    // The account knows what Ada calls herself when she has written.
    await scene.app.sandbox('POST', `/contacts/${ADA}/send`, { to: scene.user.phone, text: 'hello' })
  })

  afterEach(async () => {
    for (const { id } of scene.calls.list()) await scene.calls.hangUp(id)
  })

  afterAll(async () => {
    await talking?.close()
    await scene.close()
  })

  test.each([390, 1280])(
    'a contact rings and is talked with by keyboard alone, on a screen %i pixels wide',
    async (width) => {
      const { page, context, errors } = await openSection(talking.browser, scene, { width })
      // The list of calls has buttons of the same names.
      const card = page.getByRole('region', { name: 'Call', exact: true })
      const picture = (name: string) => screenshot(page, `calls-${width}-${name}`)
      await page.getByText('Nobody is calling.').waitFor()
      await withoutFilters(page)
      await picture('01-quiet')

      const id = await scene.ring(ADA, { say: { tone: 440 } })
      await page.getByRole('heading', { name: 'Ada is calling' }).waitFor()
      await expect.poll(() => page.getByRole('status').allTextContents()).toContain('Ada is calling.')
      await picture('02-rings')
      await page.getByRole('link', { name: 'Skip to content' }).focus()
      await page.keyboard.press('Enter')
      await tabTo(page, card.getByRole('button', { name: 'Answer' }), MOST_STOPS)
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { name: 'In a call with Ada' }).waitFor()
      await page.getByText('You talk through this browser.').first().waitFor()
      await page.getByText('Sound comes').waitFor()
      await expect.poll(async () => (await heardInPage(page)).level).toBeGreaterThan(100)
      await picture('03-talks')

      expect(Math.abs((await heardInPage(page)).hz - 440)).toBeLessThan(6)
      await expect
        .poll(async () => (await scene.heardBy(ADA, id)).tones.slice(-2))
        .toEqual([MICROPHONE_HZ, MICROPHONE_HZ])
      expect(await scene.heardBy(ADA, id)).toMatchObject({ badTags: 0, undecodable: 0 })
      expect(await level(page, 'Your microphone')).toBeGreaterThan(0.3)
      expect(await level(page, 'The other side')).toBeGreaterThan(0.3)

      await tabTo(page, card.getByRole('button', { name: 'Mute', exact: true }), MOST_STOPS)
      await page.keyboard.press('Enter')
      await page.getByText('You are muted; the other side hears silence.').first().waitFor()
      await expect.poll(async () => (await scene.heardBy(ADA, id)).tones.at(-1)).toBe(0)
      await picture('04-muted')
      await tabTo(page, card.getByRole('button', { name: 'Hang up' }), MOST_STOPS)
      await page.keyboard.press('Enter')
      await page.getByText('The call with Ada has ended. It was ended here.').first().waitFor()
      await page.getByRole('listitem').filter({ hasText: 'It was ended here.' }).first().waitFor()
      await picture('05-ended')

      expect(await page.evaluate('document.querySelectorAll("audio").length')).toBe(0)
      expect(await overflow(page)).toBe(0)
      expect(errors).toEqual([])
      await context.close()
    },
  )

  test('a number is called, and its phone is heard', async () => {
    const answers = { onOffer: 'answer', afterMs: 1_500, say: { tone: 1_000 } }
    await scene.app.sandbox('POST', `/contacts/${ADA}/calls`, answers)
    const { page, context, errors } = await openSection(talking.browser, scene)
    await withoutFilters(page)

    await page.getByRole('textbox', { name: 'Number' }).fill(`+${ADA}`)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'It rings at Ada' }).waitFor()
    await screenshot(page, 'calls-1280-06-outgoing')
    await page.getByRole('heading', { name: 'In a call with Ada' }).waitFor()
    await expect.poll(async () => (await heardInPage(page)).level).toBeGreaterThan(100)
    expect(Math.abs((await heardInPage(page)).hz - 1_000)).toBeLessThan(6)
    const [{ id }] = (await scene.phoneCalls(ADA)).slice(-1)
    await expect.poll(async () => (await scene.heardBy(ADA, id)).tones.at(-1)).toBe(MICROPHONE_HZ)
    await page.getByText(`Ada hears ${MICROPHONE_HZ} Hz above all`).waitFor()
    await scene.app.sandbox('POST', `/contacts/${ADA}/calls/${id}/hangup`)

    await page.getByText('The call with Ada has ended. The other side ended it.').first().waitFor()
    expect(await scene.calls.find(id)).toMatchObject({ direction: 'outgoing', reason: 'remote_hangup' })
    expect(errors).toEqual([])
    await context.close()
  })

  test.each([390, 1280])(
    'a call is told in another view, rejected there, and taken there, on a screen %i pixels wide',
    async (width) => {
      const { page, context } = await openSection(talking.browser, scene, { section: 'history', width })
      const notice = page.getByRole('region', { name: 'Call' })
      await page.getByRole('main').getByText('Linked as').waitFor()

      const rejected = await scene.ring(ADA)
      await notice.getByText('Ada is calling (Shop)').waitFor()
      await screenshot(page, `calls-${width}-07-notice`)
      await notice.getByRole('button', { name: 'Reject' }).click()
      await notice.waitFor({ state: 'hidden' })
      expect(await scene.reached(rejected, 'ended')).toMatchObject({ reason: 'rejected' })

      await page.getByRole('navigation', { name: 'Dashboard' }).getByRole('link', { name: 'Nodes' }).click()
      await scene.ring(ADA, { say: { tone: 440 } })
      await notice.getByRole('button', { name: 'Answer' }).click()
      await notice.getByText('In a call with Ada').waitFor()
      await expect.poll(async () => (await heardInPage(page)).level).toBeGreaterThan(100)
      await screenshot(page, `calls-${width}-08-elsewhere`)
      await notice.getByRole('link', { name: 'Open the call' }).click()
      await page.getByText('You talk through this browser.').first().waitFor()
      expect(await notice.isVisible()).toBe(false)
      expect((await heardInPage(page)).level).toBeGreaterThan(100)
      expect(await overflow(page)).toBe(0)

      await context.close()
    },
  )

  test('a page that is left lets the call go on without it', async () => {
    const { page, context } = await openSection(talking.browser, scene)
    const id = await scene.ring(ADA)
    await page.getByRole('button', { name: 'Answer' }).click()
    await page.getByText('You talk through this browser.').first().waitFor()

    await page.goto(`${scene.app.url}/api/`)

    await expect.poll(() => scene.calls.mediaOf(id).stats.hasBrowser).toBe(false)
    expect(scene.calls.find(id)).toMatchObject({ state: 'active' })
    await context.close()
  })

  test('a browser that was let go says so, and may come back', async () => {
    const { page, context } = await openSection(talking.browser, scene)
    const id = await scene.ring(ADA, { say: { tone: 440 } })
    await page.getByRole('button', { name: 'Answer' }).click()
    await page.getByText('You talk through this browser.').first().waitFor()

    await scene.calls.mediaOf(id).detachBrowser()
    await page.getByText('This browser is not in the call any more').first().waitFor()
    await screenshot(page, 'calls-1280-09-lost')
    await page.getByRole('button', { name: 'Talk here' }).click()
    await page.getByText('You talk through this browser.').first().waitFor()

    await expect.poll(async () => (await heardInPage(page)).level).toBeGreaterThan(100)
    await context.close()
  })

  test('a phone whose codec cannot be played is told of', async () => {
    const { page, context } = await openSection(talking.browser, scene, { width: 390 })
    await scene.ring(ADA, { codec: 'mlow', say: { tone: 440 } })

    await page.getByRole('button', { name: 'Answer' }).click()

    await page.getByText('The other side uses one that cannot be played here').waitFor()
    await screenshot(page, 'calls-390-10-mlow')
    await context.close()
  })

  test.each([390, 1280])(
    'a contact can be let call from the page, on a screen %i pixels wide',
    async (width) => {
      const { page, context, errors } = await openSection(talking.browser, scene, { width })

      await page.getByRole('combobox', { name: 'It says' }).selectOption('A sound file')
      await page
        .getByLabel('Sound file')
        .setInputFiles({ name: 'tone.wav', mimeType: 'audio/wav', buffer: toneWav(900, 5) })
      await page.getByRole('button', { name: 'Let Ada call' }).click()
      await page.getByText('Ada calls.').waitFor()
      await screenshot(page, `calls-${width}-14-session`)
      expect(await overflow(page)).toBe(0)
      await page.getByRole('button', { name: 'Answer' }).click()

      await expect.poll(async () => Math.round((await heardInPage(page)).hz / 10)).toBe(90)
      expect(errors).toEqual([])
      await context.close()
    },
  )
})

/** Tones are noise to the filters of a browser. */
async function withoutFilters(page: Page): Promise<void> {
  await page.getByRole('checkbox', { name: 'Take echo and noise out' }).uncheck()
}

function level(page: Page, name: string): Promise<number> {
  return page.getByLabel(name).evaluate((meter) => Number(meter.value))
}
