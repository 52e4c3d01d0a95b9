import type { Lane } from '../store/delivery/deliveries.ts'
import type { Breakers } from './breakers.ts'

export interface PlaceLimits {
  /** Requests in flight. */
  total: number
  /** Those to one destination. */
  perDestination: number
}

// Receivers that fail use at most this part of the requests that everybody shares: their timeouts must not starve others.
const SUSPECTS_SHARE = 0.5
// These and the new ones together: somebody may make new ones that never answer as fast as old ones are found out.
const UNPROVEN_SHARE = 0.75

/** The places of lanes among the requests that are in flight. */
export class Places {
  readonly #limits: PlaceLimits
  readonly #breakers: Breakers
  /** The destination of each lane that has a place. */
  readonly #taken = new Map<string, string>()
  /** Lanes that are ready for a place, longest waiting first. */
  readonly #waiting = new Map<string, { lane: Lane; enter: () => void }>()

  constructor(limits: PlaceLimits, breakers: Breakers) {
    this.#limits = limits
    this.#breakers = breakers
  }

  /** Places nobody has. */
  get free(): number {
    return this.#limits.total - this.#taken.size
  }

  leave({ lane }: Lane): void {
    this.#taken.delete(lane)
    this.admit()
  }

  /** Resolves when the lane has a place; lanes that wait here come before those that are not claimed yet. */
  enter(lane: Lane, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        this.#waiting.delete(lane.lane)
        reject(signal.reason)
      }
      if (signal.aborted) return giveUp()
      signal.addEventListener('abort', giveUp, { once: true })
      const enter = () => {
        signal.removeEventListener('abort', giveUp)
        resolve()
      }
      this.#waiting.set(lane.lane, { lane, enter })
      this.admit()
    })
  }

  /** Gives free places to lanes that wait for one. */
  admit(): void {
    if (this.#waiting.size === 0) return
    const lanes = [...this.#waiting.values()].map(({ lane }) => lane)
    for (const { lane } of this.take(lanes)) {
      const waiting = this.#waiting.get(lane)
      this.#waiting.delete(lane)
      waiting?.enter()
    }
  }

  /** Gives places to those of the lanes, in their order, for which there are some: to `most` at most. */
  take(lanes: Lane[], most = this.free): Lane[] {
    // Looking and taking is one step: whatever is awaited in between, others enter.
    const room = Math.min(most, this.free)
    const left = new Map<string, number>()
    let leftForSuspects = this.#roomForSuspects()
    let leftForUnproven = this.#roomForUnproven()
    const taken: Lane[] = []
    for (const lane of lanes) {
      const { destination } = lane
      const free = left.get(destination) ?? this.#roomFor(destination)
      if (free <= 0 || taken.length >= room) continue
      if (this.#breakers.isSuspect(destination) && leftForSuspects-- <= 0) continue
      if (!this.#breakers.isProven(destination) && leftForUnproven-- <= 0) continue
      left.set(destination, free - 1)
      taken.push(lane)
    }
    for (const { lane, destination } of taken) this.#taken.set(lane, destination)
    return taken
  }

  /** Destinations that have as many requests as they may. */
  saturated(): string[] {
    return [...new Set(this.#taken.values())].filter((destination) => this.#roomFor(destination) <= 0)
  }

  /** Whether a lane of this receiver is kept out by what goes to others like it. */
  isKeptOut(destination: string): boolean {
    if (this.#breakers.isProven(destination)) return false
    return (
      this.#roomForUnproven() <= 0 || (this.#breakers.isSuspect(destination) && this.#roomForSuspects() <= 0)
    )
  }

  /** How many more requests may go to receivers that fail. */
  #roomForSuspects(): number {
    return this.#roomWithin(SUSPECTS_SHARE, (destination) => this.#breakers.isSuspect(destination))
  }

  /** How many more requests may go to receivers that have taken nothing yet, or that fail. */
  #roomForUnproven(): number {
    return this.#roomWithin(UNPROVEN_SHARE, (destination) => !this.#breakers.isProven(destination))
  }

  #roomWithin(share: number, isOne: (destination: string) => boolean): number {
    const most = Math.max(1, Math.floor(this.#limits.total * share))
    return most - [...this.#taken.values()].filter(isOne).length
  }

  #roomFor(destination: string): number {
    let used = 0
    for (const one of this.#taken.values()) if (one === destination) used++
    return this.#breakers.roomOf(destination, this.#limits.perDestination) - used
  }
}
