import { createHash, hkdfSync } from 'node:crypto'
import { aesDecryptGCM, aesEncryptGCM, NOISE_WA_HEADER } from '../../whatsapp/library/engine.ts'

/** The usual handshake. */
export const XX = 'Noise_XX_25519_AESGCM_SHA256'
/** A client that knows the server's key sends its own with the first hello. */
export const IK = 'Noise_IK_25519_AESGCM_SHA256'
/**
 * What a refused IK goes on with: a full hello in return tells the client that the server does not take part (WhatsApp
 * Web, by whatsapp-rust 2026).
 */
export const XX_FALLBACK = 'Noise_XXfallback_25519_AESGCM_SHA256'

export const NO_DATA = Buffer.alloc(0)
const HASH_BYTES = 32

/** The symmetric state of a Noise handshake (Noise Protocol Framework, section 5.2) with WhatsApp's prologue mixed in. */
export class SymmetricState {
  #hash: Buffer
  #chainingKey: Buffer
  #key: Buffer
  #counter = 0

  constructor(protocol: string) {
    const name = Buffer.from(protocol)
    // A name that is no longer than a hash is padded, another one is hashed.
    const initial =
      name.length <= HASH_BYTES
        ? Buffer.concat([name, Buffer.alloc(HASH_BYTES - name.length)])
        : createHash('sha256').update(name).digest()
    this.#hash = initial
    this.#chainingKey = initial
    this.#key = initial
    this.mixHash(NOISE_WA_HEADER)
  }

  mixHash(input: Uint8Array): void {
    this.#hash = createHash('sha256').update(this.#hash).update(input).digest()
  }

  mixKey(secret: Uint8Array): void {
    const [chainingKey, key] = this.#derive(secret)
    this.#chainingKey = chainingKey
    this.#key = key
    this.#counter = 0
  }

  encrypt(plain: Uint8Array): Buffer {
    const encrypted = aesEncryptGCM(plain, this.#key, nonce(this.#counter++), this.#hash)
    this.mixHash(encrypted)
    return encrypted
  }

  /** Throws when it was not encrypted in this state. */
  decrypt(encrypted: Uint8Array): Buffer {
    const plain = aesDecryptGCM(encrypted, this.#key, nonce(this.#counter++), this.#hash)
    this.mixHash(encrypted)
    return plain
  }

  /** The keys of what follows the handshake: of the client's frames, and of the server's. */
  split(): [Buffer, Buffer] {
    return this.#derive(NO_DATA)
  }

  #derive(secret: Uint8Array): [Buffer, Buffer] {
    const output = Buffer.from(hkdfSync('sha256', secret, this.#chainingKey, NO_DATA, 64))
    return [output.subarray(0, 32), output.subarray(32)]
  }
}

/** The twelve bytes of a counter. */
export function nonce(counter: number): Buffer {
  const iv = Buffer.alloc(12)
  iv.writeUInt32BE(counter, 8)
  return iv
}
