import { randomBytes } from 'node:crypto'
import { type BinaryNode, jidDecode } from '../../whatsapp/library/engine.ts'
import { type Account, addressServer, type Device } from '../world/account.ts'
import type { Network } from '../world/network.ts'
import { type Attributes, child, children, node, unixSeconds } from '../world/node.ts'
import { type CallRelay, startCallRelay } from './call-relay.ts'
import { isWellFormed, relayBlock, serviceSettings } from './call-stanzas.ts'
import type { SiteFaults } from './relay-site.ts'
import { hasKey, program } from './signals.ts'

/** What may be changed of how the service treats calls. */
export interface CallSettings {
  /** How long a phone rings before the service ends it for both. */
  ringMs: number
  /** Relays of a call; takes effect with the first call. */
  relays: number
  /** Whether its settings ask for MLow. */
  usesMlow: boolean
}

/** A call with sound. */
interface ServedCall {
  id: string
  caller: Device
  callee: Account
  /** Devices of the callee that were told and are not out of it. */
  told: Set<Device>
  acceptedBy?: Device
  isOver: boolean
  hbhKey: Buffer
  timer?: NodeJS.Timeout
}

const REFUSED_ORDER = 439
const ELSEWHERE = ['accepted_elsewhere', 'rejected_elsewhere']
/** Calls that are remembered, for steps that come late. */
const MAX_CALLS = 1_000

/** The service's part in calls with sound: it tells both ends of relays and passes on what they say to each other. */
export class CallService {
  readonly settings: CallSettings = { ringMs: 45_000, relays: 1, usesMlow: true }
  readonly #network: Network
  readonly #calls = new Map<string, ServedCall>()
  readonly #lines = new Set<{ stop(): void }>()
  #relay: Promise<CallRelay> | undefined

  constructor(network: Network) {
    this.#network = network
  }

  /** The relays, which begin with the first that asks for them. */
  relay(): Promise<CallRelay> {
    this.#relay ??= startCallRelay({ sites: this.settings.relays })
    return this.#relay
  }

  /** What goes wrong on every relay from now on. */
  async setFaults(faults: SiteFaults): Promise<void> {
    for (const site of (await this.relay()).sites) site.faults = faults
  }

  /** A simulated device whose calls end with the service. */
  connect(line: { stop(): void }): void {
    this.#lines.add(line)
  }

  /** Whether a step belongs to a call with sound: an offer with a key, or a step of one that is known. */
  takes(step: BinaryNode): boolean {
    return step.tag === 'offer' ? hasKey(step) : this.#calls.has(step.attrs['call-id'] ?? '')
  }

  /** Takes a step of such a call. */
  receive(from: Device, stanza: BinaryNode, step: BinaryNode): void {
    if (step.tag === 'offer') {
      // A failure is a mistake of the sandbox: it must not be mistaken for an answer.
      void this.#offer(from, stanza, step).catch((error: unknown) => {
        process.emitWarning(error instanceof Error ? error : String(error))
      })
      return
    }
    from.deliver(node('ack', { class: 'call', id: stanza.attrs.id, from: stanza.attrs.to, type: step.tag }))
    const call = this.#calls.get(step.attrs['call-id'] ?? '')
    if (!call || (from !== call.caller && from.account !== call.callee)) return
    this.#note(call, from, step)
    const targets = from === call.caller ? this.#calleeDevices(call, stanza, step) : [call.caller]
    for (const device of targets) device.deliver(this.#forwarded(from, stanza, [step]))
    if (from === call.caller && ELSEWHERE.includes(step.attrs.reason ?? ''))
      for (const device of targets) call.told.delete(device)
  }

  /** Ends the calls of all simulated devices, and the relays. */
  async stop(): Promise<void> {
    for (const line of this.#lines) line.stop()
    for (const { timer } of this.#calls.values()) clearTimeout(timer)
    const relay = this.#relay
    this.#relay = undefined
    await (await relay)?.stop()
  }

  async #offer(from: Device, stanza: BinaryNode, offer: BinaryNode): Promise<void> {
    const { id, to = '' } = stanza.attrs
    const { faults } = this.#network
    if (faults.take('ignore-call', from.account)) return
    const callId = offer.attrs['call-id'] ?? ''
    const callee = this.#network.findAccount(to)
    const answer = (attrs: Attributes, content?: BinaryNode[]) =>
      from.deliver(node('ack', { class: 'call', type: 'offer', id, from: to, ...attrs }, content))
    const refusal = faults.take('refuse-call', from.account)
    if (refusal) return answer({ error: refusal.code })
    const isOurs = sameDevice(offer.attrs['call-creator'], from.account.lidJid(from.id))
    const isNamed = addressServer(to) === 'lid' && callee && callee !== from.account
    const isNew = callId !== '' && !this.#calls.has(callId)
    if (!isNamed || !isOurs || !isNew || !isWellFormed(offer, callee.devices.size))
      return answer({ error: REFUSED_ORDER })

    const call: ServedCall = {
      id: callId,
      caller: from,
      callee,
      told: new Set(),
      isOver: false,
      hbhKey: randomBytes(30),
    }
    this.#keep(call)
    const devices = [...callee.devices.values()]
    const relay = faults.take('no-call-relay', from.account) ? undefined : await this.relay()
    const lids = devices.map((device) => callee.lidJid(device.id))
    const grants = relay?.open(callId, [from.account.lidJid(from.id), ...lids])
    const blockFor = (device: Device) => {
      const token = grants?.tokens.get(device.account.lidJid(device.id))
      if (!relay || !grants || !token) return []
      const participants = [from.account.lidJid(), callee.lidJid()]
      const { sites } = relay
      return [relayBlock({ participants, sites, key: grants.key, token, hbhKey: call.hbhKey })]
    }
    const settings = serviceSettings(this.settings.usesMlow, this.settings.ringMs)
    const list = node(
      'user',
      { jid: callee.lidJid() },
      devices.map((device) => node('device', { jid: callee.lidJid(device.id) })),
    )
    answer({}, [...blockFor(from), list, settings])
    if (call.isOver || callee.blocklist.has(from.account)) return
    call.timer = setTimeout(() => this.#expire(call), this.settings.ringMs).unref()
    for (const device of devices) {
      const key = keyFor(offer, device)
      if (!key) continue
      call.told.add(device)
      const content = [...withKey(offer, key), ...blockFor(device), settings]
      const { numberJid } = from.account
      const attrs = { ...offer.attrs, caller_pn: numberJid, caller_country_code: 'DE', joinable: '1' }
      device.deliver(this.#forwarded(from, stanza, [node('offer', attrs, content)]))
    }
  }

  #note(call: ServedCall, from: Device, step: BinaryNode): void {
    const isCaller = from === call.caller
    if (step.tag === 'accept' && !isCaller) {
      call.acceptedBy ??= from
      clearTimeout(call.timer)
    }
    if (step.tag === 'reject' && !isCaller) call.told.delete(from)
    const isEnd = step.tag === 'terminate' && !ELSEWHERE.includes(step.attrs.reason ?? '')
    if (isEnd && (isCaller || from === call.acceptedBy)) this.#end(call)
  }

  /** A JID without a device names the phone, and in a `terminate` everybody who was told. */
  #calleeDevices(call: ServedCall, stanza: BinaryNode, step: BinaryNode): Device[] {
    const to = stanza.attrs.to ?? ''
    if (this.#network.findAccount(to) !== call.callee) return []
    const id = jidDecode(to)?.device ?? 0
    const isForAll = step.tag === 'terminate' && !ELSEWHERE.includes(step.attrs.reason ?? '') && id === 0
    return [...call.told].filter((device) => isForAll || device.id === id)
  }

  #expire(call: ServedCall): void {
    if (call.isOver || call.acceptedBy) return
    const attrs = {
      'call-id': call.id,
      'call-creator': call.caller.account.lidJid(call.caller.id),
      reason: 'timeout',
    }
    const tell = (device: Device, from: string) =>
      device.deliver(
        node('call', { id: randomBytes(8).toString('hex'), from, t: unixSeconds() }, [
          node('terminate', attrs),
        ]),
      )
    tell(call.caller, call.callee.lidJid())
    for (const device of call.told) tell(device, call.caller.account.lidJid(call.caller.id))
    this.#end(call)
  }

  #end(call: ServedCall): void {
    call.isOver = true
    clearTimeout(call.timer)
    void this.#relay?.then((relay) => relay.end(call.id))
  }

  #forwarded(from: Device, stanza: BinaryNode, content: BinaryNode[]): BinaryNode {
    const attrs = {
      id: stanza.attrs.id,
      from: from.account.lidJid(from.id),
      t: unixSeconds(),
      notify: from.account.name || undefined,
      ...program(from),
    }
    return node('call', attrs, content)
  }

  #keep(call: ServedCall): void {
    this.#calls.set(call.id, call)
    for (const [id, { isOver }] of this.#calls) {
      if (this.#calls.size <= MAX_CALLS) return
      if (isOver) this.#calls.delete(id)
    }
  }
}

/** The key for one device: its own in a list, or the only one. */
function keyFor(offer: BinaryNode, device: Device): BinaryNode | undefined {
  const own = device.account.lidJid(device.id)
  const listed = children(child(offer, 'destination')).find(({ attrs }) => sameDevice(attrs.jid, own))
  return child(offer, 'enc') ?? child(listed, 'enc')
}

/** What one device of the callee gets of the offer. */
function withKey(offer: BinaryNode, key: BinaryNode): BinaryNode[] {
  return children(offer).flatMap((part) => {
    if (part.tag === 'privacy') return []
    return part.tag === 'destination' ? [key] : [part]
  })
}

/** `user:0@lid` and `user@lid` are the same device. */
function sameDevice(a: string | undefined, b: string): boolean {
  const [one, other] = [jidDecode(a), jidDecode(b)]
  return (
    one !== undefined &&
    one.user === other?.user &&
    one.server === other.server &&
    (one.device ?? 0) === (other.device ?? 0)
  )
}
