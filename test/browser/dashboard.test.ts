import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ADMIN_TOKEN, TestApp } from '../helpers/app.ts'
import { type Receiver, startReceiver } from '../helpers/receiver.ts'
import { browserIsMissing, launchBrowser, openTab, overflow, screenshot } from './browser.ts'

const CONTACT = '4915550009999'

// A busy machine takes its time to start a browser and to draw.
describe.skipIf(browserIsMissing)('the dashboard', { timeout: 120_000 }, () => {
  let app: TestApp
  let browser: Browser
  let receiver: Receiver

  beforeAll(async () => {
    app = await TestApp.start()
    receiver = await startReceiver()
    browser = await launchBrowser()
    await app.contact(CONTACT, { name: 'Grace', autoReply: 'you wrote {text}' })
  })
  afterAll(async () => {
    await browser.close()
    await receiver.close()
    await app.close()
  })

  test.each([390, 1280])(
    'takes a user from creation to deletion on a screen %i pixels wide',
    async (width) => {
      const { page, context, addresses, errors } = await openTab(browser, `${app.url}/dashboard`, width)
      const picture = (name: string) => screenshot(page, `dashboard-${width}-${name}`)
      const name = `Shop ${width}`

      await page.getByRole('heading', { name: 'Sign in' }).waitFor()
      await picture('01-login')
      await page.getByRole('textbox', { name: 'Token' }).fill(ADMIN_TOKEN)
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByRole('heading', { name: 'Users' }).waitFor()
      await picture('02-users')

      await page.getByRole('button', { name: 'New user' }).click()
      await page.getByRole('textbox', { name: 'Name' }).fill(name)
      await picture('03-create')
      await page.getByRole('button', { name: 'Create user' }).click()
      await page.getByRole('heading', { name }).waitFor()
      await page.getByRole('main').getByText('Not connected', { exact: true }).waitFor()
      await picture('04-overview')

      await page.getByRole('button', { name: 'Connect', exact: true }).click()
      const linking = page.getByRole('dialog')
      await linking.getByRole('heading', { name: 'Waiting for scan' }).waitFor()
      await linking.getByAltText('QR code').waitFor()
      await linking.getByText('Link with a code instead of the camera').click()
      await linking.getByRole('textbox', { name: 'Phone number' }).fill('4915550002222')
      await linking.getByRole('button', { name: 'Get code' }).click()
      await linking.getByText(/^[A-Z0-9]{4}-[A-Z0-9]{4}$/).waitFor()
      await picture('05-link')
      await linking.getByRole('button', { name: 'Scan for me' }).click()
      await linking.getByRole('heading', { name: /^Linked as \+\d+$/ }).waitFor()
      await picture('06-linked')
      await linking.getByRole('button', { name: 'Done' }).click()

      await open(page, 'Webhook')
      await page.getByRole('textbox', { name: 'Address that receives events' }).fill(receiver.url)
      await page.getByRole('checkbox', { name: 'All events' }).uncheck()
      await page.getByRole('checkbox', { name: 'Message', exact: true }).check()
      await save(page)
      await picture('07-webhook')

      await open(page, 'Signing')
      await page.getByRole('button', { name: 'Generate' }).click()
      await save(page, 'Save key')
      await page.getByText('A key is set').waitFor()
      await picture('08-signing')

      await open(page, 'Media storage')
      await page.getByRole('textbox', { name: 'Bucket' }).fill('parley-media')
      await page.getByRole('combobox', { name: 'What webhooks carry' }).selectOption('both')
      await save(page)
      await picture('09-storage')

      await open(page, 'History')
      await page.getByRole('spinbutton', { name: 'Messages kept per chat' }).fill('25')
      await save(page)
      await picture('10-history')

      await open(page, 'Proxy')
      await page.getByText('saving disconnects for a moment').waitFor()
      await page.getByRole('checkbox', { name: 'Send webhooks through it' }).uncheck()
      await save(page, 'Save and reconnect')
      await page
        .getByRole('main')
        .getByText(/^Linked as/)
        .first()
        .waitFor()
      await picture('11-proxy')

      await open(page, 'Send a test')
      await page.getByRole('combobox', { name: 'To' }).fill(`+${CONTACT}`)
      await page.getByRole('textbox', { name: 'Message' }).fill(`hello from ${name}`)
      await page.getByRole('button', { name: 'Send', exact: true }).click()
      await page.getByText('Text sent.').waitFor()
      await picture('12-send')

      await open(page, 'Name and token')
      await page.getByRole('textbox', { name: 'Name' }).fill(`${name} renamed`)
      await save(page)
      await page.getByRole('heading', { name: `${name} renamed` }).waitFor()
      await picture('13-identity')

      const [kept] = (await app.request('GET', '/admin/users', { admin: true })).json.data.slice(-1)
      expect(kept).toMatchObject({
        name: `${name} renamed`,
        webhook: receiver.url,
        events: 'Message',
        history: 25,
        proxy_config: { enabled: false, webhook_use_proxy: false },
        s3_config: { bucket: 'parley-media', media_delivery: 'both' },
      })
      expect((await app.received(CONTACT)).map(({ text }) => text)).toContain(`hello from ${name}`)

      await page.getByRole('link', { name: 'All users' }).click()
      await page.getByRole('link', { name: `${name} renamed` }).waitFor()
      await picture('14-users')
      await page.getByRole('link', { name: `${name} renamed` }).click()
      await open(page, 'Name and token')
      await page.getByRole('button', { name: 'Delete user' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
      await page.getByRole('heading', { name: 'Users' }).waitFor()
      await page.getByText('Nobody yet').waitFor()

      expect(await overflow(page)).toBe(0)
      expect(errors).toEqual([])
      expect(
        addresses.filter((address) => !address.startsWith(app.url) && !address.startsWith('data:')),
      ).toEqual([])
      expect(addresses.filter((address) => /token/i.test(new URL(address).search))).toEqual([])
      await context.close()
    },
  )
})

/** Opens a section of the user that is shown. */
async function open(page: Page, section: string): Promise<void> {
  await page.getByRole('navigation', { name: 'Of this user' }).getByRole('link', { name: section }).click()
  await page.getByRole('heading', { name: section, exact: true }).waitFor()
}

async function save(page: Page, button = 'Save'): Promise<void> {
  await page.getByRole('button', { name: button, exact: true }).click()
  await page.getByText(/^Saved\./).waitFor()
}
