import { Transport } from '../../src/sandbox/server/noise.ts'
import { IK, SymmetricState, XX, XX_FALLBACK } from '../../src/sandbox/server/symmetric-state.ts'
import { Curve, type KeyPair, proto } from '../../src/whatsapp/library/engine.ts'

/** The client's side of the handshake: Noise XX, or IK with a fallback when the server's key is known beforehand. */
export class NoiseClient {
  readonly #ephemeral = Curve.generateKeyPair()
  readonly #options: { staticKey: KeyPair; payload: Uint8Array; serverKey?: Uint8Array }

  constructor(options: { staticKey: KeyPair; payload: Uint8Array; serverKey?: Uint8Array }) {
    this.#options = options
  }

  hello(): Uint8Array {
    const { serverKey, staticKey, payload } = this.#options
    const ephemeral = this.#ephemeral.public
    if (!serverKey) return proto.HandshakeMessage.encode({ clientHello: { ephemeral } }).finish()

    const state = new SymmetricState(IK)
    state.mixHash(serverKey)
    state.mixHash(ephemeral)
    state.mixKey(Curve.sharedKey(this.#ephemeral.private, serverKey))
    const encryptedStatic = state.encrypt(staticKey.public)
    state.mixKey(Curve.sharedKey(staticKey.private, serverKey))
    const clientHello = { ephemeral, static: encryptedStatic, payload: state.encrypt(payload) }
    return proto.HandshakeMessage.encode({ clientHello }).finish()
  }

  /** Reads the server's hello and makes the finish. Throws when the server does not speak the pattern. */
  finish(hello: Uint8Array): { finish: Uint8Array; transport: Transport } {
    const { serverKey, staticKey, payload } = this.#options
    const server = proto.HandshakeMessage.decode(hello).serverHello
    if (!server?.ephemeral || !server.static || !server.payload) throw new Error('not a full server hello')

    // A full hello after IK is the server's refusal of it.
    const state = new SymmetricState(serverKey ? XX_FALLBACK : XX)
    state.mixHash(this.#ephemeral.public)
    state.mixHash(server.ephemeral)
    state.mixKey(Curve.sharedKey(this.#ephemeral.private, server.ephemeral))
    const serverStatic = state.decrypt(server.static)
    state.mixKey(Curve.sharedKey(this.#ephemeral.private, serverStatic))
    state.decrypt(server.payload)
    const encryptedStatic = state.encrypt(staticKey.public)
    state.mixKey(Curve.sharedKey(staticKey.private, server.ephemeral))
    const clientFinish = { static: encryptedStatic, payload: state.encrypt(payload) }
    const [toServer, fromServer] = state.split()
    return {
      finish: proto.HandshakeMessage.encode({ clientFinish }).finish(),
      // The class is named from the server's point of view: what it receives is what this side decrypts.
      transport: new Transport(fromServer, toServer),
    }
  }
}
