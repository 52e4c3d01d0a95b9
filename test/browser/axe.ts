import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'

const SOURCE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Whether a page shows itself in a scheme; those without one of their own always do. */
const IS_SHOWN = `(wanted) => [undefined, wanted].includes(document.documentElement.dataset.theme)`

/** What is reported of a page, cut down to what a reader needs. */
interface Violation {
  id: string
  help: string
  nodes: { target: string[]; html: string; failureSummary: string }[]
}

/**
 * Expects that the accessibility engine finds nothing wrong with a page as it is shown now: light, then dark.
 * @param scope selector of the part that is looked at; the whole page without it
 */
export async function expectAccessible(page: Page, scope = 'html'): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    await page.waitForFunction(IS_SHOWN, colorScheme)
    const found = await violationsIn(page, scope)
    expect(found.map((violation) => `${colorScheme}: ${readable(violation)}`)).toEqual([])
  }
  await page.emulateMedia({ colorScheme: null })
}

async function violationsIn(page: Page, scope: string): Promise<Violation[]> {
  // By the developer tools: the page's own policy refuses scripts that are not its files.
  if (!(await page.evaluate<boolean>('"axe" in window'))) await page.evaluate(SOURCE)
  return page.evaluate<Violation[]>(
    `axe.run(${JSON.stringify(scope)}, { resultTypes: ['violations'] }).then(({ violations }) => violations)`,
  )
}

function readable({ id, help, nodes }: Violation): string {
  const places = nodes.map(
    ({ target, html, failureSummary }) =>
      `\n  ${target.join(' ')}\n    ${html.slice(0, 200)}\n    ${failureSummary.replaceAll('\n', ' ')}`,
  )
  return `${id}: ${help}${places.join('')}`
}
