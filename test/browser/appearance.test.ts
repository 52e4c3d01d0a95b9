import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ADMIN_TOKEN, type LinkedUser, TestApp } from '../helpers/app.ts'
import { expectAccessible } from './axe.ts'
import { browserIsMissing, launchBrowser, overflow, screenshot } from './browser.ts'

/** The views, and what they are called in English, Spanish and Portuguese. */
const VIEWS = [
  ['#/customers', ['Customers', 'Clientes', 'Clientes']],
  ['#/nodes', ['Nodes', 'Nodos', 'Nós']],
  ['#/import', ['Import', 'Importar', 'Importar']],
  ['#/users/ID/overview', ['Overview', 'Resumen', 'Visão geral']],
  ['#/users/ID/send', ['Send a test', 'Enviar una prueba', 'Enviar um teste']],
  ['#/users/ID/calls', ['Calls', 'Llamadas', 'Chamadas']],
  ['#/users/ID/storage', ['Media storage', 'Almacén de archivos', 'Armazenamento de mídia']],
  ['#/users/ID/proxy', ['Proxy', 'Proxy', 'Proxy']],
  ['#/users/ID/history', ['History', 'Historial', 'Histórico']],
  ['#/users/ID/identity', ['Name and token', 'Nombre y token', 'Nome e token']],
] as const
const LOCALES = ['en-US', 'es-MX', 'pt-BR'] as const

// A busy machine takes its time to start a browser and to draw.
describe.skipIf(browserIsMissing)('the console', { timeout: 180_000 }, () => {
  let app: TestApp
  let browser: Browser
  let user: LinkedUser

  beforeAll(async () => {
    app = await TestApp.start()
    browser = await launchBrowser()
    user = await app.linkedUser({ name: 'Shop' })
  })
  afterAll(async () => {
    await browser.close()
    await app.close()
  })

  test.each([
    ['en-US', 1280],
    ['es-MX', 390],
    ['pt-BR', 390],
  ] as const)('is accessible in every view, in %s at %i pixels', async (locale, width) => {
    const page = await signedIn({ locale, width })

    for (const [place, names] of VIEWS) {
      await page.goto(`${app.url}/${place.replace('ID', user.id)}`)
      const name = names[LOCALES.indexOf(locale)] ?? ''
      await page.getByRole('heading', { name, exact: true }).waitFor()
      await page
        .getByText(/^(Asking the server|Preguntando al servidor|Perguntando ao servidor)\.?$/)
        .waitFor({
          state: 'detached',
        })
      expect([place, await overflow(page)]).toEqual([place, 0])
      await expectAccessible(page)
      await screenshot(page, `view-${width}-${locale}-${place.split('/').at(-1)}`)
    }

    await page.context().close()
  })

  test('speaks another language once one is chosen, and remembers it', async () => {
    const page = await signedIn({ locale: 'fr' })
    await page.goto(`${app.url}/#/nodes`)
    await page.getByRole('heading', { name: 'Nodes' }).waitFor()

    await page.getByRole('combobox', { name: 'Language' }).selectOption('es')
    await page.getByRole('heading', { name: 'Nodos' }).waitFor()
    await page.reload()
    await page.getByRole('heading', { name: 'Nodos' }).waitFor()

    expect(await page.locator('html').getAttribute('lang')).toBe('es')
    expect(await page.title()).toBe('Nodos - Parley')
    await page.context().close()
  })

  test('loads the words of the language that is shown, and of no other one', async () => {
    const page = await signedIn({ locale: 'pt-BR' })
    const tables: string[] = []
    page.on('request', (request) => tables.push(/words\/([\w-]+)\.js$/.exec(request.url())?.[1] ?? ''))

    await page.goto(`${app.url}/#/users/${user.id}/calls`)
    await page.getByRole('heading', { name: 'Chamadas', exact: true }).waitFor()

    expect([...new Set(tables.filter(Boolean))]).toEqual(['pt-br'])
    await page.context().close()
  })

  test('is light or dark as the system is, until one is chosen', async () => {
    const page = await signedIn({ colorScheme: 'dark' })
    const ground = () => page.evaluate<string>('getComputedStyle(document.body).backgroundColor')
    const choice = page.getByRole('combobox', { name: 'Light or dark' })
    expect(await ground()).toBe('rgb(12, 21, 20)')

    await page.emulateMedia({ colorScheme: 'light' })
    await expect.poll(ground).toBe('rgb(237, 241, 240)')
    await choice.selectOption('Dark')
    expect(await ground()).toBe('rgb(12, 21, 20)')
    await page.reload()
    await choice.waitFor()
    expect(await ground()).toBe('rgb(12, 21, 20)')
    await choice.selectOption('System')
    expect(await ground()).toBe('rgb(237, 241, 240)')

    await page.context().close()
  })

  async function signedIn({
    locale = 'en-US',
    width = 1280,
    colorScheme = 'light',
  }: {
    locale?: string
    width?: number
    colorScheme?: 'light' | 'dark'
  }): Promise<Page> {
    const context = await browser.newContext({ locale, colorScheme, viewport: { width, height: 844 } })
    const page = await context.newPage()
    page.setDefaultTimeout(30_000)
    await page.goto(app.url)
    await page.evaluate(`sessionStorage.setItem('parley.admin', '${ADMIN_TOKEN}')`)
    await page.reload()
    await page.getByRole('link', { name: 'Shop' }).waitFor()
    return page
  }
})

test('files of the page are compressed, and asked for again only whether they have changed', async () => {
  const app = await TestApp.start()
  const file = `${app.url}/dashboard/dashboard.js`

  const first = await fetch(file, { headers: { 'Accept-Encoding': 'gzip' } })
  const text = await first.text()
  const tag = first.headers.get('etag') ?? ''
  // As a browser asks: without it, fetch() asks past every cache as soon as it sees a condition.
  const asked = { 'Accept-Encoding': 'gzip', 'If-None-Match': tag, 'Cache-Control': 'max-age=0' }
  const again = await fetch(file, { headers: asked })

  expect([first.status, first.headers.get('content-encoding')]).toEqual([200, 'gzip'])
  expect(text).toContain('VIEWS')
  expect([again.status, await again.text()]).toEqual([304, ''])
  await app.close()
})
