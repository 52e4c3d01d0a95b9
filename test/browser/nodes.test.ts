import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ADMIN_TOKEN, TestApp } from '../helpers/app.ts'
import { browserIsMissing, launchBrowser, openTab, overflow, screenshot, tabTo } from './browser.ts'

const TIMEOUT = { timeout: 120_000 }

describe.skipIf(browserIsMissing)('the only node in the dashboard', TIMEOUT, () => {
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

  test.each([390, 1280])('is shown with its sessions on a screen %i pixels wide', async (width) => {
    const runs = await app.linkedUser({ name: `<b>Runs</b> ${width}` })
    const waits = await app.createUser({ name: `Waits ${width}` })
    const { page, context, errors } = await signedIn(browser, app, width)

    await page.getByRole('navigation', { name: 'Dashboard' }).getByRole('link', { name: 'Nodes' }).click()
    await page.getByRole('heading', { name: 'Nodes', level: 1 }).waitFor()
    await page.getByText('Several nodes need PostgreSQL').waitFor()
    expect(await row(nodes(page), 'Running')).toMatch(/^this.*\d sessions?.*Started/)
    expect(await row(sessions(page), `Runs</b> ${width}`)).toBe(`<b>Runs</b> ${width} Linked On this`)
    expect(await page.getByRole('combobox', { name: 'Node' }).isVisible()).toBe(false)

    // As after a failure: it should run, and does not.
    await app.parley.services.db('users').where({ id: waits.id }).update({ wanted: true })
    await page.getByText('1 session without a node.').waitFor()
    expect(await sessions(page).first().innerText()).toMatch(
      /Waits \d+\s+Wanted, but no node runs it\s+No node/,
    )
    await screenshot(page, `dashboard-${width}-40-node`)
    await page.getByRole('combobox', { name: 'Node' }).selectOption({ label: 'No node (1)' })
    expect(await sessions(page).count()).toBe(1)
    expect(await overflow(page)).toBe(0)

    await app.post('/session/connect', waits.token, { Immediate: true })
    await page.getByText('No session is there.').waitFor()
    await page.getByRole('combobox', { name: 'Node' }).selectOption({ label: 'All nodes' })
    await sessions(page).filter({ hasText: 'Waiting for scan' }).waitFor()

    await tabTo(page, page.getByRole('link', { name: `Runs</b> ${width}` }))
    await page.keyboard.press('Enter')
    await page.getByRole('main').getByText(`Linked as +${runs.phone}`).waitFor()
    expect(errors).toEqual([])
    await context.close()
    await app.post('/session/disconnect', waits.token)
  })
})

describe.skipIf(browserIsMissing)('several nodes in the dashboard', TIMEOUT, () => {
  let app: TestApp
  let fellow: TestApp
  let browser: Browser

  beforeAll(async () => {
    app = await TestApp.start({ database: 'postgres', env: { NODE_ID: 'north' } })
    // Linked before: in one process, new connections can only be made to the simulated network started last.
    await app.linkedUser({ name: 'Ada' })
    fellow = await TestApp.start({ reuse: app.place, env: { NODE_ID: 'south' } })
    await fellow.linkedUser({ name: 'Grace' })
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser.close()
    await fellow.close()
    await app.close()
  })

  test.each([390, 1280])('are shown with whose sessions they run, %i pixels wide', async (width) => {
    const { page, context, errors } = await signedIn(browser, app, width)

    await page.goto(`${app.url}/dashboard/#/nodes`)
    await page.getByText('2 nodes run 2 sessions.').waitFor()
    const alive = / Running 1 session http:\/\/\S+ Started .* Last sign of life holds until/
    expect(await row(nodes(page), 'north')).toMatch(alive)
    expect(await row(nodes(page), 'south')).toMatch(alive)
    await sessions(page).filter({ hasText: 'Linked' }).nth(1).waitFor()
    expect(await row(sessions(page), 'Ada')).toBe('Ada Linked On north')
    expect(await row(sessions(page), 'Grace')).toBe('Grace Linked On south')
    await page.getByRole('combobox', { name: 'Node' }).selectOption({ label: 'south (1)' })
    expect(await sessions(page).count()).toBe(1)
    await row(sessions(page), 'Grace')
    await page.getByRole('combobox', { name: 'Node' }).selectOption({ label: 'All nodes' })
    await screenshot(page, `dashboard-${width}-41-nodes`)

    expect(await overflow(page)).toBe(0)
    expect(errors).toEqual([])
    await context.close()
  })

  test('say when one of them is about to stop, and when one is dead', async () => {
    const { db } = app.parley.services
    const { page, context } = await signedIn(browser, app, 1280)
    const now = Date.now()
    const common = { address: 'http://127.0.0.1:9', started_at: now - 60_000 }
    await db('nodes').insert([
      { ...common, id: 'leaving', incarnation: 'x', seen_until: now + 600_000, draining: true },
      { ...common, id: 'gone', incarnation: '', seen_until: now - 1_000, draining: false },
    ])

    await page.goto(`${app.url}/dashboard/#/nodes`)

    await page.getByText('3 nodes run 2 sessions. 1 node is dead.').waitFor()
    await nodes(page).filter({ hasText: 'Dead: the others take its sessions' }).waitFor()
    expect(await row(nodes(page), 'gone')).toContain('Last sign of life held until')
    expect(await row(nodes(page), 'leaving')).toContain('Draining: it gives its sessions away')
    await screenshot(page, 'dashboard-1280-42-states')
    await db('nodes').whereIn('id', ['leaving', 'gone']).delete()
    await context.close()
  })
})

async function signedIn(browser: Browser, app: TestApp, width: number) {
  const tab = await openTab(browser, `${app.url}/dashboard/`, width)
  await tab.page.getByRole('textbox', { name: 'Token' }).fill(ADMIN_TOKEN)
  await tab.page.getByRole('button', { name: 'Sign in' }).click()
  await tab.page.getByRole('button', { name: 'Sign out' }).waitFor()
  return tab
}

function nodes(page: Page) {
  return page.getByRole('list', { name: 'Nodes' }).getByRole('listitem')
}

function sessions(page: Page) {
  return page.getByRole('region', { name: 'Sessions' }).getByRole('listitem')
}

/** The words of the one row that has these among them, as a line. */
async function row(rows: ReturnType<typeof nodes>, words: string): Promise<string> {
  const found = rows.filter({ hasText: words })
  return (await found.innerText()).replace(/\s+/g, ' ').trim()
}
