import { spawn } from 'node:child_process'
import { mkdirSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { chromium } from 'playwright-core'
import { freePort } from './free-port.mjs'
import { ensureBuilt, ensureInstalled, projectRoot } from './launch.mjs'

/**
 * Takes the README's pictures anew, without a hand: starts the demo, lets people write to each other, and looks at the console with
 * the system's Chromium (PARLEY_CHROMIUM names another one).
 */
const FOLDER = join(projectRoot, 'docs', 'pictures')
const LARGEST_BYTES = 200_000
const READY_WITHIN_MS = 180_000
const ADMIN_TOKEN = 'demo-admin'
const TOKEN = 'demo'
const OWN_PHONE = '4915550000001'
const ADA = '4915550001234'

/** What is to be seen: who writes what, and what is answered (`>`). */
const CONVERSATIONS = [
  {
    phone: '5511955500017',
    name: 'Bruna Costa',
    says: ['Bom dia! Vocês abrem no sábado?', '> Bom dia, Bruna! Sim, das 9 às 14 h.'],
  },
  {
    phone: '34655500018',
    name: 'Javier Ruiz',
    says: ['¿Ha salido ya mi pedido 1042?', '> Salió esta mañana, llega el jueves.', 'Perfecto, gracias'],
  },
  {
    phone: '447700900019',
    name: 'Grace Hill',
    says: ['Is the blue one back in stock?', '> It is! Shall I keep one for you?', 'Yes please'],
  },
]

/** Name and linked number of the other accounts; '' for one that is not linked yet. */
const ACCOUNTS = [
  ['Loja Centro', '5511955500021'],
  ['Soporte', '34655500022'],
  ['Clinic', ''],
]

await ensureInstalled()
await ensureBuilt()
const port = await freePort()
const base = `http://127.0.0.1:${port}`
const receiver = await startReceiver()
const demo = await startDemo()
try {
  await addAccounts()
  await converse()
  await takePictures()
} finally {
  demo.kill('SIGTERM')
  receiver.server.close()
}

/** Takes every webhook: nothing is to be seen of failures. */
function startReceiver() {
  return new Promise((resolve) => {
    const server = createServer((request, response) => {
      request.resume().once('end', () => response.end('ok'))
    })
    server.listen(0, '127.0.0.1', () => {
      resolve({ server, url: `http://127.0.0.1:${server.address().port}/` })
    })
  })
}

/** The demo on a port of its own; resolves when it has printed what to do with it. */
function startDemo() {
  const child = spawn(process.execPath, [join('scripts', 'demo.mjs')], {
    cwd: projectRoot,
    env: { ...process.env, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return new Promise((resolve, reject) => {
    const tooLate = setTimeout(() => reject(new Error('the demo does not start')), READY_WITHIN_MS)
    child.once('exit', (code) => reject(new Error(`the demo ended with ${code}`)))
    child.stdout.on('data', (text) => {
      if (!String(text).includes('The page:')) return
      clearTimeout(tooLate)
      resolve(child)
    })
  })
}

/** More accounts, so that the list is one. */
async function addAccounts() {
  for (const [name, phone] of ACCOUNTS) {
    const token = `screenshot-${phone}`
    const admin = { Authorization: ADMIN_TOKEN }
    await call('/admin/users', admin, { name, token, events: 'Message', webhook: receiver.url })
    if (phone === '') continue
    await call('/session/connect', { Token: token }, { Immediate: true })
    await waitForCode(token)
    await call('/sandbox/scan', admin, { phone, name })
  }
}

async function waitForCode(token) {
  const deadline = Date.now() + READY_WITHIN_MS
  while (Date.now() < deadline) {
    const response = await fetch(`${base}/session/qr`, { headers: { Token: token } })
    if (response.ok && (await response.json()).data.QRCode) return
    await sleep(200)
  }
  throw new Error('no code to scan')
}

async function converse() {
  await call('/chat/send/text', { Token: TOKEN }, { Phone: ADA, Body: 'Your table for Friday is booked.' })
  for (const { phone, name, says } of CONVERSATIONS) {
    await call('/sandbox/contacts', { Authorization: ADMIN_TOKEN }, { phone, name })
    for (const line of says) {
      if (line.startsWith('> ')) {
        await call('/chat/send/text', { Token: TOKEN }, { Phone: phone, Body: line.slice(2) })
      } else {
        const message = { to: OWN_PHONE, text: line }
        await call(`/sandbox/contacts/${phone}/send`, { Authorization: ADMIN_TOKEN }, message)
      }
    }
  }
}

async function takePictures() {
  mkdirSync(FOLDER, { recursive: true })
  const executablePath = process.env.PARLEY_CHROMIUM ?? '/usr/bin/chromium'
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })
  const viewport = { width: 1280, height: 760 }
  const context = await browser.newContext({
    viewport,
    colorScheme: 'light',
    locale: 'en-GB',
    reducedMotion: 'reduce',
  })
  const page = await context.newPage()
  page.setDefaultTimeout(60_000)
  await page.goto(`${base}/`)
  await page.locator('input:visible').first().fill(ADMIN_TOKEN)
  await page.keyboard.press('Enter')
  await page.getByRole('link', { name: 'Demo' }).first().waitFor()
  await take(page, 'console')
  await page.getByRole('link', { name: 'Demo' }).first().click()
  await page.waitForURL('**#/users/**')
  await openConversation(page)
  await take(page, 'conversation')
  await browser.close()
}

/** The chats of the account, with one of them open. */
async function openConversation(page) {
  await page.locator('a[href$="/chats"]').first().click()
  const chat = page.getByText('Grace Hill').first()
  await chat.click()
  // Not its last line, which the list of chats shows before.
  await page.getByText('It is! Shall I keep one for you?').waitFor()
  await page.getByText('Mark unread').waitFor()
}

async function take(page, name) {
  await page.waitForLoadState('networkidle').catch(() => {}) // Live views never come to rest.
  const path = join(FOLDER, `${name}.png`)
  await page.screenshot({ path, animations: 'disabled' })
  const { size } = statSync(path)
  if (size > LARGEST_BYTES) throw new Error(`${path} has ${size} bytes`)
  console.log(`${path}: ${Math.round(size / 1000)} kB`)
}

async function call(path, headers, body) {
  const response = await fetch(base + path, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`)
}
