import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort } from '../helpers/free-port.ts'
import { call, forEachOf, until, WuzapiClient } from './client.ts'
import { MoodyReceiver } from './moody-receiver.ts'
import { type RunningProgram, startProgram } from './processes.ts'

interface TortureOptions {
  folder: string
  minutes: number
  sessions: number
  seed: number
  databaseUrl: string | undefined
  progress: (line: string) => void
}

/** What happened, and everything that should not have. */
export interface TortureFigures {
  seed: number
  database: string
  seconds: number
  kills: number
  receivedByWebhook: { sent: number; lost: number; repeated: number; underTwoIds: number; outOfOrder: number }
  sentByApi: { accepted: number; lost: number; twice: number; refused: number }
  refusedByReceiver: number
  undecryptable: number
  problems: string[]
}

const ADMIN_TOKEN = 'torture-admin'
/** A contact whose messages pile up pauses, or a slow machine would spend the drain on them. */
const MAX_UNDELIVERED = 50
/** Messages count as lost when none has arrived for so long. */
const STALLED_MS = 60_000
const SENTENCE_PAUSE_MS = 120
const COLLECT_MS = 10_000
// A program starts in two seconds, but not where everything else is tested at the same moment.
const START_MS = 120_000

/** Runs the whole ordeal; the figures name every problem. */
export async function torture(options: TortureOptions): Promise<TortureFigures> {
  const { progress, sessions, seed } = options
  const random = randomFrom(seed)
  const sandboxPort = await freePort()
  const control = `http://127.0.0.1:${sandboxPort}`
  const sandbox = await startProgram(['dist/src/sandbox/standalone.js', '--port', String(sandboxPort)], {
    ready: `${control}/root-key`,
    timeoutMs: START_MS,
  })
  const receiver = await MoodyReceiver.start()
  const port = await freePort()
  const client = new WuzapiClient(`http://127.0.0.1:${port}`, ADMIN_TOKEN)
  const start = () =>
    startProgram(['dist/src/main.js'], {
      ready: `${client.base}/health`,
      log: join(options.folder, 'server.log'),
      timeoutMs: START_MS,
      env: {
        HOST: '127.0.0.1',
        PORT: String(port),
        DATA_DIR: options.folder,
        WHATSAPP_NETWORK: `ws://127.0.0.1:${sandboxPort}/ws/chat`,
        ADMIN_TOKEN,
        LOG_LEVEL: 'error',
        WEBHOOK_FORMAT: 'json',
        // Quick repeats, so that a bad mood is over within the run.
        WEBHOOK_RETRY_COUNT: '1000',
        WEBHOOK_RETRY_DELAY_SECONDS: '1',
        ...(options.databaseUrl ? { DATABASE_URL: options.databaseUrl } : {}),
      },
    })
  let server: RunningProgram = await start()
  const accounts = Array.from({ length: sessions }, (_, index) => ({
    token: `torture-${index}`,
    own: `44780${String(index).padStart(7, '0')}`,
    contact: `44790${String(index).padStart(7, '0')}`,
  }))

  try {
    progress(`linking ${sessions} sessions (seed ${seed})`)
    for (const { contact } of accounts)
      await call(`${control}/sandbox/contacts`, { body: { phone: contact, name: contact } })
    await forEachOf(accounts, 4, async ({ token, own }) => {
      await client.createUser({ name: token, token, webhook: receiver.url, events: 'Message' })
      await client.connect(token)
      await until('a code', () => client.showsQr(token))
      await client.scan(control, token, own)
    })
    await until('all sessions to open', async () => (await client.loggedIn()) === sessions, 120_000)

    const begun = Date.now()
    const end = begun + options.minutes * 60_000
    const fromContacts: string[][] = accounts.map(() => [])
    const fromApi: string[][] = accounts.map(() => [])
    let refused = 0
    let kills = 0

    const contactsTalk = accounts.map(async ({ own, contact }, index) => {
      while (Date.now() < end) {
        const spoken = fromContacts[index] ?? []
        if (spoken.filter((text) => !receiver.texts.has(text)).length >= MAX_UNDELIVERED) {
          await delay(SENTENCE_PAUSE_MS)
          continue
        }
        const text = `tc-${index}-${spoken.length}`
        await call(`${control}/sandbox/contacts/${contact}/send`, { body: { to: own, text } })
        spoken.push(text)
        await delay(SENTENCE_PAUSE_MS + random() * 400)
      }
    })
    const clientsSend = accounts.map(async ({ token, contact }, index) => {
      for (let n = 0; Date.now() < end; n++) {
        const text = `ta-${index}-${n}`
        // Only an acknowledged send is a promise; one that failed may still have left.
        await client.sendText(token, contact, text).then(
          () => fromApi[index]?.push(text),
          () => {
            refused++
          },
        )
        await delay(SENTENCE_PAUSE_MS + random() * 400)
      }
    })
    const moods = ['good', 'slow', 'failing', 'closing'] as const
    const receiverChanges = (async () => {
      while (Date.now() < end) {
        receiver.mood = moods[Math.floor(random() * moods.length)] ?? 'good'
        // The server may be down; what waits for its turn then goes on waiting.
        if (receiver.mood === 'good') await redriveAll(client).catch(() => {})
        await delay(1_000 + random() * 3_000)
      }
    })()
    const mailboxes = accounts.map(({ contact }) => new Mailbox(control, contact))
    const collector = (async () => {
      while (Date.now() < end) {
        await delay(COLLECT_MS)
        for (const mailbox of mailboxes) await mailbox.look()
      }
    })()
    const killer = (async () => {
      while (Date.now() < end - 5_000) {
        await delay(4_000 + random() * 8_000)
        await server.stop('SIGKILL')
        kills++
        if (kills % 5 === 0) progress(`${kills} kills, ${receiver.accepted.length} webhooks accepted`)
        server = await start()
      }
    })()
    await Promise.all([...contactsTalk, ...clientsSend, receiverChanges, killer, collector])
    receiver.mood = 'good'

    progress('draining')
    const expected = fromContacts.flat()
    await until('the targets to be redriven', () => redriveAll(client))
    await drained(receiver, expected)
    for (const [index, texts] of fromContacts.entries()) {
      const missing = texts.filter((text) => !receiver.texts.has(text))
      if (missing.length > 0) progress(`session ${index} misses ${missing.length}, first ${missing[0]}`)
    }
    for (const mailbox of mailboxes) await mailbox.look()

    return judge({
      options,
      kills,
      refused,
      seconds: Math.round((Date.now() - begun) / 1000),
      receiver,
      fromContacts,
      fromApi,
      received: mailboxes,
    })
  } finally {
    await server.stop('SIGKILL')
    await sandbox.stop()
    receiver.stop()
  }
}

/** Says, as an operator would, that the receivers are back: pauses after failures grow to minutes. */
async function redriveAll(client: WuzapiClient): Promise<true> {
  const headers = { authorization: client.adminToken }
  const base = `${client.base}/parley/targets`
  const { targets } = await call<{ targets: { id: string }[] }>(base, { headers })
  for (const { id } of targets) {
    if (id.startsWith('user:')) await call(`${base}/${id}/redrive`, { headers, body: {} })
  }
  return true
}

/** Resolves when every text has arrived, or none has for a while. */
async function drained(receiver: MoodyReceiver, expected: string[]): Promise<void> {
  let missing = expected
  for (let movedAt = Date.now(); missing.length > 0 && Date.now() - movedAt < STALLED_MS; ) {
    await delay(100)
    const still = missing.filter((text) => !receiver.texts.has(text))
    if (still.length < missing.length) movedAt = Date.now()
    missing = still
  }
}

interface Evidence {
  options: TortureOptions
  kills: number
  refused: number
  seconds: number
  receiver: MoodyReceiver
  fromContacts: string[][]
  fromApi: string[][]
  received: { texts: string[]; undecryptable: number }[]
}

function judge(evidence: Evidence): TortureFigures {
  const { receiver, fromContacts, fromApi, received } = evidence
  const idsByText = new Map<string, Set<string>>()
  const firstArrivals: string[] = []
  for (const { id, text } of receiver.accepted) {
    if (!idsByText.has(text)) firstArrivals.push(text)
    idsByText.set(text, (idsByText.get(text) ?? new Set()).add(id))
  }
  const expected = fromContacts.flat()
  const webhook = {
    sent: expected.length,
    lost: expected.filter((text) => !idsByText.has(text)).length,
    repeated: receiver.accepted.length - firstArrivals.length,
    underTwoIds: [...idsByText.values()].filter((ids) => ids.size > 1).length,
    outOfOrder: fromContacts.filter((texts) => {
      const mine = new Set(texts)
      const arrived = firstArrivals.filter((text) => mine.has(text))
      return arrived.some((text, index) => index > 0 && numberOf(text) < numberOf(arrived[index - 1] ?? ''))
    }).length,
  }
  const api = {
    accepted: fromApi.flat().length,
    lost: fromApi.reduce((sum, texts, index) => {
      const at = new Set(received[index]?.texts)
      return sum + texts.filter((text) => !at.has(text)).length
    }, 0),
    twice: received.reduce((sum, { texts }) => sum + texts.length - new Set(texts).size, 0),
    refused: evidence.refused,
  }
  const undecryptable = received.reduce((sum, one) => sum + one.undecryptable, 0)
  const problems = Object.entries({
    'messages of contacts that never reached the webhook': webhook.lost,
    'messages delivered under two ids': webhook.underTwoIds,
    'chats out of order': webhook.outOfOrder,
    'accepted sends that never reached the contact': api.lost,
    'sends that reached the contact twice': api.twice,
    'messages a contact could not decrypt at once': undecryptable,
  }).flatMap(([what, count]) => (count > 0 ? [`${count} ${what}`] : []))
  return {
    seed: evidence.options.seed,
    database: evidence.options.databaseUrl ? 'PostgreSQL' : 'SQLite',
    seconds: evidence.seconds,
    kills: evidence.kills,
    receivedByWebhook: webhook,
    sentByApi: api,
    refusedByReceiver: receiver.refused,
    undecryptable,
    problems,
  }
}

/** The figures as a table, what went wrong, and one line of JSON. */
export function verdict(figures: TortureFigures): string {
  const { receivedByWebhook: webhook, sentByApi: api } = figures
  const rows = [
    ['database', figures.database],
    ['run', `${figures.seconds} s, ${figures.kills} kills, seed ${figures.seed}`],
    [
      'contacts to webhook',
      `${webhook.sent} sent, ${webhook.lost} lost, ${webhook.repeated} repeated under the same id`,
    ],
    ['  under two ids, chats out of order', `${webhook.underTwoIds}, ${webhook.outOfOrder}`],
    [
      'API to contacts',
      `${api.accepted} accepted, ${api.lost} lost, ${api.twice} twice, ${api.refused} refused`,
    ],
    ['undecryptable at a contact', String(figures.undecryptable)],
    ['refused by the receiver', String(figures.refusedByReceiver)],
  ]
  const table = rows.map(([name = '', value]) => `${name.padEnd(38)}${value}`).join('\n')
  const outcome =
    figures.problems.length > 0 ? `FAILED: ${figures.problems.join('; ')}` : 'Nothing lost, nothing twice.'
  return `\n${table}\n\n${outcome}\n\n${JSON.stringify(figures)}\n`
}

/** What one contact has decrypted so far, gathered in time: the simulated phone keeps only its newest messages. */
class Mailbox {
  readonly #url: string
  readonly #texts = new Map<string, string>()
  readonly #copies = new Map<string, number>()
  readonly #retried = new Set<string>()

  constructor(control: string, contact: string) {
    this.#url = `${control}/sandbox/contacts/${contact}/messages`
  }

  async look(): Promise<void> {
    const { messages } = await call<{ messages: { id: string; text?: string; retries: number }[] }>(this.#url)
    const copies = new Map<string, number>()
    for (const { id, text, retries } of messages) {
      if (!text?.startsWith('ta-')) continue
      this.#texts.set(id, text)
      copies.set(id, (copies.get(id) ?? 0) + 1)
      if (retries > 0) this.#retried.add(id)
    }
    for (const [id, count] of copies) this.#copies.set(id, Math.max(count, this.#copies.get(id) ?? 0))
  }

  /** Every text, as often as it arrived. */
  get texts(): string[] {
    return [...this.#texts].flatMap(([id, text]) =>
      Array.from({ length: this.#copies.get(id) ?? 1 }, () => text),
    )
  }

  get undecryptable(): number {
    return this.#retried.size
  }
}

const numberOf = (text: string) => Number(text.split('-').at(-1))

/** A repeatable stream of numbers from 0 to 1 (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
