import { createCipheriv, randomBytes } from 'node:crypto'
import type { Sandbox } from '../../../src/sandbox/index.ts'
import type { Assertion } from '../../../src/sandbox/passkey/authenticator.ts'
import {
  commitmentOf,
  handoffKey,
  handoffProof,
  pairingCode,
  pairingKey,
} from '../../../src/sandbox/passkey/keys.ts'
import { bytes, child, node, text } from '../../../src/sandbox/world/node.ts'
import {
  type AuthenticationCreds,
  type BinaryNode,
  Curve,
  proto,
} from '../../../src/whatsapp/library/engine.ts'
import { WireClient } from '../wire-client.ts'

// biome-ignore lint/suspicious/noExplicitAny: what the control plane answers is up to the test
export type Answer = any

/** Calls the control plane of the sandbox. */
export async function control(
  sandbox: Sandbox,
  path: string,
  body?: object,
): Promise<{ status: number; answer: Answer }> {
  const response = await fetch(`${sandbox.controlUrl}/sandbox/${path}`, {
    method: body ? 'POST' : 'GET',
    body: body && JSON.stringify(body),
  })
  return { status: response.status, answer: await response.json() }
}

/** The connection a ceremony is done on. */
export interface Wire {
  readonly creds: AuthenticationCreds
  readonly received: BinaryNode[]
  send(stanza: BinaryNode): unknown
  query(type: 'get' | 'set', xmlns: string, content: BinaryNode[]): Promise<BinaryNode>
  next(fits: (stanza: BinaryNode) => boolean): Promise<BinaryNode>
}

/** The companion's side of linking with a passkey, step by step, so that each can be done wrongly. */
export class PasskeyClient<Line extends Wire = WireClient> {
  readonly wire: Line
  readonly #deviceType: number
  readonly #ephemeral = Curve.generateKeyPair()
  readonly #nonce = randomBytes(32)
  #ref = ''
  #key: Uint8Array = Buffer.alloc(32)

  /** `deviceType` is what the registration told. */
  constructor(wire: Line, deviceType = 0) {
    this.wire = wire
    this.#deviceType = deviceType
  }

  static async register(sandbox: Sandbox): Promise<PasskeyClient> {
    return new PasskeyClient(await WireClient.register(sandbox))
  }

  /** Waits for the latest notification of a kind, which must be number `count`, and acknowledges it. */
  async told(type: string, count = 1): Promise<BinaryNode> {
    const { wire } = this
    const all = () => wire.received.filter(({ tag, attrs }) => tag === 'notification' && attrs.type === type)
    await wire.next(() => all().length >= count)
    const notification = all()[count - 1] as BinaryNode // there are that many
    const { id } = notification.attrs
    wire.send(node('ack', { to: 's.whatsapp.net', class: 'notification', type, id }))
    return notification
  }

  ask(what: string): Promise<BinaryNode> {
    return this.wire.query('get', 'md', [node(what)])
  }

  say(what: BinaryNode): Promise<BinaryNode> {
    return this.wire.query('set', 'md', [what])
  }

  async fetchRef(): Promise<string> {
    this.#ref = text(child(await this.ask('ref'), 'ref')) ?? ''
    return this.#ref
  }

  /** Sends the assertion, with a proof by that secret if one is given; `null` leaves the proof out. */
  async prologue(
    assertion: Assertion | Record<string, unknown>,
    options: { secret?: string | null; deviceType?: number; ref?: string } = {},
  ): Promise<BinaryNode> {
    const identity = this.#identity(options)
    const payload = proto.ProloguePayload.encode({
      companionEphemeralIdentity: identity,
      commitment: { hash: commitmentOf(identity, this.#nonce) },
    }).finish()
    const parts = [
      node('credential_id', {}, Buffer.from(String(assertion.rawId), 'base64url')),
      node('webauthn_assertion', {}, Buffer.from(JSON.stringify(assertion))),
      node('prologue_payload', {}, payload),
    ]
    const { secret = this.wire.creds.advSecretKey } = options
    if (secret !== null) {
      const proof = handoffProof(handoffKey(Buffer.from(secret, 'base64')), payload)
      parts.push(node('pairing_handoff_proof', {}, proof))
    }
    return this.say(node('passkey_prologue', {}, parts))
  }

  /** Waits for the phone's half, shows the nonce, and returns the code. */
  async meet(nonce: Buffer = this.#nonce): Promise<string> {
    const notification = await this.told('crsc_continuation')
    const half = proto.PrimaryEphemeralIdentity.decode(
      bytes(child(notification, 'primary_ephemeral_identity')) ?? Buffer.alloc(0),
    )
    const primaryKey = half.publicKey ?? Buffer.alloc(0)
    await this.say(node('companion_nonce', {}, nonce))
    this.#key = pairingKey({
      privateKey: this.#ephemeral.private,
      publicKey: primaryKey,
      deviceType: this.#deviceType,
      ref: this.#ref,
    })
    return pairingCode({
      companionNonce: this.#nonce,
      primaryKey,
      primaryNonce: half.nonce ?? Buffer.alloc(0),
    })
  }

  /** Hands over the keys and a new secret, which counts from then on. */
  async request(deviations: Partial<proto.IPairingRequest> = {}): Promise<BinaryNode> {
    const { creds } = this.wire
    const advSecret = randomBytes(32)
    const plain = proto.PairingRequest.encode({
      companionPublicKey: creds.noiseKey.public,
      companionIdentityKey: creds.signedIdentityKey.public,
      advSecret,
      ...deviations,
    }).finish()
    const iv = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', this.#key, iv)
    const sealed = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()])
    const content = proto.EncryptedPairingRequest.encode({ encryptedPayload: sealed, iv }).finish()
    // `pair-success` may come in one piece with the reply, and whoever waits for that would check it by the old secret.
    creds.advSecretKey = advSecret.toString('base64')
    return this.say(node('encrypted_pairing_request', {}, content))
  }

  #identity({
    deviceType = this.#deviceType,
    ref = this.#ref,
  }: {
    deviceType?: number
    ref?: string
  }): Uint8Array {
    return proto.CompanionEphemeralIdentity.encode({
      publicKey: this.#ephemeral.public,
      deviceType,
      ref,
    }).finish()
  }
}

/** The request in a notification or an answer. */
export function optionsIn(holder: BinaryNode): { challenge: string } {
  return JSON.parse(text(child(holder, 'passkey_request_options')) ?? '')
}
