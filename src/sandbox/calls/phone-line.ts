import { randomBytes } from 'node:crypto'
import type { BinaryNode } from '../../whatsapp/library/engine.ts'
import type { SignalEndpoint } from '../peer/signal-endpoint.ts'
import type { Device } from '../world/account.ts'
import { DeviceDirectory } from '../world/device-directory.ts'
import type { Network } from '../world/network.ts'
import { bytes, child, children, node } from '../world/node.ts'
import { PhoneCall } from './phone-call.ts'
import { phoneLatency, phoneOffer, readPhoneRelays } from './phone-steps.ts'
import { type CallScript, callScript } from './script.ts'
import { hasKey } from './signals.ts'

/** What the calls of a simulated device need of it. */
export interface LineDeps {
  network: Network
  device: Device
  signal: SignalEndpoint
  /** Does what moves ratchets, one after the other. */
  run<Result>(task: () => Promise<Result>): Promise<Result>
  /** Notes what went wrong. */
  failed(stanza: BinaryNode, error: unknown): void
}

/** Ended calls that are remembered; the oldest are forgotten. */
const MAX_CALLS = 50

/** The calls of one simulated device. */
export class PhoneLine {
  /** What it does when it is called. */
  script: CallScript = callScript.parse({})
  readonly #deps: LineDeps
  readonly #calls = new Map<string, PhoneCall>()
  /** What waits for the service's answer, by the id of the stanza. */
  readonly #offers = new Map<string, (answer: BinaryNode) => void>()
  readonly #directory: DeviceDirectory

  constructor(deps: LineDeps) {
    this.#deps = deps
    this.#directory = new DeviceDirectory(deps.network, deps.device, deps.signal)
    deps.network.calls.connect(this)
  }

  get calls(): PhoneCall[] {
    return [...this.#calls.values()]
  }

  /** @throws Error when there is no such call. */
  find(id: string): PhoneCall {
    const call = this.#calls.get(id)
    if (!call) throw new Error(`there is no call ${id}`)
    return call
  }

  /** Takes a `<call>`, or the answer to one. */
  take(stanza: BinaryNode): void {
    if (stanza.tag === 'ack') {
      this.#offers.get(stanza.attrs.id ?? '')?.(stanza)
      return
    }
    const [step] = children(stanza)
    const { from = '' } = stanza.attrs
    if (!step) return
    const known = this.#calls.get(step.attrs['call-id'] ?? '')
    if (known) known.take(from, step)
    else if (step.tag === 'offer' && hasKey(step)) {
      void this.#deps
        .run(() => this.#ring(stanza, step))
        .catch((error: unknown) => this.#deps.failed(stanza, error))
    }
  }

  /**
   * Calls somebody, by LID; resolves when the service has taken the offer.
   * @throws Error when it refuses, or the callee has no keys.
   */
  async call(to: string, script: CallScript): Promise<PhoneCall> {
    const { device, signal } = this.#deps
    const callKey = randomBytes(32)
    const names = {
      callId: `00${randomBytes(15).toString('hex')}`.toUpperCase(),
      creator: device.account.lidJid(device.id),
    }
    const { offer, devices } = await this.#deps.run(async () => {
      const found = await this.#directory.devicesOf([to])
      const ready = await this.#directory.withSessions(found)
      const keys: BinaryNode[] = []
      for (const { lid } of ready) {
        const { type, bytes: sealed } = await signal.encrypt(lid, { call: { callKey } })
        keys.push(node('to', { jid: lid }, [node('enc', { v: 2, type, count: 0 }, sealed)]))
      }
      return { offer: phoneOffer(names, keys, found.length), devices: ready.map(({ lid }) => lid) }
    })
    const call = this.#keep(
      new PhoneCall({
        names,
        direction: 'outgoing',
        ownJid: names.creator,
        peer: to,
        callKey,
        script,
        send: (target, step) => this.#send(target, step),
      }),
      names.callId,
    )
    call.devices = devices
    const answer = await this.#ask(to, offer)
    const { error } = answer.attrs
    const relays = readPhoneRelays(answer)
    if (relays && !error) {
      call.connect(relays)
      return call
    }
    call.end(error ? `refused:${error}` : 'no_relay')
    throw new Error(error ? `the call was refused with error ${error}` : 'the service names no relay')
  }

  stop(): void {
    for (const call of this.#calls.values()) call.end('stopped')
  }

  async #ring(stanza: BinaryNode, offer: BinaryNode): Promise<void> {
    const { device, signal } = this.#deps
    const { from = '', id } = stanza.attrs
    const enc = child(offer, 'enc')
    const sealed = bytes(enc)
    const type = enc?.attrs.type
    if (!sealed || (type !== 'pkmsg' && type !== 'msg')) throw new Error('an offer without a key')
    const { call: sent } = await signal.decrypt(from, from, { type, bytes: sealed })
    const callKey = sent?.callKey
    if (callKey?.length !== 32) throw new Error('an offer without a call key')
    const names = { callId: offer.attrs['call-id'] ?? '', creator: offer.attrs['call-creator'] ?? '' }
    const call = this.#keep(
      new PhoneCall({
        names,
        direction: 'incoming',
        ownJid: device.account.lidJid(device.id),
        peer: from,
        callKey,
        script: this.script,
        send: (target, step) => this.#send(target, step),
      }),
      names.callId,
    )
    this.#deps.network.receive(
      device,
      node('receipt', { to: from, id }, [
        node('offer', { 'call-id': names.callId, 'call-creator': names.creator }),
      ]),
    )
    const relays = readPhoneRelays(offer)
    if (relays && this.script.onOffer !== 'ignore') {
      call.connect(relays)
      for (const relay of relays.relays) this.#send(from, phoneLatency(names, relay))
    }
    call.ring(offer)
  }

  #ask(to: string, offer: BinaryNode): Promise<BinaryNode> {
    const id = randomBytes(8).toString('hex')
    return new Promise((resolve) => {
      this.#offers.set(id, (answer) => {
        this.#offers.delete(id)
        resolve(answer)
      })
      this.#deps.network.receive(this.#deps.device, node('call', { id, to }, [offer]))
    })
  }

  #send(to: string, step: BinaryNode): void {
    const id = randomBytes(8).toString('hex')
    this.#deps.network.receive(this.#deps.device, node('call', { id, to }, [step]))
  }

  #keep(call: PhoneCall, id: string): PhoneCall {
    this.#calls.set(id, call)
    for (const [old, { isOver }] of this.#calls) {
      if (this.#calls.size <= MAX_CALLS) break
      if (isOver) this.#calls.delete(old)
    }
    return call
  }
}
