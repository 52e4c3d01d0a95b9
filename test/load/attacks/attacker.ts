/**
 * The process that attackers live in: what they compute must not delay those who measure. Started by
 * `startAttackers`, which tells it by message to stop; it answers with what was done, and ends.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { Attack } from './attack.ts'
import { attacksNamed } from './attacks.ts'
import { type Place, Stage } from './stage.ts'
import { Tally } from './tally.ts'

/** What the process is told to do. */
export interface AttackOrders {
  place: Place
  /** Words in the names of the attacks; all when absent. */
  only: string | undefined
  /** How many attack at the same time. */
  tenants: number
  /** When each goes over to the next attack; never when absent. */
  turnMs?: number
}

/** What it says: once it is under way, and at its end. */
export type AttackNews = { name: 'ready' } | { name: 'done'; tally: Tally['figures'] }

const tally = new Tally()
const stopping = new AbortController()

async function run({ place, only, tenants, turnMs }: AttackOrders): Promise<void> {
  // A wrong setting of the server is none of the neighbours' attacks; with one attack alone it is the only one.
  const all = attacksNamed(only)
  const list = all.length > 1 ? all.filter(({ settings }) => !settings) : all
  const players = Array.from({ length: tenants }, (_, slot) =>
    play({
      place,
      list,
      first: Math.floor((slot * list.length) / tenants),
      slot,
      turnMs,
      arrivesAfterMs: ((turnMs ?? 0) * slot) / tenants,
    }),
  )
  // Those that take turns go on whatever happens to the server, so nobody waits for their first ones.
  if (turnMs !== undefined) await tell({ name: 'ready' })
  await Promise.all(players)
  await tell({ name: 'done', tally: tally.figures })
}

interface Part {
  place: Place
  list: Attack[]
  first: number
  slot: number
  turnMs: number | undefined
  /** How long it waits at the beginning. */
  arrivesAfterMs: number
}

/** One attack after the other. The tenants of one are deleted a turn later, with everything that is still in flight. */
async function play({ place, list, first, slot, turnMs, arrivesAfterMs }: Part): Promise<void> {
  let former: Stage | undefined
  // Each at a moment of its own: whoever comes links phones first.
  await delay(arrivesAfterMs, undefined, { signal: stopping.signal }).catch(() => {})
  for (let count = 0; !stopping.signal.aborted; count++) {
    const attack = list[(first + count) % list.length]
    if (!attack) break
    const turn = turnOf(turnMs)
    const stage = new Stage(place, { slot: 2 * slot + (count % 2), tally, signal: turn.signal })
    await attackUntil(turn.signal, attack, stage)
    turn.end()
    await former?.leave()
    former = stage
  }
  await former?.leave()
}

async function attackUntil(over: AbortSignal, attack: Attack, stage: Stage): Promise<void> {
  tally.begun(attack.name)
  try {
    const stop = await attack.start(stage)
    if (!process.connected) return
    await tell({ name: 'ready' })
    await delay(2 ** 31 - 1, undefined, { signal: over }).catch(() => {})
    await stop()
  } catch (error) {
    tally.failed(error)
  }
}

/**
 * Is over after that time, or when everything is. Node 20 collects signals that are combined of others while somebody
 * still waits for them, so this one is made by hand.
 */
function turnOf(ms: number | undefined): { signal: AbortSignal; end: () => void } {
  const turn = new AbortController()
  const end = () => turn.abort()
  const timer = ms === undefined ? undefined : setTimeout(end, ms)
  stopping.signal.addEventListener('abort', end)
  return {
    signal: turn.signal,
    end: () => {
      clearTimeout(timer)
      stopping.signal.removeEventListener('abort', end)
      end()
    },
  }
}

/** Resolves when it has been said, as the process may end right after it. */
function tell(news: AttackNews): Promise<void> {
  return new Promise((resolve) => process.send?.(news, () => resolve()))
}

process.on('message', () => stopping.abort())
// Whoever started it is gone.
process.once('disconnect', () => process.exit(1))
await run(JSON.parse(process.argv[2] ?? '{}'))
process.exit(0)
