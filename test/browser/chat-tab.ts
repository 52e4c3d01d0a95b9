import type { Browser, Page } from 'playwright-core'
import { ADMIN_TOKEN, type TestApp, type TestUser } from '../helpers/app.ts'
import { openTab, type Tab } from './browser.ts'

/** Opens a section of a user in the console, signed in as the operator, or with this token of the user. */
export async function openSection(
  browser: Browser,
  app: TestApp,
  {
    user,
    section,
    width,
    locale,
    token,
  }: { user: TestUser; section: string; width?: number; locale?: string; token?: string },
): Promise<Tab> {
  const tab = await openTab(browser, `${app.url}/favicon.svg`, width, locale)
  // A busy machine draws slowly.
  tab.page.setDefaultTimeout(90_000)
  const [name, value] = token ? ['parley.token', token] : ['parley.admin', ADMIN_TOKEN]
  await tab.page.evaluate(`sessionStorage.setItem('${name}', '${value}')`)
  await tab.page.goto(`${app.url}/dashboard/#/users/${user.id}/${section}`)
  return tab
}

/** The address of the chat with a number, for `openSection`. */
export function chatOf(phone: string): string {
  return `chats/${encodeURIComponent(`${phone}@s.whatsapp.net`)}`
}

/** Waits until an expression holds in the page, which does not let scripts be made of texts; fails with what was waited for. */
export async function untilHolds(app: TestApp, page: Page, expression: string): Promise<void> {
  await app.waitFor(expression, () => page.evaluate<boolean>(`Boolean(${expression})`))
}
