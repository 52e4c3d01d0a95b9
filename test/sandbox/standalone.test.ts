import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { Agent, request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { memoryKeys } from '../../src/sandbox/peer/signal-keys.ts'
import { readStateFile } from '../../src/sandbox/saved/state-file.ts'
import { phoneForName } from '../../src/sandbox/world/phone-number.ts'
import { sampleFile } from '../../src/sandbox/world/samples.ts'
import { silentLogger } from '../../src/sandbox/world/silent-logger.ts'
import {
  type AuthenticationCreds,
  initAuthCreds,
  makeWASocket,
  type SignalKeyStore,
  WA_CERT_DETAILS,
} from '../../src/whatsapp/library/engine.ts'
import { oddRequests, sendRaw } from '../helpers/raw-request.ts'

const program = join(import.meta.dirname, '../../src/sandbox/standalone.ts')

let running: ChildProcess | undefined

afterEach(async () => {
  if (running?.exitCode !== null) return
  running.kill('SIGKILL')
  await once(running, 'exit')
})

/** Starts the program and waits for the addresses it prints. */
async function start(...args: string[]) {
  const child = spawn(process.execPath, ['--import', 'tsx', program, '--port', '0', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  running = child
  let output = ''
  for await (const chunk of child.stdout) {
    output += chunk
    if (output.includes('/sandbox/state')) break
  }
  const network = /WHATSAPP_NETWORK=(\S+)/.exec(output)?.[1] ?? ''
  const control = /Control\s+(\S+)\/sandbox\/state/.exec(output)?.[1] ?? ''
  return { child, network, control }
}

/** A request that takes the self-signed certificate for granted, as Baileys' own end-to-end suite does. */
function ask(method: string, url: string, body?: string): Promise<{ status: number; body: Buffer }> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, rejectUnauthorized: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) }))
    })
    asked.on('error', reject)
    asked.end(body)
  })
}

test('the sandbox runs by itself, answers on its port and stops when told to', async () => {
  const { child, network, control } = await start()

  const rootKey = await fetch(`${control}/root-key`)
  const state = await fetch(`${control}/sandbox/state`)
  child.kill('SIGTERM')
  const [code] = await once(child, 'exit')

  expect(network).toMatch(/^ws:\/\/127\.0\.0\.1:\d+\/ws\/chat$/)
  expect((await rootKey.arrayBuffer()).byteLength).toBe(32)
  expect(await state.json()).toEqual({ accounts: [], groups: [] })
  expect(code).toBe(0)
})

test('the control plane can have a port of its own', async () => {
  const { network, control } = await start('--control-port', '0')

  const response = await fetch(`${control}/sandbox/contacts`)

  expect(await response.json()).toEqual([])
  expect(new URL(control).port).not.toBe(new URL(network).port)
})

describe('with --state', () => {
  let folder: string
  let file: string

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sandbox-state-'))
    file = join(folder, 'state.json')
  })
  afterEach(() => rm(folder, { recursive: true }))

  async function stop(child: ChildProcess, signal: NodeJS.Signals) {
    child.kill(signal)
    const [code] = await once(child, 'exit')
    return code
  }

  /** Starts the program where it refuses to; resolves with what it says. */
  async function refusal(): Promise<string> {
    const child = spawn(process.execPath, ['--import', 'tsx', program, '--port', '0', '--state', file], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    running = child
    const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')])
    expect(code).toBe(1)
    return said
  }

  test('it goes on from where it was stopped, with the same root key', async () => {
    const before = await start('--state', file)
    const contact = { phone: '4915550000001', name: 'Ann' }
    await fetch(`${before.control}/sandbox/contacts`, { method: 'POST', body: JSON.stringify(contact) })
    const rootKey = await (await fetch(`${before.control}/root-key`)).arrayBuffer()

    const code = await stop(before.child, 'SIGTERM')
    const after = await start('--state', file)

    expect(code).toBe(0)
    expect(await (await fetch(`${after.control}/sandbox/contacts`)).json()).toMatchObject([contact])
    expect(await (await fetch(`${after.control}/root-key`)).arrayBuffer()).toEqual(rootKey)
    expect(await readdir(folder)).toEqual(['state.json'])
  })

  test('the file is there from the start, for its owner alone, and what was saved outlives a crash', async () => {
    const { child } = await start('--state', file)

    const { mode } = await stat(file)
    await stop(child, 'SIGKILL')
    const after = await start('--state', file)

    expect(mode & 0o777).toBe(0o600)
    expect((await fetch(`${after.control}/sandbox/state`)).status).toBe(200)
  })

  test('a file with something else is refused with a sentence and left as it is', async () => {
    await writeFile(file, '{"name": "x"}')

    expect(await refusal()).toContain('this is no saved state of a sandbox: accounts: ')
    expect(await readFile(file, 'utf8')).toBe('{"name": "x"}')
  })

  test('a file that is no JSON, or too large, is not read', async () => {
    await writeFile(file, 'hello')
    await expect(readStateFile(file)).rejects.toThrow('is not JSON')

    await truncate(file, 256 * 1024 * 1024 + 1)
    await expect(readStateFile(file)).rejects.toThrow('is larger than 268435456 bytes')
  })

  test('a file that cannot be written is told at the start', async () => {
    file = join(folder, 'missing', 'state.json')

    expect(await refusal()).toContain('ENOENT')
  })
})

test.each([
  ['its port', []],
  ['the port of its control plane', ['--control-port', '0']],
] as const)('no request to %s ends it, whatever its target, name or upgrade is', async (_name, args) => {
  const { child, control } = await start(...args)
  const port = Number(new URL(control).port)

  for (const odd of oddRequests) {
    const answer = await sendRaw(port, odd).catch(() => 'no answer')
    expect(child.exitCode, `after ${JSON.stringify(odd)}: ${answer}`).toBeNull()
  }

  expect((await fetch(`${control}/root-key`)).status).toBe(200)
})

/** Connects the way the library's own end-to-end suite does: its own push name, any certificate, scans over HTTPS. */
async function connect(network: string, control: string, creds: AuthenticationCreds, keys: SignalKeyStore) {
  const agent = new Agent({ rejectUnauthorized: false })
  const socket = makeWASocket({
    auth: { creds, keys },
    waWebSocketUrl: network,
    pushName: 'e2e',
    logger: silentLogger,
    agent,
    fetchAgent: agent,
  })
  socket.ev.on('creds.update', (changes) => Object.assign(creds, changes))
  const state = await new Promise((resolve) => {
    socket.ev.on('connection.update', ({ connection, qr }) => {
      if (qr) void ask('POST', `${control}/admin/mock-phone/scan-qr`, qr)
      if (connection === 'open' || connection === 'close') resolve(connection)
    })
  })
  return { socket, state }
}

test("with --tls a client links, writes and uploads over TLS, as in the library's own suite", async () => {
  const { network, control } = await start('--tls')
  const { body: rootKey } = await ask('GET', `${control}/root-key`)
  WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(rootKey)
  const creds = initAuthCreds()
  const keys = memoryKeys()

  await connect(network, control, creds, keys)
  const { socket, state } = await connect(network, control, creds, keys)
  const image = await sampleFile('image')
  const sent = await socket.sendMessage(creds.me?.id ?? '', { image: image.bytes, jpegThumbnail: '' })
  await socket.end(undefined)

  expect(state).toBe('open')
  expect(creds.me?.id).toBe(`${phoneForName('e2e')}:1@s.whatsapp.net`)
  expect(sent?.message?.imageMessage?.url).toContain(new URL(network).host)
})
