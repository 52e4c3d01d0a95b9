import type { Dropped } from './device.ts'

/** How an account goes: `ready` in a trial; `present`: it is here already, or its token is; `refused`: it cannot come. */
export type Outcome = 'ready' | 'imported' | 'present' | 'refused'

/** The same thing that happened to several. */
export interface DroppedKind {
  what: string
  why: string
  count: number
  /** The first few. */
  whose: string[]
}

/** What becomes of one account. Holds no secret. */
export interface AccountReport {
  id: string
  name: string
  /** JID with device part, '' for none. */
  device: string
  outcome: Outcome
  /** Why it does not come, or without its device; else ''. */
  reason: string
  /** How many rows of each kind are taken over. */
  taken: Record<string, number>
  dropped: DroppedKind[]
}

const EXAMPLES = 3
const COMING: Outcome[] = ['ready', 'imported']
/** Of a name in a report; longer ones fill the screen. */
const MAX_SHOWN = 80

/** Counts what is taken over of an account, and what is not. */
export class Tally {
  readonly taken: Record<string, number> = {}
  readonly #dropped = new Map<string, DroppedKind>()

  add(kind: string, count: number): void {
    if (count > 0) this.taken[kind] = (this.taken[kind] ?? 0) + count
  }

  readonly note = ({ what, whose, why }: Dropped): void => {
    const key = `${what}\n${why}`
    const known = this.#dropped.get(key) ?? { what, why, count: 0, whose: [] }
    this.#dropped.set(key, known)
    known.count += 1
    if (known.whose.length < EXAMPLES) known.whose.push(whose)
  }

  get dropped(): DroppedKind[] {
    return [...this.#dropped.values()]
  }
}

/** A report for people, a few lines for each account. */
export function describeAccount(report: AccountReport): string[] {
  const { name, id, device, outcome, reason, taken, dropped } = report
  const kept = Object.entries(taken).map(([kind, count]) => `${count} ${kind}`)
  return [
    `${headingOf({ id, name }, device)}: ${outcome}${reason && `, ${reason}`}`,
    ...(kept.length > 0 ? [`  taken over: ${kept.join(', ')}`] : []),
    ...describeDropped(dropped),
  ]
}

/** A user by its name and the number of its phone (`device`, '' for none), for a terminal. */
export function headingOf({ id, name }: { id: string; name: string }, device: string): string {
  const number = device === '' ? 'no linked phone' : `+${device.split(/[:@]/)[0]}`
  return `${shown(name || id)} (${number})`
}

/** What is not taken over, a line for each kind. */
export function describeDropped(dropped: DroppedKind[]): string[] {
  return dropped.map(
    ({ what, why, count, whose }) =>
      `  not taken over: ${count} ${what} (${whose.map(shown).join(', ')}${count > whose.length ? ', ...' : ''}): ${why}`,
  )
}

/** All of it in one line. */
export function summarise(reports: AccountReport[]): string {
  const count = (outcome: Outcome) => reports.filter((one) => one.outcome === outcome).length
  const total = (kind: string) => reports.reduce((sum, { taken }) => sum + (taken[kind] ?? 0), 0)
  const devices = reports.filter(({ device, outcome }) => device && COMING.includes(outcome)).length
  const dropped = reports.flatMap((one) => one.dropped).reduce((sum, one) => sum + one.count, 0)
  return [
    `${reports.length} users: ${count('imported')} imported, ${count('ready')} ready, ${count('present')} here already, ${count('refused')} refused`,
    `${devices} linked phones, ${total('sessions')} sessions, ${total('history entries')} history entries; ${dropped} rows not taken over`,
  ].join('; ')
}

/** A name that somebody else has chosen, for a terminal: without what would move its cursor. */
function shown(name: string): string {
  const plain = name.replace(/\p{C}/gu, '\uFFFD')
  return plain.length > MAX_SHOWN ? `${plain.slice(0, MAX_SHOWN)}...` : plain
}
