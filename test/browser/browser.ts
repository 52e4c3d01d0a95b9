import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, type BrowserContext, chromium, type Locator, type Page } from 'playwright-core'

const CHROMIUM = process.env.PARLEY_CHROMIUM ?? '/usr/bin/chromium'
/** Nothing of the browser's own may reach the network or wait for it. */
const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** The machine has no browser; CI installs one, so there it is a failure and not an excuse. */
export const browserIsMissing = !existsSync(CHROMIUM) && process.env.CI === undefined

/** The system's Chromium. */
export const launchOptions = { executablePath: CHROMIUM, args: QUIET }

/** Starts the system's Chromium with an empty profile. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch(launchOptions)
}

/** A tab, and every request it made. */
export interface Tab {
  page: Page
  context: BrowserContext
  addresses: string[]
  /** What the page logged as an error, refused requests aside. */
  errors: string[]
}

/** Opens the page of a server in a tab of its own, as wide as asked, in a browser of this language. */
export async function openTab(browser: Browser, url: string, width = 1280, locale?: string): Promise<Tab> {
  const context = await browser.newContext({ viewport: { width, height: width < 600 ? 844 : 800 }, locale })
  const page = await context.newPage()
  const addresses: string[] = []
  const errors: string[] = []
  page.on('request', (request) => addresses.push(request.url()))
  page.on('pageerror', (error) => errors.push(error.message))
  page.on('console', (message) => {
    // A refused request (a token of the other kind, no session yet) is logged by the browser itself.
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text()))
      errors.push(message.text())
  })
  page.setDefaultTimeout(30_000)
  await page.goto(url)
  return { page, context, addresses, errors }
}

/** Keeps a picture of the whole page, light and dark, where PARLEY_SCREENSHOTS says; otherwise does nothing. */
export async function screenshot(page: Page, name: string): Promise<void> {
  const folder = process.env.PARLEY_SCREENSHOTS
  if (!folder) return
  mkdirSync(folder, { recursive: true })
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    await page.screenshot({ path: join(folder, `${name}-${colorScheme}.png`), fullPage: true })
  }
}

/** How many pixels the page is wider than the screen. */
export async function overflow(page: Page): Promise<number> {
  return page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth')
}

export function hasFocus(control: Locator): Promise<boolean> {
  return control.evaluate((element) => element.matches(':focus'))
}

/** Presses Tab until the control has the focus, so often at most. */
export async function tabTo(page: Page, control: Locator, most = 30): Promise<void> {
  await control.waitFor()
  for (let presses = 0; presses < most; presses++) {
    if (await hasFocus(control)) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`the keyboard does not reach ${control}`)
}
