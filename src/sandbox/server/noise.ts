import { createHash, hkdfSync } from 'node:crypto'
import {
  aesDecryptGCM,
  aesEncryptGCM,
  Curve,
  type KeyPair,
  NOISE_MODE,
  NOISE_WA_HEADER,
  proto,
} from '../../whatsapp/library/engine.ts'

/** The server's static key and the chain that vouches for it. */
export interface ServerIdentity {
  /** Public key of the root, what the client must pin. */
  rootKey: Buffer<ArrayBuffer>
  staticKey: KeyPair
  /** Encoded `CertChain`. */
  certificate: Uint8Array
}

/** What a client proved and said in the handshake. */
export interface ClientIntroduction {
  payload: proto.IClientPayload
  /** The client's static key, 32 bytes. */
  noiseKey: Uint8Array
  transport: Transport
}

const NOTHING = Buffer.alloc(0)
/**
 * What a refused resumption goes on with: a client that knows the server's key sends its own with the first hello
 * (Noise IK), and a full hello in return tells it that the server does not take part (WhatsApp Web, by whatsapp-rust
 * 2026). A name longer than a hash is hashed.
 */
const FALLBACK_MODE = createHash('sha256').update('Noise_XXfallback_25519_AESGCM_SHA256').digest()
const KEY_BYTES = 32
const YEARS_10_SECONDS = 10 * 365 * 24 * 3600

/** Makes a root, an intermediate signed by it and a leaf for a fresh static key, all correct. */
export function createServerIdentity(): ServerIdentity {
  const root = Curve.generateKeyPair()
  const intermediate = Curve.generateKeyPair()
  const staticKey = Curve.generateKeyPair()
  const certificate = proto.CertChain.encode({
    // Serial 0 is the root's, which the client requires of the intermediate's issuer.
    intermediate: signCertificate({ key: intermediate.public, serial: 1, issuerSerial: 0 }, root.private),
    leaf: signCertificate({ key: staticKey.public, serial: 2, issuerSerial: 1 }, intermediate.private),
  }).finish()
  return { rootKey: Buffer.from(root.public), staticKey, certificate }
}

function signCertificate(
  options: { key: Uint8Array; serial: number; issuerSerial: number },
  issuerPrivateKey: Uint8Array,
): proto.CertChain.INoiseCertificate {
  const notBefore = Math.floor(Date.now() / 1000) - 24 * 3600
  const details = proto.CertChain.NoiseCertificate.Details.encode({
    ...options,
    notBefore,
    notAfter: notBefore + YEARS_10_SECONDS,
  }).finish()
  return { details, signature: Curve.sign(issuerPrivateKey, details) }
}

/**
 * Server side of Noise_XX_25519_AESGCM_SHA256: `hello` answers the first message, `finish` reads the second. Sessions are
 * never resumed: whoever tries is led to the full handshake, as the service does once its key has changed.
 */
export class ServerHandshake {
  readonly #identity: ServerIdentity
  readonly #ephemeral = Curve.generateKeyPair()
  #hash: Buffer = NOTHING
  #chainingKey: Buffer = NOTHING
  #key: Buffer = NOTHING
  #counter = 0

  constructor(identity: ServerIdentity) {
    this.#identity = identity
  }

  /** Takes the encoded client hello, returns the encoded server hello. Throws on a malformed one. */
  hello(frame: Uint8Array): Uint8Array {
    const clientHello = proto.HandshakeMessage.decode(frame).clientHello
    const clientEphemeral = clientHello?.ephemeral
    if (clientEphemeral?.length !== KEY_BYTES)
      throw new Error('handshake: client hello without ephemeral key')

    // The usual name is exactly as long as a hash, so it is the initial hash as it stands.
    this.#begin(clientHello?.static?.length ? FALLBACK_MODE : Buffer.from(NOISE_MODE))
    this.#mixHash(clientEphemeral)
    this.#mixHash(this.#ephemeral.public)
    this.#mixKey(Curve.sharedKey(this.#ephemeral.private, clientEphemeral))
    const encryptedStatic = this.#encrypt(this.#identity.staticKey.public)
    this.#mixKey(Curve.sharedKey(this.#identity.staticKey.private, clientEphemeral))
    const payload = this.#encrypt(this.#identity.certificate)
    return proto.HandshakeMessage.encode({
      serverHello: { ephemeral: this.#ephemeral.public, static: encryptedStatic, payload },
    }).finish()
  }

  /** Takes the encoded client finish. Throws when it was not made for this handshake. */
  finish(frame: Uint8Array): ClientIntroduction {
    const clientFinish = proto.HandshakeMessage.decode(frame).clientFinish
    if (!clientFinish?.static || !clientFinish.payload) throw new Error('handshake: incomplete client finish')

    const noiseKey = this.#decrypt(clientFinish.static)
    this.#mixKey(Curve.sharedKey(this.#ephemeral.private, noiseKey))
    const payload = proto.ClientPayload.decode(this.#decrypt(clientFinish.payload))
    const [fromClient, toClient] = this.#derive(NOTHING)
    return { payload, noiseKey, transport: new Transport(fromClient, toClient) }
  }

  #begin(mode: Buffer): void {
    this.#hash = mode
    this.#chainingKey = mode
    this.#key = mode
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
    const encrypted = aesEncryptGCM(plain, this.#key, nonce(this.#counter++), this.#hash)
    this.#mixHash(encrypted)
    return encrypted
  }

  #decrypt(encrypted: Uint8Array): Buffer {
    const plain = aesDecryptGCM(encrypted, this.#key, nonce(this.#counter++), this.#hash)
    this.#mixHash(encrypted)
    return plain
  }
}

/** Encryption of frames after the handshake; each direction has its own key and counter. */
export class Transport {
  readonly #fromClient: Buffer
  readonly #toClient: Buffer
  #received = 0
  #sent = 0

  constructor(fromClient: Buffer, toClient: Buffer) {
    this.#fromClient = fromClient
    this.#toClient = toClient
  }

  encrypt(plain: Uint8Array): Buffer {
    return aesEncryptGCM(plain, this.#toClient, nonce(this.#sent++), NOTHING)
  }

  /** Throws when the frame is not the next one the client sent. */
  decrypt(encrypted: Uint8Array): Buffer {
    return aesDecryptGCM(encrypted, this.#fromClient, nonce(this.#received++), NOTHING)
  }
}

function nonce(counter: number): Buffer {
  const iv = Buffer.alloc(12)
  iv.writeUInt32BE(counter, 8)
  return iv
}
