import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ADMIN_TOKEN, TestApp } from '../helpers/app.ts'
import { browserIsMissing, hasFocus, launchBrowser, openTab, overflow, screenshot, tabTo } from './browser.ts'

describe.skipIf(browserIsMissing)('customers in the dashboard', { timeout: 120_000 }, () => {
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

  async function signedIn(fragment: string, width: number) {
    const tab = await openTab(browser, `${app.url}/dashboard/${fragment}`, width)
    await tab.page.getByRole('textbox', { name: 'Token' }).fill(ADMIN_TOKEN)
    await tab.page.getByRole('button', { name: 'Sign in' }).click()
    await tab.page.getByRole('button', { name: 'Sign out' }).waitFor()
    return tab
  }

  const asCustomer = (key: string, name: string) =>
    app.request('POST', '/multisession/devices', {
      headers: { 'X-API-Key': key, 'Content-Type': 'application/json' },
      body: { device_name: name },
    })
  const asDevice = (token: string) =>
    app.request('GET', '/multisession/devices/me', { headers: { Authorization: `Bearer ${token}` } })
  const asAdmin = (method: string, path: string, body?: object) =>
    app.request(method, `/multisession/admin${path}`, {
      headers: { 'X-Admin-Secret': ADMIN_TOKEN, 'Content-Type': 'application/json' },
      body,
    })

  test.each([390, 1280])('live from creation to deletion on a screen %i pixels wide', async (width) => {
    const { page, context, errors } = await signedIn('', width)
    const picture = (name: string) => screenshot(page, `dashboard-${width}-${name}`)
    const name = `<b>Bakery</b> ${width}`

    await page.getByRole('navigation', { name: 'Dashboard' }).getByRole('link', { name: 'Customers' }).click()
    await page.getByRole('heading', { name: 'No customers yet' }).waitFor()
    expect(await overflow(page)).toBe(0)
    await picture('50-no-customers')

    const { key } = await createCustomer(page, name, picture)
    expect(key).toMatch(/^wam_[0-9a-f]{28}$/)
    expect(await page.content()).not.toContain(key)
    await page.getByText('No device yet.').waitFor()
    await page.getByText('How the customer creates a device').click()
    await page.getByText("-H 'X-API-Key: THE-KEY'").waitFor()
    await picture('53-no-devices')

    const device = await asCustomer(key, 'Till')
    expect(device.status).toBe(201)
    await page.getByText('1 of 2 devices.', { exact: true }).waitFor()
    const { device_id: deviceId, token } = device.json.data
    await app.link({ id: deviceId.replaceAll('-', ''), token: await wuzapiToken(app, deviceId) })
    await devices(page).filter({ hasText: 'Linked' }).filter({ hasText: 'Last active' }).waitFor()
    expect((await asCustomer(key, '')).status).toBe(201)
    await page.getByText('2 of 2 devices: it cannot create another one.').waitFor()
    expect((await asCustomer(key, 'Third')).status).toBe(400)
    expect(await devices(page).allInnerTexts()).toEqual([
      expect.stringMatching(/No name\s+No phone linked yet[\s\S]*Never active\s+Created/),
      expect.stringMatching(
        new RegExp(`Till\\s+Linked\\s+\\+\\d+\\s+Last active .*\\s+Created .*\\s+${deviceId}`),
      ),
    ])
    expect(await overflow(page)).toBe(0)
    await picture('54-customer')

    await page.getByRole('spinbutton', { name: 'Devices at most' }).fill('3')
    await page.getByRole('textbox', { name: 'E-mail' }).fill('office@bakery.example')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Saved.').waitFor()
    await page.getByText('2 of 3 devices.', { exact: true }).waitFor()
    expect((await asCustomer(key, 'Third')).status).toBe(201)

    await page.getByRole('button', { name: 'Disable' }).click()
    await picture('55-disable')
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
    expect((await asDevice(token)).status).toBe(200)
    await page.getByRole('button', { name: 'Disable' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Disable' }).click()
    await page.getByText('Disabled', { exact: true }).waitFor()
    expect(await hasFocus(page.getByRole('button', { name: 'Enable' }))).toBe(true)
    await picture('56-disabled')
    expect((await asCustomer(key, 'Fourth')).status).toBe(401)
    expect((await asDevice(token)).status).toBe(401)
    await page.getByRole('button', { name: 'Enable' }).click()
    await page.getByText('Active', { exact: true }).waitFor()
    expect((await asDevice(token)).json.data.status).toBe('active')

    await tabTo(page, page.getByRole('link', { name: 'Till' }))
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Till', level: 1 }).waitFor()
    await page.goBack()
    await page.getByRole('heading', { name, level: 1 }).waitFor()

    await page.getByRole('button', { name: 'Delete customer' }).click()
    await page.getByText('All its 3 devices are unlinked and removed.').waitFor()
    await picture('57-delete')
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('heading', { name: 'No customers yet' }).waitFor()
    expect((await asCustomer(key, 'Fifth')).status).toBe(401)
    expect((await asDevice(token)).status).toBe(401)
    await page.goBack()
    await page.getByText('This customer does not exist').waitFor()
    expect(errors).toEqual([])
    await context.close()
  })

  test.each([390, 1280])('are listed and found, %i pixels wide', async (width) => {
    const names = [
      'Ada & Sons',
      'Bakery',
      'Chemist',
      'Dentist',
      'Electrician',
      'A name of a company that '.repeat(8),
    ]
    const made = await Promise.all(
      names.map(async (name, at) => {
        const { json } = await asAdmin('POST', '/api-keys', {
          customer_name: name,
          customer_email: `office@customer-number-${at}.example`,
          customer_phone: `4915550000${at}`,
          max_devices: 10,
          rate_limit_per_hour: at === 0 ? 1 : 1000 * at,
        })
        return json.data
      }),
    )
    await asCustomer(made[1].api_key, 'Till')
    await asAdmin('PATCH', `/api-keys/${made[2].id}`, { is_active: false })
    const { page, context, errors } = await signedIn('#/customers', width)

    await page.getByText('6 customers: 1 device, 1 disabled.').waitFor()
    const rows = page.getByRole('main').getByRole('listitem')
    const row = async (words: string) => {
      const text = await rows.filter({ hasText: words }).innerText()
      return text.replace(/\s+/g, ' ').trim()
    }
    expect(await row('Bakery')).toMatch(
      /^Bakery Active 1 of 10 devices 1,000 requests per hour office@customer-number-1.example wam_....\.\.\.....$/,
    )
    expect(await row('Chemist')).toContain('Disabled')
    expect(await row('Ada & Sons')).toContain('1 request per hour')
    expect(await overflow(page)).toBe(0)
    await screenshot(page, `dashboard-${width}-58-customers`)

    await page.getByRole('searchbox', { name: 'Search customers' }).fill('number-3')
    expect(await rows.count()).toBe(1)
    await tabTo(page, page.getByRole('link', { name: 'Dentist' }))
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Dentist', level: 1 }).waitFor()
    await page.goto(`${app.url}/dashboard/#/customers/${made[5].id}`)
    await page.getByRole('heading', { name: names[5]?.trim() }).waitFor()
    expect(await overflow(page)).toBe(0)

    await page.goto(`${app.url}/dashboard/#/customers/nobody`)
    await page.getByText('This customer does not exist').waitFor()
    expect(errors).toEqual([])
    await context.close()
    await Promise.all(made.map(({ id }) => asAdmin('DELETE', `/api-keys/${id}`)))
  })

  test('are not asked for with a token that is no longer the admin’s', async () => {
    const { page, context } = await signedIn('#/customers', 1280)
    await page.evaluate("sessionStorage.setItem('parley.admin', 'another')")
    await page.reload()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    await context.close()
  })
})

/** Creates a customer with two devices at most; gives the key that was shown. */
async function createCustomer(page: Page, name: string, picture: (name: string) => Promise<void>) {
  const dialog = page.getByRole('dialog')
  await page.getByRole('button', { name: 'New customer' }).click()
  await dialog.getByRole('heading', { name: 'New customer' }).waitFor()
  expect(await hasFocus(dialog.getByRole('textbox', { name: 'Name' }))).toBe(true)
  await page.keyboard.type(name)
  await dialog.getByRole('textbox', { name: 'E-mail' }).fill('it@bakery.example')
  await dialog.getByRole('textbox', { name: 'Phone number' }).fill('4915550003333')
  expect(await dialog.getByRole('spinbutton', { name: 'Requests per hour' }).inputValue()).toBe('1000')
  await dialog.getByRole('spinbutton', { name: 'Devices at most' }).fill('2')
  await picture('51-new-customer')
  await dialog.getByRole('button', { name: 'Create customer' }).click()

  await dialog.getByRole('heading', { name: `The key of ${name}` }).waitFor()
  const key = (await dialog.getByRole('status', { name: 'New key' }).textContent()) ?? ''
  expect(await hasFocus(dialog.getByRole('button', { name: 'Copy key' }))).toBe(true)
  await picture('52-key')
  expect(await overflow(page)).toBe(0)
  await dialog.getByRole('button', { name: 'Open the customer' }).click()
  await page.getByRole('heading', { name, level: 1 }).waitFor()
  return { key }
}

function devices(page: Page) {
  return page.getByRole('region', { name: 'Devices' }).getByRole('listitem')
}

/** What wuzapi's API knows a device by. */
async function wuzapiToken(app: TestApp, deviceId: string): Promise<string> {
  const users = await app.request('GET', '/admin/users', { admin: true })
  return users.json.data.find(({ id }: { id: string }) => id === deviceId.replaceAll('-', '')).token
}
