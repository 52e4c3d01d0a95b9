import type { WebSocket } from 'ws'
import { type BinaryNode, decodeBinaryNode, encodeBinaryNode, proto } from '../../whatsapp/library/engine.ts'
import { type Link, LinkedDevice, type Registration } from '../peer/linked-device.ts'
import type { Network } from '../world/network.ts'
import { children, node, SERVICE, unixSeconds } from '../world/node.ts'
import { FrameReader, frame } from './frames.ts'
import { loginFailure } from './login.ts'
import { ServerHandshake, type ServerIdentity, type Transport } from './noise.ts'
import type { PairingDesk } from './pairing.ts'
import type { StanzaLog } from './stanza-log.ts'

/** What a connection needs from the server it belongs to. */
export interface ConnectionHost {
  readonly network: Network
  readonly identity: ServerIdentity
  readonly pairing: PairingDesk
  readonly stanzas: StanzaLog
  /** A device has logged in here; a connection it had before is replaced. */
  loggedIn(connection: Connection, device: LinkedDevice): void
  /** The connection counts no more, though its socket may still be open. */
  over(connection: Connection): void
  closed(connection: Connection): void
}

// Twelve bytes before the end lies the MAC of a pre-key message (key ids follow it), the ciphertext of a plain one, or
// the signature of a group message: each form stays readable and each check fails.
const DAMAGED_FROM_END = 12

/**
 * How long a connection stays open after its last stanza. Clients close by themselves, and whoever is closed at once may
 * lose the stanza: whatsmeow 2026-09-21 throws away what its queue still holds when the close frame comes.
 */
const LINGER_MS = 1_000

type Stage =
  | { name: 'hello' }
  | { name: 'finish' }
  | { name: 'registering'; transport: Transport }
  | { name: 'open'; transport: Transport; device: LinkedDevice }
  | { name: 'closed' }

/** One client's WebSocket: handshake, then either linking or the session of a device. */
export class Connection implements Link {
  readonly #host: ConnectionHost
  readonly #socket: WebSocket
  readonly #reader = new FrameReader()
  readonly #handshake: ServerHandshake
  #stage: Stage = { name: 'hello' }
  /** The last stanza has been sent or the socket is closed: nothing more is written or read. */
  #isOver = false
  /** What a fault holds back, oldest first, and when the last of it leaves, by `performance.now()`. */
  readonly #delayed: BinaryNode[] = []
  #delayedUntil = 0
  /** Frames are decoded one after the other, because decoding is asynchronous. */
  #received: Promise<void> = Promise.resolve()

  constructor(socket: WebSocket, host: ConnectionHost) {
    this.#socket = socket
    this.#host = host
    this.#handshake = new ServerHandshake(host.identity)
    socket.on('message', (chunk: Buffer) => {
      for (const body of this.#reader.push(chunk)) {
        this.#received = this.#received.then(() => this.#take(body)).catch(() => this.destroy())
      }
    })
    // An error is always followed by 'close', which does all there is to do.
    socket.on('error', () => undefined)
    // What had arrived before the client closed still counts.
    socket.on('close', () => {
      this.#received = this.#received.then(() => this.#ended())
    })
  }

  get device(): LinkedDevice | undefined {
    return this.#stage.name === 'open' ? this.#stage.device : undefined
  }

  send(stanza: BinaryNode): void {
    const account = this.device?.account
    const { faults } = this.#host.network
    if (stanza.tag === 'ack' && stanza.attrs.class === 'message' && faults.take('lose-ack', account)) return

    const sent =
      stanza.tag === 'message' && faults.take('corrupt-message', account) ? corrupted(stanza) : stanza
    this.#writeAfter(faults.take('delay', account)?.ms ?? 0, sent)
  }

  /** Says why in a last stanza and leaves the closing to the client, for as long as the service waits. */
  end(reason: BinaryNode): void {
    if (this.#isOver) return
    this.#write(reason)
    this.#leave()
    if (this.#host.network.faults.take('close-at-once', this.device?.account)) this.close()
    else setTimeout(() => this.close(), LINGER_MS).unref()
  }

  /** Closes after everything written before has left. */
  close(): void {
    this.#socket.close()
  }

  /** Cuts the connection without a word. */
  destroy(): void {
    this.#socket.terminate()
  }

  /** Writes once the delay is over, and not before what was delayed earlier. */
  #writeAfter(delayMs: number, stanza: BinaryNode): void {
    if (delayMs === 0 && this.#delayed.length === 0) {
      this.#write(stanza)
      return
    }
    const now = performance.now()
    this.#delayedUntil = Math.max(this.#delayedUntil, now + delayMs)
    this.#delayed.push(stanza)
    // Timers of different lengths need not end in order, so each writes whatever is next.
    setTimeout(() => this.#writeDelayed(), this.#delayedUntil - now).unref()
  }

  #writeDelayed(): void {
    const next = this.#delayed.shift()
    if (next) this.#write(next)
  }

  #write(stanza: BinaryNode): void {
    const stage = this.#stage
    if (this.#isOver || (stage.name !== 'open' && stage.name !== 'registering')) return
    if (this.#socket.readyState !== this.#socket.OPEN) return
    this.#log('to-client', stanza)
    this.#socket.send(frame(stage.transport.encrypt(encodeBinaryNode(stanza))))
  }

  async #take(body: Buffer): Promise<void> {
    if (this.#isOver) return
    const stage = this.#stage
    switch (stage.name) {
      case 'hello':
        this.#socket.send(frame(this.#handshake.hello(body)))
        this.#stage = { name: 'finish' }
        return
      case 'finish':
        return this.#introduced(body)
      case 'registering': {
        const stanza = await decodeBinaryNode(stage.transport.decrypt(body))
        this.#log('from-client', stanza)
        this.#host.pairing.receive(this, stanza)
        return
      }
      case 'open': {
        const stanza = await decodeBinaryNode(stage.transport.decrypt(body))
        this.#log('from-client', stanza)
        this.#dispatch(stage.device, stanza)
      }
    }
  }

  #introduced(body: Buffer): void {
    const { payload, noiseKey, transport } = this.#handshake.finish(body)
    if (payload.devicePairingData) {
      this.#stage = { name: 'registering', transport }
      this.#host.pairing.open(this, readRegistration(payload, noiseKey))
      return
    }

    const account = this.#host.network.findAccount(String(payload.username ?? ''))
    const device = account?.devices.get(payload.device ?? 0)
    const failure = loginFailure(this.#host.network, { account, device, noiseKey })
    if (failure || !(device instanceof LinkedDevice)) {
      this.#stage = { name: 'registering', transport }
      // Nothing may follow a failure: the client does not survive stanzas while its socket closes.
      this.end(node('failure', failure))
      return
    }
    this.#open(device, transport)
  }

  #open(device: LinkedDevice, transport: Transport): void {
    const { account } = device
    this.#stage = { name: 'open', transport, device }
    this.send(
      node('success', {
        t: unixSeconds(),
        lid: account.lidJid(device.id),
        props: 27,
        abprops: 1,
        location: 'sandbox',
        display_name: account.name,
        creation: account.createdAt,
      }),
    )
    device.attach(this)
    // Last, so that the device is connected all the time when this takes the place of another connection.
    this.#host.loggedIn(this, device)
  }

  #dispatch(device: LinkedDevice, stanza: BinaryNode): void {
    device.settle(stanza)
    if (stanza.tag !== 'iq') {
      this.#host.network.receive(device, stanza)
      return
    }
    // A reply to a query of ours needs no answer.
    if (stanza.attrs.type !== 'get' && stanza.attrs.type !== 'set') return

    const first = children(stanza)[0]?.tag
    const isIgnored = this.#host.network.faults.take(
      'ignore-query',
      device.account,
      (fault) => fault.xmlns === stanza.attrs.xmlns && (fault.child ?? first) === first,
    )
    if (isIgnored) return
    void this.#host.network.iq(device, stanza).then(
      (reply) => this.send(reply),
      // A bug in the sandbox shows as a failed query, not as a client that waits for a minute.
      (error: Error) => this.send(failedQuery(stanza, error)),
    )
  }

  #log(direction: 'from-client' | 'to-client', stanza: BinaryNode): void {
    this.#host.stanzas.add({ direction, device: this.device?.jid ?? '', stanza })
  }

  /** Gives up what the connection stood for; the socket may stay for a moment. */
  #leave(): void {
    if (this.#isOver) return
    this.#isOver = true
    const { device } = this
    if (device?.detach(this)) this.#host.network.presence.gone(device)
    if (this.#stage.name === 'registering') this.#host.pairing.closed(this)
    this.#host.over(this)
  }

  #ended(): void {
    this.#leave()
    this.#stage = { name: 'closed' }
    this.#host.closed(this)
  }
}

function failedQuery(request: BinaryNode, error: Error): BinaryNode {
  return node('iq', { id: request.attrs.id, type: 'error', from: request.attrs.to ?? SERVICE }, [
    node('error', { code: 500, text: error.message }),
  ])
}

function readRegistration(payload: proto.IClientPayload, noiseKey: Uint8Array): Registration {
  const { eRegid, eIdent, eSkeyId, eSkeyVal, eSkeySig, deviceProps } = payload.devicePairingData ?? {}
  if (!eRegid || !eIdent || !eSkeyId || !eSkeyVal || !eSkeySig) throw new Error('incomplete registration')
  const props = deviceProps && proto.DeviceProps.decode(deviceProps)
  return {
    registrationId: Buffer.from(eRegid).readUInt32BE(),
    identityKey: eIdent,
    signedPreKey: { id: Buffer.from(eSkeyId).readUIntBE(0, 3), publicKey: eSkeyVal, signature: eSkeySig },
    noiseKey,
    deviceType: props?.platformType ?? 0,
    label: props?.os || 'Companion',
    pushName: payload.pushName || undefined,
  }
}

/** The same message with one byte of its first ciphertext flipped. */
function corrupted(stanza: BinaryNode): BinaryNode {
  let isDone = false
  const content = children(stanza).map((part) => {
    if (isDone || part.tag !== 'enc' || !(part.content instanceof Uint8Array)) return part
    isDone = true
    const damaged = Buffer.from(part.content)
    if (damaged.length === 0) return part
    // Careless clients send what is no ciphertext.
    const at = Math.max(damaged.length - DAMAGED_FROM_END, 0)
    damaged.writeUInt8(damaged.readUInt8(at) ^ 1, at)
    return { ...part, content: damaged }
  })
  return { ...stanza, content }
}
