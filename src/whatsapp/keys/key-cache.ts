import { LRUCache } from 'lru-cache'

interface Parsed {
  text: string
  value: unknown
}

/** What an entry costs besides its text. */
const ENTRY_BYTES = 100
/** What a parsed text takes for each of its bytes. */
const PARSED_SIZE = 3

/**
 * Clear texts of recently used keys of all sessions; '' remembers that a key does not exist. What texts say is kept beside
 * the most recent of them, for one and the same text alone: whoever asks decides by the text what is true. What is handed
 * out is not to be changed.
 */
export class KeyCache {
  readonly #texts: LRUCache<string, string>
  readonly #parsed: LRUCache<string, Parsed>

  /** Bounded by the memory its texts take, and by a quarter of that for what they say. */
  constructor(maxBytes = 64 * 1024 * 1024) {
    // Texts are ASCII: one byte a character.
    this.#texts = new LRUCache({
      maxSize: maxBytes,
      sizeCalculation: (text, name) => text.length + name.length + ENTRY_BYTES,
    })
    this.#parsed = new LRUCache({
      maxSize: maxBytes / 4,
      sizeCalculation: ({ text }, name) => text.length * PARSED_SIZE + name.length + ENTRY_BYTES,
    })
  }

  /** The memory everything takes, in bytes. */
  get sizeBytes(): number {
    return this.#texts.calculatedSize + this.#parsed.calculatedSize
  }

  get(name: string): string | undefined {
    return this.#texts.get(name)
  }

  set(name: string, text: string): void {
    this.#texts.set(name, text)
  }

  delete(name: string): void {
    this.#texts.delete(name)
    this.#parsed.delete(name)
  }

  /** What the text of a key says, by `parse` unless it is known. */
  parsed<Value>(name: string, text: string, parse: (text: string) => Value): Value {
    const known = this.#parsed.get(name)
    // Values are of one kind by their names.
    if (known?.text === text) return known.value as Value
    const value = parse(text)
    this.keepParsed(name, text, value)
    return value
  }

  /** Remembers what a text says. */
  keepParsed(name: string, text: string, value: unknown): void {
    this.#parsed.set(name, { text, value })
  }
}
