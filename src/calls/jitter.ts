import { sequenceDistance } from './rtp.ts'

/** What is to be played next. */
export type Turn =
  | { kind: 'packet'; payload: Buffer }
  /** It never came, while later ones did. */
  | { kind: 'lost' }
  /** There is nothing: not yet, not any more, or the sender pauses. */
  | { kind: 'empty' }

/** Packets that wait before the first is played, unless asked otherwise: 180 ms at 60 ms each. So much may one come late. */
const START_DEPTH = 3
/** Turns after which a few packets are played that no others follow. */
const MAX_START_TURNS = 3
/** Three seconds; what waits longer is of no use. */
const MAX_DEPTH = 50
/** A jump by more than this begins anew. */
const MAX_JUMP = 1_000
/** Turns without anything after which the beginning is waited for again. */
const MAX_EMPTY_TURNS = 3
/**
 * When in so many turns there was always more than is needed, the sender's clock is faster or something held its packets
 * up: half of the surplus is left out.
 */
const TRIM_TURNS = 50

/** Puts packets into their order and hands them out at the pace of whoever asks. */
export class JitterBuffer {
  readonly #startDepth: number
  readonly #waiting = new Map<number, Buffer>()
  /** Counts on where 16 bits begin anew. */
  #highest: number | undefined
  #next = 0
  #isStarted = false
  #turns = 0
  #emptyTurns = 0
  #smallestDepth = Number.POSITIVE_INFINITY
  #trimTurns = 0
  /** What came when its turn was over. */
  late = 0
  /** What never came, or not in time. */
  lost = 0
  /** What was left out to catch up. */
  trimmed = 0

  constructor(startDepth = START_DEPTH) {
    this.#startDepth = startDepth
  }

  get depth(): number {
    return this.#waiting.size
  }

  push(sequence: number, payload: Buffer): void {
    let index = this.#indexOf(sequence)
    if (this.#highest !== undefined && Math.abs(index - this.#highest) > MAX_JUMP) {
      this.#restart()
      index = sequence
    }
    if (this.#isStarted && index < this.#next) {
      this.late++
      return
    }
    this.#waiting.set(index, payload)
    this.#highest = Math.max(this.#highest ?? index, index)
    if (this.#waiting.size > MAX_DEPTH) this.#leaveOut()
  }

  /** Called once for each packet's length of time. */
  pull(): Turn {
    if (!this.#isStarted && !this.#start()) return { kind: 'empty' }
    const payload = this.#waiting.get(this.#next)
    if (payload === undefined && this.#waiting.size === 0) return this.#runDry()
    this.#emptyTurns = 0
    this.#waiting.delete(this.#next)
    this.#next++
    this.#trim()
    if (payload !== undefined) return { kind: 'packet', payload }
    this.lost++
    return { kind: 'lost' }
  }

  #indexOf(sequence: number): number {
    if (this.#highest === undefined) return sequence
    return this.#highest + sequenceDistance(this.#highest & 0xffff, sequence)
  }

  #start(): boolean {
    if (this.#waiting.size === 0) return false
    this.#turns++
    if (this.#waiting.size < this.#startDepth && this.#turns < MAX_START_TURNS) return false
    this.#turns = 0
    this.#isStarted = true
    // What came before anybody listened is not heard late.
    while (this.#waiting.size > this.#startDepth) this.#leaveOut()
    this.#next = Math.min(...this.#waiting.keys())
    return true
  }

  #runDry(): Turn {
    if (++this.#emptyTurns >= MAX_EMPTY_TURNS) {
      this.#isStarted = false
      this.#emptyTurns = 0
    }
    return { kind: 'empty' }
  }

  #trim(): void {
    this.#smallestDepth = Math.min(this.#smallestDepth, this.#waiting.size)
    if (++this.#trimTurns < TRIM_TURNS) return
    const surplus = this.#smallestDepth - this.#startDepth
    for (let left = Math.ceil(surplus / 2); left > 0; left--) this.#leaveOut()
    this.#trimTurns = 0
    this.#smallestDepth = Number.POSITIVE_INFINITY
  }

  #leaveOut(): void {
    const oldest = Math.min(...this.#waiting.keys())
    this.#waiting.delete(oldest)
    this.#next = oldest + 1
    this.trimmed++
  }

  #restart(): void {
    this.#waiting.clear()
    this.#highest = undefined
    this.#isStarted = false
    this.#turns = 0
  }
}
