/** So many numbers below the highest one are remembered (RFC 3711 §3.3.2). */
const LENGTH = 64n
const ALL = (1n << LENGTH) - 1n

/** Which packets of a stream have been seen. What is older than it remembers counts as seen. */
export class ReplayWindow {
  #highest = -1
  /** Bit n: `highest - n` was seen. */
  #seen = 0n

  has(index: number): boolean {
    if (index > this.#highest) return false
    const age = BigInt(this.#highest - index)
    return age >= LENGTH || (this.#seen & (1n << age)) !== 0n
  }

  add(index: number): void {
    if (index > this.#highest) {
      const step = BigInt(index - this.#highest)
      this.#seen = step >= LENGTH ? 1n : ((this.#seen << step) | 1n) & ALL
      this.#highest = index
      return
    }
    const age = BigInt(this.#highest - index)
    if (age < LENGTH) this.#seen |= 1n << age
  }
}
