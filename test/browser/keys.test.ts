import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ADMIN_TOKEN, type LinkedUser, TestApp } from '../helpers/app.ts'
import { expectAccessible } from './axe.ts'
import { browserIsMissing, launchBrowser, openTab, overflow, screenshot } from './browser.ts'

describe.skipIf(browserIsMissing)('keys, logins and bulk jobs in the console', { timeout: 120_000 }, () => {
  let app: TestApp
  let browser: Browser
  let user: LinkedUser

  beforeAll(async () => {
    app = await TestApp.start()
    browser = await launchBrowser()
    user = await app.linkedUser({ name: 'Bakery' })
  })
  afterAll(async () => {
    await browser?.close()
    await app?.close()
  })

  async function signedIn(
    fragment: string,
    { width, token = ADMIN_TOKEN }: { width: number; token?: string },
  ) {
    const tab = await openTab(browser, `${app.url}/dashboard/${fragment}`, width)
    await tab.page.getByRole('textbox', { name: 'Token' }).fill(token)
    await tab.page.getByRole('button', { name: 'Sign in' }).click()
    await tab.page.getByRole('button', { name: 'Sign out' }).waitFor()
    return tab
  }

  test.each([390, 1280])(
    'a key is made, shown once and removed on a screen %i pixels wide',
    async (width) => {
      const { page, context, errors } = await signedIn(`#/users/${user.id}/keys`, { width })
      await page.getByText('No keys yet: only the token works.').waitFor()
      await page.getByRole('textbox', { name: 'Name' }).fill(`Reports ${width}`)
      await page.getByRole('button', { name: 'Make a key' }).click()
      await page.getByText('This is the new key.').waitFor()

      const key = (await page.getByRole('status', { name: 'New key' }).textContent()) ?? ''
      expect(key).toMatch(/^plk_/)
      expect((await app.get('/parley/me', key)).json.power).toBe('read')
      await page.getByText(`${key.slice(0, 8)}...${key.slice(-4)}`).waitFor()
      expect(await overflow(page)).toBe(0)
      await expectAccessible(page)
      await screenshot(page, `console-${width}-keys`)

      await page.getByRole('button', { name: `Remove Reports ${width}` }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
      await page.getByText('No keys yet: only the token works.').waitFor()
      expect((await app.get('/parley/me', key)).status).toBe(401)
      expect(errors).toEqual([])
      await context.close()
    },
  )

  test.each([390, 1280])('a login is made and removed on a screen %i pixels wide', async (width) => {
    const { page, context, errors } = await signedIn('#/logins', { width })
    await page.getByText('No logins yet.').waitFor()
    await page.getByRole('textbox', { name: 'Name of the person' }).fill(`Ann ${width}`)
    await page.getByRole('textbox', { name: 'Ids of the users it sees' }).fill(user.id)
    await page.getByRole('button', { name: 'Make a login' }).click()
    await page.getByText('This is its key.').waitFor()

    await page.getByText('Sees 1 user', { exact: true }).waitFor()
    expect(await overflow(page)).toBe(0)
    await expectAccessible(page)
    await screenshot(page, `console-${width}-logins`)

    await page.getByRole('button', { name: `Remove Ann ${width}` }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
    await page.getByText('No logins yet.').waitFor()
    expect(errors).toEqual([])
    await context.close()
  })

  test.each([390, 1280])(
    'whoever looks after users reads their chats and changes nothing, on a screen %i pixels wide',
    async (width) => {
      const phone = `4477009017${width}`.slice(0, 13)
      await app.contact(phone)
      await app.sandbox('POST', `/contacts/${phone}/send`, { to: user.phone, text: 'Are you open?' })
      await app.createUser({ name: 'Not hers' })
      const made = await app.request('POST', '/parley/logins', {
        admin: true,
        body: { name: `Ann ${width}`, userIds: [user.id] },
      })
      const { page, context, errors } = await signedIn('', { width, token: made.json.key })
      await page.getByText('1 user, 1 linked.').waitFor()
      expect(await page.getByRole('link', { name: 'Not hers' }).count()).toBe(0)
      expect(await page.getByRole('button', { name: 'New user' }).count()).toBe(0)
      await expectAccessible(page)
      await screenshot(page, `console-${width}-support`)

      await page.getByRole('link', { name: 'Bakery' }).click()
      await page.getByText('Are you open?').first().click()
      await page.locator('.message', { hasText: 'Are you open?' }).first().waitFor()
      expect(await page.getByRole('textbox', { name: 'Write a message' }).count()).toBe(0)
      for (const name of ['Disconnect', 'Log out'])
        expect([name, await page.getByRole('button', { name }).count()]).toEqual([name, 0])
      // On a phone a conversation takes the place of the menu.
      await page.goto(`${app.url}/dashboard/#/users/${user.id}/health`)
      const menu = page.getByRole('navigation', { name: 'Of this user' })
      await expect
        .poll(() => menu.getByRole('link').allTextContents())
        .toEqual(['Chats', 'Health', 'Contacts', 'Groups'])
      await page.getByRole('heading', { name: 'Health', exact: true }).waitFor()
      await expectAccessible(page)
      expect(await overflow(page)).toBe(0)
      await screenshot(page, `console-${width}-support-user`)
      expect(errors).toEqual([])
      await context.close()
    },
  )

  test('a key that may only send is shown what it may do', async () => {
    const { json } = await app.request('POST', '/parley/me/keys', {
      token: user.token,
      body: { name: 'Till', power: 'send' },
    })
    const { page, context } = await signedIn('', { width: 1280, token: json.key })
    const menu = page.getByRole('navigation', { name: 'Of this user' })
    await menu.getByRole('link').first().waitFor()
    expect(await menu.getByRole('link').allTextContents()).toEqual(['Send a test', 'Bulk sending'])
    await context.close()
  })

  test.each([390, 1280])(
    'a table is checked, sent and reported on a screen %i pixels wide',
    async (width) => {
      const phone = `4477009007${width}`.slice(0, 13)
      await app.contact(phone)
      const { page, context, errors } = await signedIn(`#/users/${user.id}/bulk`, {
        width,
        token: user.token,
      })
      await page.getByRole('textbox', { name: 'Name' }).fill(`Offers ${width}`)
      await page.getByLabel('Table (CSV, UTF-8)').setInputFiles({
        name: 'offers.csv',
        mimeType: 'text/csv',
        buffer: Buffer.from(`phone,name\n${phone},Ann\nnobody,Ben\n`),
      })
      await page.getByRole('textbox', { name: 'Template' }).fill('Hello {name}')
      await page.getByRole('button', { name: 'Check the table' }).click()

      const job = page.getByRole('region', { name: `Offers ${width}` })
      await job.getByText('Ready: 1 message').waitFor()
      await job.getByText('1 line cannot be sent').click()
      await job.getByText('Line 3 (nobody): the phone is no number with a country code').waitFor()
      expect(await overflow(page)).toBe(0)
      await expectAccessible(page)
      await screenshot(page, `console-${width}-bulk-ready`)

      await job.getByRole('button', { name: 'Start' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Start' }).click()
      await job.getByText('Done,').waitFor()
      expect((await app.received(phone)).map(({ text }) => text)).toEqual(['Hello Ann'])
      const downloading = page.waitForEvent('download')
      await job.getByRole('button', { name: 'Download the report' }).click()
      expect((await downloading).suggestedFilename()).toBe(`Offers-${width}.csv`)
      await expectAccessible(page)
      await screenshot(page, `console-${width}-bulk-done`)
      expect(errors).toEqual([])
      await context.close()
    },
  )
})
