import { ApiError } from '../lib/errors.ts'
import type { Logger } from '../lib/process/logger.ts'
import type { Ffmpeg } from '../media/convert/ffmpeg.ts'
import { type BridgeNetwork, openBrowserBridge } from './bridge.ts'
import { type CodecName, SILENCE } from './codec.ts'
import { type FloatLine, type FloatLineOptions, openFloatLine } from './float-line.ts'
import { type FrameClock, startFrameClock } from './frames.ts'
import { type IncomingStats, IncomingStream } from './incoming-stream.ts'
import { deviceJidForKeys } from './keys.ts'
import { Listeners } from './listeners.ts'
import { type OutgoingCounts, OutgoingStream } from './outgoing-stream.ts'
import { hasEnded, Player, type Playing } from './player.ts'
import { Recorder, type RecorderOptions, type RecordingLayout } from './recorder.ts'
import type { CallRelay, RelayState } from './relay-link.ts'
import { openRelayLinks, type RelayLinks } from './relay-links.ts'
import { kindOfPacket } from './rtp.ts'
import { writeStreams } from './stun.ts'

/** What the signalling knows when a call's media begins. */
export interface CallMediaOptions {
  /** As it was sent or received: it is part of the keys, letter by letter. */
  callId: string
  /** The LID of this device, `user:device@lid`. */
  ownJid: string
  /** The LID of the other end's device; `rekeyPeer` when another one answers. */
  peerJid: string
  /** 32 bytes. */
  callKey: Uint8Array
  relays: readonly CallRelay[]
  /** The relay key as the text it came as. */
  relayKey: string
  /** Bytes of a packet's tag (`warp_mi_tag_len`); 4 without it. */
  tagBytes?: number
  /** What the other end speaks and understands, as far as it is known. */
  codec?: CodecName
  ffmpeg: Ffmpeg
  network?: BridgeNetwork
  log: Pick<Logger, 'debug' | 'info'>
  onEvent: (event: CallMediaEvent) => void
  /** Number of the first packet; 1 without it. */
  firstSequence?: number
  /** Silences of the other end that are told, in milliseconds; 20 and 60 seconds without it. */
  unheardMs?: readonly number[]
}

/** What happens to the media of a call. */
export type CallMediaEvent =
  /** A relay has changed its state. */
  | { type: 'relay'; relay: CallRelay; state: RelayState }
  /** No relay can be had: all refuse, or none gave a place in time. `code` is that of the last refusal. */
  | { type: 'no-relay'; code?: number }
  /** The first packet of the other end has come, or the first after a silence that was told. */
  | { type: 'heard' }
  /** Nothing came from the other end for so many milliseconds: told after 20 and again after 60 seconds. */
  | { type: 'unheard'; ms: number }
  /** A file was played to its end. */
  | { type: 'played'; file: string }
  /** The recording has ended by itself: the disk is full or fails. */
  | { type: 'recording-failed'; error: unknown }
  /** The browser is gone. */
  | { type: 'browser-gone' }
  /** Something failed that should not; the media is closed. */
  | { type: 'failed'; error: unknown }
  /** The media is closed, whoever asked for it; nothing comes after it. */
  | { type: 'closed' }

/** How a call's media is doing. */
export interface CallMediaStats {
  codec: CodecName
  isMuted: boolean
  sent: OutgoingCounts
  received: IncomingStats
  relays: { name: string; address: string; port: number; state: RelayState; dropped: number }[]
  playing?: Playing
  recording?: { path: string; seconds: number }
  hasBrowser: boolean
  /** Whether a program talks and listens by messages of samples. */
  hasLine: boolean
}

const REPORT_MS = 1_500
/** Connecting to a relay may take 12 s and getting a place 10 s. */
const NO_RELAY_MS = 22_000
const UNHEARD_MS = [20_000, 60_000]

/** The media of one call. It begins to connect when it is opened, and is silent until `start`. */
export class CallMedia {
  readonly #options: CallMediaOptions
  readonly #outgoing: OutgoingStream
  #incoming: IncomingStream
  #codec: CodecName
  #links: RelayLinks | undefined
  #clock: FrameClock | undefined
  #startedAt = 0
  readonly #player: Player
  #recorder: Recorder | undefined
  readonly #listeners = new Listeners()
  /** Browsers are let in one after the other: each has ports of this machine, and the last one stays. */
  #browserTurn: Promise<unknown> = Promise.resolve()
  #isMuted = false
  #isClosed = false
  #heardAt: number | undefined
  /** How many of the silences that are told have been told. */
  #unheardTold = 0
  #refusal: number | undefined
  #hasToldNoRelay = false
  readonly #timers: NodeJS.Timeout[] = []

  private constructor(options: CallMediaOptions, outgoing: OutgoingStream, incoming: IncomingStream) {
    this.#options = options
    this.#outgoing = outgoing
    this.#incoming = incoming
    this.#codec = options.codec ?? 'opus'
    this.#player = new Player(options.ffmpeg, (file) => options.onEvent({ type: 'played', file }))
  }

  /** Derives the keys and connects to the relays, of which `onEvent` tells. */
  static async open(options: CallMediaOptions): Promise<CallMedia> {
    const { callId, callKey, ownJid, peerJid, codec = 'opus', tagBytes, firstSequence } = options
    const common = { callId, callKey, codec, tagBytes }
    const [outgoing, incoming] = await Promise.all([
      OutgoingStream.open({ ...common, jid: ownJid, firstSequence }),
      IncomingStream.open({ ...common, jid: peerJid }),
    ])
    const media = new CallMedia(options, outgoing, incoming)
    await media.#connect()
    return media
  }

  /** Lets both ends hear each other: from now on a packet goes out every 60 ms, silent or not. */
  start(): void {
    if (this.#isClosed || this.#clock !== undefined) return
    this.#startedAt = performance.now()
    this.#clock = startFrameClock((leftOut) => this.#contain(() => this.#tick(leftOut)))
  }

  /** Another device of the other end has answered: its keys are others. What the former one says is not heard any more. */
  async rekeyPeer(jid: string): Promise<void> {
    // A new receiver would take what was heard already once more.
    if (deviceJidForKeys(jid) === deviceJidForKeys(this.#incoming.jid)) return
    const { callId, callKey, tagBytes } = this.#options
    const incoming = await IncomingStream.open({ callId, callKey, tagBytes, codec: this.#codec, jid })
    if (this.#isClosed) return incoming.close()
    this.#incoming.close()
    this.#incoming = incoming
  }

  /** The other end has said what it speaks and understands. */
  async useCodec(codec: CodecName): Promise<void> {
    this.#codec = codec
    await Promise.all([this.#outgoing.use(codec), this.#incoming.use(codec)])
  }

  /** While muted the other end hears silence; what plays goes on unheard. */
  setMuted(isMuted: boolean): void {
    this.#isMuted = isMuted
  }

  /** @throws ApiError see `Player.play`. */
  play(path: string, file?: string): Promise<void> {
    return this.#player.play(path, file)
  }

  /** False when nothing was playing. */
  pausePlaying(): boolean {
    return this.#player.pause()
  }

  /** False when nothing was paused. */
  resumePlaying(): boolean {
    return this.#player.resume()
  }

  /** False when nothing was playing or paused. */
  stopPlaying(): Promise<boolean> {
    return this.#player.stop()
  }

  /**
   * Begins to record what both ends say to a file that is not there yet, or to `file`, a new one at this path which the
   * caller has opened; it is closed in any case, and called by its name.
   * @throws ApiError `conflict` when a recording runs already; the system's error when the file cannot be.
   */
  async record(
    path: string,
    layout: RecordingLayout = 'mixed',
    file?: RecorderOptions['file'],
  ): Promise<void> {
    if (this.#recorder !== undefined) {
      await file?.handle.close()
      throw new ApiError('conflict', { text: 'the call is recorded already' })
    }
    const recorder = await Recorder.start({
      path,
      file,
      layout,
      onFailed: (error) => {
        if (this.#recorder === recorder) this.#recorder = undefined
        void recorder.stop().catch(() => {})
        this.#options.onEvent({ type: 'recording-failed', error })
      },
    })
    if (this.#recorder !== undefined || this.#isClosed) {
      await recorder.stop()
      throw new ApiError('conflict', { text: 'the call is recorded already, or over' })
    }
    this.#recorder = recorder
  }

  /** Ends the recording. Resolves with the file and its length; undefined when there was none. */
  async stopRecording(): Promise<{ path: string; seconds: number } | undefined> {
    const recorder = this.#recorder
    this.#recorder = undefined
    return recorder && { path: recorder.path, seconds: await recorder.stop() }
  }

  /**
   * Lets a browser talk and listen, in place of one that did. Resolves with the answer to its offer.
   * @throws ApiError see `openBrowserBridge`, when the former browser stays; `conflict` when the call is over.
   */
  attachBrowser(sdp: string): Promise<string> {
    const answer = this.#browserTurn.then(() => this.#answerBrowser(sdp))
    this.#browserTurn = answer.catch(() => {})
    return answer
  }

  async #answerBrowser(sdp: string): Promise<string> {
    if (this.#isClosed) throw hasEnded()
    const bridge = await openBrowserBridge({
      sdp,
      network: this.#options.network ?? {},
      onGone: () => {
        if (this.#listeners.forget('browser', bridge)) this.#options.onEvent({ type: 'browser-gone' })
      },
    })
    if (!this.#isClosed) await this.#listeners.replace('browser', bridge)
    if (this.#isClosed) {
      await bridge.close()
      throw hasEnded()
    }
    return bridge.answer
  }

  /** Lets the browser go; the call goes on. False when there was none. */
  detachBrowser(): Promise<boolean> {
    return this.#listeners.release('browser')
  }

  /**
   * Lets a program talk and listen by messages of samples, in place of one that did, beside a browser; before `start` it is
   * not heard. The caller tells the line to close when the program has gone; `onClosed` says that the call lets it go, or that it was told to close.
   * @throws ApiError `conflict` when the call is over.
   */
  async attachLine(options: Pick<FloatLineOptions, 'send' | 'onClosed'>): Promise<FloatLine> {
    if (this.#isClosed) throw hasEnded()
    const line = openFloatLine({
      send: options.send,
      isHeard: () => this.#clock !== undefined,
      onClosed: () => {
        this.#listeners.forget('line', line)
        options.onClosed()
      },
    })
    await this.#listeners.replace('line', line)
    return line
  }

  get stats(): CallMediaStats {
    const recorder = this.#recorder
    return {
      codec: this.#codec,
      isMuted: this.#isMuted,
      sent: { ...this.#outgoing.counts },
      received: this.#incoming.stats,
      relays: (this.#links?.states() ?? []).map(({ relay: { name, address, port }, state, dropped }) => ({
        name,
        address,
        port,
        state,
        dropped,
      })),
      playing: this.#player.playing,
      recording: recorder && { path: recorder.path, seconds: recorder.seconds },
      hasBrowser: this.#listeners.has('browser'),
      hasLine: this.#listeners.has('line'),
    }
  }

  /** Ends everything. What is recorded is complete when it resolves. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#clock?.stop()
    for (const timer of this.#timers) clearInterval(timer)
    this.#links?.close()
    await Promise.all([this.stopRecording(), this.#listeners.close(), this.#player.close()])
    this.#outgoing.close()
    this.#incoming.close()
    this.#options.onEvent({ type: 'closed' })
  }

  /** A call that fails must cost the call and nothing else: these run in timers, and where packets come in. */
  #contain(work: () => void): void {
    if (this.#isClosed) return
    try {
      work()
    } catch (error) {
      this.#options.onEvent({ type: 'failed', error })
      // Whatever cannot be closed either is left to the garbage collector.
      void this.close().catch(() => {})
    }
  }

  async #connect(): Promise<void> {
    const { callId, ownJid, relays, relayKey, log } = this.#options
    this.#links = await openRelayLinks({
      relays,
      key: relayKey,
      streams: writeStreams(callId, ownJid),
      log,
      onMedia: (packet) => this.#contain(() => this.#hear(packet)),
      onState: (relay, state) => this.#contain(() => this.#noteRelay(relay, state)),
    })
    this.#timers.push(
      setInterval(() => this.#contain(() => this.#report()), REPORT_MS),
      setTimeout(() => this.#tellNoRelay(), NO_RELAY_MS),
    )
    if (this.#links.states().length === 0) setImmediate(() => this.#tellNoRelay())
  }

  #noteRelay(relay: CallRelay, state: RelayState): void {
    this.#options.onEvent({ type: 'relay', relay, state })
    if (state.name !== 'refused') return
    this.#refusal = state.code
    if (this.#links?.states().every((link) => link.state.name === 'refused')) this.#tellNoRelay()
  }

  #tellNoRelay(): void {
    const hasPlace = this.#links?.states().some(({ state }) => state.name === 'allocated')
    if (this.#isClosed || this.#hasToldNoRelay || hasPlace) return
    this.#hasToldNoRelay = true
    this.#options.onEvent({ type: 'no-relay', code: this.#refusal })
  }

  #hear(packet: Buffer): void {
    const now = performance.now()
    if (kindOfPacket(packet) === 'rtcp') this.#incoming.hearReports(packet, this.#outgoing.ssrc, now)
    else if (this.#incoming.hear(packet, now)) {
      const isNews = this.#heardAt === undefined || this.#unheardTold > 0
      this.#heardAt = now
      this.#unheardTold = 0
      if (isNews) this.#options.onEvent({ type: 'heard' })
    }
  }

  #report(): void {
    this.#links?.send(this.#outgoing.report(this.#incoming.report(performance.now())))
  }

  /** 60 ms of the call. */
  #tick(leftOut: number): void {
    const heard = this.#incoming.nextFrame()
    const played = this.#player.nextFrame()
    // Whatever plays, who talks is listened to, so that nothing is heard late afterwards.
    const spoken = this.#listeners.nextFrame()
    const said = this.#isMuted ? SILENCE : (played ?? spoken ?? SILENCE)
    this.#links?.send(this.#outgoing.seal(said, leftOut))
    this.#listeners.push(heard)
    this.#recorder?.add(heard, said)
    this.#watchSilence()
  }

  #watchSilence(): void {
    const limit = (this.#options.unheardMs ?? UNHEARD_MS)[this.#unheardTold]
    const ms = performance.now() - (this.#heardAt ?? this.#startedAt)
    if (limit === undefined || ms < limit) return
    this.#unheardTold++
    this.#options.onEvent({ type: 'unheard', ms: limit })
  }
}
