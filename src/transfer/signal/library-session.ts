/** A session record as the library (npm's libsignal) stores it. All bytes are base64. */
export interface LibraryRecord {
  /** By base key. */
  _sessions: Record<string, LibrarySession>
  version: 'v1'
}

export interface LibrarySession {
  registrationId: number
  currentRatchet: {
    ephemeralKeyPair: { pubKey: string; privKey: string }
    lastRemoteEphemeralKey: string
    previousCounter: number
    rootKey: string
  }
  indexInfo: {
    baseKey: string
    baseKeyType: number
    /** Unix milliseconds; -1 for the one that is used. */
    closed: number
    /** Unix milliseconds: what was used last is tried first. */
    used: number
    created: number
    remoteIdentityKey: string
  }
  /** By the public key of the ratchet, in the order in which they began. */
  _chains: Record<string, LibraryChain>
  pendingPreKey?: { signedKeyId: number; baseKey: string; preKeyId?: number }
}

export interface LibraryChain {
  /** Of the last message, -1 before the first; without a key once nothing more can come. */
  chainKey: { counter: number; key?: string }
  chainType: number
  /** Seeds of messages that have not arrived, by their counter. */
  messageKeys: Record<string, string>
}

/** Who began a session. */
export const BASE_KEY = { ours: 1, theirs: 2 } as const
export const CHAIN = { sending: 1, receiving: 2 } as const
/** The library's limit, the session that is used included. */
export const MOST_SESSIONS = 40
