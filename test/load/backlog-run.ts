import { readdirSync, statSync } from 'node:fs'
import { createServer, type Server as HttpServer } from 'node:http'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { EventBus } from '../../src/events/bus.ts'
import type { MessageEvent } from '../../src/events/event.ts'
import { createLogger } from '../../src/lib/process/logger.ts'
import { openSecrets } from '../../src/lib/secrets/secrets.ts'
import { GroupCommit } from '../../src/store/commit/group-commit.ts'
import { type Database, openDatabase } from '../../src/store/database/database.ts'
import { plainMessage } from '../../src/whatsapp/wire/plain-message.ts'
import { freePort } from '../helpers/free-port.ts'
import { toOwnWebhook } from '../helpers/router.ts'
import { type RunOptions, range, type Server, startServer, tokenOf } from './bench-parts.ts'
import { forEachOf, until } from './client.ts'
import { cpuMs } from './cpu.ts'
import { round, type Spread, spread } from './stats.ts'

/** What a receiver that is away costs, and how fast its deliveries come when it is back. */
export interface BacklogFigures {
  events: number
  users: number
  chats: number
  /** Events recorded a second while nobody delivers. */
  recordedPerSecond: number
  /** What an event and its delivery take on disk, in bytes. */
  bytesPerEvent: number
  /** Resident memory of a server without deliveries, with all of them waiting, and at most while they were made. */
  memoryMb: { empty: number; waiting: number; draining: number }
  /** From the receiver's return to its first delivery: what is left of the breakers' pauses. */
  firstAfterSeconds: number
  drainSeconds: number
  deliveredPerSecond: number
  /** CPU time of the server, all threads: the rate on an idle machine follows from it. */
  cpuMsPerDelivery: number
  /** From request to answer, as the server saw it. */
  attempts: Spread
  problems: string[]
}

const USERS = 200
const CHATS_PER_USER = 10
const EVENTS_AT_ONCE = 50
const REFUSED_MS = 15_000
const SAMPLE_MS = 500
const DRAIN_LIMIT_MS = 900_000
const ENCRYPTION_KEY = 'backlog'

/** Fills the queue for a receiver that refuses connections, lets it return, and checks what arrives. */
export async function backlogRun(options: RunOptions & { events: number }): Promise<BacklogFigures> {
  const { progress, events } = options
  const receiver = new RefusingReceiver(await freePort())
  const server = await startServer(options, 'sandbox', { ENCRYPTION_KEY })
  try {
    await forEachOf(range(0, USERS), 8, (index) =>
      server.client.createUser({
        name: `Backlog ${index}`,
        token: tokenOf(index),
        webhook: `${receiver.url}/${index}`,
        events: 'Message',
      }),
    )
    await delay(SAMPLE_MS)
    const empty = server.program.rssMb()
    await server.program.stop()

    progress(`recording ${events} events`)
    const recorded = await record(options)
    server.program = await server.restart()
    progress('the receiver refuses')
    const waiting = await highestRss(server, delay(REFUSED_MS))

    progress('the receiver is back')
    const returned = performance.now()
    const cpuBefore = cpuMs(server.program.pid)
    await receiver.open()
    const arrived = until(
      'every delivery',
      async () => receiver.arrivals.length >= events,
      DRAIN_LIMIT_MS,
    ).catch(() => {})
    const draining = await highestRss(server, arrived)
    const cpu = cpuMs(server.program.pid) - cpuBefore
    await delay(SAMPLE_MS)
    const last = receiver.arrivals.at(-1)?.at ?? returned
    const first = receiver.arrivals[0]?.at ?? returned
    const attempts = await latencies(options)
    return {
      events,
      users: USERS,
      chats: USERS * CHATS_PER_USER,
      ...recorded,
      memoryMb: { empty: round(empty), waiting: round(waiting), draining: round(draining) },
      firstAfterSeconds: round((first - returned) / 1000),
      drainSeconds: round((last - first) / 1000),
      deliveredPerSecond: round(receiver.arrivals.length / ((last - first) / 1000)),
      cpuMsPerDelivery: round(cpu / receiver.arrivals.length),
      attempts: spread(attempts),
      problems: problemsOf(receiver.arrivals, events),
    }
  } finally {
    await server.program.stop('SIGKILL')
    receiver.close()
  }
}

/** Records the events in this process, as a server does with what arrives, spread over all chats. */
async function record(
  options: RunOptions & { events: number },
): Promise<Pick<BacklogFigures, 'recordedPerSecond' | 'bytesPerEvent'>> {
  const db = await openDatabase({ dataDir: options.folder, databaseUrl: options.databaseUrl })
  try {
    const secrets = await openSecrets({ dataDir: options.folder, encryptionKey: ENCRYPTION_KEY })
    const bus = new EventBus({
      db,
      commits: new GroupCommit(db, secrets),
      secrets,
      log: createLogger('error'),
      router: toOwnWebhook,
    })
    const rows: { id: string }[] = await db('users').select('id')
    const users = rows.map(({ id }) => id)
    const before = await sizeOf(db, options)
    const begun = performance.now()
    const numbers = new Map<string, number>()
    for (let done = 0, turn = 0; done < options.events; turn++) {
      const user = users[turn % users.length] ?? ''
      const count = Math.min(EVENTS_AT_ONCE, options.events - done)
      const batch = range(0, count).map((index) => {
        const chat = `${turn % users.length}-${index % CHATS_PER_USER}`
        const number = numbers.get(chat) ?? 0
        numbers.set(chat, number + 1)
        return message(chat, number)
      })
      await bus.record(user, batch)
      done += count
    }
    const seconds = (performance.now() - begun) / 1000
    const after = await sizeOf(db, options)
    return {
      recordedPerSecond: round(options.events / seconds),
      bytesPerEvent: Math.round((after - before) / options.events),
    }
  } finally {
    await db.destroy()
  }
}

/** Bytes of the database, with what has not been folded into it yet. */
async function sizeOf(db: Database, { folder, databaseUrl }: RunOptions): Promise<number> {
  if (databaseUrl) {
    const { rows } = await db.raw('select pg_database_size(current_database()) as size')
    return Number(rows[0].size)
  }
  await db.raw('pragma wal_checkpoint(truncate)')
  const files = readdirSync(folder).filter((name) => name.startsWith('parley.db'))
  return files.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0)
}

async function latencies(options: RunOptions): Promise<number[]> {
  const db = await openDatabase({ dataDir: options.folder, databaseUrl: options.databaseUrl })
  try {
    const rows: { latency_ms: number }[] = await db('attempts').where('status', 200).select('latency_ms')
    return rows.map((row) => row.latency_ms)
  } finally {
    await db.destroy()
  }
}

async function highestRss({ program }: Server, until: Promise<unknown>): Promise<number> {
  let highest = program.rssMb()
  let isOver = false
  void until.finally(() => {
    isOver = true
  })
  while (!isOver) {
    highest = Math.max(highest, program.rssMb())
    await Promise.race([until, delay(SAMPLE_MS)])
  }
  return highest
}

interface Arrival {
  chat: string
  number: number
  at: number
}

function problemsOf(arrivals: Arrival[], expected: number): string[] {
  const next = new Map<string, number>()
  let outOfOrder = 0
  let repeated = 0
  for (const { chat, number } of arrivals) {
    const wanted = next.get(chat) ?? 0
    if (number < wanted) repeated++
    else if (number > wanted) outOfOrder++
    next.set(chat, Math.max(wanted, number + 1))
  }
  const different = new Set(arrivals.map(({ chat, number }) => `${chat}/${number}`)).size
  return Object.entries({
    'never arrived': expected - different,
    'arrived before the one before it': outOfOrder,
    'arrived twice': repeated,
  }).flatMap(([what, count]) => (count > 0 ? [`${count} ${what}`] : []))
}

/** A receiver whose port refuses connections until it is opened. */
class RefusingReceiver {
  readonly arrivals: Arrival[] = []
  readonly #port: number
  readonly #server: HttpServer

  constructor(port: number) {
    this.#port = port
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const [, chat = '', number] = /"backlog (\d+-\d+) (\d+)"/.exec(Buffer.concat(chunks).toString()) ?? []
        this.arrivals.push({ chat, number: Number(number), at: performance.now() })
        response.end('ok')
      })
    })
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  open(): Promise<void> {
    return new Promise((resolve) => this.#server.listen(this.#port, '127.0.0.1', resolve))
  }

  close(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }
}

function message(chat: string, number: number): MessageEvent {
  const jid = `4479${chat.replace('-', '0000')}@s.whatsapp.net`
  return {
    ...plainMessage,
    type: 'message',
    id: `3A${chat.replace('-', 'B')}C${number}`,
    chat: jid,
    sender: jid,
    senderAlt: '',
    recipientAlt: '',
    fromMe: false,
    isGroup: false,
    addressingMode: 'pn',
    serverId: 0,
    stanzaType: 'text',
    pushName: 'Somebody',
    timestamp: Math.floor(Date.now() / 1000),
    multicast: false,
    mediaType: '',
    raw: { conversation: `backlog ${chat} ${number}` },
    deviceSent: null,
    sourceWebMessage: null,
  }
}
