import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from './free-port.mjs'

/**
 * Starts a server by the command it is given (`@PORT@` becomes a free port), which has to run on a simulated network with the
 * admin token `image-check`, links a phone in it and tries what needs the parts of an image: the database, pictures, ffmpeg.
 */
const ADMIN = { Authorization: 'image-check' }
const USER = { Token: 'image-user' }
const CONTACT = '4915550001234'
const OWN_PHONE = '4915550000001'
const WITHIN_MS = 120_000

const port = await freePort()
const base = `http://127.0.0.1:${port}`
const [program, ...args] = process.argv.slice(2).map((word) => word.replace('@PORT@', String(port)))
const server = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'] })
const startedAt = Date.now()
try {
  await until('the server is ready', () => call('GET', '/health/ready'))
  console.log(`ready after ${((Date.now() - startedAt) / 1000).toFixed(1)} s`)
  await link()
  await tryMessages()
  await tryPages()
} finally {
  // One that ended by itself is told of below, or by what failed because of it.
  if (server.exitCode === null) process.kill(innermost(server.pid), 'SIGTERM')
}
const code = await new Promise((resolve) => {
  if (server.exitCode !== null) resolve(server.exitCode)
  server.once('exit', (exitCode) => resolve(exitCode))
})
if (code !== 0) throw new Error(`the server ended with ${code}`)
console.log('It stopped when it was asked to.')

/** The process at the end of a chain of them: what starts a container kills it, where the server should be asked to stop. */
function innermost(pid) {
  // Each thread knows the processes that it started itself.
  const children = readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean),
  )
  return children.length > 0 ? innermost(Number(children[0])) : pid
}

async function link() {
  const contact = { phone: CONTACT, name: 'Ada', autoReply: 'You wrote: {text}' }
  await call('POST', '/sandbox/contacts', ADMIN, contact)
  await call('POST', '/admin/users', ADMIN, { name: 'Image', token: USER.Token, events: 'All', history: 10 })
  await call('POST', '/session/connect', USER, { Immediate: true })
  await until('a code can be scanned', async () => (await call('GET', '/session/qr', USER)).QRCode)
  await call('POST', '/sandbox/scan', ADMIN, { phone: OWN_PHONE, name: 'Image' })
  await until('the phone is linked', async () => (await call('GET', '/session/status', USER)).LoggedIn)
  console.log('A simulated phone is linked.')
}

async function tryMessages() {
  await call('POST', '/chat/send/text', USER, { Phone: CONTACT, Body: 'hello' })
  await until('the contact answers', async () =>
    JSON.stringify(await call('GET', `/chat/history?chat_jid=${CONTACT}@s.whatsapp.net`, USER)).includes(
      'You wrote: hello',
    ),
  )
  await call('POST', '/chat/send/audio', USER, { Phone: CONTACT, Audio: wav(), PTT: true })
  await call('POST', '/chat/send/image', USER, { Phone: CONTACT, Image: bmp() })
  await call('POST', '/chat/send/sticker', USER, { Phone: CONTACT, Sticker: bmp() })
  await call('POST', '/chat/send/video', USER, { Phone: CONTACT, Video: gif() })
  const { messages } = await call('GET', `/sandbox/contacts/${CONTACT}/messages`, ADMIN)
  const kinds = JSON.stringify(messages)
  for (const kind of ['audio/ogg', 'image/jpeg', 'image/webp', 'video/mp4'])
    if (!kinds.includes(kind)) throw new Error(`no ${kind} arrived: ${kinds.slice(0, 500)}`)
  console.log(
    'A text was answered; a voice message, a picture, a sticker and a GIF went through ffmpeg and sharp.',
  )
}

async function tryPages() {
  for (const path of ['/', '/dashboard/', '/api/', '/api/docs.js', '/api/openapi.json'])
    if (!(await fetch(base + path)).ok) throw new Error(`${path} is not there`)
}

/** A second of a tone as a WAV file, which has to become Opus. */
function wav() {
  const rate = 8_000
  const samples = Buffer.alloc(rate * 2)
  for (let at = 0; at < rate; at++) samples.writeInt16LE(Math.round(9_000 * Math.sin(at / 3)), at * 2)
  const head = Buffer.alloc(44)
  head.write('RIFF', 0)
  head.writeUInt32LE(36 + samples.length, 4)
  head.write('WAVEfmt ', 8)
  head.writeUInt32LE(16, 16)
  head.writeUInt16LE(1, 20)
  head.writeUInt16LE(1, 22)
  head.writeUInt32LE(rate, 24)
  head.writeUInt32LE(rate * 2, 28)
  head.writeUInt16LE(2, 32)
  head.writeUInt16LE(16, 34)
  head.write('data', 36)
  head.writeUInt32LE(samples.length, 40)
  return `data:audio/wav;base64,${Buffer.concat([head, samples]).toString('base64')}`
}

/** A picture in a format that phones do not show: ffmpeg reads it, sharp writes it. */
function bmp() {
  const [side, head] = [32, 54]
  const file = Buffer.alloc(head + side * side * 3, 0x80)
  file.write('BM', 0)
  file.writeUInt32LE(file.length, 2)
  file.writeUInt32LE(0, 6)
  file.writeUInt32LE(head, 10)
  file.writeUInt32LE(40, 14)
  file.writeInt32LE(side, 18)
  file.writeInt32LE(side, 22)
  file.writeUInt16LE(1, 26)
  file.writeUInt16LE(24, 28)
  file.fill(0, 30, head)
  return `data:image/bmp;base64,${file.toString('base64')}`
}

/** A moving GIF of two frames, which has to become a video with H.264. */
function gif() {
  const [screen, palette] = ['02000200800000', '000000ffffff']
  // Shown for a tenth of a second; then where it is, how large, and its pixels.
  const frame = (pixels) => `21f904000a0000002c00000000020002000002${pixels}00`
  const file = `474946383961${screen}${palette}${frame('03040005')}${frame('034c1205')}3b`
  return `data:image/gif;base64,${Buffer.from(file, 'hex').toString('base64')}`
}

async function call(method, path, headers = {}, body = undefined) {
  const response = await fetch(base + path, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    body: body && JSON.stringify(body),
  })
  const reply = await response.json()
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${JSON.stringify(reply)}`)
  return reply.data ?? reply
}

async function until(what, ask) {
  const deadline = Date.now() + WITHIN_MS
  let reason
  while (Date.now() < deadline) {
    if (server.exitCode !== null) throw new Error(`the server ended with ${server.exitCode}`)
    try {
      if (await ask()) return
    } catch (error) {
      reason = error
    }
    await sleep(200)
  }
  throw new Error(`waited in vain until ${what}`, { cause: reason })
}
