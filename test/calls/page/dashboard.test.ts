import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { browserIsMissing, overflow, screenshot, tabTo } from '../../browser/browser.ts'
import { CallScene } from '../call-scene.ts'
import {
  heardInPage,
  launchTalkingBrowser,
  MICROPHONE_HZ,
  openSection,
  type TalkingBrowser,
} from './talking-browser.ts'

const ADA = '4915550001234'

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

  afterAll(async () => {
    await talking?.close()
    await scene.close()
  })

  test.each([390, 1280])(
    'a contact rings and is talked with by keyboard alone, on a screen %i pixels wide',
    async (width) => {
      const { page, context, errors } = await openSection(talking.browser, scene, { width })
      const picture = (name: string) => screenshot(page, `calls-${width}-${name}`)
      await page.getByText('Nobody is calling.').waitFor()
      await withoutFilters(page)
      await picture('01-quiet')

      const id = await scene.ring(ADA, { say: { tone: 440 } })
      await page.getByRole('heading', { name: 'Ada is calling' }).waitFor()
      await expect.poll(() => page.getByRole('status').allTextContents()).toContain('Ada is calling.')
      await picture('02-rings')
      await page.getByRole('link', { name: 'Skip to content' }).focus()
      await tabTo(page, page.getByRole('button', { name: 'Answer' }))
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

      await tabTo(page, page.getByRole('button', { name: 'Mute', exact: true }))
      await page.keyboard.press('Enter')
      await page.getByText('You are muted.').waitFor()
      await expect.poll(async () => (await scene.heardBy(ADA, id)).tones.at(-1)).toBe(0)
      await picture('04-muted')
      await tabTo(page, page.getByRole('button', { name: 'Hang up' }))
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
})

/** Tones are noise to the filters of a browser. */
async function withoutFilters(page: Page): Promise<void> {
  await page.getByRole('checkbox', { name: 'Take echo and noise out' }).uncheck()
}

function level(page: Page, name: string): Promise<number> {
  return page.getByLabel(name).evaluate((meter) => Number(meter.value))
}
