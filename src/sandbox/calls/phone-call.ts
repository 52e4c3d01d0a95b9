import type { CallRelay } from '../../calls/relay-link.ts'
import type { BinaryNode } from '../../whatsapp/library/engine.ts'
import type { HeardReport } from './heard.ts'
import { type PhoneCodec, PhoneMedia } from './phone-media.ts'
import {
  asksForOpus,
  type PhoneCallNames,
  phoneAccept,
  phonePreaccept,
  phoneStep,
  showsMlow,
} from './phone-steps.ts'
import { type CallScript, speechOf } from './script.ts'

/** Where a phone's call stands. */
export type PhoneCallState = 'calling' | 'ringing' | 'active' | 'ended'

/** What others see of a phone's call. */
export interface PhoneCallView {
  id: string
  direction: 'incoming' | 'outgoing'
  state: PhoneCallState
  /** LID of the other end's device. */
  peer: string
  reason: string
  /** Which step went where, or came from where, and when (milliseconds since the call began). */
  steps: { at: number; way: 'sent' | 'received'; step: string; who: string; reason?: string }[]
  packetsSent: number
  isConnected: boolean
}

export interface PhoneCallDeps {
  names: PhoneCallNames
  direction: 'incoming' | 'outgoing'
  ownJid: string
  /** The other side: a device, or before one has answered the person. */
  peer: string
  callKey: Uint8Array
  script: CallScript
  send(to: string, step: BinaryNode): void
}

/** A call of one simulated device. */
export class PhoneCall {
  readonly #deps: PhoneCallDeps
  readonly #startedAt = performance.now()
  readonly #steps: PhoneCallView['steps'] = []
  readonly #timers = new Set<NodeJS.Timeout>()
  #script: CallScript
  #state: PhoneCallState
  #reason = ''
  #peer: string
  #media: Promise<PhoneMedia> | undefined
  #opened: PhoneMedia | undefined
  /** Devices that were told that its media is up. */
  readonly #readied = new Set<string>()
  /** The devices it called. */
  devices: string[] = []
  #codecs: { speaks: PhoneCodec; hears: PhoneCodec } = { speaks: 'mlow', hears: 'mlow' }

  constructor(deps: PhoneCallDeps) {
    this.#deps = deps
    this.#script = deps.script
    this.#peer = deps.peer
    this.#state = deps.direction === 'incoming' ? 'ringing' : 'calling'
  }

  get view(): PhoneCallView {
    return {
      id: this.#deps.names.callId,
      direction: this.#deps.direction,
      state: this.#state,
      peer: this.#peer,
      reason: this.#reason,
      steps: [...this.#steps],
      packetsSent: this.#opened?.packetsSent ?? 0,
      isConnected: this.#opened?.isConnected ?? false,
    }
  }

  get isOver(): boolean {
    return this.#state === 'ended'
  }

  /** What it has heard so far; undefined before there is sound. */
  get heard(): HeardReport | undefined {
    return this.#opened?.heard.report()
  }

  /** The same as a WAV file. */
  get heardWav(): Buffer | undefined {
    return this.#opened?.heard.wav()
  }

  /** Connects to the relays it was told of. */
  connect({ key, relays }: { key: string; relays: CallRelay[] }): void {
    const { names, callKey, ownJid } = this.#deps
    this.#media = PhoneMedia.open({ callId: names.callId, callKey, ownJid, relays, relayKey: key })
    void this.#media.then(
      (media) => {
        this.#opened = media
        media.mute(this.#script.muted)
        media.say(speechOf(this.#script.say))
        if (this.isOver) media.close()
      },
      (error: unknown) => this.end(`failed: ${String(error)}`),
    )
  }

  /** It rings, and does after a while what its script says. `offer` is what came in. */
  ring(offer: BinaryNode): void {
    this.#agree(offer)
    const { onOffer, afterMs } = this.#script
    if (onOffer === 'ignore') return
    if (onOffer === 'busy') {
      this.#send(this.#peer, this.#step('reject', { count: 0, reason: 'busy' }))
      this.end('busy')
      return
    }
    this.#send(this.#peer, phonePreaccept(this.#deps.names))
    if (onOffer === 'answer') this.#after(afterMs, () => this.answer())
    if (onOffer === 'reject') this.#after(afterMs, () => this.reject())
  }

  /** @throws Error when it does not ring. */
  answer(): void {
    if (this.#state !== 'ringing') throw new Error('the call does not ring')
    this.#state = 'active'
    this.#send(this.#peer, phoneAccept(this.#deps.names))
    this.#talk()
  }

  /** @throws Error when it does not ring. */
  reject(): void {
    if (this.#state !== 'ringing') throw new Error('the call does not ring')
    this.#send(this.#peer, this.#step('reject', { count: 0 }))
    this.end('rejected')
  }

  hangUp(): void {
    if (this.isOver) return
    this.#send(this.#peer, this.#step('terminate'))
    this.end('hangup')
  }

  /** Says something else; a call without sound says it as soon as it has. */
  say(say: CallScript['say']): void {
    const speech = speechOf(say)
    this.#script = { ...this.#script, say }
    this.#opened?.say(speech)
  }

  mute(muted: boolean): void {
    this.#script = { ...this.#script, muted }
    this.#opened?.mute(muted)
    this.#send(this.#peer, this.#step('mute_v2', { 'mute-state': muted ? 1 : 0 }))
  }

  /** Takes what the other end or the service says. */
  take(from: string, step: BinaryNode): void {
    const { reason } = step.attrs
    this.#note('received', step, from)
    if (step.tag === 'terminate') this.end(reason ?? 'remote_hangup')
    if (this.#deps.direction === 'incoming' || this.isOver) return
    switch (step.tag) {
      case 'preaccept':
        if (this.#state === 'calling') this.#state = 'ringing'
        if (this.#script.saysReady && !this.#readied.has(from)) {
          this.#readied.add(from)
          this.#send(from, this.#step('mute_v2', { 'mute-state': this.#script.muted ? 1 : 0 }))
        }
        return
      case 'accept':
        this.#accepted(from, step)
        return
      case 'reject': {
        const others = this.devices.filter((device) => device !== from)
        this.devices = others
        if (reason === 'busy' && others.length > 0) return
        this.#dismiss(others, 'rejected_elsewhere')
        this.end(reason ?? 'rejected')
      }
    }
  }

  end(reason: string): void {
    if (this.isOver) return
    this.#state = 'ended'
    this.#reason = reason
    for (const timer of this.#timers) clearTimeout(timer)
    void this.#media?.then(
      (media) => media.close(),
      () => {},
    )
  }

  #accepted(from: string, step: BinaryNode): void {
    if (this.#state === 'active') {
      if (from !== this.#peer) this.#dismiss([from], 'accepted_elsewhere')
      return
    }
    this.#state = 'active'
    this.#peer = from
    this.#agree(step)
    this.#dismiss(
      this.devices.filter((device) => device !== from),
      'accepted_elsewhere',
    )
    this.#talk()
  }

  #dismiss(devices: string[], reason: string): void {
    for (const device of devices) this.#send(device, this.#step('terminate', { reason }))
  }

  /**
   * Which codec each direction has: what the other end can do chooses how it is spoken to; what it asks for, if it was
   * called, how it is heard.
   */
  #agree(step: BinaryNode): void {
    if (this.#script.codec === 'mlow') return
    const speaks: PhoneCodec = showsMlow(step) ? 'mlow' : 'opus'
    const isHeardAsOpus = this.#deps.direction === 'incoming' ? speaks === 'opus' : asksForOpus(step)
    this.#codecs = { speaks, hears: isHeardAsOpus ? 'opus' : 'mlow' }
  }

  #talk(): void {
    void this.#media
      ?.then((media) => media.start(this.#peer, this.#codecs))
      .catch((error: unknown) => this.end(`failed: ${String(error)}`))
    const { hangUpAfterMs } = this.#script
    if (hangUpAfterMs !== undefined) this.#after(hangUpAfterMs, () => this.hangUp())
  }

  #after(ms: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      if (!this.isOver) work()
    }, ms)
    this.#timers.add(timer.unref())
  }

  #step(tag: string, attrs: Record<string, string | number> = {}): BinaryNode {
    return phoneStep(this.#deps.names, tag, attrs)
  }

  #send(to: string, step: BinaryNode): void {
    this.#note('sent', step, to)
    this.#deps.send(to, step)
  }

  #note(way: 'sent' | 'received', { tag, attrs }: BinaryNode, who: string): void {
    const at = Math.round(performance.now() - this.#startedAt)
    const { reason } = attrs
    this.#steps.push({ at, way, step: tag, who, ...(reason !== undefined && { reason }) })
  }
}
