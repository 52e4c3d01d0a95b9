import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TestApp } from '../helpers/app.ts'
import { expectAccessible } from './axe.ts'
import { browserIsMissing, launchBrowser, openTab, overflow, screenshot, tabTo } from './browser.ts'
import { askedForPasskey, newPhone } from './linking.ts'

// A busy machine takes its time to start a browser and to draw.
describe.skipIf(browserIsMissing)('the page of linking with a passkey', { timeout: 90_000 }, () => {
  let app: TestApp
  let browser: Browser

  beforeAll(async () => {
    app = await TestApp.start({ env: { PASSKEY_CONFIRM: 'ask' } })
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser.close()
    await app.close()
  })

  test.each([390, 1280])('leads from the question to the link on a screen %i pixels wide', async (width) => {
    const phone = newPhone()
    const { address } = await askedForPasskey(app, phone)
    const { page, context, addresses, errors } = await openTab(browser, address, width)
    const picture = (name: string) => screenshot(page, `link-${width}-${name}`)

    await heading(page, 'Use your passkey on a computer')
    await page.getByText(/^9:\d\d left$/).waitFor()
    expect(await overflow(page)).toBe(0)
    await expectAccessible(page)
    await picture('1-required')
    // People copy the quotes of the console, too.
    await answer(page, `'${JSON.stringify(await assertion(page, phone))}'`)
    await heading(page, 'Compare the code')
    await expectAccessible(page)
    await picture('2-confirm')
    const { code } = await app.sandbox('GET', `/accounts/${phone}/passkey`)
    await page.getByText(code, { exact: true }).waitFor()
    await page.getByRole('button', { name: 'It is the same' }).click()
    await heading(page, 'Linked')
    await picture('3-linked')

    expect(await overflow(page)).toBe(0)
    expect(errors).toEqual([])
    expect(addresses.filter((one) => !one.startsWith(app.url) && !one.startsWith('data:'))).toEqual([])
    // The key stands behind the #, which is not sent.
    const [, key = ''] = address.split('#')
    expect(addresses.filter((one) => one.split('#')[0]?.includes(key))).toEqual([])
    await context.close()
  })

  test('is stopped by whoever sees another code on the phone', async () => {
    const phone = newPhone()
    const { address, token } = await askedForPasskey(app, phone)
    const { page, context } = await openTab(browser, address)
    await answer(page, JSON.stringify(await assertion(page, phone)))

    await page.getByRole('button', { name: 'It is not' }).click()

    await heading(page, 'This linking is over')
    await page.getByText('You stopped this linking.').waitFor()
    expect((await app.get('/session/status', token)).json.data.passkeyPending).toBe(false)
    await context.close()
  })

  test('says what to do about an answer that cannot be right, and takes the next one', async () => {
    const phone = newPhone()
    const { address } = await askedForPasskey(app, phone)
    const { page, context } = await openTab(browser, address)
    const script = await scriptOf(page)
    const deviating = (deviations: object) => assertion(page, phone, deviations).then(JSON.stringify)

    for (const [given, advice] of [
      ['hello', 'This is not the answer.'],
      ['{"type": "public-key"}', 'This is not the answer.'],
      [script, 'This is the script.'],
      [await deviating({ challenge: 'b3RoZXI' }), 'This answer belongs to an older question.'],
      [await deviating({ origin: 'https://example.org' }), 'The passkey was used on another page.'],
      [await deviating({ rpId: 'example.org' }), 'This is not a passkey of WhatsApp.'],
      [await deviating({ flags: 1 }), 'The passkey did not check who you are.'],
      [await deviating({ type: 'webauthn.create' }), 'A new passkey was made instead of using one.'],
    ] as const) {
      await answer(page, given)
      await page.getByRole('alert').getByText(advice).waitFor()
    }
    await screenshot(page, 'link-1280-4-refused')
    await answer(page, await deviating({}))

    await heading(page, 'Compare the code')
    await context.close()
  })

  test('tells that the phone did not go on, and what to do', async () => {
    const phone = newPhone()
    const { address, id } = await askedForPasskey(app, phone, { failAt: 'silent-after-prologue' })
    const { page, context } = await openTab(browser, address)
    await answer(page, JSON.stringify(await assertion(page, phone)))
    await heading(page, 'Look at your phone')
    await screenshot(page, 'link-1280-5-phone')

    app.parley.services.sessions.find(id)?.linking.ceremony?.fail('phone_did_not_continue')

    await page.getByText('The phone did not go on.').waitFor()
    await screenshot(page, 'link-1280-6-over')
    await context.close()
  })

  test('says that the script is of no use any more when WhatsApp asks anew', async () => {
    const phone = newPhone()
    const { address, id } = await askedForPasskey(app, phone)
    const { page, context } = await openTab(browser, address)
    const before = await scriptOf(page)
    const question = {
      challenge: 'YW5ldw',
      rpId: 'whatsapp.com',
      userVerification: 'required',
      hints: ['hybrid'],
    }

    app.parley.services.sessions.find(id)?.linking.ceremony?.renewOptions(JSON.stringify(question))

    await page.getByText('WhatsApp has asked anew.').waitFor()
    expect(await scriptOf(page)).not.toBe(before)
    // What is not known of a question goes on to the browser, too.
    expect(await scriptOf(page)).toContain(JSON.stringify(question))
    await context.close()
  })

  test('can be used with the keyboard alone, and stopped only by somebody who means it', async () => {
    const { address } = await askedForPasskey(app, newPhone())
    const { page, context } = await openTab(browser, address)
    await heading(page, 'Use your passkey on a computer')

    await tabTo(page, page.getByRole('button', { name: 'Stop this linking' }))
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').getByText('The phone has to scan a new code').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
    await tabTo(page, page.getByRole('button', { name: 'Stop this linking' }))
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor()
    await tabTo(page, page.getByRole('dialog').getByRole('button', { name: 'Stop', exact: true }))
    await page.keyboard.press('Enter')

    await heading(page, 'This linking is over')
    await context.close()
  })

  test.each([
    ['es-AR', 'Usa tu llave de acceso en un ordenador'],
    ['pt-PT', 'Use sua chave de acesso em um computador'],
    ['fr', 'Use your passkey on a computer'],
  ])('speaks the language of a browser set to %s, and another one when asked', async (locale, title) => {
    const { address } = await askedForPasskey(app, newPhone())
    const context = await browser.newContext({ locale, viewport: { width: 390, height: 844 } })
    const page = await context.newPage()
    await page.goto(address)

    await heading(page, title)
    await screenshot(page, `link-390-7-${locale}`)
    expect(await overflow(page)).toBe(0)
    await page.getByRole('combobox', { name: /^(Idioma|Language)$/ }).selectOption('pt-BR')
    await heading(page, 'Use sua chave de acesso em um computador')
    expect(await page.locator('html').getAttribute('lang')).toBe('pt-BR')
    await page.reload()
    await heading(page, 'Use sua chave de acesso em um computador')
    await context.close()
  })

  test('sends whoever opens it on a phone to a computer', async () => {
    const { address } = await askedForPasskey(app, newPhone())
    const context = await browser.newContext({
      viewport: { width: 390, height: 844 },
      hasTouch: true,
      isMobile: true,
    })
    const page = await context.newPage()
    await page.goto(address)

    await heading(page, 'This seems to be a phone')
    await screenshot(page, 'link-390-8-phone')

    expect(await page.getByLabel('Address of this page').inputValue()).toBe(address)
    await context.close()
  })

  test('says so when the server does not answer, and goes on when it is back', async () => {
    const { address } = await askedForPasskey(app, newPhone())
    const { page, context } = await openTab(browser, address)
    await heading(page, 'Use your passkey on a computer')

    await context.setOffline(true)
    await page.getByRole('alert').getByText('The server does not answer.').waitFor()
    await context.setOffline(false)

    await page.getByText('The server does not answer.').waitFor({ state: 'hidden' })
    await context.close()
  })

  test.each([
    ['', 'The address is not complete'],
    ['#nothing', 'This linking is over'],
  ])('says what is wrong with the address /link/%s', async (hash, title) => {
    const { page, context } = await openTab(browser, `${app.url}/link/${hash}`)

    await heading(page, title)
    await context.close()
  })

  /** The passkey of the account is used for the question on the page. */
  async function assertion(page: Page, phone: string, deviations: object = {}): Promise<object> {
    const question = JSON.parse(/const question = (.*)/.exec(await scriptOf(page))?.[1] ?? '')
    return app.sandbox('POST', `/accounts/${phone}/assert`, { options: question, ...deviations })
  }
})

async function heading(page: Page, name: string): Promise<void> {
  await page.getByRole('heading', { name, exact: true }).waitFor()
}

async function scriptOf(page: Page): Promise<string> {
  const field = page.getByLabel('Script for the console')
  await field.waitFor()
  return field.inputValue()
}

async function answer(page: Page, text: string): Promise<void> {
  await page.getByLabel('Answer from the console').fill(text)
  await page.getByRole('button', { name: 'Send answer' }).click()
}
