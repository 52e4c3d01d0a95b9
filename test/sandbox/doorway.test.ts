import { createHash } from 'node:crypto'
import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts'
import { MEDIA_AUTH } from '../../src/sandbox/world/media-store.ts'

let sandbox: Sandbox

beforeAll(async () => {
  sandbox = await startSandbox()
})
afterAll(() => sandbox.stop())

/** The status of a request with these headers, as a browser would send them. */
function status(method: string, path: string, headers: Record<string, string> = {}): Promise<number> {
  const { port } = new URL(sandbox.controlUrl)
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, method, path, headers }, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    asked.once('upgrade', (response, socket) => {
      socket.destroy()
      resolve(response.statusCode ?? 0)
    })
    asked.once('error', reject)
    asked.end()
  })
}

const paths = [
  ['GET', '/sandbox/state'],
  ['GET', '/root-key'],
  ['DELETE', '/sandbox/faults'],
  ['POST', '/admin/mock-phone/scan-qr'],
] as const

describe.each(paths)('%s %s', (method, path) => {
  test.each([
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: 'http://localhost:3000', 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'cross-site' },
    { host: 'evil.example', origin: 'http://evil.example', 'sec-fetch-site': 'same-origin' },
    { host: 'evil.example:5222' },
    { host: '127.0.0.1.evil.example' },
    { host: '[' },
  ] as Record<string, string>[])('refuses what a web page of somebody else asks for: %o', async (headers) => {
    expect(await status(method, path, headers)).toBe(403)
  })
})

test.each([
  {},
  { host: 'localhost' },
  { host: 'localhost:5222', origin: 'http://localhost:5222', 'sec-fetch-site': 'same-origin' },
  { host: 'localhost:5222', origin: 'https://localhost:5222' },
  { host: '[::1]:5222', 'sec-fetch-site': 'none' },
  { host: '192.168.1.5:5222' },
  { host: 'sandbox:5222' },
] as Record<string, string>[])('answers programs, and pages of its own: %o', async (headers) => {
  expect(await status('GET', '/sandbox/state', headers)).toBe(200)
})

describe('as WhatsApp it', () => {
  const upgrade = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': Buffer.alloc(16).toString('base64'),
  }
  const client = { host: 'mmg.whatsapp.net', origin: 'https://web.whatsapp.com' }
  const page = { host: 'localhost', origin: 'https://evil.example' }

  test('takes uploads and connections of clients, which come under its names', async () => {
    const token = createHash('sha256').digest('base64url')
    const upload = `/mms/image/${token}?auth=${MEDIA_AUTH}&token=${token}`
    expect(await status('POST', upload, client)).toBe(200)
    expect(await status('GET', '/v/unknown', client)).toBe(404)
    expect(await status('GET', '/ws/chat', { ...client, ...upgrade })).toBe(101)
  })

  test('and not those of web pages', async () => {
    expect(await status('POST', '/mms/image/token', page)).toBe(403)
    expect(await status('GET', '/v/unknown', page)).toBe(403)
    expect(await status('GET', '/ws/chat', { ...page, ...upgrade })).toBe(401)
  })
})

test('a port that is taken is an error of the start, which ends nothing', async () => {
  const port = Number(new URL(sandbox.controlUrl).port)

  await expect(startSandbox({ port })).rejects.toThrow('EADDRINUSE')
})
