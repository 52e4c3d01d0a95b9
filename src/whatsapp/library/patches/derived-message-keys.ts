import { loadLibsignal } from './libsignal.ts'

interface Crypto {
  deriveSecrets(input: Buffer, salt: Buffer, info: Buffer, chunks?: number): Buffer[]
}

/** A cipher key and a MAC key of 32 bytes each, and an initialisation vector of 16. */
const DERIVED_BYTES = 80

// libsignal has no types for this file; the shape is that of the pinned version.
const crypto = loadLibsignal('src/crypto.js').exports as Crypto
const { deriveSecrets } = crypto

// libsignal keeps the seed of a message that was skipped; other implementations keep what is derived from it, from which
// no seed can be computed. An account that comes from one has these 80 bytes in the place of the 32 of a seed, and
// nothing is left to derive: without this, every message that was on its way when the account came over is lost.
crypto.deriveSecrets = (input, salt, info, chunks) =>
  input.length === DERIVED_BYTES && info.toString() === 'WhisperMessageKeys'
    ? [input.subarray(0, 32), input.subarray(32, 64), input.subarray(64)]
    : deriveSecrets(input, salt, info, chunks)
