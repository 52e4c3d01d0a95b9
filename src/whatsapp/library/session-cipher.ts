import { generateSignalPubKey, type SignalCreds } from './engine.ts'
import { loadLibsignal } from './patches/libsignal.ts'

/** What a ratchet is stored as: libsignal's own form of a record. */
type StoredRecord = object

interface SessionRecord {
  serialize(): StoredRecord
}

interface SessionStore {
  loadSession(): Promise<SessionRecord>
  storeSession(address: string, record: SessionRecord): Promise<void>
  getOurIdentity(): { pubKey: Buffer }
  getOurRegistrationId(): number
  isTrustedIdentity(): boolean
}

interface SessionCipher {
  encrypt(data: Buffer): Promise<{ type: number; body: Buffer }>
}

// libsignal has no types for these parts; the shapes are those of the pinned version.
const SessionRecord = loadLibsignal('src/session_record.js').exports as {
  deserialize(stored: StoredRecord): SessionRecord
}
const SessionCipher = loadLibsignal('src/session_cipher.js').exports as new (
  store: SessionStore,
  address: object,
) => SessionCipher
const ProtocolAddress = loadLibsignal('src/protocol_address.js').exports as {
  from(address: string): object
}

/** The type of a message from which its receiver opens the session. */
const OPENS_SESSION = 3

/**
 * Encrypts for the device at this address (`user.device`) with its ratchet as it is stored, and hands what has become of it
 * to `store`; resolves when that does. Rejects, with nothing stored, where the record has no open session.
 */
export async function encryptWith(
  { creds, address, data }: { creds: SignalCreds; address: string; data: Uint8Array },
  stored: StoredRecord,
  store: (record: StoredRecord) => Promise<void>,
): Promise<{ type: 'pkmsg' | 'msg'; ciphertext: Buffer }> {
  const cipher = new SessionCipher(
    {
      loadSession: async () => SessionRecord.deserialize(stored),
      storeSession: (_address, record) => store(record.serialize()),
      getOurIdentity: () => ({ pubKey: Buffer.from(generateSignalPubKey(creds.signedIdentityKey.public)) }),
      getOurRegistrationId: () => creds.registrationId,
      // Whoever has a new identity is trusted, as by WhatsApp's own clients.
      isTrustedIdentity: () => true,
    },
    ProtocolAddress.from(address),
  )
  const { type, body } = await cipher.encrypt(Buffer.from(data.buffer, data.byteOffset, data.byteLength))
  return { type: type === OPENS_SESSION ? 'pkmsg' : 'msg', ciphertext: body }
}
