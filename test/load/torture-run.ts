import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort } from '../helpers/free-port.ts'
import { attacksNamed } from './attacks/attacks.ts'
import { startAttackers } from './attacks/start-attackers.ts'
import { call, forEachOf, until, WuzapiClient } from './client.ts'
import { Mailbox } from './mailbox.ts'
import { MoodyReceiver } from './moody-receiver.ts'
import { startProgram } from './processes.ts'
import { randomFrom } from './random.ts'
import { RetryLog } from './retry-log.ts'
import { StubbornSender } from './stubborn-sender.ts'
import { judge, type TortureFigures } from './torture-verdict.ts'
import { Victim } from './victim.ts'
import { Witnesses } from './witnesses/witnesses.ts'

interface TortureOptions {
  folder: string
  minutes: number
  sessions: number
  /** Hostile tenants. */
  hostile: number
  /** Words in the names of the attacks; all when absent. */
  only: string | undefined
  /** Whether slow webhooks of those that are not concerned are a problem. */
  judgesLatency: boolean
  seed: number
  databaseUrl: string | undefined
  progress: (line: string) => void
}

const ADMIN_TOKEN = 'torture-admin'
/** A contact whose messages pile up pauses, or a slow machine would spend the drain on them. */
const MAX_UNDELIVERED = 50
/** Messages count as lost when none has arrived for so long. */
const STALLED_MS = 60_000
/**
 * How long at least between two sentences of a contact, or of a program. As long as lags are judged, everybody is calmer: a
 * processor that is busy from end to end lets every message wait for every other one.
 */
const SENTENCE_MS = { hurried: 120, calm: 3_000 }
/** How long at least between two kills. */
const LIFE_MS = 4_000
const COLLECT_MS = 10_000
// A program starts in two seconds, but not where everything else is tested at the same moment.
const START_MS = 120_000
/** Short, so that an answer that comes too late costs a chat little time. */
const WEBHOOK_TIMEOUT_MS = 1_500
/** The service is far away: kills must also hit the time between a message's leaving and its ack. */
const NETWORK_DELAY_MS = 60
/** After the last kill the server is back, and what was not accepted so far is accepted. */
const LAST_CHANCE_MS = 60_000
/** Sessions that nothing is done to. */
const WITNESSES = 4
/** At the beginning there are no hostile tenants yet, for this part of the run. */
const QUIET_SHARE = 0.25
const QUIET_MS = { least: 6_000, most: 480_000 }
/** The first messages of a chat make its keys. */
const WARM_UP_MS = 2_000
/** Each hostile tenant goes over to the next attack after so long, or sooner in a short run, to come round once. */
const TURN_MS = { least: 8_000, most: 30_000 }

/** Runs the whole ordeal; the figures name every problem. */
export async function torture(options: TortureOptions): Promise<TortureFigures> {
  const { progress, sessions, hostile, seed } = options
  const random = randomFrom(seed)
  const sandboxPort = await freePort()
  const control = `http://127.0.0.1:${sandboxPort}`
  const sandbox = await startProgram(['dist/src/sandbox/standalone.js', '--port', String(sandboxPort)], {
    ready: `${control}/root-key`,
    timeoutMs: START_MS,
  })
  const receiver = await MoodyReceiver.start({ timeoutMs: WEBHOOK_TIMEOUT_MS })
  const goodReceiver = await MoodyReceiver.start({ timeoutMs: WEBHOOK_TIMEOUT_MS })
  const port = await freePort()
  const client = new WuzapiClient(`http://127.0.0.1:${port}`, ADMIN_TOKEN)
  const victim = await Victim.start(() =>
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
        WEBHOOK_TIMEOUT_MS: String(WEBHOOK_TIMEOUT_MS),
        ...(options.databaseUrl ? { DATABASE_URL: options.databaseUrl } : {}),
      },
    }),
  )
  const accounts = accountsOf('torture', sessions)
  const witnessAccounts = accountsOf('witness', WITNESSES)

  try {
    progress(`linking ${sessions} sessions and ${WITNESSES} witnesses (seed ${seed})`)
    const everybody = [
      ...accounts.map((account) => ({ ...account, webhook: receiver.url })),
      ...witnessAccounts.map((account) => ({ ...account, webhook: goodReceiver.url })),
    ]
    for (const { contact } of everybody)
      await call(`${control}/sandbox/contacts`, { body: { phone: contact, name: contact } })
    await forEachOf(everybody, 4, async ({ token, own, webhook }) => {
      await client.createUser({ name: token, token, webhook, events: 'Message' })
      await client.connect(token)
      await until('a code', () => client.showsQr(token))
      await client.scan(control, token, own)
    })
    const allOpen = async () => (await client.loggedIn()) === everybody.length
    await until('all sessions to open', allOpen, 120_000)

    await call(`${control}/sandbox/faults`, { body: { kind: 'delay', ms: NETWORK_DELAY_MS } })

    const begun = Date.now()
    const end = begun + options.minutes * 60_000
    const quietMs = within(QUIET_MS, QUIET_SHARE * (end - begun))
    const quietUntil = begun + quietMs
    // Lags are compared between two parts without kills: for seconds after its start a server is slow for everybody, and how
    // slow says more of the start than of the neighbours.
    const killsFrom = options.judgesLatency ? quietUntil + quietMs : begun
    const sentenceMs = () => SENTENCE_MS[Date.now() < killsFrom ? 'calm' : 'hurried']
    const fromContacts: string[][] = accounts.map(() => [])
    const senders = accounts.map(
      ({ token, contact }) =>
        new StubbornSender({ base: client.base, token, contact, deadline: end + LAST_CHANCE_MS }),
    )
    const witnesses = new Witnesses({ pairs: witnessAccounts, control, receiver: goodReceiver })

    const contactsTalk = accounts.map(async ({ own, contact }, index) => {
      while (Date.now() < end) {
        const spoken = fromContacts[index] ?? []
        if (spoken.filter((text) => !receiver.texts.has(text)).length >= MAX_UNDELIVERED) {
          await delay(sentenceMs())
          continue
        }
        const text = `tc-${index}-${spoken.length}`
        await call(`${control}/sandbox/contacts/${contact}/send`, { body: { to: own, text } })
        spoken.push(text)
        await delay(sentenceMs() + random() * 400)
      }
    })
    const clientsSend = senders.map(async (sender, index) => {
      for (let n = 0; Date.now() < end; n++) {
        await sender.send(`ta-${index}-${n}`)
        await delay(sentenceMs() + random() * 400)
      }
    })
    const moods = ['good', 'slow', 'failing', 'closing'] as const
    const receiverChanges = async () => {
      while (Date.now() < end) {
        receiver.mood = moods[Math.floor(random() * moods.length)] ?? 'good'
        // The server may be down; what waits for its turn then goes on waiting.
        if (receiver.mood === 'good') await redriveAll(client).catch(() => {})
        await delay(1_000 + random() * 3_000)
      }
    }
    const mailboxes = accounts.map(({ contact }) => new Mailbox(control, contact, 'ta-'))
    const retries = new RetryLog(
      control,
      everybody.flatMap(({ own, contact }) => [own, contact]),
    )
    const collector = (async () => {
      while (Date.now() < end) {
        await delay(COLLECT_MS)
        for (const mailbox of mailboxes) await mailbox.look()
        await retries.look()
      }
    })()
    const killer = async () => {
      await delay(killsFrom - Date.now())
      while (Date.now() < end - 5_000) {
        await delay(LIFE_MS * (1 + 2 * random()))
        await victim.restart()
        if (victim.kills % 5 === 0)
          progress(`${victim.kills} kills, ${receiver.accepted.length} webhooks accepted`)
      }
    }
    const neighbours = async () => {
      if (hostile === 0) return undefined
      await delay(quietUntil - Date.now())
      progress(`the quiet is over; ${hostile} hostile tenants come`)
      const attackers = await startAttackers({
        place: { base: client.base, adminToken: ADMIN_TOKEN, control, isCalm: options.judgesLatency },
        only: options.only,
        tenants: hostile,
        turnMs: within(TURN_MS, ((end - quietUntil) * hostile) / attacksNamed(options.only).length),
      })
      await delay(end - Date.now())
      return attackers
    }
    const ordeal = (async () => {
      // What hostile tenants do to others is the difference to a time without them in which all else is the same.
      const [attackers] = await Promise.all([neighbours(), receiverChanges(), killer()])
      return attackers?.stop()
    })()
    const [attacked] = await Promise.all([
      ordeal,
      witnesses.talkUntil(end),
      ...contactsTalk,
      ...clientsSend,
      collector,
    ])
    receiver.mood = 'good'

    progress('draining')
    const expected = fromContacts.flat()
    await until('the targets to be redriven', () => redriveAll(client))
    await drained(receiver, expected)
    await drained(goodReceiver, witnesses.texts.flat())
    for (const [index, texts] of fromContacts.entries()) {
      const missing = texts.filter((text) => !receiver.texts.has(text))
      if (missing.length > 0) progress(`session ${index} misses ${missing.length}, first ${missing[0]}`)
    }
    for (const mailbox of mailboxes) await mailbox.look()
    await retries.look()

    return judge({
      seed,
      database: options.databaseUrl ? 'PostgreSQL' : 'SQLite',
      seconds: Math.round((Date.now() - begun) / 1000),
      victim,
      receiver,
      fromContacts,
      senders,
      atContacts: mailboxes.map(({ texts }) => texts),
      retryRequests: retries.requests,
      witnesses: {
        receiver: goodReceiver,
        texts: witnesses.texts,
        quiet: witnesses.flights({ from: begun + WARM_UP_MS, to: quietUntil }),
        suffering: witnesses.flights({ from: quietUntil, to: options.judgesLatency ? killsFrom : end }),
        judgesLatency: options.judgesLatency,
      },
      hostile: attacked && { tenants: hostile, ...attacked },
    })
  } finally {
    await victim.stop()
    await sandbox.stop()
    receiver.stop()
    goodReceiver.stop()
  }
}

interface Account {
  token: string
  own: string
  contact: string
}

/** Tokens and numbers; kinds have numbers of their own. */
function accountsOf(kind: 'torture' | 'witness', count: number): Account[] {
  const area = { torture: ['44780', '44790'], witness: ['44781', '44791'] }[kind]
  return Array.from({ length: count }, (_, index) => {
    const number = String(index).padStart(7, '0')
    return { token: `${kind}-${index}`, own: `${area[0]}${number}`, contact: `${area[1]}${number}` }
  })
}

function within({ least, most }: { least: number; most: number }, value: number): number {
  return Math.min(most, Math.max(least, value))
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

/** Resolves when every text has arrived and nothing is left to be repeated, or nothing has moved for a while. */
async function drained(receiver: MoodyReceiver, expected: string[]): Promise<void> {
  let missing = expected
  let unanswered = receiver.notRepeated
  for (
    let movedAt = Date.now();
    missing.length + unanswered > 0 && Date.now() - movedAt < STALLED_MS;
    await delay(100)
  ) {
    const still = missing.filter((text) => !receiver.texts.has(text))
    const { notRepeated } = receiver
    if (still.length < missing.length || notRepeated < unanswered) movedAt = Date.now()
    missing = still
    unanswered = notRepeated
  }
}
