import { execFile } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import {
  CONTACT,
  link,
  phoneOf,
  type RunOptions,
  range,
  type Server,
  startSandbox,
  startServer,
  tokenOf,
} from './bench-parts.ts'
import { call, until, type WuzapiClient } from './client.ts'
import type { Figures, Rate } from './report.ts'
import { round, spread } from './stats.ts'

interface BenchOptions extends RunOptions {
  seconds: number
}

const SENDERS = 4

/** Compares the server with the bare library, and follows messages from contacts to the webhook. */
export async function benchRun(options: BenchOptions): Promise<Figures> {
  const { progress, seconds } = options
  progress('starting the simulated network')
  const { control, wsUrl, program: sandbox } = await startSandbox()
  try {
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
      bare,
      ratio,
      ...measured,
    }
  } finally {
    await sandbox.stop()
  }
}

async function measureServer(
  options: BenchOptions,
  server: Server,
  control: string,
  progress: (line: string) => void,
): Promise<Pick<Figures, 'texts' | 'incoming'>> {
  const { client } = server
  const receiver = await startLagReceiver()
  try {
    const texts: Record<string, Rate> = {}

    await client.removeUsers()
    await link(client, control, range(0, 20), receiver.url)
    for (const sessions of [1, 20]) {
      progress(`texts over HTTP, ${sessions} session(s)`)
      texts[sessions] = await textRate(client, range(0, sessions), options.seconds)
    }
    progress('incoming messages to the webhook')
    const incoming = await incomingRate(control, receiver, options.seconds)
    return { texts, incoming }
  } finally {
    await server.program.stop()
    receiver.stop()
  }
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
