import { hkdfSync } from 'node:crypto'

/** The key of one message that has not arrived yet, derived as Go's libsignal keeps it. */
export interface DerivedKey {
  /** 32 bytes. */
  cipherKey: Buffer
  /** 32 bytes. */
  macKey: Buffer
  /** 16 bytes. */
  iv: Buffer
}

export const CIPHER_KEY_BYTES = 32
export const MAC_KEY_BYTES = 32
export const IV_BYTES = 16
const DERIVED_BYTES = CIPHER_KEY_BYTES + MAC_KEY_BYTES + IV_BYTES
const SEED_BYTES = 32

/**
 * A derived key in the place of the seed that the library keeps. From 80 bytes it derives nothing any more
 * (`whatsapp/library/patches/derived-message-keys.ts`): a seed cannot be computed back.
 */
export function seedOfDerived({ cipherKey, macKey, iv }: DerivedKey): Buffer {
  return Buffer.concat([cipherKey, macKey, iv])
}

/** The derived key behind a seed of the library, or behind what stands in its place; undefined for other lengths. */
export function derivedOfSeed(seed: Uint8Array): DerivedKey | undefined {
  if (seed.length !== SEED_BYTES && seed.length !== DERIVED_BYTES) return undefined
  const derived =
    seed.length === DERIVED_BYTES
      ? Buffer.from(seed)
      : Buffer.from(hkdfSync('sha256', seed, new Uint8Array(), 'WhisperMessageKeys', DERIVED_BYTES))
  return {
    cipherKey: derived.subarray(0, CIPHER_KEY_BYTES),
    macKey: derived.subarray(CIPHER_KEY_BYTES, CIPHER_KEY_BYTES + MAC_KEY_BYTES),
    iv: derived.subarray(CIPHER_KEY_BYTES + MAC_KEY_BYTES),
  }
}
