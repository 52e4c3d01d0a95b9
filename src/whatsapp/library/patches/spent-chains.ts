import { loadLibsignal } from './libsignal.ts'

interface Chain {
  chainType: number
  /** Without a key the chain is closed: its sender goes on with another one. */
  chainKey: { key?: Buffer }
  messageKeys: Record<number, Buffer>
}

interface Session {
  _chains: Record<string, Chain>
}

interface SessionCipher {
  maybeStepRatchet(session: Session, remoteKey: Buffer, previousCounter: number): void
}

/** Chains of received messages that other implementations keep (libsignal, `MAX_RECEIVER_CHAINS`). */
const KEPT = 5
/** How many are kept in all for the sake of messages that are missing in them. */
const KEPT_FOR_MISSING = 40

// libsignal has no types for these parts; the shapes are those of the pinned version.
const { prototype } = loadLibsignal('src/session_cipher.js').exports as { prototype: SessionCipher }
const { RECEIVING } = loadLibsignal('src/chain_type.js').exports as { RECEIVING: number }
const { maybeStepRatchet } = prototype

// Every change of direction in a chat begins a chain, and this implementation never gives one up: the record that is read,
// written and encrypted with each message grew by a hundred bytes for every question and answer.
prototype.maybeStepRatchet = function (session, remoteKey, previousCounter) {
  maybeStepRatchet.call(this, session, remoteKey, previousCounter)
  dropSpentChains(session)
}

function dropSpentChains({ _chains: chains }: Session): void {
  // Oldest first, as they were added.
  const received = Object.entries(chains).filter(([, { chainType }]) => chainType === RECEIVING)
  for (const [at, [name, { chainKey, messageKeys }]] of received.slice(0, -KEPT).entries()) {
    const isMissed = Object.keys(messageKeys).length > 0 && at >= received.length - KEPT_FOR_MISSING
    if (chainKey.key === undefined && !isMissed) delete chains[name]
  }
}
