import { createHash, hkdfSync } from 'node:crypto'
import { Transport } from '../../src/sandbox/server/noise.ts'
import {
  aesDecryptGCM,
  aesEncryptGCM,
  Curve,
  type KeyPair,
  NOISE_WA_HEADER,
  proto,
} from '../../src/whatsapp/library/engine.ts'

const NOTHING = Buffer.alloc(0)

/** The client's side of the handshake: Noise XX, or IK with a fallback when the server's key is known beforehand. */
export class NoiseClient {
  readonly #ephemeral = Curve.generateKeyPair()
  readonly #options: { staticKey: KeyPair; payload: Uint8Array; serverKey?: Uint8Array }
  #hash: Buffer = NOTHING
  #chainingKey: Buffer = NOTHING
  #key: Buffer = NOTHING
  #counter = 0

  constructor(options: { staticKey: KeyPair; payload: Uint8Array; serverKey?: Uint8Array }) {
    this.#options = options
  }

  hello(): Uint8Array {
    const { serverKey, staticKey, payload } = this.#options
    const ephemeral = this.#ephemeral.public
    if (!serverKey) return proto.HandshakeMessage.encode({ clientHello: { ephemeral } }).finish()

    this.#begin('Noise_IK_25519_AESGCM_SHA256')
    this.#mixHash(serverKey)
    this.#mixHash(ephemeral)
    this.#mixKey(Curve.sharedKey(this.#ephemeral.private, serverKey))
    const encryptedStatic = this.#encrypt(staticKey.public)
    this.#mixKey(Curve.sharedKey(staticKey.private, serverKey))
    const clientHello = { ephemeral, static: encryptedStatic, payload: this.#encrypt(payload) }
    return proto.HandshakeMessage.encode({ clientHello }).finish()
  }

  /** Reads the server's hello and makes the finish. Throws when the server does not speak the pattern. */
  finish(hello: Uint8Array): { finish: Uint8Array; transport: Transport } {
    const { serverKey, staticKey, payload } = this.#options
    const server = proto.HandshakeMessage.decode(hello).serverHello
    if (!server?.ephemeral || !server.static || !server.payload) throw new Error('not a full server hello')

    // A full hello after IK is the server's refusal of it.
    this.#begin(serverKey ? 'Noise_XXfallback_25519_AESGCM_SHA256' : 'Noise_XX_25519_AESGCM_SHA256')
    this.#mixHash(this.#ephemeral.public)
    this.#mixHash(server.ephemeral)
    this.#mixKey(Curve.sharedKey(this.#ephemeral.private, server.ephemeral))
    const serverStatic = this.#decrypt(server.static)
    this.#mixKey(Curve.sharedKey(this.#ephemeral.private, serverStatic))
    this.#decrypt(server.payload)
    const encryptedStatic = this.#encrypt(staticKey.public)
    this.#mixKey(Curve.sharedKey(staticKey.private, server.ephemeral))
    const clientFinish = { static: encryptedStatic, payload: this.#encrypt(payload) }
    const [toServer, fromServer] = this.#derive(NOTHING)
    return {
      finish: proto.HandshakeMessage.encode({ clientFinish }).finish(),
      // The class is named from the server's point of view: what it receives is what this side decrypts.
      transport: new Transport(fromServer, toServer),
    }
  }

  #begin(pattern: string): void {
    const name = Buffer.from(pattern)
    this.#hash =
      name.length <= 32
        ? Buffer.concat([name, Buffer.alloc(32 - name.length)])
        : createHash('sha256').update(name).digest()
    this.#chainingKey = this.#hash
    this.#key = this.#hash
    this.#counter = 0
    this.#mixHash(NOISE_WA_HEADER)
  }

  #mixHash(input: Uint8Array): void {
    this.#hash = createHash('sha256').update(this.#hash).update(input).digest()
  }

  #mixKey(secret: Uint8Array): void {
    const [chainingKey, key] = this.#derive(secret)
    this.#chainingKey = chainingKey
    this.#key = key
    this.#counter = 0
  }

  #derive(secret: Uint8Array): [Buffer, Buffer] {
    const output = Buffer.from(hkdfSync('sha256', secret, this.#chainingKey, NOTHING, 64))
    return [output.subarray(0, 32), output.subarray(32)]
  }

  #encrypt(plain: Uint8Array): Buffer {
    const encrypted = aesEncryptGCM(plain, this.#key, this.#nonce(), this.#hash)
    this.#mixHash(encrypted)
    return encrypted
  }

  #decrypt(encrypted: Uint8Array): Buffer {
    const plain = aesDecryptGCM(encrypted, this.#key, this.#nonce(), this.#hash)
    this.#mixHash(encrypted)
    return plain
  }

  #nonce(): Buffer {
    const iv = Buffer.alloc(12)
    iv.writeUInt32BE(this.#counter, 8)
    this.#counter += 1
    return iv
  }
}
