import type { CallMedia, CallMediaEvent } from '../../calls/call-media.ts'
import type { CallEngine } from '../../calls/engine.ts'
import type { Event } from '../../events/event.ts'
import { ApiError } from '../../lib/errors.ts'
import type { Logger } from '../../lib/process/logger.ts'
import type { BinaryNode } from '../library/engine.ts'
import { next } from './call-machine.ts'
import type { CallEffect, CallInput, CallProgress, CallStepResult, CallTimer } from './call-progress.ts'
import type { Call, CallDiary } from './calls.ts'
import type { SpokenCodec } from './capability.ts'
import { DiaryKeeper } from './diary.ts'
import type { RelayBlock } from './relay-block.ts'
import { type CallNames, callStanza, writeReceipt, writeStep } from './steps.ts'

/** What a call needs of its session. */
export interface CallHost {
  engine: CallEngine
  /** How this server prefers to speak. */
  codec: SpokenCodec
  /** LID of this device. */
  ownDevice: string
  log: Logger
  /** Sends a stanza now, or when the connection is back. */
  send(stanza: BinaryNode): void
  /** Stores events; `ids` name what may be told again. */
  record(events: Event[], ids?: string[]): Promise<void>
}

/** What a call is, once and for all. */
export interface CallFacts {
  names: CallNames
  /** JID of the other side without a device: the phone number where it is known, else the LID. */
  peer: string
  callKey: Uint8Array
  /** What names its states where WhatsApp may tell of the call again. */
  toldAs?: string
}

/** What the media needs that the service told. */
export interface MediaFacts {
  relayBlock: RelayBlock
  codec: 'opus' | 'mlow'
}

/** One call: runs the effects of its machine and holds its media. Nothing here throws but what says so. */
export class LiveCall {
  readonly names: CallNames
  readonly peer: string
  readonly #host: CallHost
  readonly #diary = new DiaryKeeper()
  /** Forgotten with the end of the call. */
  #callKey: Uint8Array | undefined
  readonly #ids: string[] | undefined
  #mediaFacts: MediaFacts | undefined
  #progress: CallProgress
  /** Settles when the media is open, or could not be; what is done with it follows in turn. */
  #mediaWork: Promise<void> = Promise.resolve()
  #media: CallMedia | undefined
  #recorded: Promise<void> = Promise.resolve()
  readonly #timers = new Map<CallTimer, NodeJS.Timeout>()
  /** The stanzas that are confirmed, by the device that said it: their ids, and whom they came from. */
  readonly #stanzas = new Map<string, { id: string; from: string }>()

  constructor(host: CallHost, facts: CallFacts, progress: CallProgress) {
    this.#host = host
    this.names = facts.names
    this.peer = facts.peer
    this.#callKey = facts.callKey
    this.#ids = facts.toldAs === undefined ? undefined : [facts.toldAs]
    this.#progress = progress
  }

  /** Runs what its beginning asks for, and tells of it. `known` is what an offer said of relays and codec. */
  begin({ effects }: CallStepResult, known?: MediaFacts): void {
    this.#mediaFacts = known
    this.#host.log.info({ call: this.names.callId, to: this.#progress.name }, 'call state')
    this.#tell()
    for (const effect of effects) this.#run(effect)
  }

  get progress(): CallProgress {
    return this.#progress
  }

  get isOver(): boolean {
    return this.#progress.name === 'ended'
  }

  /** Whether it came in behind another call, and nobody has taken it. */
  get isWaiting(): boolean {
    return this.#progress.direction === 'incoming' && this.#progress.preacceptedAt === undefined
  }

  /** The sound of the call; undefined before it is open and after it has ended. */
  get media(): CallMedia | undefined {
    return this.isOver ? undefined : this.#media
  }

  /** Resolves when the media that was asked for is open, or could not be. */
  mediaReady(): Promise<void> {
    return this.#mediaWork
  }

  /** Resolves when everything told so far is stored. */
  recorded(): Promise<void> {
    return this.#recorded
  }

  view(): Call {
    const { name, direction, peer, startedAt, answeredAt, endedAt, reason } = this.#progress
    const { callId: id } = this.names
    return {
      id,
      direction,
      state: name,
      peer: this.peer,
      peerLid: peer,
      startedAt,
      answeredAt,
      endedAt,
      reason,
    }
  }

  diary(): CallDiary {
    return this.#diary.of(this.view())
  }

  /** Writes something down; it must hold no secrets. */
  note(what: string, details?: Record<string, unknown>): void {
    this.#diary.note(what, details)
  }

  /** Keeps which stanza a device sent, so that it can be confirmed. */
  noteStanza(device: string, stanza: { id: string; from: string }): void {
    this.#stanzas.set(device, stanza)
  }

  /** What the service told of relays and codec with its answer to the offer. */
  setMediaFacts(known: MediaFacts): void {
    this.#mediaFacts = known
  }

  /** Takes whatever happens; never throws, as timers and packets end here. */
  apply(input: CallInput): void {
    try {
      this.#apply(input)
    } catch (error) {
      this.#host.log.error({ err: error, call: this.names.callId, input: input.type }, 'a call failed')
    }
  }

  #apply(input: CallInput): void {
    const before = this.#progress
    const { call, effects } = next(before, input, Date.now())
    this.#progress = call
    if (before.name !== call.name) {
      this.note(call.name, call.reason ? { reason: call.reason } : undefined)
      this.#host.log.info({ call: this.names.callId, from: before.name, to: call.name }, 'call state')
      this.#tell()
    }
    for (const effect of effects) this.#run(effect)
    if (this.isOver) this.#forget()
  }

  #run(effect: CallEffect): void {
    switch (effect.type) {
      case 'send':
        this.note('sent', { step: effect.step.tag, to: effect.to })
        this.#host.send(callStanza(effect.to, writeStep(this.names, effect.step, this.#host.codec)))
        return
      case 'confirm':
        this.#confirm(effect.step, effect.to)
        return
      case 'openMedia':
        this.#work(() => this.#openMedia())
        return
      case 'useDevice':
        this.#work(async () => {
          await this.#media?.rekeyPeer(effect.device)
          await this.#media?.useCodec(effect.codec)
          this.note('speaks with', { device: effect.device, codec: effect.codec })
        })
        return
      case 'startMedia':
        this.#work(async () => this.#media?.start())
        return
      case 'closeMedia':
        this.#work(async () => {
          const media = this.#media
          if (media) this.note('media', { ...media.stats })
          await media?.close()
          // It has the keys of the call, and those of its relays.
          this.#media = undefined
        })
        return
      case 'wait':
        clearTimeout(this.#timers.get(effect.timer))
        this.#timers.set(
          effect.timer,
          setTimeout(() => this.apply({ type: 'timer', name: effect.timer }), effect.ms).unref(),
        )
        return
      case 'stopWaiting':
        clearTimeout(this.#timers.get(effect.timer))
        return
    }
  }

  #confirm(step: 'offer' | 'accept', device: string): void {
    const stanza = this.#stanzas.get(device)
    const { ownDevice } = this.#host
    if (stanza)
      this.#host.send(writeReceipt(this.names, { step, to: stanza.from, stanzaId: stanza.id, ownDevice }))
  }

  /** What is done with the media is done in turn; a failure costs the call and nothing else. */
  #work(work: () => Promise<unknown>): void {
    this.#mediaWork = this.#mediaWork.then(work).then(
      () => {},
      (error: unknown) => {
        this.#host.log.warn({ err: error, call: this.names.callId }, 'the media of a call failed')
        this.note('media failed', { message: error instanceof Error ? error.message : String(error) })
        this.apply({ type: 'failed' })
      },
    )
  }

  async #openMedia(): Promise<void> {
    const { ownDevice, engine } = this.#host
    const known = this.#mediaFacts
    if (this.isOver || !this.#callKey) return
    if (!known) {
      this.apply({ type: 'noRelay' })
      return
    }
    const { device, ringing, peer } = this.#progress
    const media = await engine.openCallMedia({
      callId: this.names.callId,
      ownJid: ownDevice,
      // Before one has answered, the first that rings is as good as any.
      peerJid: device || ringing[0] || peer,
      callKey: this.#callKey,
      relays: known.relayBlock.relays,
      relayKey: known.relayBlock.key,
      tagBytes: known.relayBlock.tagBytes,
      codec: known.codec,
      onEvent: (event) => this.#hear(event),
    })
    this.#media = media
    if (this.isOver) await media.close()
  }

  #hear(event: CallMediaEvent): void {
    switch (event.type) {
      case 'relay': {
        const { name, address, port } = event.relay
        this.note('relay', { name, address, port, state: event.state.name })
        if (event.state.name !== 'allocated') return
        const { latencyMs } = event.state
        this.apply({ type: 'place', relay: { name, address, port, latencyMs } })
        return
      }
      case 'no-relay':
        this.note('no relay', { code: event.code })
        this.apply({ type: 'noRelay' })
        return
      case 'unheard':
        this.note('unheard', { ms: event.ms })
        this.apply({ type: 'unheard', ms: event.ms })
        return
      case 'failed':
        this.#host.log.warn({ err: event.error, call: this.names.callId }, 'the media of a call failed')
        this.apply({ type: 'failed' })
        return
      case 'closed':
        if (!this.isOver) this.apply({ type: 'failed' })
        return
      default:
        this.note(event.type)
    }
  }

  #tell(): void {
    const { name: state, direction, reason } = this.#progress
    const { peer } = this
    const event: Event = {
      type: 'call.state',
      chat: peer,
      callId: this.names.callId,
      peer,
      direction,
      state,
      reason,
      timestamp: Math.floor(Date.now() / 1000),
    }
    this.#recorded = this.#recorded
      .then(() => this.#host.record([event], this.#ids))
      .catch((error: unknown) => {
        // The call goes on all the same; a session that is lost tells nothing.
        this.#host.log.warn({ err: error, call: this.names.callId }, 'could not store the state of a call')
      })
  }

  #forget(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer)
    this.#timers.clear()
    this.#callKey = undefined
    this.#mediaFacts = undefined
    this.#stanzas.clear()
  }
}

/** The failure of a request that the state of a call forbids. */
export function conflict(text: string): ApiError {
  return new ApiError('conflict', { text })
}
