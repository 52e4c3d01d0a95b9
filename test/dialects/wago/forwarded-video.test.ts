import { randomBytes } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { encryptMedia } from '../../../src/sandbox/world/media-cipher.ts'
import { MEDIA_AUTH } from '../../../src/sandbox/world/media-store.ts'
import { ADMIN_TOKEN } from '../../helpers/app.ts'
import { type TemporaryDatabase, temporaryDatabase } from '../../helpers/database.ts'
import { freePort } from '../../helpers/free-port.ts'
import { call, until } from '../../load/client.ts'
import { type RunningProgram, startProgram } from '../../load/processes.ts'

const MEGABYTE = 1024 * 1024
const START_MS = 90_000
/** The contact encrypts and uploads, the server downloads and decrypts: on a busy machine that takes its time. */
const FORWARDED_MS = 120_000
const SENDER = '5511987654321'
const PHONE = '447700900123'
const TOKEN = 'veryhardtoken'

let database: TemporaryDatabase
/** The simulated network, in a process of its own: its memory is not the server's. */
let sandbox: RunningProgram
let control: string
let server: RunningProgram
let base: string
let receiver: Server
/** What the webhook got, byte by byte. */
let forms: Buffer[]

beforeAll(async () => {
  forms = []
  receiver = createServer(async (request, response) => {
    const pieces: Buffer[] = []
    for await (const piece of request) pieces.push(piece)
    forms.push(Buffer.concat(pieces))
    response.end('ok')
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  database = await temporaryDatabase()
  const [sandboxPort, port] = [await freePort(), await freePort()]
  control = `http://127.0.0.1:${sandboxPort}`
  base = `http://127.0.0.1:${port}/wago`
  sandbox = await startProgram(
    ['--import', 'tsx', 'src/sandbox/standalone.ts', '--port', String(sandboxPort)],
    { ready: `${control}/root-key`, timeoutMs: START_MS },
  )
  server = await startProgram(['--import', 'tsx', 'src/main.ts'], {
    ready: `http://127.0.0.1:${port}/health`,
    timeoutMs: START_MS,
    env: {
      HOST: '127.0.0.1',
      PORT: String(port),
      DATA_DIR: database.config.dataDir,
      WHATSAPP_NETWORK: `ws://127.0.0.1:${sandboxPort}/ws/chat`,
      ADMIN_TOKEN,
      LOG_LEVEL: 'error',
      WAGO_FORWARD_MEDIA: 'true',
    },
  })
  await link()
  await call(`${control}/sandbox/contacts`, { body: { phone: SENDER, name: 'Maria' } })
})
afterAll(async () => {
  await server.stop()
  await sandbox.stop()
  receiver.closeAllConnections()
  await new Promise((resolve) => receiver.close(resolve))
  await database.close()
})

function ask<Data>(path: string, body: object): Promise<{ data: Data }> {
  return call(`${base}${path}`, { headers: { token: TOKEN, admintoken: ADMIN_TOKEN }, body })
}

async function link(): Promise<void> {
  // The address of a server that listens on a port is an object.
  const webhook = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`
  await ask('/session/init', { Name: 'JohnDoe', Token: TOKEN, Os: 'Chrome' })
  await ask('/webhook', { WebhookURL: webhook })
  const pairing = { Phone: PHONE, Subscribe: ['Message'] }
  const { data } = await ask<{ LinkingCode: string }>('/session/pair', pairing)
  await call(`${control}/sandbox/pair-code`, { body: { phone: PHONE, code: data.LinkingCode } })
  const loggedIn = async () => {
    const { data: status } = await call<{ data: { LoggedIn: boolean } }>(`${base}/session/status`, {
      headers: { token: TOKEN },
    })
    return status.LoggedIn
  }
  await until('the session to open', loggedIn)
}

/** A contact uploads a video and sends it; resolves when the webhook has got the form. */
async function forwarded(video: Buffer): Promise<Buffer> {
  const { encrypted, ...secrets } = await encryptMedia(video, 'video')
  const token = secrets.fileEncSha256.toString('base64url')
  const upload = await fetch(`${control}/mms/video/${token}?auth=${MEDIA_AUTH}&token=${token}`, {
    method: 'POST',
    body: new Uint8Array(encrypted),
  })
  const { url, direct_path: directPath } = JSON.parse(await upload.text())
  const { mediaKey, fileSha256, fileEncSha256, fileLength } = secrets
  const base64 = (bytes: Buffer) => bytes.toString('base64')
  const videoMessage = {
    url,
    directPath,
    mimetype: 'video/mp4',
    mediaKey: base64(mediaKey),
    fileSha256: base64(fileSha256),
    fileEncSha256: base64(fileEncSha256),
    fileLength,
  }
  const before = forms.length
  await call(`${control}/sandbox/contacts/${SENDER}/send`, { body: { to: PHONE, message: { videoMessage } } })
  await until('the form', async () => forms.length > before, FORWARDED_MS)
  return forms.at(-1) ?? Buffer.alloc(0)
}

/** The bytes between the head of the form's last part and its end. */
function fileIn(form: Buffer): Buffer {
  const begin = form.indexOf('\r\n\r\n', form.indexOf('name="file"')) + 4
  return form.subarray(begin, form.lastIndexOf('\r\n--'))
}

test('a video of 100 MB comes through the server in less than 40 MB of memory', async () => {
  // What is loaded and compiled for the first one stays.
  await forwarded(randomBytes(MEGABYTE))
  const video = randomBytes(100 * MEGABYTE)
  const idle = server.rssMb()
  let peak = idle
  const look = setInterval(() => {
    peak = Math.max(peak, server.rssMb())
  }, 5)

  const form = await forwarded(video).finally(() => clearInterval(look))

  expect(fileIn(form).equals(video)).toBe(true)
  expect(peak - idle).toBeLessThan(40)
}, 300_000)
