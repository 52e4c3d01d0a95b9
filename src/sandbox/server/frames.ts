/** Marks the optional routing header in front of the intro. */
const ROUTING_MARK = 'ED'
const ROUTING_HEADER_BYTES = 7
/** "WA", protocol 6, dictionary 3. */
const INTRO_BYTES = 4
const LENGTH_BYTES = 3
/** Largest frame a length of three bytes can announce. */
const MAX_FRAME_BYTES = 0xff_ff_ff

/** Cuts a client's byte stream into frames. WebSocket messages and frames need not coincide. */
export class FrameReader {
  #pending: Buffer = Buffer.alloc(0)
  #sawIntro = false

  /** Adds bytes and returns the frames that are now complete. */
  push(chunk: Buffer): Buffer[] {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk])
    if (!this.#sawIntro && !this.#skipIntro()) return []

    const frames: Buffer[] = []
    while (this.#pending.length >= LENGTH_BYTES) {
      const end = LENGTH_BYTES + this.#pending.readUIntBE(0, LENGTH_BYTES)
      if (this.#pending.length < end) break
      frames.push(this.#pending.subarray(LENGTH_BYTES, end))
      this.#pending = this.#pending.subarray(end)
    }
    return frames
  }

  #skipIntro(): boolean {
    let introAt = 0
    if (this.#pending.subarray(0, 2).toString('latin1') === ROUTING_MARK) {
      if (this.#pending.length < ROUTING_HEADER_BYTES) return false
      introAt = ROUTING_HEADER_BYTES + this.#pending.readUIntBE(4, LENGTH_BYTES)
    }
    if (this.#pending.length < introAt + INTRO_BYTES) return false
    this.#pending = this.#pending.subarray(introAt + INTRO_BYTES)
    this.#sawIntro = true
    return true
  }
}

/** Prefixes a frame with its length. */
export function frame(body: Uint8Array): Buffer {
  if (body.byteLength > MAX_FRAME_BYTES) throw new RangeError(`frame of ${body.byteLength} bytes`)
  const framed = Buffer.allocUnsafe(LENGTH_BYTES + body.byteLength)
  framed.writeUIntBE(body.byteLength, 0, LENGTH_BYTES)
  framed.set(body, LENGTH_BYTES)
  return framed
}
