import { z } from 'zod'
import { aesDecryptGCM, aesEncryptGCM, Curve, type KeyPair, proto } from '../../whatsapp/library/engine.ts'
import { savedBytes, savedKey, savedKeyPair } from '../saved/shapes.ts'
import { NO_DATA, nonce, SymmetricState, XX, XX_FALLBACK } from './symmetric-state.ts'

/** The server's static key and the chain that vouches for it. */
export interface ServerIdentity {
  /** Public key of the root, what the client must pin. */
  rootKey: Buffer<ArrayBuffer>
  staticKey: KeyPair
  /** Encoded `CertChain`. */
  certificate: Uint8Array
}

/** The identity as it is saved. */
export const savedIdentity = z.object({
  rootKey: savedKey.transform((key) => Buffer.from(key)),
  staticKey: savedKeyPair,
  certificate: savedBytes,
})

/** What a client proved and said in the handshake. */
export interface ClientIntroduction {
  payload: proto.IClientPayload
  /** The client's static key, 32 bytes. */
  noiseKey: Uint8Array
  transport: Transport
}

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
  #state = new SymmetricState(XX)

  constructor(identity: ServerIdentity) {
    this.#identity = identity
  }

  /** Takes the encoded client hello, returns the encoded server hello. Throws on a malformed one. */
  hello(frame: Uint8Array): Uint8Array {
    const clientHello = proto.HandshakeMessage.decode(frame).clientHello
    const clientEphemeral = clientHello?.ephemeral
    if (clientEphemeral?.length !== KEY_BYTES)
      throw new Error('handshake: client hello without ephemeral key')

    if (clientHello?.static?.length) this.#state = new SymmetricState(XX_FALLBACK)
    this.#state.mixHash(clientEphemeral)
    this.#state.mixHash(this.#ephemeral.public)
    this.#state.mixKey(Curve.sharedKey(this.#ephemeral.private, clientEphemeral))
    const encryptedStatic = this.#state.encrypt(this.#identity.staticKey.public)
    this.#state.mixKey(Curve.sharedKey(this.#identity.staticKey.private, clientEphemeral))
    const payload = this.#state.encrypt(this.#identity.certificate)
    return proto.HandshakeMessage.encode({
      serverHello: { ephemeral: this.#ephemeral.public, static: encryptedStatic, payload },
    }).finish()
  }

  /** Takes the encoded client finish. Throws when it was not made for this handshake. */
  finish(frame: Uint8Array): ClientIntroduction {
    const clientFinish = proto.HandshakeMessage.decode(frame).clientFinish
    if (!clientFinish?.static || !clientFinish.payload) throw new Error('handshake: incomplete client finish')

    const noiseKey = this.#state.decrypt(clientFinish.static)
    this.#state.mixKey(Curve.sharedKey(this.#ephemeral.private, noiseKey))
    const payload = proto.ClientPayload.decode(this.#state.decrypt(clientFinish.payload))
    const [fromClient, toClient] = this.#state.split()
    return { payload, noiseKey, transport: new Transport(fromClient, toClient) }
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
    return aesEncryptGCM(plain, this.#toClient, nonce(this.#sent++), NO_DATA)
  }

  /** Throws when the frame is not the next one the client sent. */
  decrypt(encrypted: Uint8Array): Buffer {
    return aesDecryptGCM(encrypted, this.#fromClient, nonce(this.#received++), NO_DATA)
  }
}
