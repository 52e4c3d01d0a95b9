import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TestApp } from '../helpers/app.ts'
import { browserIsMissing, launchBrowser, openTab } from './browser.ts'
import { askedForPasskey, newPhone } from './linking.ts'

const root = join(import.meta.dirname, '../..')

test('the extension asks the browser for nothing, runs at WhatsApp only, and says the same in every language', () => {
  expect(() => runScript('--check')).not.toThrow()
})

describe.skipIf(browserIsMissing)('the packed extension', { timeout: 90_000 }, () => {
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

  test('is the same at every packing, and the page of linking offers it', async () => {
    const packed = readFileSync(pack())
    const again = readFileSync(pack())
    const { address } = await askedForPasskey(app, newPhone())
    const { page, context } = await openTab(browser, address)

    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download the extension' }).click(),
    ])

    expect(again.equals(packed)).toBe(true)
    expect(readFileSync(await download.path()).equals(packed)).toBe(true)
    expect(packed.subarray(0, 4).toString('latin1')).toBe('PK\x03\x04')
    await context.close()
  })
})

/** The file that was packed. */
function pack(): string {
  const [file = ''] = runScript().split('\n')
  return file
}

function runScript(...args: string[]): string {
  return execFileSync(process.execPath, ['scripts/extension.mjs', ...args], { cwd: root, encoding: 'utf8' })
}
