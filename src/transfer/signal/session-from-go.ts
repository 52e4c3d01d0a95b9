import { UnreadableRow } from './go-json.ts'
import { type GoChain, type GoState, readGoSession } from './go-session.ts'
import {
  BASE_KEY,
  CHAIN,
  type LibraryChain,
  type LibraryRecord,
  type LibrarySession,
  MOST_SESSIONS,
} from './library-session.ts'
import { seedOfDerived } from './skipped-key.ts'

export interface SessionPlace {
  /** Our own identity, public, 33 bytes. */
  ownIdentity: Uint8Array
  /** The identity of the other side where one is stored, 33 bytes. */
  theirIdentity?: Uint8Array | undefined
  /** Unix milliseconds. */
  now: number
}

export interface TakenSession {
  record: LibraryRecord
  /** How many keys of messages that have not arrived yet are in it. */
  skippedKeys: number
  /** How many older states were left out because they cannot be read or belong to another identity of ours. */
  statesLeft: number
}

/**
 * A session of Go's libsignal in the form of the library. Throws UnreadableRow for one that would not work: it is left
 * out, and the two sides agree on a new one with the next message.
 */
export function sessionFromGo(
  row: Uint8Array,
  { ownIdentity, theirIdentity, now }: SessionPlace,
): TakenSession {
  const { current, previous, unreadable } = readGoSession(row)
  if (!current.localIdentity.equals(ownIdentity))
    throw new UnreadableRow('it belongs to another identity of this account')
  if (theirIdentity && !current.remoteIdentity.equals(theirIdentity))
    throw new UnreadableRow('the other side has changed its identity since')

  const older = previous.filter(({ localIdentity }) => localIdentity.equals(ownIdentity))
  const sessions: LibraryRecord['_sessions'] = {}
  let skippedKeys = 0
  for (const [age, state] of [current, ...older].entries()) {
    const name = base64(state.baseKey)
    if (name in sessions || Object.keys(sessions).length === MOST_SESSIONS) continue
    sessions[name] = sessionOf(state, { at: now - age, isUsed: age === 0 })
    for (const { skipped } of state.receiverChains) skippedKeys += skipped.length
  }
  return {
    record: { _sessions: sessions, version: 'v1' },
    skippedKeys,
    statesLeft: unreadable + previous.length - older.length,
  }
}

function sessionOf(state: GoState, { at, isUsed }: { at: number; isUsed: boolean }): LibrarySession {
  const { senderChain, receiverChains, pending } = state
  return {
    registrationId: state.remoteRegistrationId,
    currentRatchet: {
      ephemeralKeyPair: { pubKey: base64(senderChain.publicKey), privKey: base64(senderChain.privateKey) },
      // Before the first answer nothing may be found under this: the library would fill up and close what it finds, and
      // the first answer of another Go program says 4,294,967,295 of how far.
      lastRemoteEphemeralKey: base64(receiverChains.at(-1)?.publicKey ?? state.remoteIdentity),
      previousCounter: state.previousCounter,
      rootKey: base64(state.rootKey),
    },
    indexInfo: {
      baseKey: base64(state.baseKey),
      // With ours, a first message that is delivered again would end in an error of another kind.
      baseKeyType: pending ? BASE_KEY.ours : BASE_KEY.theirs,
      closed: isUsed ? -1 : at,
      used: at,
      created: at,
      remoteIdentityKey: base64(state.remoteIdentity),
    },
    _chains: chainsOf(state),
    ...(pending && {
      pendingPreKey: {
        signedKeyId: pending.signedPreKeyId,
        baseKey: base64(pending.baseKey),
        ...(pending.preKeyId !== undefined && { preKeyId: pending.preKeyId }),
      },
    }),
  }
}

function chainsOf({ senderChain, receiverChains }: GoState): LibrarySession['_chains'] {
  const chains: LibrarySession['_chains'] = {}
  for (const chain of receiverChains) chains[base64(chain.publicKey)] ??= chainOf(chain, CHAIN.receiving)
  chains[base64(senderChain.publicKey)] = chainOf(senderChain, CHAIN.sending)
  return chains
}

function chainOf({ key, index, skipped }: GoChain, chainType: number): LibraryChain {
  // What others write for a chain that is over. Its messages could be forged by whoever knows that.
  const isOver = key.every((byte) => byte === 0)
  return {
    chainKey: { counter: index - 1, ...(!isOver && { key: base64(key) }) },
    chainType,
    messageKeys: Object.fromEntries(
      skipped.map((message) => [message.index, base64(seedOfDerived(message))]),
    ),
  }
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}
