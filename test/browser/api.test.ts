import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ADMIN_TOKEN, type LinkedUser, TestApp } from '../helpers/app.ts'
import { expectAccessible } from './axe.ts'
import { browserIsMissing, launchBrowser, openTab, overflow, screenshot } from './browser.ts'

const CONTACT = '5491155554444'

// A busy machine takes its time to start a browser and to draw.
describe.skipIf(browserIsMissing)('the page of the API', { timeout: 120_000 }, () => {
  let app: TestApp
  let browser: Browser
  let user: LinkedUser

  beforeAll(async () => {
    app = await TestApp.start()
    browser = await launchBrowser()
    user = await app.linkedUser({ name: 'Shop' })
    await app.contact(CONTACT, { name: 'Ana' })
  })
  afterAll(async () => {
    await browser.close()
    await app.close()
  })

  /** The page in a tab that has signed in, in a language. */
  async function open(hash: string, { width = 1280, language = 'en' } = {}) {
    const tab = await openTab(browser, `${app.url}/parley.json`, width)
    await tab.page.evaluate(`
      sessionStorage.setItem('parley.token', ${JSON.stringify(user.token)})
      sessionStorage.setItem('parley.admin', ${JSON.stringify(ADMIN_TOKEN)})
      localStorage.setItem('parley.language', ${JSON.stringify(language)})
    `)
    await tab.page.goto(`${app.url}/api/${hash}`)
    return tab
  }

  test.each([390, 1280])(
    'shows operations with samples and sends one, %i pixels wide, and axe finds nothing',
    async (width) => {
      const { page, context, addresses, errors } = await open('', { width })

      await page.getByRole('heading', { name: 'Parley: the wuzapi API' }).waitFor()
      await screenshot(page, `${width}-api-1-overview`)
      await expectAccessible(page)
      await page.getByRole('searchbox', { name: 'Search' }).fill('send/text')
      await page.getByRole('link', { name: 'Send a text message or a reply' }).click()
      await page.getByRole('heading', { name: 'Send a text message or a reply', level: 1 }).waitFor()
      const sample = page.getByLabel('Sample').last()
      expect(await sample.innerText()).toContain(`-H 'Token: ${user.token}'`)
      for (const language of ['JavaScript', 'Python', 'PHP', 'Go']) {
        await page.getByRole('button', { name: language, exact: true }).click()
        expect(await sample.innerText()).toContain(user.token)
      }
      await page.locator('summary', { hasText: 'Try it' }).click()
      await page.getByRole('button', { name: 'Send', exact: true }).click()
      await page.getByText(/Answer 200 after/).waitFor()
      await screenshot(page, `${width}-api-2-operation`)
      await expectAccessible(page)

      expect(await app.received(CONTACT)).toContainEqual(
        expect.objectContaining({ text: 'Hello from Parley' }),
      )
      expect(await overflow(page)).toBe(0)
      expect(errors).toEqual([])
      expect(addresses.filter((address) => !address.startsWith(app.url))).toEqual([])
      expect(addresses.filter((address) => address.includes(user.token))).toEqual([])
      await context.close()
    },
  )

  test.each([
    ['es', 'Panel', 'Buscar'],
    ['pt-BR', 'Painel', 'Buscar'],
  ])('speaks %s around the document', async (language, back, search) => {
    const { page, context, errors } = await open('#/0/postChatSendImage', { language })

    await page.getByRole('heading', { level: 1 }).waitFor()

    expect(await page.getByRole('link', { name: back }).getAttribute('href')).toBe(`${app.url}/dashboard/`)
    await page.getByRole('searchbox', { name: search }).waitFor()
    expect(errors).toEqual([])
    await context.close()
  })

  test('shows what webhooks get, and another API', async () => {
    const { page, context } = await open('#/0/eventMessage')

    await page.getByRole('heading', { name: /A message came in/ }).waitFor()
    await page.getByText('webhook-signature', { exact: true }).waitFor()
    await expectAccessible(page)
    await page.getByLabel('API', { exact: true }).selectOption({ label: 'Parley: for operators' })
    await page.getByRole('heading', { name: 'Parley: for operators' }).waitFor()

    expect(await page.getByRole('link', { name: 'OpenAPI document' }).getAttribute('href')).toBe(
      `${app.url}/parley/docs/openapi.json`,
    )
    await context.close()
  })

  test('the page of one API loads from beside it', async () => {
    const { page, context, errors } = await openTab(browser, `${app.url}/wsgo/docs`)

    await page.getByRole('heading', { name: 'Parley: the wsgo API' }).waitFor()

    expect(errors).toEqual([])
    await context.close()
  })
})
