import { setTimeout as delay } from 'node:timers/promises'
import {
  CONTACT,
  link,
  phoneOf,
  type RunOptions,
  range,
  type Sandbox,
  type Server,
  startSandbox,
  startServer,
  tokenOf,
} from '../bench-parts.ts'
import { call, until } from '../client.ts'
import { MoodyReceiver } from '../moody-receiver.ts'
import { type Spread, spread } from '../stats.ts'
import { type Steady, steadyTexts } from '../steady.ts'
import type { Flight } from '../witnesses/lag.ts'
import { lagMs } from '../witnesses/lag.ts'
import { Witnesses } from '../witnesses/witnesses.ts'
import type { Attack } from './attack.ts'
import { attacksNamed } from './attacks.ts'
import { startAttackers } from './start-attackers.ts'
import type { AttackFigures } from './tally.ts'

/** What tenants that have nothing to do with it noticed of one attack. */
export interface AttackRow {
  /** The attack; `quiet` is none. */
  name: string
  /** Texts sent by the API, from request to answer. */
  sends: Steady
  /** Messages of contacts, from the network's taking them to the webhook. */
  webhooks: Spread
  /** Those that had not arrived when there was no more waiting. */
  missing: number
  /** How the server ended if it did, or why nothing could be measured. */
  failure?: string
  attack?: AttackFigures
}

interface AttackOptions extends RunOptions {
  /** How long each attack lasts. */
  seconds: number
  /** Words in the names of the attacks; all when absent. */
  only: string | undefined
}

const UNAFFECTED = range(0, 4)
const SENDS_PER_SECOND = 16
const WARM_UP_MS = 3_000
const PATIENCE_MS = 30_000
/** A server that has not answered for so long will not answer any more. */
const HANGS_MS = 90_000

/** Measures the same tenants in the quiet and under each attack, on a server that is started anew for each. */
export async function attackRun(options: AttackOptions): Promise<AttackRow[]> {
  const sandbox = await startSandbox()
  const receiver = await MoodyReceiver.start({ timeoutMs: PATIENCE_MS })
  const pairs = UNAFFECTED.map((index) => ({ own: phoneOf(index), contact: `44791200000${index}` }))
  const witnesses = new Witnesses({ pairs, control: sandbox.control, receiver })
  try {
    options.progress('linking the tenants that are measured')
    for (const { contact } of pairs)
      await call(`${sandbox.control}/sandbox/contacts`, { body: { phone: contact, name: contact } })
    const first = await startServer(options, sandbox.wsUrl)
    await first.client.removeUsers()
    await link(first.client, sandbox.control, UNAFFECTED, receiver.url)
    await first.program.stop('SIGKILL')

    const rows: AttackRow[] = []
    for (const attack of [undefined, ...attacksNamed(options.only)]) {
      options.progress(attack?.name ?? 'quiet')
      const row = await measureUnder(attack, { options, sandbox, witnesses }).catch((error: unknown) =>
        notMeasured(attack, error),
      )
      rows.push(row)
    }
    return rows
  } finally {
    await sandbox.program.stop()
    receiver.stop()
  }
}

/** What can be said when the server did not even start, or nobody could attack it. */
function notMeasured(attack: Attack | undefined, error: unknown): AttackRow {
  const none = spread([])
  return {
    name: attack?.name ?? 'quiet',
    sends: { ...none, perSecond: 0, failed: 0 },
    webhooks: none,
    missing: 0,
    failure: error instanceof Error ? error.message : String(error),
  }
}

interface Given {
  options: AttackOptions
  sandbox: Sandbox
  witnesses: Witnesses
}

async function measureUnder(attack: Attack | undefined, given: Given): Promise<AttackRow> {
  const settings = await attack?.settings?.()
  try {
    const server = await startServer(given.options, given.sandbox.wsUrl, settings?.env)
    const life: Life = {}
    void server.program.exited.then((how) => {
      life.ended ??= `the server ended with ${how}`
    })
    try {
      return await measureOn(server, attack, { ...given, life })
    } catch (error) {
      if (life.ended === undefined) throw error
      throw new Error(life.ended, { cause: error })
    } finally {
      // What is still under way for the attackers is not worth waiting for.
      await server.program.stop('SIGKILL')
    }
  } finally {
    settings?.stop()
  }
}

/** What became of a server. */
interface Life {
  ended?: string
}

async function measureOn(
  { client, program }: Server,
  attack: Attack | undefined,
  { options, sandbox, witnesses, life }: Given & { life: Life },
): Promise<AttackRow> {
  for (const index of UNAFFECTED)
    await until(`session ${index} to be open`, () => client.isLoggedIn(tokenOf(index)), PATIENCE_MS)
  // The first message of a session reads what the later ones find in memory.
  for (const index of UNAFFECTED) await client.sendText(tokenOf(index), CONTACT, 'warm up')
  await witnesses.talkUntil(Date.now() + WARM_UP_MS)

  const place = { base: client.base, adminToken: client.adminToken, control: sandbox.control }
  const attackers = attack && (await startAttackers({ place, only: attack.name, tenants: 1 }))
  const from = Date.now()
  const to = from + options.seconds * 1000
  const hanging = setTimeout(
    () => {
      life.ended = 'the server did not answer any more'
      void program.stop('SIGKILL')
    },
    options.seconds * 1000 + HANGS_MS,
  )
  try {
    const [sends] = await Promise.all([
      steadyTexts([client], UNAFFECTED, { perSecond: SENDS_PER_SECOND, seconds: options.seconds }),
      witnesses.talkUntil(to),
    ])
    const flights = await landed(
      () => witnesses.flights({ from, to }),
      () => life.ended !== undefined,
    )
    // Before a look at the server's life: it may not survive what is still under way either.
    const figures = await attackers?.stop()
    return {
      name: attack?.name ?? 'quiet',
      sends,
      webhooks: spread(flights.map(({ sentAt, arrivedAt }) => lagMs(sentAt, arrivedAt))),
      missing: flights.filter(({ arrivedAt }) => arrivedAt === undefined).length,
      failure: life.ended,
      attack: figures,
    }
  } finally {
    clearTimeout(hanging)
    await attackers?.stop()
  }
}

/** The flights once all have arrived, or there is no sense in waiting any longer. */
async function landed(flights: () => Flight[], isHopeless: () => boolean): Promise<Flight[]> {
  const deadline = Date.now() + PATIENCE_MS
  const isOver = () =>
    isHopeless() || Date.now() > deadline || flights().every(({ arrivedAt }) => arrivedAt !== undefined)
  while (!isOver()) await delay(100)
  return flights()
}
