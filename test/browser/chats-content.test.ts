import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LinkedUser, TestApp } from '../helpers/app.ts'
import { expectAccessible } from './axe.ts'
import { browserIsMissing, launchBrowser, openTab, overflow, screenshot } from './browser.ts'
import { chatOf, openSection, untilHolds } from './chat-tab.ts'

const CONTACT = '4915550007100'
const PICTURE = readFileSync(join(import.meta.dirname, '../../static/dashboard/samples/picture.jpg'))

// A busy machine takes its time to start a browser and to draw.
describe.skipIf(browserIsMissing)('what the chats of the console show', { timeout: 480_000 }, () => {
  let app: TestApp
  let browser: Browser
  let user: LinkedUser

  beforeAll(async () => {
    app = await TestApp.start()
    browser = await launchBrowser()
    user = await app.linkedUser({ name: 'Shop' })
    await app.contact(CONTACT, { name: 'Grace' })
  })
  afterAll(async () => {
    await browser.close()
    await app.close()
  })

  test.each([390, 1280])('is files to look at, to hear and to save, %i pixels wide', async (width) => {
    await contactSends({ image: { caption: `look ${width}` } })
    await contactSends({ audio: { ptt: true, seconds: 3 } })
    await contactSends({ document: { fileName: `bill ${width}.pdf`, caption: 'the bill' } })
    await contactSends({ location: { latitude: 52.5163, longitude: 13.3777, name: 'Brandenburg Gate' } })
    await contactSends({ contact: { name: 'Cem', phone: '4915550000009' } })
    const { page, context, errors } = await openSection(browser, app, {
      user,
      section: chatOf(CONTACT),
      width,
    })

    const picture = message(page, `look ${width}`).locator('img')
    await picture.scrollIntoViewIfNeeded()
    await untilHolds(
      app,
      page,
      `[...document.querySelectorAll('.media-image img')].at(-1)?.src.startsWith('blob:')`,
    )
    await message(page, `look ${width}`)
      .getByRole('button', { name: /^Picture from Grace/ })
      .click()
    await page.getByRole('dialog').getByRole('img').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Play voice message' }).last().click()
    await page.locator('audio').last().waitFor()
    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: `Save bill ${width}.pdf` }).click()
    expect((await download).suggestedFilename()).toBe(`bill ${width}.pdf`)
    const place = page.getByRole('link', { name: /52\.51630, 13\.37770/ }).last()
    expect(await place.getAttribute('rel')).toBe('noopener noreferrer')
    await page.getByText('Cem').last().waitFor()

    await expectAccessible(page)
    await screenshot(page, `chats-${width}-10-files`)
    expect(await overflow(page)).toBe(0)
    expect(errors).toEqual([])
    await context.close()
  })

  test('is files that were dropped, pasted or chosen, on their way to who gets them', async () => {
    const { page, context } = await openSection(browser, app, { user, section: chatOf(CONTACT) })
    const text = page.getByRole('textbox', { name: /^Message to/ })
    await text.waitFor()

    await bringFiles(page, 'drop', [{ name: 'shelf.jpg', type: 'image/jpeg', bytes: PICTURE }])
    await page.getByText('shelf.jpg').waitFor()
    await bringFiles(page, 'paste', [{ name: 'list.txt', type: 'text/plain', bytes: Buffer.from('milk') }])
    await page.locator('input[type=file]').setInputFiles({
      name: 'left-out.txt',
      mimeType: 'text/plain',
      buffer: Buffer.from('nothing'),
    })
    await page.getByRole('button', { name: 'Remove left-out.txt' }).click()
    await text.fill('from the shop')
    await expectAccessible(page)
    await screenshot(page, 'chats-1280-11-attached')
    await text.press('Enter')

    await received((content) => content.includes('"imageMessage"') && content.includes('from the shop'))
    await received((content) => content.includes('"documentMessage"') && content.includes('list.txt'))
    await message(page, 'from the shop')
      .getByText(/^(Sent|Delivered|Read)$/)
      .waitFor()
    await page.getByText('list.txt', { exact: true }).waitFor()
    expect(await page.getByText('left-out.txt').count()).toBe(0)
    await context.close()
  })

  test('is what becomes of messages: reactions, edits, votes, and that they were deleted', async () => {
    const { page, context } = await openSection(browser, app, { user, section: chatOf(CONTACT) })
    await page.getByRole('textbox', { name: /^Message to/ }).waitFor()

    const { id: edited } = await contactSends({ text: 'at five' })
    const { id: deleted } = await contactSends({ text: 'never mind' })
    await message(page, 'at five').waitFor()
    await message(page, 'never mind').waitFor()
    await contactSends({ edit: { id: edited, text: 'at six' } })
    await contactSends({ revoke: deleted })
    const sent = await app.post('/chat/send/poll', user.token, {
      group: CONTACT,
      header: 'Tea?',
      options: ['yes', 'no'],
    })
    await received((content) => content.includes(sent.json.data.Id))
    await app.sandbox('POST', `/contacts/${CONTACT}/vote`, { id: sent.json.data.Id, options: ['yes'] })
    await contactSends({ reaction: { id: sent.json.data.Id, emoji: '🎉' } })

    await message(page, 'at six').getByText('Edited').waitFor()
    await page.getByText('This message was deleted').last().waitFor()
    const poll = page.locator('.message', { hasText: 'Tea?' }).last()
    await poll.getByText('1 vote', { exact: true }).waitFor()
    await poll.getByText('🎉').waitFor()
    expect(await page.locator('.message', { hasText: 'never mind' }).count()).toBe(0)
    await expectAccessible(page)
    await screenshot(page, 'chats-1280-12-changes')
    await context.close()
  })

  test('is told politely when it comes, whichever chat is open', async () => {
    const other = await app.contact('4915550007101', { name: 'Heidi' })
    const { page, context } = await openSection(browser, app, { user, section: chatOf(CONTACT) })
    await page.getByRole('textbox', { name: /^Message to/ }).waitFor()

    await app.sandbox('POST', `/contacts/${other}/send`, { to: user.phone, text: 'anybody there?' })

    await page.getByRole('status').filter({ hasText: 'Heidi: anybody there?' }).waitFor({ state: 'attached' })
    const row = page.getByRole('link', { name: /Heidi/ })
    await row.getByText('1 unread').waitFor({ state: 'attached' })
    await page.getByRole('searchbox', { name: 'Search chats' }).fill('anybody')
    await page.getByText('1 chat found.').waitFor()
    await row.waitFor()
    await page.getByRole('searchbox', { name: 'Search chats' }).fill('+49 1555 000 71 99')
    await page.getByRole('link', { name: 'Write to +4915550007199' }).waitFor()
    await context.close()
  })

  test.each([390, 1280])('is people and groups as lists, %i pixels wide', async (width) => {
    const { page, context } = await openSection(browser, app, { user, section: 'contacts', width })
    const group = await app.sandbox('POST', '/groups', {
      subject: `Team ${width}`,
      participants: [CONTACT, user.phone],
    })
    expect(group.jid).toMatch(/@g\.us$/)

    await page.getByRole('searchbox', { name: 'Search contacts' }).fill('Grace')
    await page.getByRole('link', { name: 'Grace' }).waitFor()
    expect(await page.getByRole('link', { name: 'Grace' }).count()).toBe(1)
    await page.getByText(`+${CONTACT}`).waitFor()
    await expectAccessible(page)
    await screenshot(page, `chats-${width}-13-contacts`)

    await page.getByRole('link', { name: 'Groups', exact: true }).click()
    await page.getByRole('searchbox', { name: 'Search groups' }).fill(`Team ${width}`)
    await page
      .getByText(/members?/)
      .first()
      .waitFor()
    await page.locator('summary', { hasText: 'Members' }).first().click()
    await page.locator('.member-list').getByText('Grace').waitFor()
    await expectAccessible(page)
    await screenshot(page, `chats-${width}-14-groups`)
    expect(await overflow(page)).toBe(0)
    await page.getByRole('link', { name: `Team ${width}` }).click()
    await page.getByRole('heading', { name: `Team ${width}` }).waitFor()
    await context.close()
  })

  test('is text as WhatsApp writes it, and nothing of a stranger becomes HTML', async () => {
    const { page, context } = await openTab(browser, `${app.url}/login/`)

    const shown = (text: string) =>
      page.evaluate<string>(`import('/dashboard/chats/rich-text.js').then(({ richText }) => {
        const place = document.createElement('p')
        place.append(...richText(${JSON.stringify(text)}))
        return place.innerHTML
      })`)

    const link = (address: string, text = address) =>
      `<a href="${address}" target="_blank" rel="noopener noreferrer">${text}</a>`
    expect(await shown('*bold* _it_ ~no~ `a*b*c`')).toBe(
      '<strong>bold</strong> <em>it</em> <s>no</s> <code>a*b*c</code>',
    )
    expect(await shown('*both _at_ once*')).toBe('<strong>both <em>at</em> once</strong>')
    expect(await shown('2*3*4 snake_case_name * a *')).toBe('2*3*4 snake_case_name * a *')
    expect(await shown('*not\nover lines*')).toBe('*not\nover lines*')
    expect(await shown('```one *two*```')).toBe('<code class="code-block">one *two*</code>')
    expect(await shown('```open')).toBe('```open')
    expect(await shown('see https://example.org/a_b_c?x=1&y=(2).')).toBe(
      `see ${link('https://example.org/a_b_c?x=1&amp;y=(2)')}.`,
    )
    expect(await shown('*www.example.org*')).toBe(
      `<strong>${link('https://www.example.org', 'www.example.org')}</strong>`,
    )
    expect(await shown('javascript:alert(1) <img src=x onerror=alert(1)>')).toBe(
      'javascript:alert(1) &lt;img src=x onerror=alert(1)&gt;',
    )
    await context.close()
  })

  test.each(['*a ', '`*_~', 'https://a)', '```', '(www.', '*a*_b_'])(
    'draws a longest text of %j without letting anybody wait',
    async (piece) => {
      const { page, context } = await openTab(browser, `${app.url}/login/`)
      const text = piece.repeat(65_536 / piece.length)

      const tookMs =
        await page.evaluate<number>(`import('/dashboard/chats/rich-text.js').then(({ richText }) => {
        const startedAt = performance.now()
        richText(${JSON.stringify(text)})
        return performance.now() - startedAt
      })`)

      expect(tookMs).toBeLessThan(3_000)
      await context.close()
    },
  )

  /** The contact sends one of the words of the sandbox to the user. */
  function contactSends(content: object): Promise<{ id: string }> {
    return app.sandbox('POST', `/contacts/${CONTACT}/send`, { to: user.phone, ...content })
  }

  /** Waits until the contact has a message whose description as JSON matches. */
  function received(matches: (description: string) => boolean) {
    return app.waitFor('a message to the contact', async () =>
      (await app.received(CONTACT)).some((received) => matches(JSON.stringify(received))),
    )
  }
})

/** A message of the open conversation. */
function message(page: Page, text: string) {
  return page.locator('.message', { hasText: text }).last()
}

/** Drops files on the conversation, or pastes them where the text is written. */
async function bringFiles(
  page: Page,
  way: 'drop' | 'paste',
  files: { name: string; type: string; bytes: Buffer }[],
): Promise<void> {
  const given = files.map(({ bytes, ...file }) => ({ ...file, base64: bytes.toString('base64') }))
  await page.evaluate(`(() => {
    const transfer = new DataTransfer()
    for (const { name, type, base64 } of ${JSON.stringify(given)})
      transfer.items.add(new File([Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0))], name, { type }))
    const isDrop = ${JSON.stringify(way)} === 'drop'
    const place = document.querySelector(isDrop ? '.conversation' : '.composer textarea')
    const init = { bubbles: true, cancelable: true }
    if (isDrop) place.dispatchEvent(new DragEvent('dragover', { ...init, dataTransfer: transfer }))
    place.dispatchEvent(isDrop
      ? new DragEvent('drop', { ...init, dataTransfer: transfer })
      : new ClipboardEvent('paste', { ...init, clipboardData: transfer }))
  })()`)
}
