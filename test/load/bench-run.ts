import { execFile } from 'node:child_process'
import { createServer } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { availableParallelism } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { call, forEachOf, until, WuzapiClient } from './client.ts'
import { type RunningProgram, startProgram } from './processes.ts'
import type { Figures, Rate } from './report.ts'
import { round, spread } from './stats.ts'

interface BenchOptions {
  folder: string
  sessions: number
  seconds: number
  databaseUrl: string | undefined
  progress: (line: string) => void
}

const ADMIN_TOKEN = 'bench-admin-token'
const CONTACT = '447911000000'
const SENDERS = 4
const LINK_AT_ONCE = 8
const SETTLE_MS = 3_000

/** Runs every measurement once, in an order that lets each start from a quiet machine. */
export async function benchRun(options: BenchOptions): Promise<Figures> {
  const { progress, seconds } = options
  const sandboxPort = await freePort()
  const control = `http://127.0.0.1:${sandboxPort}`
  const wsUrl = `ws://127.0.0.1:${sandboxPort}/ws/chat`
  progress('starting the simulated network')
  const sandbox = await startProgram(['dist/src/sandbox/standalone.js', '--port', String(sandboxPort)], {
    ready: `${control}/root-key`,
  })
  try {
    await call(`${control}/sandbox/contacts`, { body: { phone: CONTACT, name: 'Contact' } })

    const bare: Record<string, Rate> = {}
    for (const sessions of [1, 20]) {
      progress(`bare Baileys, ${sessions} session(s)`)
      bare[sessions] = await bareRate(wsUrl, control, sessions, seconds)
    }

    const server = await startServer(options, wsUrl)
    const measured = await measureServer(options, server, control, progress)
    const ratio = Object.fromEntries(
      Object.entries(measured.texts).map(([n, rate]) => [
        n,
        round(rate.perSecond / (bare[n]?.perSecond ?? Number.NaN)),
      ]),
    )
    return {
      machine: {
        node: process.versions.node,
        cores: availableParallelism(),
        database: options.databaseUrl ? 'PostgreSQL' : 'SQLite',
      },
      bare,
      ratio,
      ...measured,
    }
  } finally {
    await sandbox.stop()
  }
}

interface Server {
  client: WuzapiClient
  program: RunningProgram
  restart: () => Promise<RunningProgram>
}

async function startServer(options: BenchOptions, wsUrl: string): Promise<Server> {
  const port = await freePort()
  const base = `http://127.0.0.1:${port}`
  const start = () =>
    startProgram(['dist/src/main.js'], {
      ready: `${base}/health`,
      env: {
        HOST: '127.0.0.1',
        PORT: String(port),
        DATA_DIR: options.folder,
        WHATSAPP_NETWORK: wsUrl,
        ADMIN_TOKEN,
        LOG_LEVEL: 'warn',
        WEBHOOK_FORMAT: 'json',
        ...(options.databaseUrl ? { DATABASE_URL: options.databaseUrl } : {}),
      },
    })
  return { client: new WuzapiClient(base, ADMIN_TOKEN), program: await start(), restart: start }
}

async function measureServer(
  options: BenchOptions,
  server: Server,
  control: string,
  progress: (line: string) => void,
): Promise<Pick<Figures, 'texts' | 'incoming' | 'memory' | 'restart'>> {
  const { client } = server
  const receiver = await startLagReceiver()
  try {
    const baseMb = round(server.program.rssMb())
    const perSessionMb: Record<string, number> = {}
    const texts: Record<string, Rate> = {}

    await link(client, control, range(0, 20), receiver.url)
    for (const sessions of [1, 20]) {
      progress(`texts over HTTP, ${sessions} session(s)`)
      texts[sessions] = await textRate(client, range(0, sessions), options.seconds)
    }
    progress('incoming messages to the webhook')
    const incoming = await incomingRate(control, receiver, options.seconds)
    await server.program.stop()

    // Memory is measured in a process that has done nothing but hold sessions.
    server.program = await server.restart()
    const idleMb = server.program.rssMb()
    let linked = 20
    for (const sessions of [50, options.sessions].filter((n) => n > 20)) {
      progress(`memory with ${sessions} sessions`)
      await link(client, control, range(linked, sessions), '')
      linked = sessions
      await server.program.stop()
      server.program = await server.restart()
      await until('sessions to be open', async () => (await client.loggedIn()) === sessions, 120_000)
      await delay(SETTLE_MS)
      perSessionMb[sessions] = round((server.program.rssMb() - idleMb) / sessions)
    }
    progress(`restart with ${linked} sessions`)
    await server.program.stop()
    const begun = performance.now()
    server.program = await server.restart()
    await until('sessions to be open', async () => (await client.loggedIn()) === linked, 120_000)
    const allOpenSeconds = round((performance.now() - begun) / 1000)
    return {
      texts,
      incoming,
      memory: { baseMb, perSessionMb },
      restart: { sessions: linked, allOpenSeconds },
    }
  } finally {
    await server.program.stop()
    receiver.stop()
  }
}

const tokenOf = (index: number) => `bench-token-${index}`
const phoneOf = (index: number) => `4478${String(index).padStart(8, '0')}`
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)

async function link(
  client: WuzapiClient,
  control: string,
  indexes: number[],
  webhook: string,
): Promise<void> {
  await forEachOf(indexes, LINK_AT_ONCE, async (index) => {
    const token = tokenOf(index)
    await client.createUser({ name: `Bench ${index}`, token, webhook, events: webhook ? 'Message' : '' })
    await client.connect(token)
    await client.scan(control, token, phoneOf(index))
  })
  await until(
    'all sessions to be linked',
    async () => (await Promise.all(indexes.map((index) => client.isLoggedIn(tokenOf(index))))).every(Boolean),
    120_000,
  )
}

async function textRate(client: WuzapiClient, indexes: number[], seconds: number): Promise<Rate> {
  const text = 'a text of ordinary length, like people write them'
  for (const index of indexes) await client.sendText(tokenOf(index), CONTACT, 'warm up')
  const latencies: number[] = []
  const start = performance.now()
  const end = start + seconds * 1000
  await Promise.all(
    indexes.map(async (index) => {
      while (performance.now() < end) {
        const begun = performance.now()
        await client.sendText(tokenOf(index), CONTACT, text)
        latencies.push(performance.now() - begun)
      }
    }),
  )
  return { perSecond: round(latencies.length / ((performance.now() - start) / 1000)), ...spread(latencies) }
}

/** Messages a second when contacts write as fast as they can, and the lag when they write half as fast as that. */
async function incomingRate(control: string, receiver: LagReceiver, seconds: number): Promise<Rate> {
  const senders = range(0, SENDERS).map((index) => `44791200000${index}`)
  for (const phone of senders)
    await call(`${control}/sandbox/contacts`, { body: { phone, name: `Sender ${phone}` } })
  const flood = await contactsWrite(control, receiver, senders, { seconds, pauseMs: 0 })
  const pauseMs = (2 * SENDERS * 1000) / flood
  await contactsWrite(control, receiver, senders, { seconds, pauseMs })
  return { perSecond: round(flood), ...spread(receiver.lags) }
}

/** Lets every contact write to its own session; resolves with messages a second once all are at the receiver. */
async function contactsWrite(
  control: string,
  receiver: LagReceiver,
  senders: string[],
  { seconds, pauseMs }: { seconds: number; pauseMs: number },
): Promise<number> {
  receiver.lags.length = 0
  let sent = 0
  const start = performance.now()
  const end = start + seconds * 1000
  await Promise.all(
    senders.map(async (phone, index) => {
      for (let due = start; performance.now() < end; due += pauseMs) {
        await delay(Math.max(0, due - performance.now()))
        await call(`${control}/sandbox/contacts/${phone}/send`, {
          body: { to: phoneOf(index), text: `at ${Date.now()}` },
        })
        sent++
      }
    }),
  )
  await until('every message at the receiver', async () => receiver.lags.length >= sent)
  return sent / ((performance.now() - start) / 1000)
}

interface LagReceiver {
  url: string
  /** Milliseconds between the sending of each message and its arrival here. */
  lags: number[]
  stop(): void
}

async function startLagReceiver(): Promise<LagReceiver> {
  const lags: number[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString()
    })
    request.on('end', () => {
      const sentAt = /"at (\d+)"/.exec(body)?.[1]
      if (sentAt) lags.push(Date.now() - Number(sentAt))
      response.end('ok')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A listening TCP server has an address object.
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}/hook`, lags, stop: () => server.close() }
}

async function bareRate(wsUrl: string, control: string, sessions: number, seconds: number): Promise<Rate> {
  const args = [
    '--import',
    'tsx',
    'test/load/bare-baileys.ts',
    wsUrl,
    control,
    String(sessions),
    String(seconds),
    CONTACT,
  ]
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 60_000 + seconds * 1000 })
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '')
}

/** A port nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const probe = createTcpServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  return port
}
