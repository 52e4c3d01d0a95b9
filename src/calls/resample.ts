import { clampSample } from './samples.ts'

/** Zero crossings of the filter on each side; more cut sharper and cost more. */
const CROSSINGS = 12
/** Share of the lower of both bandwidths that passes, so that the filter's slope ends where it has to. */
const PASSED = 0.94

/** Changes the number of samples per second of one channel, piece by piece. */
export class Resampler {
  readonly #step: number
  readonly #phases: number
  readonly #half: number
  /** The filter for each position between two samples. */
  readonly #filters: Float32Array[]
  #input: Float32Array
  /** Position of the next sample that is made, in 1/phases samples from the beginning of `#input`. */
  #position: number

  /** Rates in samples per second. */
  constructor(from: number, to: number) {
    const divisor = greatestDivisor(from, to)
    this.#step = from / divisor
    this.#phases = to / divisor
    const cutOff = Math.min(1, to / from) * PASSED
    this.#half = Math.ceil(CROSSINGS / cutOff)
    this.#filters = Array.from({ length: this.#phases }, (_, phase) =>
      makeFilter(this.#half, phase / this.#phases, cutOff),
    )
    this.#input = new Float32Array(this.#half)
    this.#position = this.#half * this.#phases
  }

  /** What can be made of the samples up to now. */
  add(samples: Float32Array): Int16Array {
    const input = new Float32Array(this.#input.length + samples.length)
    input.set(this.#input)
    input.set(samples, this.#input.length)
    const last = (input.length - this.#half) * this.#phases
    const made = new Int16Array(Math.max(0, Math.ceil((last - this.#position) / this.#step)))
    for (let at = 0; at < made.length; at++, this.#position += this.#step) made[at] = this.#sampleAt(input)
    const done = Math.min(input.length, Math.max(0, Math.floor(this.#position / this.#phases) - this.#half))
    this.#input = input.slice(done)
    this.#position -= done * this.#phases
    return made
  }

  /** The rest, as if silence followed. */
  end(): Int16Array {
    return this.add(new Float32Array(this.#half))
  }

  #sampleAt(input: Float32Array): number {
    const filter = this.#filters[this.#position % this.#phases]
    const start = Math.floor(this.#position / this.#phases) - this.#half + 1
    let sum = 0
    for (let tap = 0; filter !== undefined && tap < filter.length; tap++)
      sum += (filter[tap] ?? 0) * (input[start + tap] ?? 0)
    return clampSample(sum)
  }
}

/** A sinc under a Hann window, shifted by `offset` samples and scaled so that nothing gets louder. */
function makeFilter(half: number, offset: number, cutOff: number): Float32Array {
  const taps = Float32Array.from({ length: 2 * half }, (_, tap) => {
    const distance = tap - half + 1 - offset
    const sinc = distance === 0 ? 1 : Math.sin(Math.PI * distance * cutOff) / (Math.PI * distance * cutOff)
    return sinc * (0.5 + 0.5 * Math.cos((Math.PI * distance) / (half + 1)))
  })
  const sum = taps.reduce((total, tap) => total + tap, 0)
  return taps.map((tap) => tap / sum)
}

function greatestDivisor(one: number, other: number): number {
  return other === 0 ? one : greatestDivisor(other, one % other)
}
