import { generateSignalPubKey, type SignalCreds, type SignalDataTypeMap } from './engine.ts'
import { loadLibsignal } from './patches/libsignal.ts'

/** What a ratchet is stored as: an object of libsignal's, which the library's types call bytes. */
type StoredRecord = SignalDataTypeMap['session']

interface SessionRecord {
  serialize(): StoredRecord
}

interface SessionStore {
  loadSession(): Promise<SessionRecord | undefined>
  storeSession(address: string, record: SessionRecord): Promise<void>
  getOurIdentity(): { pubKey: Buffer }
  getOurRegistrationId(): number
  isTrustedIdentity(): boolean
}

interface SessionCipher {
  encrypt(data: Buffer): Promise<{ type: number; body: Buffer }>
  decryptWhisperMessage(ciphertext: Buffer): Promise<Buffer>
}

/** Whose ratchet it is, and as what it is stored, if it is. */
interface Ratchet {
  creds: SignalCreds
  /** `user.device`, as libsignal writes it. */
  address: string
  stored: StoredRecord | undefined
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

/** Encrypts with a ratchet, and gives what has become of it. Rejects where it has no open session. */
export async function encryptWith(
  ratchet: Ratchet,
  data: Uint8Array,
): Promise<{ type: 'pkmsg' | 'msg'; ciphertext: Buffer; changed: StoredRecord }> {
  const [{ type, body }, changed] = await withCipher(ratchet, (cipher) => cipher.encrypt(asBuffer(data)))
  return { type: type === OPENS_SESSION ? 'pkmsg' : 'msg', ciphertext: body, changed }
}

/** Decrypts a message of a session that exists, and gives what has become of the ratchet. Rejects where none fits. */
export async function decryptWith(
  ratchet: Ratchet,
  ciphertext: Uint8Array,
): Promise<{ padded: Buffer; changed: StoredRecord }> {
  const [padded, changed] = await withCipher(ratchet, (cipher) =>
    cipher.decryptWhisperMessage(asBuffer(ciphertext)),
  )
  return { padded, changed }
}

/**
 * Works with libsignal on a ratchet. Whoever asked stores it afterwards, not meanwhile: libsignal lets nobody else in the
 * process work on the same device until this is over, not even for another account.
 */
async function withCipher<Result>(
  { creds, address, stored }: Ratchet,
  work: (cipher: SessionCipher) => Promise<Result>,
): Promise<[Result, StoredRecord]> {
  let changed: StoredRecord | undefined
  const store: SessionStore = {
    loadSession: async () => stored && SessionRecord.deserialize(stored),
    storeSession: async (_address, record) => {
      changed = record.serialize()
    },
    getOurIdentity: () => ({ pubKey: Buffer.from(generateSignalPubKey(creds.signedIdentityKey.public)) }),
    getOurRegistrationId: () => creds.registrationId,
    // Whoever has a new identity is trusted, as by WhatsApp's own clients.
    isTrustedIdentity: () => true,
  }
  const result = await work(new SessionCipher(store, ProtocolAddress.from(address)))
  if (!changed) throw new Error('libsignal did not store the ratchet it used')
  return [result, changed]
}

function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength)
}
