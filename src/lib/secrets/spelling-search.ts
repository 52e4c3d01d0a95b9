/** Bytes by which a secret is recognised, as characters below 256; never empty. */
export interface Spelling {
  bytes: string
  /** Base64 of what stands around the secret shares its first and last characters. */
  isInBase64: boolean
}

/** Where a spelling stands, in bytes. */
type Told = (from: number, to: number) => void

/**
 * Looks for all spellings in one pass (Aho and Corasick, 1975): the time depends on the text alone, however many
 * spellings there are and whatever they and the text have in common, for the text may be somebody's who wants it to last.
 */
export class SpellingSearch {
  /** How many bytes are looked for, one more at least. */
  readonly sizeBytes: number
  // A state is a beginning of spellings; 0 is the empty one. Who follows whom is a hash table of state and byte.
  readonly #keys: Int32Array
  readonly #followers: Int32Array
  readonly #shift: number
  /** The states after the empty one, where most of a text is read. */
  readonly #first = new Int32Array(256)
  /** The longest other beginning that each state ends with. */
  readonly #fallbacks: Int32Array
  /** The length of the longest spelling that each state ends with, 0 for none. */
  readonly #lengths: Int32Array
  readonly #inBase64: Uint8Array
  #states = 1

  constructor(spellings: Spelling[]) {
    const most = spellings.reduce((sum, { bytes }) => sum + bytes.length, 1)
    this.sizeBytes = most
    const bits = Math.ceil(Math.log2(2 * most + 1))
    this.#shift = 32 - bits
    this.#keys = new Int32Array(2 ** bits)
    this.#followers = new Int32Array(2 ** bits)
    this.#fallbacks = new Int32Array(most)
    this.#lengths = new Int32Array(most)
    this.#inBase64 = new Uint8Array(most)
    // Byte by byte of all spellings: what a state falls back to is shorter, and so is there already.
    let open = spellings.map((spelling) => ({ spelling, state: 0 }))
    for (let at = 0; open.length > 0; at++) open = open.filter((reader) => this.#grow(reader, at))
  }

  /** Tells of everything found, in the order of the ends; of what ends at the same place, the longest. */
  find(bytes: string, tell: Told): void {
    let state = 0
    for (let at = 0; at < bytes.length; at++) {
      state = this.#next(state, bytes.charCodeAt(at))
      const length = this.#lengths[state] ?? 0
      if (length === 0) continue
      const [from, to] = [at + 1 - length, at + 1]
      // A neighbour holds bits of the secret.
      const isShared = (index: number) => this.#inBase64[state] === 1 && /[\w+/-]/.test(bytes.charAt(index))
      tell(isShared(from - 1) ? from - 1 : from, isShared(to) ? to + 1 : to)
    }
  }

  /** Adds the byte of a spelling at this place; whether there are more. */
  #grow(reader: { spelling: Spelling; state: number }, at: number): boolean {
    const { bytes, isInBase64 } = reader.spelling
    const byte = bytes.charCodeAt(at)
    reader.state = this.#follower(reader.state, byte) || this.#add(reader.state, byte)
    if (at + 1 < bytes.length) return true
    this.#lengths[reader.state] = bytes.length
    if (isInBase64) this.#inBase64[reader.state] = 1
    return false
  }

  #add(before: number, byte: number): number {
    const fallback = before === 0 ? 0 : this.#next(this.#fallbacks[before] ?? 0, byte)
    const state = this.#states++
    this.#fallbacks[state] = fallback
    this.#lengths[state] = this.#lengths[fallback] ?? 0
    this.#inBase64[state] = this.#inBase64[fallback] ?? 0
    if (before === 0) this.#first[byte] = state
    else {
      const slot = this.#slotOf(before, byte)
      this.#keys[slot] = keyOf(before, byte)
      this.#followers[slot] = state
    }
    return state
  }

  #next(from: number, byte: number): number {
    for (let state = from; state !== 0; state = this.#fallbacks[state] ?? 0) {
      const follower = this.#follower(state, byte)
      if (follower !== 0) return follower
    }
    return this.#follower(0, byte)
  }

  /** The state after this one, 0 for none. */
  #follower(state: number, byte: number): number {
    return (state === 0 ? this.#first[byte] : this.#followers[this.#slotOf(state, byte)]) ?? 0
  }

  /** The place of a pair in the table, or the free one where it belongs. */
  #slotOf(state: number, byte: number): number {
    const key = keyOf(state, byte)
    // Knuth's multiplier: its upper bits spread what differs little.
    let slot = Math.imul(key, 0x9e3779b1) >>> this.#shift
    while (this.#keys[slot] !== 0 && this.#keys[slot] !== key) slot = (slot + 1) & (this.#keys.length - 1)
    return slot
  }
}

/** Never 0, which marks a free slot. */
function keyOf(state: number, byte: number): number {
  return state * 256 + byte + 1
}
