import type { FrameDecoder, FrameEncoder } from '../../calls/codec.ts'
import type { FrameClock } from '../../calls/frames.ts'
import type { CallRelay } from '../../calls/relay-link.ts'
import type { RelayLinks } from '../../calls/relay-links.ts'
import { silentLogger } from '../world/silent-logger.ts'
import { Heard } from './heard.ts'
import { openPacket, type PhoneKeys, phoneKeys, phoneSsrc, phoneStreams, sealFrame } from './phone-srtp.ts'

/** What a phone speaks, or what it takes what it hears for. MLow is a codec of WhatsApp's own. */
export type PhoneCodec = 'opus' | 'mlow'

/** What a phone says: nothing, a tone without end, or samples once. */
export type Speech =
  | { kind: 'silence' }
  | { kind: 'tone'; hz: number }
  | { kind: 'samples'; samples: Int16Array }

export interface PhoneMediaOptions {
  callId: string
  callKey: Uint8Array
  ownJid: string
  relays: readonly CallRelay[]
  relayKey: string
}

/** What carries and packs sound, which is loaded with the first call. */
async function loadTools() {
  const [codec, frames, links] = await Promise.all([
    import('../../calls/codec.ts'),
    import('../../calls/frames.ts'),
    import('../../calls/relay-links.ts'),
  ])
  return { ...codec, ...frames, ...links }
}

type Tools = Awaited<ReturnType<typeof loadTools>>

const FRAME = 960
const AMPLITUDE = 8_000
const MAX_INDEX_SET = 5_000
/** What MLow looks like to whoever does not know it: no escape in its first byte. */
const MLOW_FRAME = Buffer.from(`12${'5a'.repeat(40)}`, 'hex')

/** The sound of a simulated phone: it sends a frame every 60 ms, and keeps what it hears. */
export class PhoneMedia {
  readonly heard = new Heard()
  readonly #options: PhoneMediaOptions
  readonly #tools: Tools
  readonly #own: PhoneKeys
  readonly #ssrc: number
  #peer: PhoneKeys | undefined
  #links: RelayLinks | undefined
  #clock: FrameClock | undefined
  #encoder: FrameEncoder | undefined
  #decoder: FrameDecoder | undefined
  #speaks: PhoneCodec = 'opus'
  #speech: Speech = { kind: 'silence' }
  #isMuted = false
  #isClosed = false
  #sent = 0
  #spoken = 0
  #highest = 0
  readonly #seen = new Set<number>()

  private constructor(options: PhoneMediaOptions, tools: Tools) {
    this.#options = options
    this.#tools = tools
    this.#own = phoneKeys(options.callKey, options.ownJid)
    this.#ssrc = phoneSsrc(options.callId, options.ownJid)
  }

  /** Connects to the relays and says nothing yet. */
  static async open(options: PhoneMediaOptions): Promise<PhoneMedia> {
    const tools = await loadTools()
    const media = new PhoneMedia(options, tools)
    media.#links = await tools.openRelayLinks({
      relays: options.relays,
      key: options.relayKey,
      streams: phoneStreams(media.#ssrc),
      log: silentLogger,
      onMedia: (packet) => media.#hear(packet),
      onState: () => {},
    })
    if (media.#isClosed) media.#links.close()
    return media
  }

  /** Whether a relay has given a place. */
  get isConnected(): boolean {
    return this.#links?.states().some(({ state }) => state.name === 'allocated') ?? false
  }

  get packetsSent(): number {
    return this.#sent
  }

  /** Talks with this device, in a codec for each direction. */
  async start(peerJid: string, codecs: { speaks: PhoneCodec; hears: PhoneCodec }): Promise<void> {
    this.#peer = phoneKeys(this.#options.callKey, peerJid)
    this.#speaks = codecs.speaks
    this.#encoder ??= await this.#tools.openEncoder('opus')
    this.#decoder = await this.#tools.openDecoder(codecs.hears)
    if (this.#isClosed) return this.#free()
    this.#clock ??= this.#tools.startFrameClock(() => this.#send())
  }

  /** Says something else from now on. */
  say(speech: Speech): void {
    this.#speech = speech
    this.#spoken = 0
  }

  mute(isMuted: boolean): void {
    this.#isMuted = isMuted
  }

  close(): void {
    this.#isClosed = true
    this.#clock?.stop()
    this.#links?.close()
    this.#free()
  }

  #free(): void {
    this.#encoder?.free()
    this.#decoder?.free()
    this.#encoder = undefined
    this.#decoder = undefined
  }

  #send(): void {
    const frame = this.#nextFrame()
    const payload = this.#speaks === 'mlow' ? MLOW_FRAME : this.#encoder?.encode(frame)
    if (!payload) return
    this.#sent++
    const isFirst = this.#sent === 1
    this.#links?.send(sealFrame(this.#own, { ssrc: this.#ssrc, index: this.#sent, payload, isFirst }))
  }

  #nextFrame(): Int16Array {
    const frame = new Int16Array(FRAME)
    const speech = this.#speech
    const from = this.#spoken
    this.#spoken += FRAME
    if (this.#isMuted || speech.kind === 'silence') return frame
    if (speech.kind === 'samples') frame.set(speech.samples.subarray(from, from + FRAME))
    else
      for (let at = 0; at < FRAME; at++)
        frame[at] = Math.round(AMPLITUDE * Math.sin((2 * Math.PI * speech.hz * (from + at)) / 16_000))
    return frame
  }

  #hear(packet: Buffer): void {
    if (!this.#peer || !this.#decoder || this.#isClosed || isReport(packet)) return
    const opened = openPacket(this.#peer, packet, this.#highest)
    if (opened === 'no-rtp') return
    if (opened === 'bad-tag') {
      this.heard.counts.badTags++
      return
    }
    const { index, payload } = opened
    // The same packet comes over every relay.
    if (this.#seen.has(index)) return
    this.#seen.add(index)
    const [oldest] = this.#seen
    if (this.#seen.size > MAX_INDEX_SET && oldest !== undefined) this.#seen.delete(oldest)
    this.#highest = Math.max(this.#highest, index)
    const frame = this.#decoder.decode(payload)
    if (!frame) this.heard.counts.undecodable++
    this.heard.add(index, frame ?? new Int16Array(FRAME))
  }
}

/** Reports about sound travel in the same stream. */
function isReport(packet: Buffer): boolean {
  const second = packet[1] ?? 0
  return second >= 192 && second <= 223
}
