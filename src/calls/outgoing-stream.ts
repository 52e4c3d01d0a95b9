import { type CodecName, type FrameEncoder, isSilentPacket, openEncoder } from './codec.ts'
import { deriveMediaKeys, deriveSsrc } from './keys.ts'
import { newCname, type ReceptionReport, SrtcpSender, writeDescription, writeSenderReport } from './rtcp.ts'
import { AUDIO_PAYLOAD_TYPE, FRAME_SAMPLES } from './rtp.ts'
import { SrtpSender } from './srtp.ts'

export interface OutgoingOptions {
  callId: string
  callKey: Uint8Array
  /** The device that sends. */
  jid: string
  codec: CodecName
  tagBytes?: number
  /** Number of the first packet. */
  firstSequence?: number
}

/** What was sent. */
export interface OutgoingCounts {
  packets: number
  /** Of payload. */
  bytes: number
}

/** After so many frames silence is left out: a second, in which the other end gets to know us. */
const FRAMES_IN_FULL = 17

/** Makes packets of what we say, and reports of them. There is one for a call, whatever happens to its relays. */
export class OutgoingStream {
  readonly ssrc: number
  readonly #srtp: SrtpSender
  readonly #srtcp: SrtcpSender
  readonly #description: Buffer
  #encoder: FrameEncoder
  #codec: CodecName
  #timestamp = 0
  #frames = 0
  #isSpeaking = false
  readonly counts: OutgoingCounts = { packets: 0, bytes: 0 }

  private constructor(options: OutgoingOptions, encoder: FrameEncoder) {
    const { callId, callKey, jid, codec, tagBytes, firstSequence } = options
    const keys = deriveMediaKeys(callKey, jid)
    this.ssrc = deriveSsrc(callId, jid, 0)
    this.#srtp = new SrtpSender(keys.rtp, { tagBytes, firstSequence })
    this.#srtcp = new SrtcpSender(keys.rtcp)
    this.#description = writeDescription(this.ssrc, newCname())
    this.#encoder = encoder
    this.#codec = codec
  }

  static async open(options: OutgoingOptions): Promise<OutgoingStream> {
    return new OutgoingStream(options, await openEncoder(options.codec))
  }

  /** The packet of a frame of 960 samples; `leftOut` frames before it were not made. */
  seal(frame: Int16Array, leftOut: number): Buffer {
    if (this.#frames++ === FRAMES_IN_FULL) this.#encoder.suppressSilence()
    this.#timestamp = (this.#timestamp + leftOut * FRAME_SAMPLES) >>> 0
    const payload = this.#encoder.encode(frame)
    const isSilence = isSilentPacket(payload)
    const packet = this.#srtp.seal(
      {
        payloadType: AUDIO_PAYLOAD_TYPE,
        isMarked: !isSilence && !this.#isSpeaking,
        timestamp: this.#timestamp,
        ssrc: this.ssrc,
      },
      payload,
      { isSilence },
    )
    this.#isSpeaking = !isSilence
    this.#timestamp = (this.#timestamp + FRAME_SAMPLES) >>> 0
    this.counts.packets++
    this.counts.bytes += payload.length
    return packet
  }

  /** A report of what was sent, and received where anything was. */
  report(reception: ReceptionReport | undefined): Buffer {
    const report = writeSenderReport(
      {
        ssrc: this.ssrc,
        nowMs: Date.now(),
        timestamp: this.#timestamp,
        packets: this.counts.packets,
        octets: this.counts.bytes,
      },
      reception,
    )
    return this.#srtcp.seal(Buffer.concat([report, this.#description]))
  }

  /** Goes on in a way that a peer with this codec understands. */
  async use(codec: CodecName): Promise<void> {
    if (codec === this.#codec) return
    this.#codec = codec
    const encoder = await openEncoder(codec)
    if (this.#frames > FRAMES_IN_FULL) encoder.suppressSilence()
    this.#encoder.free()
    this.#encoder = encoder
  }

  close(): void {
    this.#encoder.free()
  }
}
