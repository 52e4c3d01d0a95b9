import { SAMPLE_RATE } from './codec.ts'
import type { ReceptionReport } from './rtcp.ts'
import { type RtpHeader, sequenceDistance } from './rtp.ts'

const SAMPLES_PER_MS = SAMPLE_RATE / 1000
const MAX_LOST = 0x7fffff

/** Keeps the books of a stream for the reports to its sender (RFC 3550 §6.4 and A.3, A.8). */
export class Reception {
  readonly #ssrc: number
  #first = 0
  /** Counts on where 16 bits begin anew. */
  #highest: number | undefined
  #received = 0
  /** Samples. */
  #jitter = 0
  #transit: number | undefined
  #reportedExpected = 0
  #reportedReceived = 0
  #lastReport = 0
  #lastReportAt = 0

  constructor(ssrc: number) {
    this.#ssrc = ssrc
  }

  /** Mean deviation of the arrivals. */
  get jitterMs(): number {
    return this.#jitter / SAMPLES_PER_MS
  }

  /** Notes a packet; `now` in milliseconds. */
  hear({ sequence, timestamp }: RtpHeader, now: number): void {
    if (this.#highest === undefined) {
      this.#first = sequence
      this.#highest = sequence
    } else
      this.#highest = Math.max(
        this.#highest,
        this.#highest + sequenceDistance(this.#highest & 0xffff, sequence),
      )
    this.#received++
    // Both clocks count in 32 bits, so that only differences mean anything.
    const transit = (Math.round(now * SAMPLES_PER_MS) - timestamp) | 0
    if (this.#transit !== undefined)
      this.#jitter += (Math.abs((transit - this.#transit) | 0) - this.#jitter) / 16
    this.#transit = transit
  }

  /** Notes a report of the sender: the middle 32 bits of its time. */
  hearSender(lastReport: number, now: number): void {
    this.#lastReport = lastReport
    this.#lastReportAt = now
  }

  /** What has happened since the last report; undefined when nothing ever came. */
  report(now: number): ReceptionReport | undefined {
    if (this.#highest === undefined) return undefined
    const expected = this.#highest - this.#first + 1
    const expectedSince = expected - this.#reportedExpected
    const lostSince = expectedSince - (this.#received - this.#reportedReceived)
    this.#reportedExpected = expected
    this.#reportedReceived = this.#received
    return {
      ssrc: this.#ssrc,
      fractionLost:
        expectedSince > 0 && lostSince > 0 ? Math.min(255, Math.floor((lostSince * 256) / expectedSince)) : 0,
      lost: Math.max(0, Math.min(MAX_LOST, expected - this.#received)),
      highestSequence: this.#highest >>> 0,
      jitter: Math.round(this.#jitter) >>> 0,
      lastReport: this.#lastReport,
      sinceLastReport:
        this.#lastReport === 0 ? 0 : Math.round(((now - this.#lastReportAt) * 65_536) / 1000) >>> 0,
    }
  }
}
