import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ADMIN_TOKEN, TestApp } from '../helpers/app.ts'
import { expectAccessible } from './axe.ts'
import {
  browserIsMissing,
  hasFocus,
  launchBrowser,
  openTab,
  overflow,
  screenshot,
  type Tab,
  tabTo,
} from './browser.ts'

const CONTACT = '4915550009999'

// A busy machine takes its time to start a browser and to draw.
const TIMEOUT = { timeout: 120_000 }

describe.skipIf(browserIsMissing)('the first minute of a new server', TIMEOUT, () => {
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

  test('leads from the token by keyboard alone to a linked phone, and shows no first steps after that', async () => {
    const { page, context, errors } = await openTab(browser, app.url, 390)
    await page.getByRole('heading', { name: 'First steps' }).waitFor()
    await screenshot(page, 'front-390-1-sign-in')
    await expectAccessible(page)

    // The token field has the focus when the page opens.
    await page.keyboard.type(ADMIN_TOKEN)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Link the first phone' }).waitFor()
    await screenshot(page, 'front-390-2-first-steps')
    await expectAccessible(page)
    await page.keyboard.type('Shop')
    await page.keyboard.press('Enter')
    const linking = page.getByRole('dialog')
    await linking.getByRole('heading', { name: 'Waiting for scan' }).waitFor()
    await linking.getByAltText('QR code').waitFor()
    await screenshot(page, 'front-390-3-code')
    await expectAccessible(page)
    await tabTo(page, linking.getByRole('button', { name: 'Scan for me' }))
    await page.keyboard.press('Space')
    await linking.getByRole('heading', { name: /^Linked as \+\d+$/ }).waitFor()
    await page.keyboard.press('Enter')
    await linking.waitFor({ state: 'hidden' })
    expect(await overflow(page)).toBe(0)
    await page.getByRole('link', { name: 'All users' }).click()
    await page.getByRole('heading', { name: 'Users', exact: true }).waitFor()
    await page.getByRole('link', { name: 'Shop' }).waitFor()
    await page.reload()
    await page.getByRole('link', { name: 'Shop' }).waitFor()

    expect(errors).toEqual([])
    await context.close()
  })
})

describe.skipIf(browserIsMissing)('the one front door', TIMEOUT, () => {
  let app: TestApp
  let browser: Browser

  beforeAll(async () => {
    app = await TestApp.start()
    browser = await launchBrowser()
    await app.contact(CONTACT, { name: 'Grace' })
    await app.createUser({ name: 'First' })
  })
  afterAll(async () => {
    await browser.close()
    await app.close()
  })

  test.each([390, 1280])(
    "shows a user's own account for the user's token on a screen %i pixels wide",
    async (width) => {
      const user = await app.linkedUser({ name: `Own ${width}` })
      const other = await app.createUser({ name: 'Somebody else' })
      const { page, context, addresses, errors } = await openTab(browser, app.url, width)
      await signIn(page, user.token)
      await linkedAs(page, user.phone)
      await page.getByRole('link', { name: 'Overview' }).click()
      await page.getByText('None: events are not sent anywhere').waitFor()
      await screenshot(page, `front-${width}-4-own`)
      await expectAccessible(page)

      expect(new URL(page.url()).pathname).toBe('/')
      expect(
        await page.getByRole('link', { name: /^(All users|Users|Nodes|Import|Customers)$/ }).count(),
      ).toBe(0)
      expect(await page.getByRole('link', { name: 'Name and token' }).count()).toBe(0)
      await page.goto(`${app.url}/#/users/${other.id}`)
      await linkedAs(page, user.phone)
      await page.getByRole('link', { name: 'Send a test' }).click()
      await page.getByLabel('To', { exact: true }).fill(CONTACT)
      await page.getByRole('textbox', { name: 'Message' }).fill(`from ${width}`)
      await page.getByRole('button', { name: 'Send', exact: true }).click()
      await page.getByText('Text sent.').waitFor()
      expect((await app.received(CONTACT)).map(({ text }) => text)).toContain(`from ${width}`)

      expect(await overflow(page)).toBe(0)
      expect(errors).toEqual([])
      expect(
        addresses.filter((address) => !address.startsWith(app.url) && !address.startsWith('data:')),
      ).toEqual([])
      expect(addresses.filter((address) => address.includes(user.token))).toEqual([])
      await context.close()
    },
  )

  test('links a phone for whoever has the token of a user alone', async () => {
    const { id, token } = await app.createUser({ name: 'Alone' })
    const { page, context } = await openTab(browser, app.url)
    await signIn(page, token)

    await page.getByRole('button', { name: 'Connect', exact: true }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByAltText('QR code').waitFor()
    await dialog.getByText('Sign in with the admin token').waitFor()
    await app.sandbox('POST', '/scan', { qr: app.parley.services.sessions.find(id)?.status.qr })

    await dialog.getByRole('heading', { name: /^Linked as/ }).waitFor()
    await context.close()
  })

  test.each([
    ['/login', '/'],
    ['/login/', '/'],
    ['/dashboard', '/'],
    ['/dashboard/', '/'],
    ['/dashboard/#/nodes', '/#/nodes'],
  ])('is where %s leads', async (before, now) => {
    const { page, context } = await openTab(browser, `${app.url}${before}`)

    await signIn(page, ADMIN_TOKEN)
    await page.getByRole('button', { name: 'Sign out' }).waitFor()

    expect(page.url()).toBe(`${app.url}${now}`)
    await context.close()
  })

  test.each(['/', '/login', '/dashboard/'])(
    'takes the token of a link to %s, and does not leave it in the address',
    async (path) => {
      const { token } = await app.createUser({ name: 'By link' })
      const { page, context } = await openTab(browser, `${app.url}${path}?token=${token}`)

      await page.getByRole('heading', { name: 'By link' }).waitFor()

      expect(page.url()).toBe(`${app.url}/`)
      await context.close()
    },
  )

  test('says what to do about an unknown token', async () => {
    const { page, context } = await openTab(browser, app.url)

    await signIn(page, 'nobody')

    await page.getByRole('alert').getByText('This token is not known here.').waitFor()
    await context.close()
  })

  test('says so when the server no longer takes the token, and goes on where somebody was', async () => {
    const { page, context } = await signedIn(app, browser, '#/nodes')
    await page.getByRole('heading', { name: 'Nodes' }).waitFor()
    await page.evaluate("sessionStorage.setItem('parley.admin', 'an old token')")

    await page.reload()
    await page.getByText('The server no longer accepts this token.').waitFor()
    await signIn(page, ADMIN_TOKEN)

    await page.getByRole('heading', { name: 'Nodes' }).waitFor()
    await context.close()
  })

  test('forgets tokens when the person signs out, not when the page is loaded again', async () => {
    const { token } = await app.createUser({ name: 'Reloader' })
    const { page, context } = await openTab(browser, app.url)

    await signIn(page, token)
    await page.getByRole('heading', { name: 'Reloader' }).waitFor()
    await page.reload()
    await page.getByRole('heading', { name: 'Reloader' }).waitFor()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    await page.reload()

    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    await context.close()
  })

  test('asks before it logs a phone out, and stays linked when the answer is no', async () => {
    const user = await app.linkedUser({ name: 'Hesitant' })
    const { page, context } = await openTab(browser, app.url, 390)
    await signIn(page, user.token)
    await linkedAs(page, user.phone)

    await page.getByRole('button', { name: 'Log out' }).click()
    await page.getByRole('dialog').getByText('until a new code is scanned').waitFor()
    await expectAccessible(page)
    await page.keyboard.press('Escape')
    expect((await app.get('/session/status', user.token)).json.data.loggedIn).toBe(true)
    await page.getByRole('button', { name: 'Log out' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Log out' }).click()

    await page.getByRole('main').getByText('Logged out').waitFor()
    await context.close()
  })

  test('says so when the server does not answer', async () => {
    const { token } = await app.createUser({ name: 'Waiting' })
    const { page, context } = await openTab(browser, app.url)
    await signIn(page, token)
    await page.getByRole('heading', { name: 'Waiting' }).waitFor()

    await context.setOffline(true)
    await page.getByText('The server does not answer.').waitFor()
    await context.setOffline(false)

    await page.getByText('The server does not answer.').waitFor({ state: 'hidden' })
    await context.close()
  })

  test('has a link past its head, and a menu that the keyboard reaches', async () => {
    const { page, context } = await signedIn(app, browser, '')
    await page.getByRole('link', { name: 'First', exact: true }).waitFor()

    await page.reload()
    await page.getByRole('link', { name: 'First', exact: true }).waitFor()
    await page.keyboard.press('Tab')
    expect(await hasFocus(page.getByRole('link', { name: 'Skip to content' }))).toBe(true)
    await page.keyboard.press('Enter')
    expect(await hasFocus(page.getByRole('main'))).toBe(true)
    await page.keyboard.press('Shift+Tab')
    await tabTo(page, page.getByRole('button', { name: 'Sign out' }))

    await context.close()
  })
})

test('the way to the page leads past what a dialect has at the root', async () => {
  const app = await TestApp.start({ env: { DIALECTS: 'multisession:/' } })

  const ways = await Promise.all(
    ['/dashboard/', '/login/?token=x'].map((path) => fetch(`${app.url}${path}`, { redirect: 'manual' })),
  )

  expect(ways.map(({ headers }) => headers.get('location'))).toEqual([
    '../index.html',
    '../index.html?token=x',
  ])
  await app.close()
})

/** The console at a place in it, signed in as administrator. */
async function signedIn(app: TestApp, browser: Browser, place: string, width = 1280): Promise<Tab> {
  const tab = await openTab(browser, `${app.url}/${place}`, width)
  await signIn(tab.page, ADMIN_TOKEN)
  await tab.page.getByRole('button', { name: 'Sign out' }).waitFor()
  return tab
}

async function signIn(page: Page, token: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Token' }).fill(token)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

async function linkedAs(page: Page, phone: string): Promise<void> {
  await page.getByRole('main').getByText(`Linked as +${phone}`).waitFor()
}
