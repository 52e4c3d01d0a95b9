import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from '../lib/process/logger.ts'
import { type ChannelCertificate, openRelayChannel, type RelayChannel } from './relay-channel.ts'
import { kindOfPacket } from './rtp.ts'
import {
  isNotForged,
  newTransactionId,
  parseStun,
  STUN,
  writeAllocate,
  writeBindingSuccess,
  writePing,
} from './stun.ts'

/** A relay as the service names it for a call. */
export interface CallRelay {
  /** The service's own name for it. */
  name: string
  /** IPv4. */
  address: string
  port: number
  token: Buffer
}

/** What a link does at the moment. */
export type RelayState =
  | { name: 'connecting' }
  /** Connected; the relay has not given a place yet. */
  | { name: 'allocating' }
  /** `latencyMs`: how long the relay took to answer. */
  | { name: 'allocated'; latencyMs: number }
  /** The relay does not take us, by its code: 450 and 451 are about the signature, 456 about an unknown attribute. */
  | { name: 'refused'; code: number }
  /** It does not answer any more, or never did; it is tried again. */
  | { name: 'lost' }
  | { name: 'closed' }

export interface LinkOptions {
  relay: CallRelay
  /** The text the relay key came as; its bytes are the key. */
  key: string
  /** What `writeStreams` gives. */
  streams: Buffer
  certificate: ChannelCertificate
  log: Pick<Logger, 'debug' | 'info'>
  /** RTP or RTCP. */
  onMedia: (packet: Buffer) => void
  onState: (state: RelayState) => void
}

/** Whatever port is announced, WhatsApp Web takes this one; some relays hear only one of the two. */
const WEB_PORT = 3480
/** What the relays' certificate begins with, as SDP writes its fingerprint; another one is told, and taken. */
const KNOWN_FINGERPRINT = 'F9:CA:0C:98:'
const CONNECT_TIMEOUT_MS = 12_000
/** A relay forgets whoever has not asked for about four seconds. */
const KEEP_ALIVE_MS = 1_000
/** It is connected anew when it has said nothing for so long. */
const SILENCE_MS = 5_000
const MAX_PAUSE_MS = 8_000
/** Questions whose answers may be outstanding. */
const MAX_QUESTIONS = 16

/** One relay of a call: keeps a place there, and comes back when it is lost. */
export class RelayLink {
  readonly relay: CallRelay
  readonly #options: LinkOptions
  readonly #closing = new AbortController()
  #state: RelayState = { name: 'connecting' }
  #channel: RelayChannel | undefined
  /** Allocates without an answer: id -> when they were sent. */
  readonly #asked = new Map<string, number>()
  /** When the relay last said something that shows that it knows us. */
  #heardAt = 0
  /** Packets that were not sent because the relay did not confirm those before them. */
  dropped = 0

  constructor(options: LinkOptions) {
    this.relay = options.relay
    this.#options = options
  }

  get state(): RelayState {
    return this.#state
  }

  /** Connects, and goes on until `close`. */
  start(): void {
    // It ends with `close` and cannot fail.
    void this.#run()
  }

  /** Sends a packet, where the relay has given us a place. */
  send(packet: Buffer): void {
    if (this.#state.name === 'allocated' && this.#channel?.send(packet) === false) this.dropped++
  }

  close(): void {
    if (this.#state.name === 'closed') return
    this.#closing.abort(new Error('closed'))
    this.#drop()
    this.#become({ name: 'closed' })
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing
    for (let failures = 0; !signal.aborted; failures++) {
      try {
        await this.#connect()
        if (await this.#keep()) failures = 0
      } catch (error) {
        this.#options.log.debug({ err: error, relay: this.relay.name }, 'a relay of a call is not reached')
      }
      this.#drop()
      if (signal.aborted || this.#state.name === 'refused') return
      this.#become({ name: 'lost' })
      await delay(Math.min(1_000 * 2 ** failures, MAX_PAUSE_MS), undefined, { signal }).catch(() => {})
    }
  }

  /** Tries the ports at the same time and takes the one that stands first. */
  async #connect(): Promise<void> {
    const { log } = this.#options
    const ports = [...new Set([this.relay.port, WEB_PORT])]
    const giveUp = new AbortController()
    const signal = AbortSignal.any([
      this.#closing.signal,
      giveUp.signal,
      AbortSignal.timeout(CONNECT_TIMEOUT_MS),
    ])
    const attempts = ports.map((port) => this.#openPort(port, signal))
    try {
      this.#channel = await Promise.any(attempts)
    } finally {
      giveUp.abort(new Error('another port was faster'))
    }
    const late = attempts.map((attempt) => attempt.catch(() => undefined))
    void Promise.all(late).then((channels) => {
      for (const channel of channels) if (channel !== this.#channel) channel?.close()
    })
    const { fingerprint } = this.#channel
    if (!fingerprint.startsWith(KNOWN_FINGERPRINT))
      log.info({ relay: this.relay.name, fingerprint }, 'a relay shows another certificate than others do')
  }

  #openPort(port: number, signal: AbortSignal): Promise<RelayChannel> {
    const { certificate } = this.#options
    const channel: Promise<RelayChannel> = openRelayChannel({
      address: this.relay.address,
      port,
      certificate,
      signal,
      onMessage: (message) => this.#hear(message),
      onClosed: () => {
        void channel.then((closed) => {
          if (this.#channel === closed) this.#drop()
        })
      },
    })
    return channel
  }

  /** Keeps the place until the relay is silent or refuses. Resolves with whether there ever was one. */
  async #keep(): Promise<boolean> {
    const { signal } = this.#closing
    this.#heardAt = performance.now()
    this.#become({ name: 'allocating' })
    let wasAllocated = false
    while (this.#channel !== undefined && performance.now() - this.#heardAt < SILENCE_MS) {
      this.#ask()
      await delay(KEEP_ALIVE_MS, undefined, { signal }).catch(() => {})
      wasAllocated ||= this.#state.name === 'allocated'
      if (this.#state.name === 'refused') break
    }
    return wasAllocated
  }

  #ask(): void {
    const id = newTransactionId()
    const [oldest] = this.#asked.keys()
    if (this.#asked.size >= MAX_QUESTIONS && oldest !== undefined) this.#asked.delete(oldest)
    this.#asked.set(id.toString('hex'), performance.now())
    const { key, streams } = this.#options
    this.#channel?.send(writeAllocate({ token: this.relay.token, relay: this.relay, streams, key }, id))
    this.#channel?.send(writePing(newTransactionId()))
  }

  #hear(message: Buffer): void {
    const kind = kindOfPacket(message)
    if (kind === 'rtp' || kind === 'rtcp') {
      if (this.#state.name === 'allocated') this.#options.onMedia(message)
    } else if (kind === 'stun') this.#hearStun(message)
  }

  #hearStun(packet: Buffer): void {
    const message = parseStun(packet)
    if (message === undefined || !isNotForged(packet, message, this.#options.key)) return
    if (message.type === STUN.bindingRequest)
      this.#channel?.send(writeBindingSuccess(message.id, this.#options.key))
    const askedAt = this.#asked.get(message.id.toString('hex'))
    if (askedAt === undefined) return
    this.#asked.delete(message.id.toString('hex'))
    if (message.type === STUN.allocateSuccess) {
      this.#heardAt = performance.now()
      if (this.#state.name === 'allocating')
        this.#become({ name: 'allocated', latencyMs: performance.now() - askedAt })
    } else if (message.type === STUN.allocateError && this.#state.name === 'allocating')
      this.#become({ name: 'refused', code: message.errorCode ?? 0 })
  }

  #drop(): void {
    const channel = this.#channel
    this.#channel = undefined
    this.#asked.clear()
    channel?.close()
  }

  #become(state: RelayState): void {
    this.#state = state
    this.#options.onState(state)
  }
}
