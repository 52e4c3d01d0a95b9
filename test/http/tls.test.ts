import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { Agent, request } from 'node:https'
import { connect as connectPlain } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type PeerCertificate, type TLSSocket } from 'node:tls'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { loadConfig } from '../../src/config/config.ts'
import { listen } from '../../src/http/server/listen.ts'
import { openTls } from '../../src/http/server/tls-files.ts'
import { InstallationError } from '../../src/lib/process/installation-error.ts'
import { createLogger } from '../../src/lib/process/logger.ts'
import { selfSignedCertificate } from '../../src/sandbox/server/self-signed.ts'
import { TestApp } from '../helpers/app.ts'

let folder: string
let files: { certificate: string; privateKey: string }
let lines: { msg: string; reason?: string; validUntil?: string }[]
let log: ReturnType<typeof createLogger>

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-tls-'))
})
afterAll(() => rm(folder, { recursive: true }))
beforeEach(async () => {
  files = { certificate: join(folder, 'cert.pem'), privateKey: join(folder, 'key.pem') }
  lines = []
  log = createLogger('info', { write: (line) => lines.push(JSON.parse(line)) })
  await store(selfSignedCertificate(['127.0.0.1', 'localhost']))
})

async function store({ cert, key }: { cert: string; key: string }): Promise<string> {
  await writeFile(files.certificate, cert)
  await writeFile(files.privateKey, key)
  return cert
}

/** Asks with a real client that knows this certificate alone. */
function ask(port: number, options: { ca: string; agent?: Agent; path?: string; token?: string }) {
  return new Promise<{ status: number; text: string; certificate: PeerCertificate }>((resolve, reject) => {
    // A session that is resumed would show the certificate it began with.
    const { token, agent = new Agent({ maxCachedSessions: 0 }), ...rest } = options
    const asked = request(
      { host: '127.0.0.1', port, agent, headers: token ? { token } : {}, ...rest },
      (answer) => {
        const certificate = (answer.socket as TLSSocket).getPeerCertificate()
        let text = ''
        answer.setEncoding('utf8').on('data', (part) => {
          text += part
        })
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text, certificate }))
      },
    )
    asked.on('error', reject).end()
  })
}

const listenWith = async (lookMs?: number) =>
  listen((_request, response) => response.end('hello'), {
    host: '127.0.0.1',
    port: 0,
    tls: await openTls(files, log, lookMs),
  })

describe('a port with a certificate', () => {
  test('answers those who trust it, over TLS alone', async () => {
    const ca = selfSignedCertificate(['127.0.0.1'])
    await store(ca)
    const { port, stop } = await listenWith()

    expect(await ask(port, { ca: ca.cert })).toMatchObject({ status: 200, text: 'hello' })
    await expect(ask(port, { ca: selfSignedCertificate(['127.0.0.1']).cert })).rejects.toThrow('self-signed')
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow()

    await stop()
  })

  test('shows a renewed certificate without a restart, and the old one while the files are no pair', async () => {
    const first = selfSignedCertificate(['127.0.0.1'])
    const second = selfSignedCertificate(['127.0.0.1'])
    await store(first)
    const { port, stop } = await listenWith(10)

    await writeFile(files.certificate, second.cert)
    await expect.poll(() => lines.map(({ msg }) => msg)).toContain('a renewed certificate could not be taken')
    expect(await ask(port, { ca: first.cert })).toMatchObject({ status: 200 })
    // As tools do that renew certificates: another file takes the place of the old one.
    await writeFile(`${files.privateKey}.new`, second.key)
    await rename(`${files.privateKey}.new`, files.privateKey)

    await expect
      .poll(() => ask(port, { ca: second.cert }).catch(() => undefined))
      .toMatchObject({ status: 200 })
    await expect(ask(port, { ca: first.cert })).rejects.toThrow()
    expect(lines.filter(({ reason }) => reason?.includes('does not belong'))).toHaveLength(1)

    await rm(files.privateKey)
    await expect.poll(() => lines.filter(({ reason }) => reason?.includes('is not there'))).toHaveLength(1)
    expect(await ask(port, { ca: second.cert })).toMatchObject({ status: 200 })
    await stop()
  })

  test('stops at once although clients keep connections, or have not even begun to encrypt', async () => {
    const ca = await store(selfSignedCertificate(['127.0.0.1']))
    const { port, leave, stop, server } = await listenWith()
    const agent = new Agent({ keepAlive: true })
    await ask(port, { ca, agent })
    const idle = connect({ host: '127.0.0.1', port, ca })
    await once(idle, 'secureConnect')
    const silent = connectPlain(port, '127.0.0.1')
    await once(silent, 'connect')
    idle.on('error', () => {})
    silent.on('error', () => {})

    const began = performance.now()
    await leave(100)
    await stop(20_000)

    expect(performance.now() - began).toBeLessThan(5_000)
    expect(server.listening).toBe(false)
    agent.destroy()
  })

  test('ends a kept connection with its next answer when it is about to stop', async () => {
    const ca = await store(selfSignedCertificate(['127.0.0.1']))
    const { port, leave, stop } = await listenWith()
    const agent = new Agent({ keepAlive: true })
    await ask(port, { ca, agent })

    let hasLeft = false
    const left = leave(20_000).then(() => {
      hasLeft = true
    })
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(hasLeft).toBe(false)
    await ask(port, { ca, agent })

    await left
    await stop()
    agent.destroy()
  })
})

describe('a certificate that cannot be used is a sentence', () => {
  const refusal = () => openTls(files, log)

  test.each<[string, () => Promise<unknown>, RegExp]>([
    [
      'is missing',
      () => rm(files.certificate),
      /cert\.pem, which TLS_CERTIFICATE names, is not there \(ENOENT\)/,
    ],
    [
      'has no key',
      () => rm(files.privateKey),
      /key\.pem, which TLS_PRIVATE_KEY names, is not there \(ENOENT\)/,
    ],
    ['is none', () => writeFile(files.certificate, 'nothing'), /cert\.pem holds no certificate in PEM form/],
    [
      'has a key that is none',
      () => writeFile(files.privateKey, 'x'),
      /key\.pem holds no private key in PEM form/,
    ],
    [
      'has another key',
      () => writeFile(files.privateKey, selfSignedCertificate(['localhost']).key),
      /the private key in \S+key\.pem does not belong to the certificate in \S+cert\.pem/,
    ],
    [
      'has a key that is locked',
      () => {
        const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
        const locked = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' } as const
        return writeFile(files.privateKey, privateKey.export(locked))
      },
      /key\.pem is locked with a passphrase; store it without one/,
    ],
  ])('that %s', async (_what, spoil, sentence) => {
    await spoil()

    await expect(refusal()).rejects.toThrow(InstallationError)
    await expect(refusal()).rejects.toThrow(sentence)
  })

  test('and its end is in the log', async () => {
    await openTls(files, log)

    expect(lines).toEqual([
      expect.objectContaining({
        msg: 'the certificate of this server',
        validUntil: expect.stringMatching(/Z$/),
      }),
    ])
  })
})

test('one file without the other is refused', () => {
  expect(() => loadConfig({ TLS_PRIVATE_KEY: 'key.pem' })).toThrow('TLS needs both files')
})

test('a server with a certificate says https, and answers requests and streams so', async () => {
  const ca = await store(selfSignedCertificate(['127.0.0.1']))
  const app = await TestApp.start({
    env: { TLS_CERTIFICATE: files.certificate, TLS_PRIVATE_KEY: files.privateKey, ENABLE_WEBSOCKET: 'true' },
  })
  try {
    const url = new URL(app.url)
    expect(url.protocol).toBe('https:')
    const port = Number(url.port)

    expect(await ask(port, { ca, path: '/health' })).toMatchObject({ status: 200 })
    expect(await ask(port, { ca, path: '/session/status', token: 'nobody' })).toMatchObject({ status: 401 })
    const stream = new WebSocket(`wss://127.0.0.1:${port}/wago-api/ws/nobody`, {
      ca,
      headers: { 'x-api-key': 'test-admin-token' },
    })
    const [, answer] = await once(stream, 'unexpected-response')
    expect([401, 404]).toContain(answer.statusCode)
    stream.on('error', () => {})
    stream.terminate()
  } finally {
    await app.close()
  }
})
