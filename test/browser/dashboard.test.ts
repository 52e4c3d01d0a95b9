import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventNames } from '../../src/dialects/wuzapi/events/subscriptions.ts'
import { ADMIN_TOKEN, TestApp } from '../helpers/app.ts'
import { type Receiver, startReceiver } from '../helpers/receiver.ts'
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
const KINDS = [
  'Text',
  'Picture',
  'Voice message',
  'Video',
  'Document',
  'Sticker',
  'Location',
  'Contact',
  'Poll',
  'Buttons',
  'List',
  'Reaction to a message',
  'Change of a message',
  'Removal of a message',
]

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
      await page.getByRole('link', { name: 'Go to the list of users' }).click()
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

  test('sends a test of every kind the server can send', async () => {
    const { id, phone } = await app.linkedUser({ name: 'Sender' })
    const { page, context } = await signedIn(`#/users/${id}/send`)
    const kind = page.getByRole('combobox', { name: 'Kind' })
    await page.getByRole('main').getByText(`Linked as +${phone}`).waitFor()
    await page.getByRole('combobox', { name: 'To' }).fill(CONTACT)
    const kinds = await kind.locator('option').allTextContents()

    for (const title of kinds) {
      await kind.selectOption(title)
      await page.getByRole('button', { name: 'Send', exact: true }).click()
      await page.getByText(`${title} sent.`).waitFor()
    }

    expect(kinds).toEqual(KINDS)
    await screenshot(page, 'dashboard-1280-20-kinds')
    await context.close()
  })

  test.each([390, 1280])(
    'shows what webhooks answered, and sends again, on a screen %i pixels wide',
    async (width) => {
      const { id } = await app.createUser({ name: `Hook ${width}`, webhook: receiver.url })
      const { page, context } = await signedIn(`#/users/${id}/webhook`, width)
      receiver.answer(410, {}, 'no longer here')

      await page.getByRole('button', { name: 'Send a test event' }).click()
      await page.getByRole('link', { name: 'See its delivery' }).click()
      await page.getByText('Given up after 1 attempt, status 410').waitFor()
      await page.getByText('Details', { exact: true }).click()
      await page.getByText('no longer here').waitFor()
      await page.getByRole('group', { name: 'jsonData' }).getByText('“Test”').waitFor()
      await screenshot(page, `dashboard-${width}-21-given-up`)
      receiver.answer(200)
      await page.getByRole('button', { name: 'Send again' }).click()
      await page.getByText('Delivered after 1 attempt, status 200').waitFor()
      await page.getByRole('button', { name: 'Pause' }).click()
      await page.getByText('Paused since').waitFor()
      await page.getByText('Send several again').click()
      await page.getByRole('combobox', { name: 'Which' }).selectOption('Delivered')
      await page.getByRole('button', { name: 'Send these again' }).click()
      await page.getByText('1 is on its way again.').waitFor()
      await page.getByText('1 delivery waits.').waitFor()
      await screenshot(page, `dashboard-${width}-21-paused`)
      await page.getByRole('button', { name: 'Resume' }).click()
      await page.getByText('Answering.').waitFor()
      await page.getByText('Delivered after 1 attempt, status 200').waitFor()
      await page.getByRole('link', { name: 'Deliveries' }).first().click()
      await page.getByRole('heading', { name: 'Deliveries', level: 1 }).waitFor()
      await page.getByRole('combobox', { name: 'State' }).selectOption('Delivered')
      await page.getByRole('listitem').getByText(`Hook ${width}`).waitFor()
      await screenshot(page, `dashboard-${width}-22-deliveries`)

      expect(receiver.requests.slice(-3).map(({ event, status }) => [event.type, status])).toEqual([
        ['Test', 410],
        ['Test', 200],
        ['Test', 200],
      ])
      expect(await overflow(page)).toBe(0)
      await context.close()
    },
  )

  test('asks what a linked account can be asked', async () => {
    const { id } = await app.linkedUser({ name: 'Curious' })
    const { page, context } = await signedIn(`#/users/${id}/ask`, 390)

    await page.getByRole('textbox', { name: 'Phone numbers' }).fill(CONTACT)
    await page.getByRole('button', { name: 'Ask' }).click()
    await page.getByText('"IsInWhatsapp": true').waitFor()

    await screenshot(page, 'dashboard-390-23-ask')
    expect(await overflow(page)).toBe(0)
    await context.close()
  })

  test('offers every event the server knows', async () => {
    const { id } = await app.createUser({ name: 'Subscriber' })
    const { page, context } = await signedIn(`#/users/${id}/webhook`)
    const boxes = page.getByRole('group', { name: 'Events' }).locator('input[type=checkbox]')

    await boxes.first().waitFor()

    const offered = await boxes.evaluateAll((found) => found.map((box) => box.getAttribute('value')))
    expect(offered.sort()).toEqual(eventNames.toSorted())
    await context.close()
  })

  test('can be used with the keyboard alone, and the focus returns from a dialog', async () => {
    const { page, context } = await openTab(browser, `${app.url}/login/`)
    const newUser = page.getByRole('button', { name: 'New user' })

    // The token field has the focus when the page opens.
    await page.getByRole('button', { name: 'Sign in' }).waitFor()
    await page.keyboard.type(ADMIN_TOKEN)
    await page.keyboard.press('Enter')
    await tabTo(page, newUser)
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor()
    await page.keyboard.press('Escape')
    expect(await hasFocus(newUser)).toBe(true)
    await page.keyboard.press('Enter')
    await page.keyboard.type('Keyboard')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Keyboard' }).waitFor()
    await tabTo(page, page.getByRole('button', { name: 'Connect', exact: true }))
    await page.keyboard.press('Enter')
    await page.getByAltText('QR code').waitFor()
    await tabTo(page, page.getByRole('button', { name: 'Scan for me' }))
    await page.keyboard.press('Space')
    await page
      .getByRole('dialog')
      .getByRole('heading', { name: /^Linked as/ })
      .waitFor()
    await page.keyboard.press('Enter')

    await page.getByRole('dialog').waitFor({ state: 'hidden' })
    await tabTo(page, page.getByRole('link', { name: 'Signing' }))
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Signing' }).waitFor()
    await context.close()
  })

  test('shows the code by itself when a phone has removed the device that connects', async () => {
    const { id, token, phone } = await app.linkedUser({ name: 'Removed' })
    const { page, context } = await signedIn(`#/users/${id}`)
    await page.getByRole('main').getByText(`Linked as +${phone}`).waitFor()
    await app.sandbox('POST', '/unlink', { jid: phone })

    await page.getByRole('button', { name: 'Connect', exact: true }).click()

    await page.getByRole('dialog').getByAltText('QR code').waitFor()
    await page.getByRole('button', { name: 'Close' }).click()
    await page.getByRole('button', { name: 'Stop waiting' }).click()
    await page.getByRole('button', { name: 'Connect', exact: true }).waitFor()
    expect((await app.get('/session/status', token)).json.data.connected).toBe(false)
    await context.close()
  })

  test('brings a token that is refused back to the sign-in page, which says why', async () => {
    const { page, context } = await signedIn('')
    await page.evaluate("sessionStorage.setItem('parley.admin', 'an old token')")

    await page.reload()

    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    await page.getByText('The server no longer accepts this token.').waitFor()
    await context.close()
  })

  test('says when a user is gone, and when the server is', async () => {
    const { page, context } = await signedIn('#/users/nobody')
    await page.getByText('This user does not exist').waitFor()

    await context.setOffline(true)
    await page.getByText('The server does not answer.').waitFor()
    await context.setOffline(false)

    await page.getByText('The server does not answer.').waitFor({ state: 'hidden' })
    await context.close()
  })

  /** The dashboard at a place in it, signed in. */
  async function signedIn(place: string, width = 1280): Promise<Tab> {
    const tab = await openTab(browser, `${app.url}/dashboard/${place}`, width)
    await signIn(tab.page, ADMIN_TOKEN)
    await tab.page.getByRole('button', { name: 'Sign out' }).waitFor()
    return tab
  }
})

async function signIn(page: Page, token: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Token' }).fill(token)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

/** Opens a section'' of the user that is shown. */
async function open(page: Page, section: string): Promise<void> {
  await page.getByRole('navigation', { name: 'Of this user' }).getByRole('link', { name: section }).click()
  await page.getByRole('heading', { name: section, exact: true }).waitFor()
}

async function save(page: Page, button = 'Save'): Promise<void> {
  await page.getByRole('button', { name: button, exact: true }).click()
  await page.getByText(/^Saved\./).waitFor()
}
