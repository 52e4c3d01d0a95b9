import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ADMIN_TOKEN, TestApp } from '../helpers/app.ts'
import { browserIsMissing, hasFocus, launchBrowser, openTab, overflow, screenshot } from './browser.ts'
import { askedForPasskey, newPhone } from './linking.ts'

// A busy machine takes its time to start a browser and to draw.
describe.skipIf(browserIsMissing)('the page of linking with a passkey', { timeout: 90_000 }, () => {
  let app: TestApp
  let browser: Browser

  beforeAll(async () => {
    app = await TestApp.start()
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser.close()
    await app.close()
  })

  test.each([
    ['the console', '/'],
    ['the login of before', '/login/'],
  ])('is led to by %s', async (_what, path) => {
    const { address, token } = await askedForPasskey(app, newPhone())
    const { page, context, errors } = await openTab(browser, `${app.url}${path}`, 390)

    await page.getByRole('textbox', { name: 'Token' }).fill(token)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { name: 'WhatsApp asks for a passkey' }).waitFor()
    const link = page.getByRole('link', { name: 'Go on with the passkey' })
    await screenshot(page, 'link-390-9-session')

    await expect.poll(() => hasFocus(link)).toBe(true)
    expect(await overflow(page)).toBe(0)
    const [opened] = await Promise.all([context.waitForEvent('page'), page.keyboard.press('Enter')])
    await opened.getByRole('heading', { name: 'Use your passkey on a computer' }).waitFor()
    expect(opened.url()).toBe(address)
    expect(errors).toEqual([])
    await context.close()
  })

  test('is led to by the dialog of the dashboard, which goes on by itself after the scan', async () => {
    const phone = newPhone()
    await app.sandbox('POST', `/accounts/${phone}`, { passkey: true })
    const { id } = await app.createUser({ name: 'Asked' })
    const { page, context, errors } = await openTab(browser, `${app.url}/dashboard/#/users/${id}`)
    await page.getByRole('textbox', { name: 'Token' }).fill(ADMIN_TOKEN)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('button', { name: 'Connect', exact: true }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByAltText('QR code').waitFor()
    const session = () => app.parley.services.sessions.find(id)

    await app.sandbox('POST', '/scan', { qr: session()?.status.qr, phone })

    await dialog.getByRole('heading', { name: 'WhatsApp asks for a passkey' }).waitFor()
    await screenshot(page, 'link-1280-9-dashboard')
    const link = await dialog.getByRole('link', { name: 'Go on with the passkey' }).getAttribute('href')
    expect(link).toBe(`${app.url}/link/#${session()?.linking.passkey?.page}`)
    await dialog.getByRole('button', { name: 'Close' }).click()
    await page.getByRole('button', { name: 'Go on linking' }).click()
    session()?.linking.ceremony?.fail('cancelled')
    await dialog.getByAltText('QR code').waitFor()
    expect(errors).toEqual([])
    await context.close()
  })
})
