import { randomBytes } from 'node:crypto'
import { WebSocket } from 'ws'
import type { Sandbox } from '../../src/sandbox/index.ts'
import { FrameReader, frame } from '../../src/sandbox/server/frames.ts'
import type { Transport } from '../../src/sandbox/server/noise.ts'
import type { Account } from '../../src/sandbox/world/account.ts'
import { child, node, SERVICE, text } from '../../src/sandbox/world/node.ts'
import {
  type AuthenticationCreds,
  type BinaryNode,
  configureSuccessfulPairing,
  decodeBinaryNode,
  encodeBigEndian,
  encodeBinaryNode,
  initAuthCreds,
  jidDecode,
  proto,
} from '../../src/whatsapp/library/engine.ts'
import { NoiseClient } from './noise-client.ts'
import { Waiting } from './waiting.ts'

const INTRO = Buffer.from([87, 65, 6, 3])

/** A client that speaks stanza by stanza and does nothing by itself, for what a library would hide. */
export class WireClient {
  readonly creds: AuthenticationCreds
  readonly received: BinaryNode[] = []
  /** Why the connection ended, or `open`. */
  state: 'open' | 'closed' = 'open'
  readonly #socket: WebSocket
  readonly #waiting = new Waiting()
  #transport: Transport | undefined
  #queries = 0

  private constructor(url: string, creds: AuthenticationCreds) {
    this.creds = creds
    this.#socket = new WebSocket(url)
    this.#socket.on('error', () => undefined)
    this.#socket.on('close', () => {
      this.state = 'closed'
      this.#waiting.look()
    })
  }

  /** Connects as a companion that is not linked. */
  static async register(sandbox: Sandbox): Promise<WireClient> {
    const client = new WireClient(sandbox.url, initAuthCreds())
    await client.#handshake({ devicePairingData: pairingData(client.creds) })
    return client
  }

  /** Connects with the keys of a linked companion; with the server's static key it resumes (Noise IK). */
  static async login(
    sandbox: Sandbox,
    creds: AuthenticationCreds,
    resume?: { serverKey: Uint8Array },
  ): Promise<WireClient> {
    const client = new WireClient(sandbox.url, creds)
    const { user, device } = jidDecode(creds.me?.id) ?? {}
    await client.#handshake({ username: Number(user), device, passive: true }, resume?.serverKey)
    return client
  }

  /** Registers, has the account's phone scan the code, and reads everything up to the last stanza. */
  static async linked(sandbox: Sandbox, account: Account): Promise<WireClient> {
    const client = await WireClient.register(sandbox)
    const scanned = sandbox.server.pairing.scan(account, await client.qr())
    await client.countersign()
    await scanned
    await client.next(({ tag }) => tag === 'stream:error')
    return client
  }

  send(stanza: BinaryNode): void {
    if (!this.#transport) throw new Error('the handshake is not done')
    this.#socket.send(frame(this.#transport.encrypt(encodeBinaryNode(stanza))))
  }

  /** Sends a query and waits for its answer. */
  async query(type: 'get' | 'set', xmlns: string, content: BinaryNode[], to = SERVICE): Promise<BinaryNode> {
    this.#queries += 1
    const id = `wire-${this.#queries}`
    this.send(node('iq', { id, to, type, xmlns }, content))
    return this.next(({ tag, attrs }) => tag === 'iq' && attrs.id === id)
  }

  /** The text of the QR code this companion shows: five parts, or four as older clients do. */
  async qr(options: { parts?: 4 | 5; prefix?: string; advSecret?: string } = {}): Promise<string> {
    const offer = await this.next((stanza) => child(stanza, 'pair-device') !== undefined)
    const { noiseKey, signedIdentityKey, advSecretKey } = this.creds
    const keys = [noiseKey.public, signedIdentityKey.public].map((key) => Buffer.from(key).toString('base64'))
    const ref = text(child(child(offer, 'pair-device'), 'ref')) ?? ''
    const parts = [ref, ...keys, options.advSecret ?? advSecretKey]
    if (options.parts !== 4) parts.push('1')
    return `${options.prefix ?? ''}${parts.join(',')}`
  }

  /** Answers `pair-success` with the signed identity. */
  async countersign(): Promise<void> {
    const isOffer = (stanza: BinaryNode) => child(stanza, 'pair-success') !== undefined
    await this.next(isOffer)
    const success = this.received.findLast(isOffer) as BinaryNode // one has just come
    const { creds, reply } = configureSuccessfulPairing(success, this.creds)
    Object.assign(this.creds, creds)
    this.send(reply)
  }

  /** The first stanza, past or future, that fits. */
  next(fits: (stanza: BinaryNode) => boolean): Promise<BinaryNode> {
    return this.#waiting.until('such stanza', () => this.received.find(fits))
  }

  /** Resolves when the other side has closed. */
  async closed(): Promise<void> {
    await this.#waiting.until('close', () => this.state === 'closed' || undefined)
  }

  close(): void {
    this.#socket.close()
  }

  async #handshake(payload: proto.IClientPayload, serverKey?: Uint8Array): Promise<void> {
    const encoded = proto.ClientPayload.encode(payload).finish()
    const noise = new NoiseClient({ staticKey: this.creds.noiseKey, payload: encoded, serverKey })
    await new Promise<void>((resolve, reject) => {
      this.#socket.once('open', resolve).once('close', () => reject(new Error('closed in the handshake')))
    })
    const reader = new FrameReader()
    // The reader waits for an intro, which only clients send.
    reader.push(INTRO)
    let received = Promise.resolve()
    this.#socket.send(Buffer.concat([INTRO, frame(noise.hello())]))
    await new Promise<void>((resolve) => {
      this.#socket.on('message', (chunk: Buffer) => {
        for (const body of reader.push(chunk)) {
          if (this.#transport) received = received.then(() => this.#take(body))
          else {
            const { finish, transport } = noise.finish(body)
            this.#transport = transport
            this.#socket.send(frame(finish))
            resolve()
          }
        }
      })
    })
  }

  async #take(body: Buffer): Promise<void> {
    if (!this.#transport) return
    this.received.push(await decodeBinaryNode(this.#transport.decrypt(body)))
    this.#waiting.look()
  }
}

function pairingData(creds: AuthenticationCreds): proto.ClientPayload.IDevicePairingRegistrationData {
  const { registrationId, signedIdentityKey, signedPreKey } = creds
  return {
    buildHash: randomBytes(16),
    deviceProps: proto.DeviceProps.encode({ os: 'Wire' }).finish(),
    eRegid: encodeBigEndian(registrationId),
    eKeytype: Buffer.from([5]),
    eIdent: signedIdentityKey.public,
    eSkeyId: encodeBigEndian(signedPreKey.keyId, 3),
    eSkeyVal: signedPreKey.keyPair.public,
    eSkeySig: signedPreKey.signature,
  }
}
