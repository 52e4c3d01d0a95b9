import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { ADMIN_TOKEN, TestApp } from '../helpers/app.ts'
import {
  OFFICE,
  type OldInstallation,
  oldInstallation,
  SHOP,
  SOURCE_KEY,
  UNLINKED,
} from '../transfer/wuzapi/installation.ts'
import { moveUser } from '../transfer/wuzapi/moved-user.ts'
import { browserIsMissing, hasFocus, launchBrowser, openTab, overflow, screenshot, tabTo } from './browser.ts'

describe.skipIf(browserIsMissing)('imports in the dashboard', { timeout: 120_000 }, () => {
  let app: TestApp
  let browser: Browser
  let old: OldInstallation

  beforeAll(async () => {
    app = await TestApp.start()
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser.close()
    await app.close()
  })
  beforeEach(async () => {
    old = await oldInstallation()
  })
  afterEach(async () => {
    await old.close()
    for (const id of [SHOP, OFFICE, UNLINKED])
      await app.request('DELETE', `/admin/users/${id}`, { admin: true })
  })

  async function signedIn(width: number) {
    const tab = await openTab(browser, `${app.url}/dashboard/`, width)
    await tab.page.getByRole('textbox', { name: 'Token' }).fill(ADMIN_TOKEN)
    await tab.page.getByRole('button', { name: 'Sign in' }).click()
    await tab.page
      .getByRole('navigation', { name: 'Dashboard' })
      .getByRole('link', { name: 'Import' })
      .click()
    await tab.page.getByRole('heading', { name: 'Import', level: 1 }).waitFor()
    return tab
  }

  const file = (name: string) => join(old.folder, 'dbdata', name)
  const choose = (page: Page, ...names: string[]) =>
    page.getByLabel('Its files').setInputFiles(names.map((name) => file(name)))

  test.each([390, 1280])('go from the files to users that work, %i pixels wide', async (width) => {
    const linked = await app.linkedUser()
    await moveUser(app, linked, { old, id: OFFICE })
    await old.users('users').where({ id: SHOP }).update({ name: '<b>Shop</b>' })
    const { page, context, errors } = await signedIn(width)
    const picture = (name: string) => screenshot(page, `dashboard-${width}-${name}`)
    await page.getByText('Nobody has come from another server yet.').waitFor()
    await picture('60-import-empty')
    expect(await overflow(page)).toBe(0)

    await choose(page, 'users.db', 'main.db')
    await files(page).filter({ hasText: '60 KB' }).waitFor()
    await picture('61-import-files')
    await page.getByRole('button', { name: 'Look' }).click()

    await page.getByRole('heading', { name: 'What would come' }).waitFor()
    await page.getByText('3 users from wuzapi: 3 can come. Nothing is written yet.').waitFor()
    expect(await row(found(page), '<b>Shop</b>')).toMatch(
      /^<b>Shop<\/b> \+491511110001 Can come What comes, and/,
    )
    await found(page).filter({ hasText: '<b>Shop</b>' }).getByText('What comes, and').click()
    await page.getByText('because it is encrypted, and the encryption key').waitFor()
    expect(await row(found(page), '<b>Shop</b>')).toContain('history entries: 28')
    expect(await overflow(page)).toBe(0)
    await picture('62-import-report')

    await page.getByRole('checkbox', { name: '<b>Shop</b>' }).uncheck()
    await page.getByRole('checkbox', { name: 'Never linked' }).uncheck()
    await page.getByRole('button', { name: 'Import 1 user' }).click()
    expect(await hasFocus(page.getByRole('checkbox', { name: 'The old server is stopped' }))).toBe(true)
    expect(await page.getByRole('heading', { name: 'What would come' }).isVisible()).toBe(true)
    await page.getByRole('checkbox', { name: 'The old server is stopped' }).check()
    await page.getByRole('button', { name: 'Import 1 user' }).click()

    await page.getByRole('heading', { name: '1 user imported' }).waitFor()
    // Its own phone reads what it writes to itself.
    await imported(page).filter({ hasText: 'Works: it has written and read' }).waitFor()
    await picture('63-import-done')
    await page.getByText('1 user came from another server; 1 known to work.').waitFor()
    await app.parley.services.db('imports').update({ state: 'replaced' })
    await imported(page)
      .filter({ hasText: 'The old server is still running: stop it, then connect' })
      .waitFor()
    await picture('64-import-replaced')
    expect(await overflow(page)).toBe(0)

    await page.getByRole('button', { name: 'Import more' }).click()
    await page.getByRole('button', { name: 'Look' }).waitFor()
    await tabTo(page, page.getByRole('link', { name: 'Office' }))
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Office', level: 1 }).waitFor()
    expect(errors).toEqual([])
    await context.close()
  })

  test('say what is wrong with files, and what is here already', async () => {
    const { page, context, errors } = await signedIn(1280)

    await choose(page, 'users.db')
    await page.getByRole('button', { name: 'Look' }).click()
    expect(await hasFocus(page.getByLabel('Its files'))).toBe(true)
    expect(
      await page.getByLabel('Its files').evaluate((input) => Reflect.get(input, 'validationMessage')),
    ).toBe('Choose main.db.')
    await page.getByLabel('Its files').setInputFiles([
      { name: 'main.db', mimeType: '', buffer: Buffer.from('no database') },
      { name: 'holiday.jpg', mimeType: '', buffer: Buffer.from('') },
    ])
    await page.getByText('Not among the files of this server: holiday.jpg.').waitFor()
    await page.getByRole('button', { name: 'Look' }).click()
    await page.getByText('main.db is no SQLite database').waitFor()
    await screenshot(page, 'dashboard-1280-65-import-refused')

    await choose(page, 'main.db')
    await page.getByRole('textbox', { name: 'Its encryption key' }).fill(SOURCE_KEY)
    await page.getByRole('button', { name: 'Look' }).click()
    await page.getByText('3 can come').waitFor()
    expect(await row(found(page), 'Shop')).not.toContain('what does not')
    expect(page.url()).toMatch(/#\/import\/[0-9a-f]{32}$/)
    await page.reload()
    await page.getByText('3 can come').waitFor()
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete the files' }).click()
    await page.getByRole('button', { name: 'Look' }).waitFor()
    expect(page.url()).toMatch(/#\/import$/)

    await app.request('POST', '/admin/users', { admin: true, body: { name: 'Taken', token: 'shop-token' } })
    await choose(page, 'users.db', 'main.db')
    await page.getByRole('button', { name: 'Look' }).click()
    await page.getByText('3 users from wuzapi: 2 can come. 1 here already.').waitFor()
    expect(await row(found(page), 'Shop')).toBe(
      'Shop +491511110001 Here already A user with this token is here already.',
    )
    expect(await page.getByRole('checkbox', { name: 'Shop' }).isDisabled()).toBe(true)
    await page.getByRole('checkbox', { name: 'All 2 users that can come' }).uncheck()
    expect(await page.getByRole('button', { name: 'Import 0 users' }).isDisabled()).toBe(true)
    await screenshot(page, 'dashboard-1280-66-import-present')
    expect(errors).toEqual([])
    await context.close()
  })
})

function files(page: Page) {
  return page.getByRole('list', { name: 'Files' }).getByRole('listitem')
}

function found(page: Page) {
  return page.locator('.import-rows').getByRole('listitem')
}

function imported(page: Page) {
  return page.getByRole('region', { name: 'Imported users' }).getByRole('listitem')
}

/** The words of the one row that has these among them, as a line. */
async function row(rows: ReturnType<typeof found>, words: string): Promise<string> {
  const one = rows.filter({ hasText: words })
  return (await one.innerText()).replace(/\s+/g, ' ').trim()
}
