/** Larger pieces are handed on as they are. */
const LARGE_BYTES = 16 * 1024

/**
 * Joins the small pieces of what arrives. A buffer costs some hundred bytes besides what is in it: of what arrives byte
 * by byte, they would take a hundred times as much memory as any limit counts.
 */
export class PieceJoiner {
  #waiting = Buffer.alloc(0)
  #waitingBytes = 0

  /** Takes the next piece; gives all that has come since the last time, or undefined while that is little. */
  push(piece: Buffer): Buffer | undefined {
    const sizeBytes = this.#waitingBytes + piece.length
    if (sizeBytes >= LARGE_BYTES) {
      const rest = this.end()
      return rest ? Buffer.concat([rest, piece]) : piece
    }
    if (sizeBytes > this.#waiting.length) this.#grow(Math.max(sizeBytes, 2 * this.#waiting.length))
    piece.copy(this.#waiting, this.#waitingBytes)
    this.#waitingBytes = sizeBytes
    return undefined
  }

  /** What has come since the last time; undefined when that is nothing. */
  end(): Buffer | undefined {
    if (this.#waitingBytes === 0) return undefined
    const rest = this.#waiting.subarray(0, this.#waitingBytes)
    this.#waiting = Buffer.alloc(0)
    this.#waitingBytes = 0
    return rest
  }

  #grow(sizeBytes: number): void {
    const larger = Buffer.allocUnsafe(sizeBytes)
    this.#waiting.copy(larger, 0, 0, this.#waitingBytes)
    this.#waiting = larger
  }
}

/** All of what arrives, in memory. */
export class GatheredPieces {
  readonly #joiner = new PieceJoiner()
  readonly #pieces: Buffer[] = []

  push(piece: Buffer): void {
    const joined = this.#joiner.push(piece)
    if (joined) this.#pieces.push(joined)
  }

  all(): Buffer {
    const rest = this.#joiner.end()
    if (rest) this.#pieces.push(rest)
    const [first] = this.#pieces
    return first && this.#pieces.length === 1 ? first : Buffer.concat(this.#pieces)
  }
}
