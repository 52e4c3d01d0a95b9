import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ADMIN_TOKEN, TestApp } from '../helpers/app.ts'
import { type Receiver, startReceiver } from '../helpers/receiver.ts'
import { browserIsMissing, launchBrowser, openTab, overflow, screenshot } from './browser.ts'

describe.skipIf(browserIsMissing)('receivers in the dashboard', { timeout: 120_000 }, () => {
  let app: TestApp
  let browser: Browser
  let receiver: Receiver
  let shared: Receiver

  beforeAll(async () => {
    shared = await startReceiver()
    receiver = await startReceiver()
    app = await TestApp.start({ env: { GLOBAL_WEBHOOK: shared.url } })
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser.close()
    await receiver.close()
    await shared.close()
    await app.close()
  })

  async function signedIn(fragment: string, width: number) {
    const tab = await openTab(browser, `${app.url}/dashboard/${fragment}`, width)
    await tab.page.getByRole('textbox', { name: 'Token' }).fill(ADMIN_TOKEN)
    await tab.page.getByRole('button', { name: 'Sign in' }).click()
    return tab
  }

  const testEvent = (id: string) =>
    app.request('POST', `/parley/users/${id}/test-event`, { admin: true, body: {} })

  test.each([390, 1280])('are paused, resumed and fetched from on a screen %i pixels wide', async (width) => {
    const { id } = await app.createUser({ name: `Fetcher ${width}`, webhook: receiver.url })
    const { page, context } = await signedIn('#/deliveries', width)
    const all = page.getByRole('region', { name: 'Receivers' })
    const everybody = all.locator('.card', { hasText: 'Webhook of all users' })

    await everybody.getByRole('button', { name: 'Pause' }).click()
    await everybody.getByText('Paused since').waitFor()
    await testEvent(id)
    await everybody.getByText('1 delivery waits.').waitFor()
    await screenshot(page, `dashboard-${width}-30-receivers`)
    await everybody.getByRole('button', { name: 'Resume' }).click()
    await everybody.getByText('Nothing waits.').waitFor()
    await everybody.getByRole('button', { name: 'Repeat what was given up' }).click()
    await page.getByText('0 are on their way again.').waitFor()

    await page.goto(`${app.url}/dashboard/#/users/${id}/deliveries`)
    await page.getByRole('button', { name: 'Let it fetch' }).click()
    await page.getByText('The receiver fetches its deliveries itself.').waitFor()
    await testEvent(id)
    await page.getByText('1 delivery waits.').waitFor()
    await screenshot(page, `dashboard-${width}-31-fetched`)
    expect(await overflow(page)).toBe(0)
    await page.goto(`${app.url}/dashboard/#/deliveries`)
    await all.getByRole('heading', { name: `Fetcher ${width}: wuzapi webhook` }).waitFor()
    await all
      .locator('.card', { hasText: `Fetcher ${width}` })
      .getByRole('button', { name: 'Send to the webhook' })
      .click()
    await all
      .getByRole('heading', { name: `Fetcher ${width}: wuzapi webhook` })
      .waitFor({ state: 'detached' })

    expect(await overflow(page)).toBe(0)
    await context.close()
  })

  test.each([390, 1280])('get new secrets while the old ones stay valid, %i pixels wide', async (width) => {
    const { id } = await app.createUser({ name: `Signed ${width}`, webhook: receiver.url })
    const { page, context } = await signedIn(`#/users/${id}/signing`, width)
    const fresh = page.getByRole('status', { name: 'New secret' })
    await page.getByText('No secret is set.').waitFor()

    await page.getByRole('button', { name: 'Make a new secret' }).click()
    await page.getByText('It is not shown here again.').waitFor()
    const first = (await fresh.textContent()) ?? ''
    await page.getByRole('button', { name: 'Make a new secret' }).click()
    await page.getByText(`${first.slice(0, 10)}… signs, too, until`).waitFor()
    await screenshot(page, `dashboard-${width}-32-secrets`)
    const second = (await fresh.textContent()) ?? ''
    await page.reload()
    await page.getByText(`Signed with ${second.slice(0, 10)}…`).waitFor()

    expect(first).toMatch(/^whsec_/)
    expect(second).not.toBe(first)
    expect(await page.content()).not.toContain(second)
    const stored = await app.request('GET', `/parley/targets/user:${id}/secret`, { admin: true })
    expect(stored.json).toMatchObject({ secret: second, previous: first })
    expect(await overflow(page)).toBe(0)

    await page.getByRole('button', { name: 'Remove', exact: true }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
    await page.getByText('No secret is set.').waitFor()
    await context.close()
  })
})
