import { hkdfSync } from 'node:crypto'
import { BufferJSON } from '../../whatsapp/library/engine.ts'
import { checkPair, checkPublic, PRIVATE_BYTES, PUBLIC_BYTES } from './curve-keys.ts'
import {
  bytesIn,
  type GoObject,
  goBytes,
  goRow,
  isUint32,
  objectsIn,
  optionalBytes,
  readGoObject,
  requiredObject,
  UnreadableRow,
  uint32In,
} from './go-json.ts'

/** One state of a sender key as the library stores it. */
interface LibraryState {
  senderKeyId: number
  senderChainKey: { iteration: number; seed: Uint8Array }
  /** `public` has 33 bytes; `private` is empty in the keys of others. */
  senderSigningKey: { public: Uint8Array; private?: Uint8Array }
  senderMessageKeys: { iteration: number; seed: Uint8Array }[]
}

const MOST_STATES = 5
const MOST_MESSAGE_KEYS = 2_000
const SEED_BYTES = 32
const IV_BYTES = 16
const DERIVED_BYTES = 48
const NO_PRIVATE_KEY = Buffer.alloc(PRIVATE_BYTES)

/**
 * A sender key of Go's libsignal in the form of the library, which takes the last state for the current one. `isOwn`
 * leaves out the keys of messages that nobody will ask us to decrypt. Throws UnreadableRow.
 */
export function senderKeyFromGo(row: Uint8Array, { isOwn }: { isOwn: boolean }): Buffer {
  const states = objectsIn(readGoObject(row), 'SenderKeyStates', MOST_STATES).map((state) =>
    stateFromGo(state),
  )
  if (states.length === 0) throw new UnreadableRow('it holds no key')
  if (isOwn) {
    // What we send is encrypted and signed with the first.
    if (states[0]?.senderSigningKey.private?.length === 0)
      throw new UnreadableRow('it lacks the half that signs')
    for (const state of states) state.senderMessageKeys = []
  }
  return Buffer.from(JSON.stringify(states.reverse(), BufferJSON.replacer))
}

/** A sender key of the library as a row of Go's libsignal. Throws UnreadableRow. */
export function senderKeyToGo(value: Uint8Array): Buffer {
  return goRow({ SenderKeyStates: statesIn(value).slice(-MOST_STATES).reverse().map(stateToGo) })
}

/** Throws UnreadableRow unless this is a sender key of the library, whole. */
export function checkSenderKey(value: Uint8Array): void {
  try {
    for (const state of statesIn(value)) checkState(state)
  } catch (error) {
    if (error instanceof UnreadableRow) throw error
    // The words of what failed may quote a part of it.
    throw new UnreadableRow('it is cut off or damaged')
  }
}

/** The library's own serialisation; what it holds is still to be checked. */
function statesIn(value: Uint8Array): LibraryState[] {
  const states: unknown = JSON.parse(Buffer.from(value).toString('utf8'), BufferJSON.reviver)
  if (!Array.isArray(states) || states.length === 0) throw new UnreadableRow('it holds no key')
  return states as LibraryState[]
}

function checkState({
  senderKeyId,
  senderChainKey,
  senderSigningKey,
  senderMessageKeys,
}: LibraryState): void {
  signingKeyOf(senderSigningKey)
  for (const number of [senderKeyId, senderChainKey.iteration]) numberOf(number)
  seedOf(senderChainKey.seed)
  for (const { iteration, seed } of senderMessageKeys) {
    numberOf(iteration)
    seedOf(seed)
  }
}

/**
 * Of two rows for one sender the one that is further, where they are the same key; else the first, which is the one under
 * the name that counts.
 */
export function freshestSenderKey([preferred, other]: [Buffer, Buffer]): Buffer {
  const [a, b] = [currentState(preferred), currentState(other)]
  const isFurther = a.id === b.id && b.iteration > a.iteration
  return isFurther ? other : preferred
}

function currentState(row: Buffer): { id: number; iteration: number } {
  const [state] = objectsIn(readGoObject(row), 'SenderKeyStates', MOST_STATES)
  if (!state) throw new UnreadableRow('it holds no key')
  return {
    id: uint32In(state, 'KeyID'),
    iteration: uint32In(requiredObject(state, 'SenderChainKey'), 'Iteration'),
  }
}

function stateFromGo(state: GoObject): LibraryState {
  const chain = requiredObject(state, 'SenderChainKey')
  const publicKey = bytesIn(state, 'SigningKeyPublic', PUBLIC_BYTES)
  checkPublic(publicKey, 'SigningKeyPublic')
  // Go writes none as null, and as zeros once it has read that again.
  const given = optionalBytes(state, 'SigningKeyPrivate')
  const privateKey = given.equals(NO_PRIVATE_KEY) ? Buffer.alloc(0) : given
  if (privateKey.length > 0) checkSigningPair(publicKey, privateKey)
  return {
    senderKeyId: uint32In(state, 'KeyID'),
    senderChainKey: { iteration: uint32In(chain, 'Iteration'), seed: bytesIn(chain, 'ChainKey', SEED_BYTES) },
    senderSigningKey: { public: publicKey, private: privateKey },
    senderMessageKeys: objectsIn(state, 'Keys', MOST_MESSAGE_KEYS).map((key) => ({
      iteration: uint32In(key, 'Iteration'),
      seed: bytesIn(key, 'Seed', SEED_BYTES),
    })),
  }
}

function stateToGo({
  senderKeyId,
  senderChainKey,
  senderSigningKey,
  senderMessageKeys,
}: LibraryState): object {
  const { publicKey, privateKey } = signingKeyOf(senderSigningKey)
  return {
    Keys: senderMessageKeys.slice(-MOST_MESSAGE_KEYS).map(messageKeyToGo),
    KeyID: numberOf(senderKeyId),
    SenderChainKey: {
      Iteration: numberOf(senderChainKey.iteration),
      ChainKey: goBytes(seedOf(senderChainKey.seed)),
    },
    SigningKeyPrivate: goBytes(privateKey.length > 0 ? privateKey : NO_PRIVATE_KEY),
    SigningKeyPublic: goBytes(publicKey),
  }
}

function signingKeyOf(key: LibraryState['senderSigningKey']): { publicKey: Buffer; privateKey: Buffer } {
  const publicKey = Buffer.from(key.public)
  checkPublic(publicKey, 'its signing key')
  const privateKey = Buffer.from(key.private ?? [])
  if (privateKey.length > 0) checkSigningPair(publicKey, privateKey)
  return { publicKey, privateKey }
}

function messageKeyToGo({ iteration, seed }: LibraryState['senderMessageKeys'][number]): object {
  const derived = Buffer.from(
    hkdfSync('sha256', seedOf(seed), new Uint8Array(), 'WhisperGroup', DERIVED_BYTES),
  )
  return {
    Iteration: numberOf(iteration),
    IV: goBytes(derived.subarray(0, IV_BYTES)),
    CipherKey: goBytes(derived.subarray(IV_BYTES)),
    Seed: goBytes(seed),
  }
}

function checkSigningPair(publicKey: Buffer, privateKey: Buffer): void {
  if (privateKey.length !== PRIVATE_BYTES) throw new UnreadableRow('its signing key has a wrong length')
  checkPair(publicKey, privateKey, 'its signing key')
}

function seedOf(seed: Uint8Array): Buffer {
  const bytes = Buffer.from(seed)
  if (bytes.length !== SEED_BYTES) throw new UnreadableRow('one of its keys has a wrong length')
  return bytes
}

function numberOf(value: number): number {
  if (!isUint32(value)) throw new UnreadableRow('one of its numbers is none of 32 bits')
  return value
}
