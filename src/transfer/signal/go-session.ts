import { checkPair, checkPublic, PRIVATE_BYTES, PUBLIC_BYTES } from './curve-keys.ts'
import {
  bytesIn,
  type GoObject,
  goBytes,
  goRow,
  objectsIn,
  optionalBytes,
  optionalObject,
  readGoObject,
  requiredObject,
  UnreadableRow,
  uint32In,
} from './go-json.ts'
import { CIPHER_KEY_BYTES, type DerivedKey, IV_BYTES, MAC_KEY_BYTES } from './skipped-key.ts'

/** A session record of Go's libsignal: the state that is used, and those it followed, newest first. */
export interface GoSession {
  current: GoState
  /** Those that can be read. */
  previous: GoState[]
  /** How many of the older states cannot. */
  unreadable: number
}

/** One state of a session. Public keys are 33 bytes, all others 32. */
export interface GoState {
  localIdentity: Buffer
  localRegistrationId: number
  pending: GoPending | undefined
  previousCounter: number
  /** The newest last. */
  receiverChains: GoChain[]
  remoteIdentity: Buffer
  remoteRegistrationId: number
  rootKey: Buffer
  baseKey: Buffer
  senderChain: GoChain & { privateKey: Buffer }
}

/** What every message repeats until the other side has answered. */
export interface GoPending {
  /** Undefined where the other side had no one-time key left. */
  preKeyId: number | undefined
  signedPreKeyId: number
  baseKey: Buffer
}

export interface GoChain {
  publicKey: Buffer
  key: Buffer
  /** Of the next message. */
  index: number
  skipped: GoSkippedKey[]
}

export interface GoSkippedKey extends DerivedKey {
  index: number
}

/** Go's own limits. */
export const MOST_PREVIOUS = 40
export const MOST_RECEIVER_CHAINS = 5
export const MOST_SKIPPED = 2_000

const VERSION = 3
/** Of a list that is read; more than Go writes, in case one of its limits grows. */
const LENIENCY = 5

/** Reads the row of a session. Throws UnreadableRow unless the state that is used is whole. */
export function readGoSession(row: Uint8Array): GoSession {
  const record = readGoObject(row)
  const current = readState(requiredObject(record, 'SessionState'))
  const older = objectsIn(record, 'PreviousStates', MOST_PREVIOUS * LENIENCY)
  const previous = older.flatMap((state) => readOlder(state) ?? [])
  return { current, previous, unreadable: older.length - previous.length }
}

/** The row of a session, byte for byte as Go writes it. */
export function writeGoSession({ current, previous }: Omit<GoSession, 'unreadable'>): Buffer {
  return goRow({ SessionState: stateObject(current), PreviousStates: previous.map(stateObject) })
}

/** Undefined for one that cannot be read: only late messages are for these. */
function readOlder(state: GoObject): GoState | undefined {
  try {
    return readState(state)
  } catch (error) {
    if (error instanceof UnreadableRow) return undefined
    throw error
  }
}

function readState(state: GoObject): GoState {
  if (uint32In(state, 'SessionVersion') !== VERSION)
    throw new UnreadableRow('it is of another version of the protocol')
  const sender = requiredObject(state, 'SenderChain')
  const senderChain = {
    ...readChain(sender),
    privateKey: bytesIn(sender, 'SenderRatchetKeyPrivate', PRIVATE_BYTES),
  }
  checkPair(senderChain.publicKey, senderChain.privateKey, 'its sending key')
  return {
    localIdentity: publicIn(state, 'LocalIdentityPublic'),
    localRegistrationId: uint32In(state, 'LocalRegistrationID'),
    pending: readPending(optionalObject(state, 'PendingPreKey')),
    previousCounter: uint32In(state, 'PreviousCounter'),
    receiverChains: objectsIn(state, 'ReceiverChains', MOST_RECEIVER_CHAINS * LENIENCY).map(readChain),
    remoteIdentity: publicIn(state, 'RemoteIdentityPublic'),
    remoteRegistrationId: uint32In(state, 'RemoteRegistrationID'),
    rootKey: bytesIn(state, 'RootKey', PRIVATE_BYTES),
    baseKey: publicIn(state, 'SenderBaseKey'),
    senderChain,
  }
}

function readPending(pending: GoObject | undefined): GoPending | undefined {
  if (!pending) return undefined
  const oneTime = optionalObject(pending, 'PreKeyID')
  return {
    preKeyId: oneTime && oneTime.IsEmpty !== true ? uint32In(oneTime, 'Value') : undefined,
    signedPreKeyId: uint32In(pending, 'SignedPreKeyID'),
    baseKey: publicIn(pending, 'BaseKey'),
  }
}

function readChain(chain: GoObject): GoChain {
  const chainKey = requiredObject(chain, 'ChainKey')
  const key = optionalBytes(chainKey, 'Key')
  if (key.length !== PRIVATE_BYTES) throw new UnreadableRow('the key of a chain has a wrong length')
  return {
    publicKey: publicIn(chain, 'SenderRatchetKeyPublic'),
    key,
    index: uint32In(chainKey, 'Index'),
    skipped: objectsIn(chain, 'MessageKeys', MOST_SKIPPED * LENIENCY).map((message) => ({
      index: uint32In(message, 'Index'),
      cipherKey: bytesIn(message, 'CipherKey', CIPHER_KEY_BYTES),
      macKey: bytesIn(message, 'MacKey', MAC_KEY_BYTES),
      iv: bytesIn(message, 'IV', IV_BYTES),
    })),
  }
}

function publicIn(from: GoObject, field: string): Buffer {
  const key = bytesIn(from, field, PUBLIC_BYTES)
  checkPublic(key, field)
  return key
}

/** The names stand in the order of Go's structure. */
function stateObject(state: GoState): object {
  return {
    LocalIdentityPublic: goBytes(state.localIdentity),
    LocalRegistrationID: state.localRegistrationId,
    NeedsRefresh: false,
    PendingKeyExchange: null,
    PendingPreKey: state.pending ? pendingObject(state.pending) : null,
    PreviousCounter: state.previousCounter,
    ReceiverChains: state.receiverChains.map((chain) => chainObject(chain, null)),
    RemoteIdentityPublic: goBytes(state.remoteIdentity),
    RemoteRegistrationID: state.remoteRegistrationId,
    RootKey: goBytes(state.rootKey),
    SenderBaseKey: goBytes(state.baseKey),
    SenderChain: chainObject(state.senderChain, goBytes(state.senderChain.privateKey)),
    SessionVersion: VERSION,
  }
}

function pendingObject({ preKeyId, signedPreKeyId, baseKey }: GoPending): object {
  return {
    // Go looks into it without asking whether it is there.
    PreKeyID: { Value: preKeyId ?? 0, IsEmpty: preKeyId === undefined },
    SignedPreKeyID: signedPreKeyId,
    BaseKey: goBytes(baseKey),
  }
}

function chainObject({ publicKey, key, index, skipped }: GoChain, privateKey: string | null): object {
  return {
    SenderRatchetKeyPublic: goBytes(publicKey),
    SenderRatchetKeyPrivate: privateKey,
    ChainKey: { Key: goBytes(key), Index: index },
    MessageKeys: skipped.map((message) => ({
      CipherKey: goBytes(message.cipherKey),
      MacKey: goBytes(message.macKey),
      IV: goBytes(message.iv),
      Index: message.index,
    })),
  }
}
