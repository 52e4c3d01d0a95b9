import type { Lane } from '../store/delivery/deliveries.ts'
import type { Places } from './places.ts'

/** Receivers that are remembered; a statement that looks for lanes has a place for each. */
const MOST = 5_000

/**
 * Receivers whose lanes are due and passed over, because those like them have all the requests they may. Without them
 * the lanes that wait longest, which are theirs, would be all that is found.
 */
export class KeptOut {
  readonly #places: Places
  readonly #destinations = new Set<string>()

  constructor(places: Places) {
    this.#places = places
  }

  /** Those that are passed over at a look for lanes. As many of them as there is room for now are not, oldest first. */
  passedOver(room: number): string[] {
    let left = room
    for (const destination of this.#destinations) {
      if (left-- <= 0) break
      if (!this.#places.isKeptOut(destination)) this.#destinations.delete(destination)
    }
    return [...this.#destinations]
  }

  /** Remembers those of the lanes that have to wait; true when there are new ones, behind which others may be found. */
  note(lanes: Lane[]): boolean {
    const before = this.#destinations.size
    for (const { destination } of lanes) {
      if (this.#destinations.size >= MOST) break
      if (this.#places.isKeptOut(destination)) this.#destinations.add(destination)
    }
    return this.#destinations.size > before
  }
}
