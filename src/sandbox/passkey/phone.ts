import { randomBytes } from 'node:crypto'
import { Curve, type KeyPair, proto } from '../../whatsapp/library/engine.ts'
import { commitmentOf, handoffKey, handoffProof, openBox, pairingCode, pairingKey } from './keys.ts'
import { convince, Silence } from './silence.ts'
import type { Prologue } from './stanzas.ts'

const KEY_BYTES = 32

/** What a companion says of itself, in its prologue. */
export interface EphemeralIdentity {
  publicKey: Buffer
  deviceType: number
  ref: string
}

/** What a companion hands the phone in the sealed request; each is 32 bytes. */
export interface PairingRequest {
  companionPublicKey: Buffer
  companionIdentityKey: Buffer
  advSecret: Buffer
}

/** Reads what is inside a prologue. Throws `Silence` when that cannot be. */
export function readEphemeralIdentity(encoded: Buffer): EphemeralIdentity {
  try {
    const { publicKey, deviceType, ref } = proto.CompanionEphemeralIdentity.decode(encoded)
    if (publicKey?.length !== KEY_BYTES) throw new Error('no key of 32 bytes')
    return { publicKey: Buffer.from(publicKey), deviceType: deviceType ?? 0, ref: ref ?? '' }
  } catch (cause) {
    throw new Silence('the ephemeral identity cannot be read', { cause })
  }
}

/** The phone in one attempt with a passkey: its key and nonce, and what it makes of the companion's. */
export class PasskeyPhone {
  readonly #handoffKey: Buffer
  readonly #ephemeral: KeyPair = Curve.generateKeyPair()
  readonly #nonce = randomBytes(KEY_BYTES)
  #key: Buffer | undefined

  /** `advSecret` is the one it read from the code, or derived with the companion. */
  constructor(advSecret: Uint8Array) {
    this.#handoffKey = handoffKey(advSecret)
  }

  /** Whether the companion is the one whose code it read. */
  isProof(prologue: Prologue, proof: Buffer): boolean {
    return handoffProof(this.#handoffKey, prologue.payload).equals(proof)
  }

  /** Its half of the exchange: an encoded `PrimaryEphemeralIdentity`. */
  get identity(): Uint8Array {
    return proto.PrimaryEphemeralIdentity.encode({
      publicKey: this.#ephemeral.public,
      nonce: this.#nonce,
    }).finish()
  }

  /** The companion shows the nonce that it was bound to: returns the code. Throws `Silence` when it shows another. */
  meet(prologue: Prologue, identity: EphemeralIdentity, companionNonce: Buffer): string {
    const commitment = commitmentOf(prologue.ephemeralIdentity, companionNonce)
    convince(commitment.equals(prologue.commitment), 'the nonce does not fit the commitment')
    try {
      this.#key = pairingKey({ ...identity, privateKey: this.#ephemeral.private })
    } catch (cause) {
      throw new Silence('no secret can be shared with the key of the companion', { cause })
    }
    return pairingCode({
      companionNonce,
      primaryKey: this.#ephemeral.public,
      primaryNonce: this.#nonce,
    })
  }

  /** Opens the companion's request. Throws `Silence` when it was sealed with another key, or lacks something. */
  open({ payload, iv }: { payload: Buffer; iv: Buffer }): PairingRequest {
    const key = this.#key
    convince(key !== undefined, 'the request came before the nonce')
    try {
      const { companionPublicKey, companionIdentityKey, advSecret } = proto.PairingRequest.decode(
        openBox(key, iv, payload),
      )
      return {
        companionPublicKey: keyBytes(companionPublicKey),
        companionIdentityKey: keyBytes(companionIdentityKey),
        advSecret: keyBytes(advSecret),
      }
    } catch (cause) {
      throw new Silence('the pairing request cannot be opened', { cause })
    }
  }
}

function keyBytes(key: Uint8Array | null | undefined): Buffer {
  if (key?.length !== KEY_BYTES) throw new Error('no key of 32 bytes')
  return Buffer.from(key)
}
