import { randomBytes } from 'node:crypto'
import { checkPair, checkPublic, PRIVATE_BYTES } from './curve-keys.ts'
import { isUint32, UnreadableRow } from './go-json.ts'
import {
  type GoChain,
  type GoState,
  MOST_PREVIOUS,
  MOST_RECEIVER_CHAINS,
  MOST_SKIPPED,
  writeGoSession,
} from './go-session.ts'
import { CHAIN, type LibraryChain, type LibraryRecord, type LibrarySession } from './library-session.ts'
import { derivedOfSeed } from './skipped-key.ts'

/** Whose sessions they are. */
export interface OwnSide {
  /** Our identity, public, 33 bytes. */
  identity: Buffer
  registrationId: number
}

/**
 * A session of the library as a row of Go's libsignal. Throws UnreadableRow for one that Go could not use. What is
 * beyond Go's limits stays behind: more than 40 older states, five receiving chains, 2,000 missing messages of a chain.
 */
export function sessionToGo(record: LibraryRecord, own: OwnSide): Buffer {
  const sessions = Object.values(record._sessions)
  const used = sessions.find(({ indexInfo }) => indexInfo.closed === -1)
  const closed = sessions
    .filter((session) => session !== used)
    .sort((a, b) => b.indexInfo.closed - a.indexInfo.closed)
  // Go has no record without a state it uses.
  const [first, ...others] = used ? [used, ...closed] : closed
  if (!first) throw new UnreadableRow('it holds no session')
  return writeGoSession({
    current: stateOf(first, own),
    previous: others.slice(0, MOST_PREVIOUS).flatMap((session) => olderState(session, own) ?? []),
  })
}

function olderState(session: LibrarySession, own: OwnSide): GoState | undefined {
  try {
    return stateOf(session, own)
  } catch (error) {
    if (error instanceof UnreadableRow) return undefined
    throw error
  }
}

function stateOf(session: LibrarySession, own: OwnSide): GoState {
  const { currentRatchet: ratchet, indexInfo, pendingPreKey: pending } = session
  const { pubKey, privKey } = ratchet.ephemeralKeyPair
  const sender = session._chains[pubKey]
  if (sender?.chainType !== CHAIN.sending) throw new UnreadableRow('it has never been answered')
  const privateKey = bytes(privKey)
  const senderChain = { ...chainOf(pubKey, sender), privateKey }
  checkPair(senderChain.publicKey, privateKey, 'its sending key')
  return {
    localIdentity: own.identity,
    localRegistrationId: own.registrationId,
    pending: pending && {
      preKeyId: pending.preKeyId,
      signedPreKeyId: pending.signedKeyId,
      baseKey: publicKey(pending.baseKey, 'the base key'),
    },
    // The library counts from -1, which is what Go makes of it as well.
    previousCounter: ratchet.previousCounter >>> 0,
    receiverChains: receiverChainsOf(session),
    remoteIdentity: publicKey(indexInfo.remoteIdentityKey, 'the identity of the other side'),
    remoteRegistrationId: numberOf(session.registrationId),
    rootKey: bytes(ratchet.rootKey),
    baseKey: publicKey(indexInfo.baseKey, 'the base key'),
    senderChain,
  }
}

/** The one that goes on stands last, whichever began last. */
function receiverChainsOf({ _chains: chains, currentRatchet }: LibrarySession): GoChain[] {
  const { lastRemoteEphemeralKey: newest } = currentRatchet
  return Object.entries(chains)
    .filter(([, { chainType }]) => chainType === CHAIN.receiving)
    .sort(([a], [b]) => Number(a === newest) - Number(b === newest))
    .slice(-MOST_RECEIVER_CHAINS)
    .map(([name, chain]) => chainOf(name, chain))
}

function chainOf(name: string, { chainKey, messageKeys }: LibraryChain): GoChain {
  const skipped = Object.entries(messageKeys).flatMap(([counter, seed]) => {
    const derived = derivedOfSeed(Buffer.from(seed, 'base64'))
    return derived ? [{ index: numberOf(Number(counter)), ...derived }] : []
  })
  return {
    publicKey: publicKey(name, 'the key of a chain'),
    // Go needs one where the library has thrown it away. Of a known one everybody could forge messages.
    key: chainKey.key ? bytes(chainKey.key) : randomBytes(PRIVATE_BYTES),
    index: numberOf(chainKey.counter + 1),
    skipped: skipped.slice(-MOST_SKIPPED),
  }
}

function numberOf(value: number): number {
  if (!isUint32(value)) throw new UnreadableRow('one of its numbers is none of 32 bits')
  return value
}

function bytes(text: string): Buffer {
  const key = Buffer.from(text, 'base64')
  if (key.length !== PRIVATE_BYTES) throw new UnreadableRow('one of its keys has a wrong length')
  return key
}

function publicKey(text: string, name: string): Buffer {
  const key = Buffer.from(text, 'base64')
  checkPublic(key, name)
  return key
}
