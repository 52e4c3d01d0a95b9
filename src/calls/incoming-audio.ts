import { type CodecName, type FrameDecoder, openDecoder, SILENCE } from './codec.ts'
import { JitterBuffer } from './jitter.ts'
import { FRAME_SAMPLES } from './rtp.ts'

/** What came of the packets of a stream. */
export interface IncomingCounts {
  /** Never came, or too late. */
  lost: number
  late: number
  /** Frames that were guessed in the place of missing ones. */
  concealed: number
  /** Packets the codec does not understand. */
  undecodable: number
  /** Left out to catch up. */
  trimmed: number
}

/** Frames that are guessed in a row; a longer gap is silent. */
const MAX_CONCEALED = 3
/** First bytes of packets that are counted, which say what codec a peer uses. */
const MAX_KINDS = 8

/** Packets of any length and order on one side, frames of 960 samples at a steady pace on the other. */
export class IncomingAudio {
  readonly #jitter: JitterBuffer
  #decoder: FrameDecoder
  /** Samples that are decoded and not handed out; less than a frame between two calls, and the longest packet. */
  #samples: Int16Array = new Int16Array(0)
  #concealedInRow = MAX_CONCEALED
  #concealed = 0
  #undecodable = 0
  /** First byte of a packet -> how many there were. */
  readonly #kinds = new Map<number, number>()

  private constructor(decoder: FrameDecoder, startDepth: number | undefined) {
    this.#decoder = decoder
    this.#jitter = new JitterBuffer(startDepth)
  }

  /** `startDepth`: packets that wait before the first is played. */
  static async open(codec: CodecName, { startDepth }: { startDepth?: number } = {}): Promise<IncomingAudio> {
    return new IncomingAudio(await openDecoder(codec), startDepth)
  }

  /** Takes what comes from now on for another codec's. */
  async use(codec: CodecName): Promise<void> {
    const former = this.#decoder
    this.#decoder = await openDecoder(codec)
    former.free()
  }

  get counts(): IncomingCounts {
    const { lost, late, trimmed } = this.#jitter
    return { lost, late, trimmed, concealed: this.#concealed, undecodable: this.#undecodable }
  }

  /** How often packets began with which byte, as two hexadecimal digits: Opus of 60 ms is `58`. */
  get kinds(): Record<string, number> {
    return Object.fromEntries(
      Array.from(this.#kinds, ([first, count]) => [first.toString(16).padStart(2, '0'), count]),
    )
  }

  push(sequence: number, payload: Buffer): void {
    const [first] = payload
    if (first !== undefined && (this.#kinds.has(first) || this.#kinds.size < MAX_KINDS))
      this.#kinds.set(first, (this.#kinds.get(first) ?? 0) + 1)
    this.#jitter.push(sequence, payload)
  }

  /** The next frame; silence where there is nothing. */
  nextFrame(): Int16Array {
    while (this.#samples.length < FRAME_SAMPLES) this.#append(this.#nextSamples())
    const frame = this.#samples.subarray(0, FRAME_SAMPLES)
    this.#samples = this.#samples.subarray(FRAME_SAMPLES)
    return frame
  }

  close(): void {
    this.#decoder.free()
  }

  #append(samples: Int16Array): void {
    if (this.#samples.length === 0) {
      this.#samples = samples
      return
    }
    const joined = new Int16Array(this.#samples.length + samples.length)
    joined.set(this.#samples)
    joined.set(samples, this.#samples.length)
    this.#samples = joined
  }

  #nextSamples(): Int16Array {
    const turn = this.#jitter.pull()
    if (turn.kind === 'packet') {
      const samples = this.#decoder.decode(turn.payload)
      this.#concealedInRow = 0
      if (samples !== undefined && samples.length > 0) return samples
      this.#undecodable++
      return SILENCE
    }
    if (this.#concealedInRow >= MAX_CONCEALED) return SILENCE
    this.#concealedInRow++
    this.#concealed++
    return this.#decoder.conceal()
  }
}
