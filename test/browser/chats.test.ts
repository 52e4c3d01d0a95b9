import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LinkedUser, TestApp } from '../helpers/app.ts'
import { expectAccessible } from './axe.ts'
import { browserIsMissing, launchBrowser, overflow, screenshot, tabTo } from './browser.ts'
import { chatOf, openSection, untilHolds } from './chat-tab.ts'

// A busy machine takes its time to start a browser and to draw.
describe.skipIf(browserIsMissing)('the chats of the console', { timeout: 480_000 }, () => {
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

  test.each([390, 1280])(
    'carry a conversation of two people in two languages, by keyboard alone, %i pixels wide',
    async (width) => {
      const [lucia, joao] = await twoUsers(`Lucía ${width}`, `João ${width}`)
      const spanish = await openSection(browser, app, {
        user: lucia,
        section: chatOf(joao.phone),
        width,
        locale: 'es-ES',
      })
      const portuguese = await openSection(browser, app, { user: joao, section: '', width, locale: 'pt-BR' })
      const [here, there] = [spanish.page, portuguese.page]

      // Nobody has written to anybody yet.
      await there.getByText('Ainda não há conversas').waitFor()
      await write(here, /^Mensaje para/, ['Hola, *João*', '¿llegó el paquete?'])
      await message(here, 'Hola, João')
        .getByText(/Enviado|Entregado|Leído/)
        .waitFor()
      const row = there.getByRole('link', { name: /Hola/ })
      await row.getByText('1 não lida').waitFor()
      await expectAccessible(there)
      await screenshot(there, `chats-${width}-01-list-pt`)

      // By keyboard into the conversation; looking at it is reading it.
      await tabTo(there, row, 60)
      await there.keyboard.press('Enter')
      await message(there, 'Hola, João').locator('strong', { hasText: 'João' }).waitFor()
      await message(here, 'Hola, João').getByText('Leído').waitFor()

      // To the message with the arrow, to its button with Tab, and an answer.
      await tabTo(there, message(there, 'Hola, João'), 60)
      await tabTo(there, there.getByRole('button', { name: 'Responder', exact: true }))
      await there.keyboard.press('Enter')
      await there.keyboard.type('Chegou ontem, obrigado')
      await there.keyboard.press('Enter')
      const answer = message(here, 'Chegou ontem')
      await answer.getByRole('button', { name: /Tú.*Hola/s }).waitFor()

      // A reaction to it.
      await tabTo(here, answer, 60)
      await tabTo(here, answer.getByRole('button', { name: 'Reaccionar' }))
      await here.keyboard.press('Enter')
      await here.getByRole('group', { name: 'Elegir una reacción' }).waitFor()
      await expectAccessible(here)
      await screenshot(here, `chats-${width}-02-reaction-es`)
      await here.keyboard.press('Enter')
      await message(there, 'Chegou ontem').getByText('👍').waitFor()
      await expectAccessible(there)
      await screenshot(there, `chats-${width}-03-conversation-pt`)

      expect((await overflow(here)) + (await overflow(there))).toBe(0)
      expect([...spanish.errors, ...portuguese.errors]).toEqual([])
      expect(tokensIn([...spanish.addresses, ...portuguese.addresses])).toEqual([])
      await Promise.all([spanish.context.close(), portuguese.context.close()])
    },
  )

  test('go back to the list on a phone, to the row of the chat', async () => {
    const [one, other] = await twoUsers('Phone', 'Desk')
    await app.post('/chat/send/text', other.token, { Phone: one.phone, Body: 'good morning' })
    const { page, context } = await openSection(browser, app, { user: one, section: 'chats', width: 390 })

    const row = page.getByRole('link', { name: /good morning/ })
    await row.click()
    await page.locator('.message', { hasText: 'good morning' }).waitFor()
    expect(await page.getByRole('navigation').count()).toBe(0)
    await page.getByRole('link', { name: 'Back to all chats' }).click()
    await row.waitFor()

    await untilHolds(app, page, `document.activeElement?.textContent.includes('good morning')`)
    expect(await page.getByRole('textbox', { name: /^Message to/ }).count()).toBe(0)
    await context.close()
  })

  test('say what was not sent and why, keep it, and send it again', async () => {
    const user = await app.linkedUser({ name: 'Unlucky' })
    const contact = await app.contact('4915550007001', { name: 'Grace' })
    const { page, context } = await openSection(browser, app, { user, section: chatOf(contact) })

    await app.sandbox('POST', '/faults', { kind: 'refuse-message', code: 479, times: 1 })
    await write(page, /^Message to/, ['the bill'])
    const failed = message(page, 'the bill')
    await failed.getByText(/^Not sent: /).waitFor()
    expect(await failed.getByText(/^(Sent|Accepted|Delivered)$/).count()).toBe(0)
    await expectAccessible(page)
    await screenshot(page, 'chats-1280-04-failed')
    await page.reload()
    await failed.getByText(/^Not sent: /).waitFor()

    await page.getByRole('link', { name: 'Not sent', exact: true }).click()
    await page.getByText('1 message was not sent.').waitFor()
    await page.getByText('the bill').waitFor()
    await expectAccessible(page)
    await screenshot(page, 'chats-1280-05-not-sent')
    await page.getByRole('button', { name: /^Send again/ }).click()
    await page.getByText('It is on its way again.').waitFor()

    await app.waitFor('the bill', async () =>
      (await app.received(contact)).some(({ text }) => text === 'the bill'),
    )
    await context.close()
  })

  test('show no way to write to whoever may only read', async () => {
    const user = await app.linkedUser({ name: 'Watched' })
    const contact = await app.contact('4915550007003', { name: 'Heidi' })
    await app.sandbox('POST', `/contacts/${contact}/send`, { to: user.phone, text: 'for your eyes' })
    const key = await app.post('/parley/me/keys', user.token, { name: 'auditor', power: 'read' })
    const { page, context } = await openSection(browser, app, {
      user,
      section: chatOf(contact),
      token: key.json.key,
    })

    await page.locator('.message', { hasText: 'for your eyes' }).waitFor()
    await page.getByText('This key may read, but not send.').waitFor()

    expect(await page.getByRole('textbox', { name: /^Message to/ }).count()).toBe(0)
    expect(await page.getByRole('button', { name: /^(Reply|React|Mark read|Mark unread)$/ }).count()).toBe(0)
    const { json } = await app.get(`/parley/me/${chatOf(contact)}`, user.token)
    expect(json.unread).toBe(1)
    await context.close()
  })

  test('load older messages when scrolled up, and nothing jumps', async () => {
    const user = await app.linkedUser({ name: 'Reader' })
    const contact = await app.contact('4915550007002', { name: 'Chatty' })
    for (let number = 1; number <= 120; number++)
      await app.sandbox('POST', `/contacts/${contact}/send`, { to: user.phone, text: `line ${number}.` })
    const { page, context } = await openSection(browser, app, { user, section: 'chats' })
    await page.getByRole('link', { name: /line 120\./ }).click()
    const log = page.locator('.message-log')
    await page.getByText('line 120.').last().waitFor()
    await untilHolds(app, page, `document.querySelectorAll('.message').length >= 50`)

    // Whatever is fetched above, what is in view stays where it is.
    const before = await log.evaluate((element) => {
      element.scrollTop = 400
      return element.querySelectorAll('.message').length
    })
    const seen = await topmost(page)
    await untilHolds(app, page, `document.querySelectorAll('.message').length > ${before}`)
    const now = await topmost(page, seen.text)
    expect(Math.abs(now.top - seen.top)).toBeLessThanOrEqual(2)

    // Who reads older messages is not torn away by a new one.
    await app.sandbox('POST', `/contacts/${contact}/send`, { to: user.phone, text: 'the newest' })
    await page.getByText('the newest').last().waitFor({ state: 'attached' })
    expect(Math.abs((await topmost(page, seen.text)).top - seen.top)).toBeLessThanOrEqual(2)
    await page.getByRole('button', { name: 'To the latest message' }).click()
    await untilHolds(
      app,
      page,
      `(() => { const log = document.querySelector('.message-log'); return log.scrollHeight - log.scrollTop - log.clientHeight < 4 })()`,
    )
    await context.close()
  })

  /** Two users that write to each other, each with a phone. */
  async function twoUsers(one: string, other: string): Promise<[LinkedUser, LinkedUser]> {
    const users: [LinkedUser, LinkedUser] = [
      await app.linkedUser({ name: one }),
      await app.linkedUser({ name: other }),
    ]
    for (const [at, { phone }] of users.entries()) await app.contact(phone, { name: at === 0 ? one : other })
    return users
  }
})

/** A message of the open conversation. */
function message(page: Page, text: string) {
  return page.locator('.message', { hasText: text }).last()
}

/** Writes with the keyboard: Shift and Enter between lines, Enter at the end. */
async function write(page: Page, label: RegExp, lines: string[]): Promise<void> {
  await tabTo(page, page.getByRole('textbox', { name: label }), 60)
  for (const [at, line] of lines.entries()) {
    if (at > 0) await page.keyboard.press('Shift+Enter')
    await page.keyboard.type(line)
  }
  await page.keyboard.press('Enter')
}

/** The message at the upper edge of the conversation, or the one with this text, and how far below the edge it is. */
async function topmost(page: Page, text = ''): Promise<{ text: string; top: number }> {
  return page.evaluate<{ text: string; top: number }>(`(() => {
    const edge = document.querySelector('.message-log').getBoundingClientRect().top
    const found = [...document.querySelectorAll('.message-text')]
      .map((element) => ({ text: element.textContent, top: element.getBoundingClientRect().top - edge }))
    const wanted = ${JSON.stringify(text)}
    return found.find((one) => wanted ? one.text === wanted : one.top >= 0)
  })()`)
}

function tokensIn(addresses: string[]): string[] {
  return addresses.filter((address) => /token/i.test(new URL(address).search))
}
