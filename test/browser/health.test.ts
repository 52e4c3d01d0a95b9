import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addActivity, noCounts } from '../../src/store/health/activity.ts'
import { putSessionNotes, type StoredNote } from '../../src/store/health/session-events.ts'
import { ADMIN_TOKEN, type LinkedUser, TestApp, type TestUser } from '../helpers/app.ts'
import { type Receiver, startReceiver } from '../helpers/receiver.ts'
import { expectAccessible } from './axe.ts'
import { browserIsMissing, launchBrowser, openTab, overflow, screenshot, tabTo } from './browser.ts'

const TIMEOUT = { timeout: 180_000 }
const MINUTE = 60_000
const HOUR = 60 * MINUTE

describe.skipIf(browserIsMissing)('health in the console', TIMEOUT, () => {
  let app: TestApp
  let browser: Browser
  let receiver: Receiver
  let well: LinkedUser
  let failing: LinkedUser
  let lost: TestUser

  beforeAll(async () => {
    app = await TestApp.start()
    browser = await launchBrowser()
    receiver = await startReceiver()
    receiver.answerBy(({ path }) => (path.endsWith('/broken') ? 503 : undefined))
    well = await app.linkedUser({ name: 'Bakery', webhook: receiver.url })
    failing = await app.linkedUser({ name: 'Clinic', webhook: `${receiver.url}/broken` })
    const linked = await app.linkedUser({ name: 'Hotel' })
    await app.sandbox('POST', '/unlink', { jid: `${linked.phone}@s.whatsapp.net` })
    lost = linked
    await seed(app, well.id)
    const isReady = async () => {
      const { json } = await app.request('GET', '/parley/overview/totals', { admin: true })
      return json.linked === 2 && json.needAttention === 2 && json.failingReceivers === 1
    }
    await app.waitFor('what asks for a person', isReady, 120_000)
  }, 180_000)
  afterAll(async () => {
    await browser.close()
    await app.close()
    await receiver.close()
  })

  const signedIn = async (hash: string, width: number) => {
    const tab = await openTab(browser, `${app.url}/dashboard/`, width)
    await tab.page.getByRole('textbox', { name: 'Token' }).fill(ADMIN_TOKEN)
    await tab.page.getByRole('button', { name: 'Sign in' }).click()
    await tab.page.getByRole('button', { name: 'Sign out' }).waitFor()
    await tab.page.goto(`${app.url}/dashboard/${hash}`)
    return tab
  }

  test.each([390, 1280])('the list says who needs attention and why, %i pixels wide', async (width) => {
    const { page, context, errors } = await signedIn('#/', width)

    await page.getByText('3 users: 2 linked, 2 need attention.').waitFor()
    expect(await row(page, 'Clinic')).toMatch(/Clinic Linked .*Failing since .*: status 503, ok/)
    expect(await row(page, 'Hotel')).toMatch(
      /Hotel The phone removed this device \(401\)\. Scan a new code\./,
    )
    expect(await row(page, 'Bakery')).not.toMatch(/Failing|attention/)
    await page.getByRole('link', { name: 'Users 2 need attention' }).waitFor()
    await page.getByRole('link', { name: 'Deliveries 1 receiver fails' }).waitFor()
    await screenshot(page, `health-${width}-1-list`)
    await expectAccessible(page)

    await tabTo(page, page.getByRole('button', { name: 'Needs attention (2)' }))
    await page.keyboard.press('Enter')
    await expect.poll(() => rows(page).count()).toBe(2)
    expect(await overflow(page)).toBe(0)
    expect(errors).toEqual([])
    await context.close()
  })

  test.each([390, 1280])('a user has a timeline and plots with tables, %i pixels wide', async (width) => {
    const { page, context, errors } = await signedIn(`#/users/${well.id}/health`, width)

    await page.getByText('All is well').waitFor()
    const messages = page.getByRole('figure').filter({ hasText: 'Messages received, sent and failed' })
    await messages.getByText('45 received, 30 sent, 1 failed.').waitFor()
    await messages.locator('canvas').waitFor()
    await messages.getByText('The same as a table').click()
    expect(await cells(page)).toEqual(expect.arrayContaining(['3', '2', '1']))
    // What was really delivered while it was linked counts as well.
    await page.getByText(/Half took \d+ ms at most, 95 of 100 took/).waitFor()
    await page.getByText('Connection lost: no answer in time (code 408)').waitFor()
    await page.getByText('Could not connect: WhatsApp is not available (code 503)').waitFor()
    await page.getByText('4 times, since', { exact: false }).waitFor()
    await screenshot(page, `health-${width}-2-user`)
    await expectAccessible(page)

    await tabTo(page, page.getByRole('button', { name: 'Last 7 days' }), 120)
    await page.keyboard.press('Enter')
    await messages.getByText('in steps of one hour', { exact: false }).waitFor()
    await messages.getByText(/54\d received/).waitFor()
    expect(await overflow(page)).toBe(0)
    expect(errors).toEqual([])
    await context.close()
  })

  test('a user that needs attention is told what to do', async () => {
    const { page, context, errors } = await signedIn(`#/users/${failing.id}/health`, 1280)

    await page.getByText('Needs attention').last().waitFor()
    await page.getByText(/fails since .*, status 503, ok\. \d+ deliver(y|ies) waits?\./).waitFor()
    await page.getByRole('link', { name: 'Open the webhook' }).waitFor()
    await screenshot(page, 'health-1280-3-failing')
    await page.goto(`${app.url}/dashboard/#/users/${lost.id}/health`)
    await page.getByText('Look on the phone whether the account is in order.', { exact: false }).waitFor()
    await page.getByText('Unlinked from outside', { exact: false }).first().waitFor()
    await screenshot(page, 'health-1280-4-lost')
    await expectAccessible(page)

    expect(errors).toEqual([])
    await context.close()
  })

  test.each([390, 1280])('the server has plots of its own, %i pixels wide', async (width) => {
    const { page, context, errors } = await signedIn('#/activity', width)

    await page.getByRole('heading', { name: 'Activity', level: 1 }).waitFor()
    await page.getByRole('figure').locator('canvas').nth(2).waitFor()
    const plot = page.getByRole('img', { name: 'Messages' })
    await plot.hover()
    await page.getByText(/: Received [\d,]+, Sent [\d,]+, Failed \d/).waitFor()
    await page.getByRole('button', { name: 'Last 24 hours' }).click()
    await page.getByText('in steps of one hour', { exact: false }).first().waitFor()
    await screenshot(page, `health-${width}-5-activity`)
    await expectAccessible(page)

    expect(await overflow(page)).toBe(0)
    expect(errors).toEqual([])
    await context.close()
  })

  test.each([
    ['es', 'Necesitan atención (2)', 'Todo va bien', 'Conexión perdida: sin respuesta a tiempo (código 408)'],
    ['pt-BR', 'Precisam de atenção (2)', 'Tudo bem', 'Conexão perdida: sem resposta a tempo (código 408)'],
  ])('everything is told in the language %s', async (language, filter, calm, drop) => {
    const { page, context, errors } = await signedIn('#/', 390)
    await page.evaluate(`localStorage.setItem('parley.language', '${language}')`)
    await page.reload()

    await page.getByRole('button', { name: filter }).waitFor()
    await page.goto(`${app.url}/dashboard/#/users/${well.id}/health`)
    await page.getByText(calm).waitFor()
    await page.getByText(drop).waitFor()
    await screenshot(page, `health-390-6-${language}`)

    expect(errors).toEqual([])
    await context.close()
  })
})

/** What a day would have left behind: figures of the hour and the week, and a night without WhatsApp. */
async function seed(app: TestApp, userId: string): Promise<void> {
  const { db } = app.parley.services
  const now = Date.now()
  const minute = Math.floor(now / MINUTE) * MINUTE
  const hour = Math.floor(now / HOUR) * HOUR
  const of = (received: number, sent: number, failed: number) => ({
    ...noCounts(),
    received,
    sent,
    failed,
    accepted: received + sent,
    refused: failed * 2,
    latencies: [received, sent, 1, failed, 0, 0, 0, 0, 0, 0, 0],
  })
  await addActivity(db, [
    ...Array.from({ length: 15 }, (_, index) => ({
      ...of(3, 2, index === 7 ? 1 : 0),
      userId,
      span: 60 as const,
      at: minute - (5 + index * 3) * MINUTE,
    })),
    ...Array.from({ length: 20 }, (_, index) => ({
      ...of(15 + (index % 5) * 6, 10 + (index % 3), index % 4 === 0 ? 2 : 0),
      userId,
      span: 3600 as const,
      at: hour - (1 + index * 7) * HOUR,
    })),
  ])
  const note = (kind: string, minutesAgo: number, more: Partial<StoredNote> = {}): StoredNote => ({
    id: `${kind}-${minutesAgo}`,
    userId,
    kind,
    params: {},
    node: '',
    times: 1,
    since: now - minutesAgo * MINUTE,
    at: now - minutesAgo * MINUTE,
    ...more,
  })
  await putSessionNotes(db, [
    note('disconnected', 300, { code: 408, params: { text: 'Connection was lost' } }),
    note('failed', 280, { code: 503, times: 4, since: now - 299 * MINUTE }),
    note('connected', 270),
    note('left', 120),
    note('connected', 119),
  ])
}

function rows(page: Page) {
  return page.getByRole('main').getByRole('listitem')
}

/** The words of the row of a user, as a line. */
async function row(page: Page, name: string): Promise<string> {
  return (await rows(page).filter({ hasText: name }).innerText()).replace(/\s+/g, ' ').trim()
}

/** The numbers of the table that is unfolded. */
function cells(page: Page): Promise<string[]> {
  return page.locator('details[open] td').allInnerTexts()
}
