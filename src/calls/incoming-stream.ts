import type { CodecName } from './codec.ts'
import { IncomingAudio, type IncomingCounts } from './incoming-audio.ts'
import { deriveMediaKeys, deriveSsrc, SSRC_SLOTS } from './keys.ts'
import { Reception } from './reception.ts'
import { parseReports, type ReceptionReport, SrtcpReceiver } from './rtcp.ts'
import { AUDIO_PAYLOAD_TYPE } from './rtp.ts'
import { type Refusal, SrtpReceiver } from './srtp.ts'

export interface IncomingOptions {
  callId: string
  callKey: Uint8Array
  /** The device that sends. */
  jid: string
  codec: CodecName
  tagBytes?: number
}

/** What came in. */
export interface IncomingStats extends IncomingCounts {
  /** Packets of audio, each counted once. */
  packets: number
  /** Share of ours that the peer lost by its last report, in 1/256. */
  peerLoss?: number
  refused: Record<Refusal, number>
  /** First byte of the packets, as hexadecimal digits -> how many: which codec the peer uses. */
  kinds: Record<string, number>
  /** Mean deviation of the arrivals, milliseconds. */
  jitterMs: number
}

/** When nothing came from the stream that was expected for so long, another one of the same device is taken. */
const ADOPT_AFTER_MS = 2_000

/** What one device says to us. */
export class IncomingStream {
  readonly jid: string
  readonly #srtp: SrtpReceiver
  readonly #srtcp: SrtcpReceiver
  readonly #audio: IncomingAudio
  /** Streams that are no audio. */
  readonly #otherSsrcs: ReadonlySet<number>
  readonly #refused: Record<Refusal, number> = { malformed: 0, replayed: 0, forged: 0 }
  #ssrc: number
  #reception: Reception
  #packets = 0
  #peerLoss: number | undefined
  #heardAt: number | undefined

  private constructor({ callId, callKey, jid, tagBytes }: IncomingOptions, audio: IncomingAudio) {
    const keys = deriveMediaKeys(callKey, jid)
    this.jid = jid
    this.#srtp = new SrtpReceiver(keys.rtp, { tagBytes })
    this.#srtcp = new SrtcpReceiver(keys.rtcp)
    this.#audio = audio
    this.#ssrc = deriveSsrc(callId, jid, 0)
    this.#otherSsrcs = new Set(SSRC_SLOTS.slice(1).map((slot) => deriveSsrc(callId, jid, slot)))
    this.#reception = new Reception(this.#ssrc)
  }

  static async open(options: IncomingOptions): Promise<IncomingStream> {
    return new IncomingStream(options, await IncomingAudio.open(options.codec))
  }

  /** When the last packet of this device came, on the clock of `performance`; undefined before the first. */
  get heardAt(): number | undefined {
    return this.#heardAt
  }

  get stats(): IncomingStats {
    return {
      ...this.#audio.counts,
      packets: this.#packets,
      peerLoss: this.#peerLoss,
      refused: { ...this.#refused },
      kinds: this.#audio.kinds,
      jitterMs: this.#reception.jitterMs,
    }
  }

  /** Takes an RTP packet. Says whether it was this device's and new. */
  hear(packet: Buffer, now: number): boolean {
    const opened = this.#srtp.open(packet)
    if (typeof opened === 'string') {
      this.#refused[opened]++
      return false
    }
    const { header, payload } = opened
    const isQuiet = this.#heardAt === undefined || now - this.#heardAt > ADOPT_AFTER_MS
    if (header.payloadType !== AUDIO_PAYLOAD_TYPE || this.#otherSsrcs.has(header.ssrc)) return false
    if (header.ssrc !== this.#ssrc) {
      // The keys say whose it is; the number of the stream is only a name.
      if (!isQuiet) return false
      this.#ssrc = header.ssrc
      this.#reception = new Reception(header.ssrc)
    }
    this.#heardAt = now
    this.#packets++
    this.#reception.hear(header, now)
    this.#audio.push(header.sequence, payload)
    return true
  }

  /** Takes an RTCP packet. `ownSsrc` is the stream of ours that reports may be about. */
  hearReports(packet: Buffer, ownSsrc: number, now: number): void {
    const opened = this.#srtcp.open(packet)
    if (opened === undefined) return
    const { sender, receptions } = parseReports(opened)
    if (sender !== undefined && sender.ssrc === this.#ssrc) this.#reception.hearSender(sender.lastReport, now)
    const aboutUs = receptions.find(({ ssrc }) => ssrc === ownSsrc)
    if (aboutUs) this.#peerLoss = aboutUs.fractionLost
  }

  /** What to tell the device of its packets; undefined when there were none. */
  report(now: number): ReceptionReport | undefined {
    return this.#reception.report(now)
  }

  /** Takes what comes from now on for another codec's. */
  use(codec: CodecName): Promise<void> {
    return this.#audio.use(codec)
  }

  /** The next 60 ms. */
  nextFrame(): Int16Array {
    return this.#audio.nextFrame()
  }

  close(): void {
    this.#audio.close()
  }
}
