import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TestApp } from '../helpers/app.ts'
import { browserIsMissing, screenshot } from './browser.ts'
import { pressHidden, readHidden } from './hidden.ts'
import { askedForPasskey, newPhone } from './linking.ts'
import { givePasskey, WhatsAppWeb } from './whatsapp-web.ts'

const EXTENSION = join(import.meta.dirname, '../../extension')
const WHATSAPP = 'https://web.whatsapp.com/'

// A busy machine takes its time to start a browser and to draw.
describe.skipIf(browserIsMissing)("the passkey on WhatsApp's page", { timeout: 120_000 }, () => {
  let app: TestApp
  let whatsapp: WhatsAppWeb
  let context: BrowserContext

  beforeAll(async () => {
    app = await TestApp.start()
    whatsapp = await WhatsAppWeb.start()
    context = await whatsapp.browse({ extension: EXTENSION })
  })
  afterAll(async () => {
    await context.close()
    await whatsapp.stop()
    await app.close()
  })

  test('is used by the script that was pasted into the console, whose answer links the device', async () => {
    const { credential, phone, address } = await accountWithPasskey()
    const linking = await context.newPage()
    await linking.goto(address)
    const field = linking.getByLabel('Script for the console')
    // The page draws the field, and fills it when it has the question.
    await expect.poll(() => field.inputValue()).toContain('usePasskey')
    const script = await field.inputValue()
    const page = await context.newPage()
    const devtools = await givePasskey(page, credential)
    await page.goto(WHATSAPP)
    const said: string[] = []
    page.on('console', (message) => said.push(message.text()))
    const copied = new Promise<string>((resolve) => {
      devtools.on('Runtime.inspectRequested', ({ object, hints }) => {
        if ('copyToClipboard' in hints) resolve(String(object.value))
      })
    })

    // As the console of the developer tools runs what is typed there.
    await devtools.send('Runtime.enable')
    const run = await devtools.send('Runtime.evaluate', {
      expression: script,
      includeCommandLineAPI: true,
      replMode: true,
      awaitPromise: true,
    })
    const answer = await copied
    await linking.bringToFront()
    await linking.getByLabel('Answer from the console').fill(answer)
    await linking.getByRole('button', { name: 'Send answer' }).click()

    await linking.getByRole('heading', { name: 'Linked', exact: true }).waitFor()
    expect(run.exceptionDetails).toBeUndefined()
    expect(said[0]).toContain(answer)
    expect(await app.sandbox('GET', `/accounts/${phone}/passkey`)).toMatchObject({ stage: 'linked' })
  })

  test('is used by the extension at one click', async () => {
    const { credential, phone, address } = await accountWithPasskey()
    const linking = await context.newPage()
    await linking.goto(address)
    const link = await linking.getByRole('link', { name: 'Open WhatsApp Web' }).getAttribute('href')
    const page = await context.newPage()
    const errors: string[] = []
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
    const devtools = await givePasskey(page, credential)
    await page.goto(String(link))
    const { host } = new URL(app.url)

    expect(await readHidden(devtools, 'h2', 'Link a device?')).toContain(host)
    await screenshot(page, 'link-extension-1-required')
    await pressHidden(devtools, page, 'Use passkey')
    await readHidden(devtools, 'h2', 'Linked')
    await screenshot(page, 'link-extension-2-linked')

    expect(page.url()).toBe(WHATSAPP)
    expect(await app.sandbox('GET', `/accounts/${phone}/passkey`)).toMatchObject({ stage: 'linked' })
    await linking.bringToFront()
    await linking.getByRole('heading', { name: 'Linked', exact: true }).waitFor()
    // The page's own scripts have seen neither the key nor what passes between the worlds.
    expect(await seenBy(page)).toEqual([WHATSAPP])
    expect(errors).toEqual([])
  })

  test('is asked for by the extension in the language of the browser, and the keyboard is enough', async () => {
    const spanish = await whatsapp.browse({ extension: EXTENSION, locale: 'es' })
    const { credential, phone, address } = await accountWithPasskey()
    const page = await spanish.newPage()
    const devtools = await givePasskey(page, credential)
    await page.goto(addressFor({ t: keyOf(address), b: `${app.url}/` }))

    await readHidden(devtools, 'h2', '¿Vincular un dispositivo?')
    await page.keyboard.press('Enter')
    await readHidden(devtools, 'h2', 'Vinculado')

    expect(await app.sandbox('GET', `/accounts/${phone}/passkey`)).toMatchObject({ stage: 'linked' })
    await spanish.close()
  })

  test('is not there: the extension says so, and asks again', async () => {
    const { credential, address } = await accountWithPasskey()
    const page = await context.newPage()
    const devtools = await givePasskey(page, credential, { isUserVerified: false })
    await page.goto(addressFor({ t: keyOf(address), b: `${app.url}/` }))

    await pressHidden(devtools, page, 'Use passkey')

    expect(await readHidden(devtools, 'p', /^No passkey was used/)).toContain('NotAllowedError')
    await readHidden(devtools, 'button', 'Use passkey')
    await screenshot(page, 'link-extension-3-not-used')
    await page.close()
  })

  test.each([
    ['an address of the network without https', { t: 'k'.repeat(64), b: 'http://192.0.2.1/' }],
    ['a password in the address', { t: 'k'.repeat(64), b: 'https://a:b@example.org/' }],
    ['no key', { t: '', b: 'https://example.org/' }],
    ['something else', 'nothing'],
  ])('is not asked for where the extension was given %s', async (_what, given) => {
    const page = await context.newPage()
    const asked: string[] = []
    page.on('request', (request) => asked.push(request.url()))
    const devtools = await page.context().newCDPSession(page)
    await page.goto(addressFor(given))

    await readHidden(devtools, 'h2', 'This cannot be used')

    expect(page.url()).toBe(WHATSAPP)
    expect(asked.filter((url) => !url.startsWith(WHATSAPP))).toEqual([])
    await page.close()
  })

  test('is nothing the extension thinks of on a page that was opened for itself', async () => {
    const page = await context.newPage()
    await page.goto(WHATSAPP)

    expect(
      await page.evaluate<string[]>('[...document.documentElement.children].map((it) => it.tagName)'),
    ).toEqual(['HEAD', 'BODY'])
    expect(await seenBy(page)).toEqual([WHATSAPP])
    expect(await page.evaluate('typeof usePasskey')).toBe('undefined')
    await page.close()
  })

  async function accountWithPasskey() {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const id = randomBytes(32).toString('base64url')
    const spki = publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
    const phone = newPhone()
    const user = await askedForPasskey(app, phone, { credentials: [{ id, publicKey: spki }] })
    return { ...user, phone, credential: { id, privateKey } }
  }
})

function seenBy(page: Page): Promise<string[]> {
  return page.evaluate<string[]>('seen')
}

function keyOf(address: string): string {
  return new URL(address).hash.slice(1)
}

/** WhatsApp's page with what the extension is given. */
function addressFor(given: unknown): string {
  return `${WHATSAPP}#parley=${Buffer.from(JSON.stringify(given)).toString('base64url')}`
}
