import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ADMIN_TOKEN, type LinkedUser, TestApp } from '../helpers/app.ts'
import { type Receiver, startReceiver } from '../helpers/receiver.ts'
import { expectAccessible } from './axe.ts'
import { browserIsMissing, launchBrowser, openTab, overflow, screenshot } from './browser.ts'

const WIDTHS = [390, 1280]

describe.skipIf(browserIsMissing)('deliveries and events in the console', { timeout: 120_000 }, () => {
  const ann = '447900000631'
  let app: TestApp
  let browser: Browser
  let receiver: Receiver
  let user: LinkedUser

  beforeAll(async () => {
    receiver = await startReceiver()
    app = await TestApp.start({ env: { WEBHOOK_RETRY_ENABLED: 'false' } })
    user = await app.linkedUser({ name: 'Front desk', webhook: receiver.url })
    await app.contact(ann, { name: 'Ann', addressing: 'pn' })
    await writes('Is my parcel there?')
    await receiver.next('Message')
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser.close()
    await receiver.close()
    await app.close()
  })

  async function signedIn(fragment: string, width: number, language?: string) {
    const tab = await openTab(browser, `${app.url}/${fragment}`, width)
    const { page } = tab
    if (language) {
      await page.evaluate(`localStorage.setItem('parley.language', '${language}')`)
      await page.reload()
    }
    await page.locator('#main input').first().fill(ADMIN_TOKEN)
    await page.locator('#main button[type=submit]').first().click()
    return tab
  }

  const writes = (text: string) => app.sandbox('POST', `/contacts/${ann}/send`, { to: user.phone, text })
  const inState = (state: string) =>
    app.waitFor(`a delivery that is ${state}`, async () => {
      const path = `/parley/deliveries?user=${user.id}&state=${state}`
      return (await app.request('GET', path, { admin: true })).json.deliveries.length > 0
    })

  test.each(WIDTHS)('tell who wrote what to whom, %i pixels wide', async (width) => {
    const { page, context, errors } = await signedIn(`#/users/${user.id}/deliveries`, width)
    await page.getByRole('combobox', { name: 'Event' }).fill('Message')
    const row = page.getByRole('listitem').filter({ hasText: 'Is my parcel there?' })

    await row.getByText('Ann', { exact: true }).waitFor()
    await row.getByText('Details').click()
    const told = row.getByRole('group', { name: 'What the receiver is told' })
    await told.getByText('“Message”').waitFor()
    await expect.poll(() => page.getByRole('listitem').filter({ hasText: 'ReadReceipt' }).count()).toBe(0)
    await expectAccessible(page)
    await screenshot(page, `dashboard-${width}-33-deliveries-told`)

    expect(await colourOf(told.locator('.json-name').first())).not.toBe(
      await colourOf(told.locator('.json-string').first()),
    )
    expect(await overflow(page)).toBe(0)
    await page.getByRole('combobox', { name: 'Event' }).fill('NoSuchEvent')
    await page.getByText('None fits.').waitFor()
    expect(errors).toEqual([])
    await context.close()
  })

  test('have the colour of what became of them, whatever the state of their user', async () => {
    receiver.answer(410)
    await app.request('POST', `/parley/users/${user.id}/test-event`, { admin: true })
    await inState('dead')
    receiver.answer(200)
    await app.request('POST', `/parley/targets/user:${user.id}/pause`, { admin: true })
    await app.request('POST', `/parley/users/${user.id}/test-event`, { admin: true })
    await app.post('/webhook', user.token, { webhookURL: '', events: ['All'] })
    await app.request('POST', `/parley/targets/user:${user.id}/resume`, { admin: true })
    await inState('dropped')
    await app.post('/webhook', user.token, { webhookURL: receiver.url, events: ['All'] })
    const { page, context } = await signedIn(`#/users/${user.id}/deliveries`, 1280)
    const rows = (state: string) => page.locator(`li[data-delivery="${state}"]`).first()
    await rows('dropped').waitFor()

    expect(await stateColour(rows('dropped'))).toBe(await variable(page, '--muted'))
    expect(await stateColour(rows('dead'))).toBe(await variable(page, '--bad'))
    expect(await stateColour(rows('delivered'))).toBe(await variable(page, '--good'))
    await rows('dropped').getByText('Not sent: the webhook was removed or switched off').waitFor()
    await context.close()
  })

  test.each(WIDTHS)('are sent again by the dozen, with how far that is, %i pixels wide', async (width) => {
    const { page, context } = await signedIn('#/deliveries', width)
    await page.getByText('Send several again').click()
    await page.getByRole('combobox', { name: 'Which' }).selectOption('Delivered')
    await expectAccessible(page)

    await page.getByRole('button', { name: 'Send these again' }).click()
    await page.getByText(/\d+ (is|are) on (its|their) way again\./).waitFor()

    await screenshot(page, `dashboard-${width}-34-deliveries-again`)
    expect(await overflow(page)).toBe(0)
    await context.close()
  })

  test.each(WIDTHS)(
    'events appear as they come, raw and in the words of a dialect, %i pixels wide',
    async (width) => {
      const { page, context, errors } = await signedIn(`#/users/${user.id}/events`, width)
      await page.getByText('Listening.').waitFor()

      await writes(`live at ${width}`)
      const raw = page.getByRole('listitem').filter({ hasText: /^.*message.*$/ })
      await raw.first().waitFor()
      await page.getByRole('combobox', { name: 'Shown as' }).selectOption('As wsgo tells it')
      await page.getByText('Listening.').waitFor()
      await writes(`told at ${width}`)
      // What this dialect does not tell has nothing to unfold.
      await page.getByText('Whole event').locator('visible=true').first().click()
      await page.getByText(`“told at ${width}”`).first().waitFor()
      await expectAccessible(page)
      await screenshot(page, `dashboard-${width}-35-events`)

      await page.getByRole('button', { name: 'Pause' }).click()
      await writes('while it is paused')
      await page.getByText(/Paused; \d+ new events? waits?\./).waitFor()
      await page.getByRole('button', { name: 'Go on' }).click()
      await page.getByRole('button', { name: 'Clear' }).click()
      await expect.poll(() => page.locator('.live-events > li').count()).toBe(0)
      expect(await overflow(page)).toBe(0)
      expect(errors).toEqual([])
      await context.close()
    },
  )

  test.each(WIDTHS)('signing is one subject, %i pixels wide', async (width) => {
    const { page, context } = await signedIn(`#/users/${user.id}/signing`, width)
    await page.getByText('No secret is set.').waitFor()
    await page.getByText('No key is set').waitFor()
    await expectAccessible(page)
    await screenshot(page, `dashboard-${width}-36-signing`)

    await page.getByRole('button', { name: 'Generate' }).click()
    await page.getByRole('button', { name: 'Save key' }).click()
    await page.getByText('A key is set').waitFor()
    const { webhooks } = (await app.get('/parley/me/webhooks', user.token)).json
    const own = webhooks.find(({ target }: { target: string }) => target === 'user')
    await page.getByRole('button', { name: 'Remove key' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
    await page.getByText('No key is set').waitFor()

    expect(own.hasHmacKey).toBe(true)
    expect(await overflow(page)).toBe(0)
    await context.close()
  })

  test.each([
    ['es', 'Entregas', 'Entregada tras 1 intento', 'Escuchando.'],
    ['pt-BR', 'Entregas', 'Entregue após 1 tentativa', 'Escutando.'],
  ])('speak %s', async (language, title, delivered, listening) => {
    const { page, context, errors } = await signedIn(`#/users/${user.id}/deliveries`, 390, language)

    await page.getByRole('heading', { name: title, level: 2 }).waitFor()
    await page.getByText(delivered).first().waitFor()
    await screenshot(page, `dashboard-390-37-deliveries-${language}`)
    await page.goto(`${app.url}/#/users/${user.id}/events`)
    await page.getByText(listening).waitFor()

    expect(await overflow(page)).toBe(0)
    expect(errors).toEqual([])
    await context.close()
  })
})

function stateColour(row: Locator): Promise<string> {
  return colourOf(row.locator('.row-state'))
}

function colourOf(shown: Locator): Promise<string> {
  return shown.evaluate((element) => element.ownerDocument.defaultView?.getComputedStyle(element).color ?? '')
}

/** A colour of the style sheet as the browser computes it. */
function variable(page: Page, name: string): Promise<string> {
  return page.evaluate<string>(
    `(() => {
      const probe = document.createElement('i')
      probe.style.color = 'var(${name})'
      document.body.append(probe)
      const { color } = getComputedStyle(probe)
      probe.remove()
      return color
    })()`,
  )
}
