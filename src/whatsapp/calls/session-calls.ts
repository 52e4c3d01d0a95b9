import type { CallMedia } from '../../calls/call-media.ts'
import type { CallEngine } from '../../calls/engine.ts'
import type { Event } from '../../events/event.ts'
import { ApiError } from '../../lib/errors.ts'
import { withTimeout } from '../../lib/flow/with-timeout.ts'
import { derivedId } from '../../lib/ids.ts'
import { bare, canonical, isLidJid, sameUser } from '../../lib/jid.ts'
import type { Logger } from '../../lib/process/logger.ts'
import type { Networks } from '../../media/fetch/address-rules.ts'
import type { BinaryNode, WASocket } from '../library/engine.ts'
import { runInRootContext } from '../library/patches/index.ts'
import { numberOf } from './addresses.ts'
import { openCallKey } from './call-key.ts'
import { incomingCall } from './call-machine.ts'
import type { CallInput } from './call-progress.ts'
import type { Call, CallDiary, SessionCalls } from './calls.ts'
import { codecWith, type SpokenCodec } from './capability.ts'
import { conflict, LiveCall } from './live-call.ts'
import { type OutgoingDeps, placeCall } from './place-call.ts'
import {
  isOtherKindOfCall,
  type ReceivedStep,
  readLatencies,
  readOffer,
  readSpeaksMlow,
  readStep,
} from './read-steps.ts'
import { UnsentStanzas } from './unsent.ts'

/** What the calls of all sessions have in common. */
export interface CallServices {
  engine: CallEngine
  codec: SpokenCodec
  /** Where relays may be. */
  relayNetworks: Networks
}

/** What calls need of their session. */
export interface SessionCallsDeps
  extends CallServices,
    Pick<OutgoingDeps, 'ready' | 'resolve' | 'learnDevices'> {
  log: Logger
  /** The account's own JIDs with device, '' before linking. */
  me(): { pn: string; lid: string }
  /** The socket of a session that is open. */
  socket(): WASocket | undefined
  record(events: Event[], ids?: string[]): Promise<void>
  /** Ends on paper what a process that has died left open; called once the session is open for the first time. */
  recover(isHeld: (callId: string) => boolean, send: (stanza: BinaryNode) => void): Promise<void>
}

/** How long a call is remembered after its end. */
const KEPT_MS = 10 * 60_000
const MAX_KEPT = 100
/** Offers that ring at the same time; others are only told. */
const MAX_RINGING = 8
/** Steps are taken at once, unless the session is about to open. */
const CATCH_UP_MS = 2_000
/** A session that ends does not wait longer for its calls. */
const END_MS = 1_000

/** The calls of one session. Whatever happens in them, the session goes on. */
export class LiveSessionCalls implements SessionCalls {
  readonly #deps: SessionCallsDeps
  /** By id, oldest first. */
  readonly #calls = new Map<string, LiveCall>()
  readonly #unsent: UnsentStanzas
  /** Steps are taken one after the other. */
  #turn: Promise<void> = Promise.resolve()
  #isLost = false
  #isRecovered = false
  #isEnded = false

  constructor(deps: SessionCallsDeps) {
    this.#deps = deps
    this.#unsent = new UnsentStanzas(deps)
  }

  list(): Call[] {
    this.#prune()
    return [...this.#calls.values()].map((call) => call.view()).reverse()
  }

  find(id: string): Call | undefined {
    this.#prune()
    return this.#calls.get(id)?.view()
  }

  async make(to: string): Promise<Call> {
    this.#refuseSecond()
    this.#deps.engine.requireRoom()
    const call = await placeCall(
      {
        ...this.#deps,
        host: () => this.#host(),
        // Another call may have begun while devices were asked for.
        keep: (placed) => {
          this.#refuseSecond()
          this.#keep(placed)
        },
        send: (stanza) => this.#unsent.send(stanza),
      },
      to,
    )
    return call.view()
  }

  async answer(id: string): Promise<Call> {
    const call = this.#ringing(id)
    // Those that wait behind another do not count: that may be over, and several may have come meanwhile.
    const isBusy = this.#live().some((other) => other !== call && !other.isWaiting)
    if (isBusy) throw conflict('another call is in progress')
    call.apply({ type: 'answer' })
    await call.mediaReady()
    const taken = await this.#told(call)
    if (call.isOver) throw conflict(`the call has ended: ${taken.reason}`)
    return taken
  }

  async reject(id: string): Promise<Call> {
    const call = this.#ringing(id)
    call.apply({ type: 'decline' })
    return this.#told(call)
  }

  async hangUp(id: string): Promise<Call> {
    const call = this.#known(id)
    call.apply({ type: 'hangUp' })
    return this.#told(call)
  }

  mediaOf(id: string): CallMedia {
    const { media } = this.#known(id)
    if (!media) throw conflict('the call has no sound')
    return media
  }

  async openMediaOf(id: string): Promise<CallMedia> {
    await this.#known(id).mediaReady()
    return this.mediaOf(id)
  }

  async caughtUp(): Promise<void> {
    await withTimeout(this.#turn, CATCH_UP_MS).catch(() => {})
  }

  diary(id: string): CallDiary {
    return this.#known(id).diary()
  }

  /** Takes a `<call>` stanza that is stored; never throws. */
  take(stanza: BinaryNode): void {
    const step = readStep(stanza)
    if (!step || this.#isEnded) return
    this.#turn = this.#turn
      .then(() => runInRootContext(() => this.#takeStep(step)))
      .catch((error: unknown) => {
        this.#deps.log.warn({ err: error, call: step.callId, step: step.tag }, 'a step of a call failed')
      })
  }

  /** The session is open. Never throws. */
  opened(): void {
    this.#isLost = false
    this.#unsent.flush()
    this.#applyToAll({ type: 'socketBack' })
    if (this.#isRecovered) return
    this.#isRecovered = true
    this.#deps
      .recover(
        (id) => this.#calls.has(id),
        (stanza) => this.#unsent.send(stanza),
      )
      .catch((error: unknown) => {
        this.#deps.log.warn({ err: error }, 'could not end the calls of a former process')
      })
  }

  /** The connection is gone; calls go on for a while. Never throws. */
  closed(): void {
    // Told with every attempt to connect, too: the time that calls have left begins once.
    if (this.#isLost) return
    this.#isLost = true
    this.#applyToAll({ type: 'socketLost' })
  }

  /** Ends every call, because the session ends; resolves within a second. Never throws. */
  async end(): Promise<void> {
    if (this.#isEnded) return
    this.#isEnded = true
    const live = this.#live()
    this.#applyToAll({ type: 'stop' })
    const done = Promise.allSettled([
      this.#unsent.settled(),
      ...live.flatMap((call) => [call.recorded(), call.mediaReady()]),
    ])
    await withTimeout(done, END_MS).catch(() => {})
  }

  async #takeStep(step: ReceivedStep): Promise<void> {
    const known = this.#calls.get(step.callId)
    if (!known) {
      if (step.tag === 'offer') await this.#ring(step)
      return
    }
    // The service forwards what anybody says of a call: only its two sides are heard.
    if (bare(step.from) !== known.progress.peer) {
      known.note('ignored', { step: step.tag })
      return
    }
    known.note('received', { step: step.tag, from: step.from })
    known.noteStanza(step.from, { id: step.stanzaId, from: step.from })
    const input = this.#inputOf(step)
    if (input) known.apply(input)
  }

  #inputOf(step: ReceivedStep): CallInput | undefined {
    const { from, node } = step
    switch (step.tag) {
      case 'preaccept':
        return { type: 'preaccept', from }
      case 'accept':
        return { type: 'accept', from, codec: codecWith(readSpeaksMlow(step), this.#deps.codec) }
      case 'reject':
        return { type: 'reject', from, isBusy: node.attrs.reason === 'busy' }
      case 'terminate':
        return { type: 'terminate', reason: node.attrs.reason ?? '' }
      case 'mute_v2':
        return { type: 'mute' }
      case 'relaylatency':
        return { type: 'latencies', from, relays: readLatencies(step) }
      default:
        return undefined
    }
  }

  async #ring(step: ReceivedStep): Promise<void> {
    const caller = callerOf(step)
    const ownLid = canonical(this.#deps.me().lid)
    if (isOtherKindOfCall(step) || !caller || !ownLid) return
    // It may come in before the session is told to be open.
    const socket = step.isOffline ? undefined : await this.#deps.ready().catch(() => undefined)
    const offer = readOffer(step, ownLid, this.#deps.relayNetworks)
    const peer = offer.callerNumber || (await numberOf(socket ?? this.#deps.socket(), caller)) || bare(caller)
    const facts = { names: { callId: step.callId, creator: step.creator }, peer, callKey: new Uint8Array() }
    const device = { peer: bare(caller), device: caller }
    if (step.isOffline) {
      // It is over; nobody waits for an answer.
      const { call } = incomingCall({ ...device, waits: true }, Date.now())
      const toldAs = derivedId('missed call', step.from, step.callId, step.stanzaId)
      const missed = new LiveCall(this.#host(), { ...facts, toldAs }, call)
      this.#keep(missed)
      missed.apply({ type: 'terminate', reason: 'timeout' })
      return
    }
    const { ciphertext, relayBlock } = offer
    if (!socket || !ciphertext || !relayBlock || this.#live().length >= MAX_RINGING) {
      this.#deps.log.info(
        { call: step.callId, hasKey: Boolean(ciphertext), hasRelays: Boolean(relayBlock) },
        'a call that cannot be taken here',
      )
      return
    }
    const callKey = await openCallKey(socket, caller, ciphertext)
    if (this.#isEnded) return
    const waits = this.#live().length > 0
    const begun = incomingCall({ ...device, waits }, Date.now())
    const call = new LiveCall(this.#host(), { ...facts, callKey }, begun.call)
    this.#keep(call)
    call.note('received', { step: 'offer', from: caller, relays: relayBlock.relays.length })
    call.note('codec', { peerSpeaksMlow: offer.speaksMlow, serviceWantsMlow: offer.wantsMlow })
    call.noteStanza(caller, { id: step.stanzaId, from: step.from })
    call.begin(begun, { relayBlock, codec: codecWith(offer.speaksMlow, this.#deps.codec) })
  }

  #host() {
    const { engine, codec, log } = this.#deps
    return {
      engine,
      codec,
      log,
      ownDevice: canonical(this.#deps.me().lid),
      send: (stanza: BinaryNode) => this.#unsent.send(stanza),
      record: (events: Event[], ids?: string[]) => runInRootContext(() => this.#deps.record(events, ids)),
    }
  }

  #refuseSecond(): void {
    if (this.#isEnded) throw new ApiError('not_connected', { text: 'websocket not connected' })
    if (this.#live().length > 0) throw conflict('another call is in progress')
  }

  #known(id: string): LiveCall {
    this.#prune()
    const call = this.#calls.get(id)
    if (!call) throw new ApiError('not_found', { text: 'call not found' })
    return call
  }

  #ringing(id: string): LiveCall {
    const call = this.#known(id)
    const { direction, name } = call.progress
    if (direction !== 'incoming' || name !== 'ringing') throw conflict('call is not ringing')
    return call
  }

  async #told(call: LiveCall): Promise<Call> {
    await call.recorded()
    return call.view()
  }

  #live(): LiveCall[] {
    return [...this.#calls.values()].filter((call) => !call.isOver)
  }

  #applyToAll(input: CallInput): void {
    for (const call of this.#live()) call.apply(input)
  }

  #keep(call: LiveCall): void {
    this.#prune()
    this.#calls.set(call.names.callId, call)
  }

  #prune(): void {
    const before = Date.now() - KEPT_MS
    for (const [id, call] of this.#calls) {
      if (!call.isOver) continue
      const isOld = (call.progress.endedAt ?? 0) < before
      if (isOld || this.#calls.size > MAX_KEPT) this.#calls.delete(id)
    }
  }
}

/** The device that calls: it is named twice, and perhaps only once with its number. Undefined for what is no LID. */
function callerOf({ from, creator }: ReceivedStep): string | undefined {
  const named = canonical(creator)
  if (!isLidJid(from) || !sameUser(from, named)) return undefined
  return from === bare(from) ? named : from
}
