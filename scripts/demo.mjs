import { rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { settingsToForget } from './demo-settings.mjs'
import { ensureBuilt, ensureInstalled, importBuilt, projectRoot, runBuilt } from './launch.mjs'

// The server of `npm start` on a simulated network, then set up through its own API like any other user would.
const TOKEN = 'demo'
const ADMIN_TOKEN = 'demo-admin'
const OWN_PHONE = '4915550000001'
const CONTACT = { phone: '4915550001234', name: 'Ada' }
/** What the contact says in calls, in Hz. */
const TONE = 440
const KEPT_MESSAGES = 100
const READY_WITHIN_MS = 60_000

const port = process.env.PORT || process.env.WUZAPI_PORT || '8080'
const base = `http://localhost:${port}`
// One per port, which is free: deleting the folder takes it away from no other demo.
const dataDir = join(projectRoot, 'data', `demo-${port}`)

await ensureInstalled()
await ensureBuilt()
await requireFreePort()
// The simulated phones forget everything when the process ends, so what was linked to them is of no use either.
rmSync(dataDir, { recursive: true, force: true })
await useDemoSettings()
await runBuilt('main.js')
await linkDemoUser()
const receiver = await startReceiver()
printInstructions(receiver)

/** Another server there would get the demo's requests, and another demo would lose its data. */
async function requireFreePort() {
  const isTaken = await new Promise((resolve) => {
    const socket = connect(Number(port), '127.0.0.1')
    socket.once('error', () => resolve(false))
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
  })
  if (!isTaken) return
  console.error(`Port ${port} is taken. Stop what runs there, or choose another: PORT=8090 npm run demo`)
  process.exit(1)
}

/** The environment of this process becomes the demo's, and no flag changes it. */
async function useDemoSettings() {
  process.argv.length = 2
  const { configTable } = await importBuilt('config/config.js')
  for (const name of settingsToForget(process.env, configTable())) delete process.env[name]
  Object.assign(process.env, {
    // The tokens are printed in the manual, so only this machine may use them.
    HOST: '127.0.0.1',
    PORT: port,
    DATA_DIR: dataDir,
    ADMIN_TOKEN,
    WHATSAPP_NETWORK: 'sandbox',
    CALLS: 'on',
    LOG_LEVEL: process.env.LOG_LEVEL || 'error',
  })
}

async function linkDemoUser() {
  const admin = { Authorization: ADMIN_TOKEN }
  const user = { Token: TOKEN }
  const echo = 'Hello {name}! You wrote: {text}'
  await until('the server answers', () => call('GET', '/health'))
  await call('POST', '/sandbox/contacts', { headers: admin, body: { ...CONTACT, autoReply: echo } })
  const whenCalled = { onOffer: 'answer', afterMs: 2_000, say: { tone: TONE } }
  await call('POST', `/sandbox/contacts/${CONTACT.phone}/calls`, { headers: admin, body: whenCalled })
  const demoUser = { name: 'Demo', token: TOKEN, events: 'All', history: KEPT_MESSAGES }
  await call('POST', '/admin/users', { headers: admin, body: demoUser })
  await call('POST', '/session/connect', { headers: user, body: { Immediate: true } })
  await until(
    'a code can be scanned',
    async () => (await call('GET', '/session/qr', { headers: user })).QRCode,
  )
  await call('POST', '/sandbox/scan', { headers: admin, body: { phone: OWN_PHONE, name: 'Demo' } })
  await until(
    'the session is linked',
    async () => (await call('GET', '/session/status', { headers: user })).LoggedIn,
  )
}

/** Listens for webhooks and prints them, so that the third command has somewhere to send them. */
async function startReceiver() {
  const server = createServer(async (request, response) => {
    const chunks = []
    for await (const chunk of request) chunks.push(chunk)
    response.end('ok')
    console.log(`webhook: ${describeWebhook(Buffer.concat(chunks).toString())}`)
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  // It must not keep the process alive when the server stops.
  server.unref()
  return `http://127.0.0.1:${server.address().port}/`
}

/** One line of what arrived: the event's name and, for a message, its words. */
function describeWebhook(body) {
  const { type = 'something', event } = JSON.parse(new URLSearchParams(body).get('jsonData') ?? '{}')
  const message = event?.Message
  const text = message?.conversation ?? message?.extendedTextMessage?.text
  return text ? `${type} "${text}"` : type
}

function printInstructions(receiver) {
  const send = JSON.stringify({ Phone: CONTACT.phone, Body: 'Hello' })
  const hook = JSON.stringify({ webhookURL: receiver, events: ['All'] })
  const ring = JSON.stringify({ to: OWN_PHONE, say: { tone: TONE } })
  const json = "-H 'Content-Type: application/json'"
  console.log(`
A simulated WhatsApp: nothing leaves this machine. A user is linked, and ${CONTACT.name} (${CONTACT.phone}) answers.

1. Send ${CONTACT.name} a text:
curl -X POST ${base}/chat/send/text -H 'Token: ${TOKEN}' ${json} --data '${send}'

2. See the conversation with the reply:
curl '${base}/chat/history?chat_jid=${CONTACT.phone}@s.whatsapp.net' -H 'Token: ${TOKEN}'

3. Register a webhook (this terminal receives it; then send another text):
curl -X POST ${base}/webhook -H 'Token: ${TOKEN}' ${json} --data '${hook}'

4. Let ${CONTACT.name} call, with a tone (voice calls are experimental). Take it at ${base}/, user Demo, Calls:
curl -X POST ${base}/sandbox/contacts/${CONTACT.phone}/call -H 'Authorization: ${ADMIN_TOKEN}' ${json} --data '${ring}'

5. See what ${CONTACT.name} has heard in a call, by the id that was answered; who calls ${CONTACT.name} there is answered, too:
curl ${base}/sandbox/contacts/${CONTACT.phone}/calls/CALL_ID/heard -H 'Authorization: ${ADMIN_TOKEN}'

The page:   ${base}/   (token: ${TOKEN}, admin token: ${ADMIN_TOKEN})
The API:    ${base}/api/
Ctrl-C stops everything; the demo starts afresh every time.
`)
}

async function call(method, path, { headers = {}, body } = {}) {
  const response = await fetch(base + path, { method, headers, body: body && JSON.stringify(body) })
  const reply = await response.json()
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${reply.error}`)
  return reply.data ?? reply
}

/** Asks again until something true comes back; errors mean "not yet". */
async function until(what, ask) {
  const deadline = Date.now() + READY_WITHIN_MS
  let reason
  while (Date.now() < deadline) {
    try {
      if (await ask()) return
    } catch (error) {
      reason = error
    }
    await sleep(200)
  }
  throw new Error(`waited in vain until ${what}`, { cause: reason })
}
