import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ADMIN_TOKEN, TestApp } from '../helpers/app.ts'
import { browserIsMissing, launchBrowser, openTab, overflow, screenshot, tabTo } from './browser.ts'

const CONTACT = '4915550009999'

// A busy machine takes its time to start a browser and to draw.
describe.skipIf(browserIsMissing)('the page', { timeout: 90_000 }, () => {
  let app: TestApp
  let browser: Browser

  beforeAll(async () => {
    app = await TestApp.start()
    browser = await launchBrowser()
    await app.contact(CONTACT, { name: 'Grace', autoReply: 'you wrote {text}' })
  })
  afterAll(async () => {
    await browser.close()
    await app.close()
  })

  test.each([390, 1280])(
    'creates a user, links a phone and sends a message on a screen %i pixels wide',
    async (width) => {
      const { page, context, addresses, errors } = await openTab(browser, app.url, width)
      const text = `hello from ${width} pixels`

      await page.getByText('Simulated network.').waitFor()
      await screenshot(page, `${width}-1-enter`)
      await page.getByRole('textbox', { name: 'Token' }).fill(ADMIN_TOKEN)
      await page.getByRole('button', { name: 'Open', exact: true }).click()
      await page.getByRole('textbox', { name: 'Name' }).fill(`Shop ${width}`)
      await screenshot(page, `${width}-2-users`)
      await page.getByRole('button', { name: 'Create and open' }).click()
      await page.getByRole('heading', { name: 'Not connected' }).waitFor()
      await screenshot(page, `${width}-3-not-connected`)
      await page.getByRole('button', { name: 'Connect', exact: true }).click()
      await page.getByRole('heading', { name: 'Waiting for scan' }).waitFor()
      await page.getByAltText('QR code').waitFor()
      await page.getByText(/This code is \d+ s old/).waitFor()
      await screenshot(page, `${width}-4-waiting`)
      await page.getByRole('button', { name: 'Scan for me' }).click()
      await page.getByRole('heading', { name: /^Linked as \+\d+$/ }).waitFor()
      await page.getByLabel('To, with country code').fill(`+${CONTACT}`)
      await page.getByRole('textbox', { name: 'Message' }).fill(text)
      await page.getByRole('button', { name: 'Send', exact: true }).click()
      await page.getByText(`you wrote ${text}`).waitFor()
      await screenshot(page, `${width}-5-linked`)

      const received = await app.received(CONTACT)
      expect(received.map((message) => message.text)).toContain(text)
      expect(await overflow(page)).toBe(0)
      expect(errors).toEqual([])
      expect(addresses.filter((address) => !isOwn(address))).toEqual([])
      expect(addresses.filter((address) => /token/i.test(address))).toEqual([])
      await context.close()
    },
  )

  test('can be used with the keyboard alone', async () => {
    const { page, context } = await openTab(browser, app.url)

    // The token field has the focus when the page opens.
    await page.getByRole('button', { name: 'Open', exact: true }).waitFor()
    await page.keyboard.type(ADMIN_TOKEN)
    await page.keyboard.press('Enter')
    await tabTo(page, button(page, 'Another'))
    await page.keyboard.press('Shift+Tab')
    await page.keyboard.press('Shift+Tab')
    await page.keyboard.type('Keyboard')
    await page.keyboard.press('Enter')
    await tabTo(page, button(page, 'Connect'))
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Waiting for scan' }).waitFor()
    await tabTo(page, button(page, 'Scan for me'))
    await page.keyboard.press('Space')

    await page.getByRole('heading', { name: /^Linked as/ }).waitFor()
    await context.close()
  })

  test('says what to do about an unknown token', async () => {
    const { page, context } = await openTab(browser, app.url)

    await page.getByRole('textbox', { name: 'Token' }).fill('nobody')
    await page.getByRole('button', { name: 'Open', exact: true }).click()

    await page.getByRole('alert').getByText('This token is not known here.').waitFor()
    await context.close()
  })

  test('forgets tokens when the person signs out, not when the page is loaded again', async () => {
    const { token } = await app.createUser({ name: 'Reloader' })
    const { page, context } = await openTab(browser, app.url)

    await enter(page, token)
    await page.getByRole('heading', { name: 'Not connected' }).waitFor()
    await page.reload()
    await page.getByRole('heading', { name: 'Not connected' }).waitFor()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.reload()

    await page.getByRole('heading', { name: 'Open a session' }).waitFor()
    await context.close()
  })

  test('offers to connect again when the phone has removed the device', async () => {
    const user = await app.linkedUser({ name: 'Removed' })
    const { page, context } = await openTab(browser, app.url)
    await enter(page, user.token)
    await page.getByRole('heading', { name: `Linked as +${user.phone}` }).waitFor()

    await app.sandbox('POST', '/unlink', { jid: user.phone })

    await page.getByRole('button', { name: 'Connect', exact: true }).waitFor()
    await context.close()
  })

  test('says that it is logged out after the person has agreed to it', async () => {
    const user = await app.linkedUser({ name: 'Leaver' })
    const { page, context } = await openTab(browser, app.url)
    await enter(page, user.token)

    await page.getByRole('button', { name: 'Log out' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Log out' }).click()

    await page.getByRole('heading', { name: 'Logged out' }).waitFor()
    await screenshot(page, '1280-6-logged-out')
    await context.close()
  })

  test('asks before it logs out, and stays linked when the answer is no', async () => {
    const user = await app.linkedUser({ name: 'Hesitant' })
    const { page, context } = await openTab(browser, app.url, 390)
    await enter(page, user.token)

    await page.getByRole('button', { name: 'Log out' }).click()
    await page.getByRole('dialog').getByText('until a new code is scanned').waitFor()
    await screenshot(page, '390-7-confirm')
    await page.keyboard.press('Escape')

    await page.getByRole('heading', { name: /^Linked as/ }).waitFor()
    expect((await app.get('/session/status', user.token)).json.data.LoggedIn).toBe(true)
    await context.close()
  })

  test('says so when the server does not answer', async () => {
    const { token } = await app.createUser({ name: 'Alone' })
    const { page, context } = await openTab(browser, app.url)
    await enter(page, token)
    await page.getByRole('heading', { name: 'Not connected' }).waitFor()

    await context.setOffline(true)
    await page.getByRole('heading', { name: 'No connection to the server' }).waitFor()
    await context.setOffline(false)

    await page.getByRole('heading', { name: 'Not connected' }).waitFor()
    await context.close()
  })

  /** The server itself, and pictures that are written out in the page. */
  function isOwn(address: string): boolean {
    return address.startsWith(app.url) || address.startsWith('data:')
  }
})

async function enter(page: Page, token: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Token' }).fill(token)
  await page.getByRole('button', { name: 'Open', exact: true }).click()
}

function button(page: Page, name: string): Locator {
  return page.getByRole('button', { name, exact: true })
}
