/** What a phone heard in a call, measured. */
export interface HeardReport {
  /** Of sound, silence and gaps included. */
  seconds: number
  packets: number
  /** Packets that never came, by their numbers. */
  gaps: number
  /** Packets whose tag was wrong, or that another device had sealed. */
  badTags: number
  /** Packets in a codec that the phone does not expect. */
  undecodable: number
  /** Mean of the squares, as an amplitude: a tone of amplitude 8000 has 5657. */
  loudness: number
  /** The loudest tone of each whole second in Hz, 0 for silence. */
  tones: number[]
  /** Its amplitude. */
  amplitudes: number[]
}

const RATE = 16_000
/** Five minutes. */
const MAX_SAMPLES = RATE * 300
const LOWEST_HZ = 200
const HIGHEST_HZ = 4_000
const STEP_HZ = 10
/** Quieter is silence. */
const SILENCE = 100

/** Keeps what was heard, up to five minutes of it. */
export class Heard {
  readonly #frames: Int16Array[] = []
  #samples = 0
  #highest = 0
  #lowest = 0
  #squares = 0
  /** The loudest tone of each whole second so far: a page asks every two seconds, and each takes 10 ms to find. */
  readonly #loudest: { hz: number; amplitude: number }[] = []
  readonly counts = { packets: 0, badTags: 0, undecodable: 0 }

  /** Adds a frame; `index` is the number of its packet. */
  add(index: number, frame: Int16Array): void {
    this.counts.packets++
    if (this.#lowest === 0) this.#lowest = index
    this.#highest = Math.max(this.#highest, index)
    if (this.#samples + frame.length > MAX_SAMPLES) return
    this.#frames.push(frame)
    this.#samples += frame.length
    for (const sample of frame) this.#squares += sample * sample
  }

  report(): HeardReport {
    const loudest = this.#loudestTones()
    const expected = this.counts.packets === 0 ? 0 : this.#highest - this.#lowest + 1
    return {
      seconds: this.#samples / RATE,
      ...this.counts,
      gaps: Math.max(0, expected - this.counts.packets),
      loudness: this.#samples === 0 ? 0 : Math.round(Math.sqrt(this.#squares / this.#samples)),
      tones: loudest.map(({ hz }) => hz),
      amplitudes: loudest.map(({ amplitude }) => Math.round(amplitude)),
    }
  }

  #loudestTones(): { hz: number; amplitude: number }[] {
    const whole = Math.floor(this.#samples / RATE)
    if (this.#loudest.length < whole) {
      const samples = this.samples()
      for (let at = this.#loudest.length; at < whole; at++)
        this.#loudest.push(loudestTone(samples.subarray(at * RATE, (at + 1) * RATE)))
    }
    return this.#loudest
  }

  /** 16 000 per second, in the order they came. */
  samples(): Int16Array {
    const joined = new Int16Array(this.#samples)
    let at = 0
    for (const frame of this.#frames) {
      joined.set(frame, at)
      at += frame.length
    }
    return joined
  }

  /** The same as a WAV file. */
  wav(): Buffer {
    const samples = this.samples()
    const bytes = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength)
    const head = Buffer.alloc(44)
    head.write('RIFF', 0)
    head.writeUInt32LE(36 + bytes.length, 4)
    head.write('WAVEfmt ', 8)
    head.writeUInt32LE(16, 16)
    head.writeUInt16LE(1, 20)
    head.writeUInt16LE(1, 22)
    head.writeUInt32LE(RATE, 24)
    head.writeUInt32LE(RATE * 2, 28)
    head.writeUInt16LE(2, 32)
    head.writeUInt16LE(16, 34)
    head.write('data', 36)
    head.writeUInt32LE(bytes.length, 40)
    return Buffer.concat([head, bytes])
  }
}

/** The samples of a WAV file with one channel, 16 bits and 16 000 per second. @throws Error for any other. */
export function samplesOfWav(file: Buffer): Int16Array {
  const isOurs =
    file.length > 44 &&
    file.toString('latin1', 0, 4) === 'RIFF' &&
    file.readUInt16LE(20) === 1 &&
    file.readUInt16LE(22) === 1 &&
    file.readUInt32LE(24) === RATE &&
    file.readUInt16LE(34) === 16
  const at = file.indexOf('data')
  if (!isOurs || at < 0)
    throw new Error('say a WAV file with one channel, 16 bits and 16000 samples a second')
  const bytes = file.subarray(at + 8)
  return Int16Array.from({ length: bytes.length >> 1 }, (_, index) => bytes.readInt16LE(index * 2))
}

function loudestTone(samples: Int16Array): { hz: number; amplitude: number } {
  let best = { hz: 0, amplitude: SILENCE }
  for (let hz = LOWEST_HZ; hz <= HIGHEST_HZ; hz += STEP_HZ) {
    const amplitude = goertzel(samples, hz)
    if (amplitude > best.amplitude) best = { hz, amplitude }
  }
  return best.hz === 0 ? { hz: 0, amplitude: 0 } : best
}

/** The amplitude of one tone. */
function goertzel(samples: Int16Array, hz: number): number {
  const turn = 2 * Math.cos((2 * Math.PI * hz) / RATE)
  let [previous, last] = [0, 0]
  for (const sample of samples) [previous, last] = [last, sample + turn * last - previous]
  return (2 * Math.sqrt(previous * previous + last * last - turn * previous * last)) / samples.length
}
