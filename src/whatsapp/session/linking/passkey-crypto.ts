/**
 * The cryptography of a linking with a passkey (WhatsApp Web calls it Shortcake), as WhatsApp Web and whatsmeow
 * (2026-08-21) have it. Nothing in here is kept or sent.
 */
import { createHash, createHmac, hkdfSync } from 'node:crypto'
import { aesEncryptGCM, bytesToCrockford, Curve, proto } from '../../library/engine.ts'

const KEY_BYTES = 32
const CODE_BYTES = 5

/** What this device begins with; the identity is shown, the nonce only when the phone has shown its own. */
export interface CompanionOpening {
  keys: { public: Uint8Array; private: Uint8Array }
  nonce: Uint8Array
  /** What WhatsApp has given for this attempt. */
  ref: string
  /** The number of the platform in the registration (`DeviceProps.PlatformType`). */
  deviceType: number
}

/** What the phone answers with. */
export interface PrimaryAnswer {
  publicKey: Uint8Array
  nonce: Uint8Array
}

/** The key by which the phone knows this device again: of the linking secret that it has scanned or agreed on. */
export function deriveHandoffKey(linkingSecret: Uint8Array): Buffer {
  return hkdf(linkingSecret, { info: 'shortcake-passkey-handoff-v1' })
}

/** The first message of the ceremony, encoded: who this device is, and a commitment to its nonce. */
export function encodePrologue({ keys, nonce, ref, deviceType }: CompanionOpening): Buffer {
  const identity = proto.CompanionEphemeralIdentity.encode({
    publicKey: keys.public,
    deviceType,
    ref,
  }).finish()
  const hash = createHash('sha256').update(identity).update(nonce).digest()
  return Buffer.from(
    proto.ProloguePayload.encode({ companionEphemeralIdentity: identity, commitment: { hash } }).finish(),
  )
}

/** Proves to the phone that the device that asks is the one it has scanned. */
export function proveHandoff(handoffKey: Uint8Array, prologue: Uint8Array): Buffer {
  return createHmac('sha256', handoffKey).update(prologue).digest()
}

/** What the phone says of itself; throws when it is nothing of the kind. */
export function readPrimaryAnswer(bytes: Uint8Array): PrimaryAnswer {
  const { publicKey, nonce } = proto.PrimaryEphemeralIdentity.decode(bytes)
  if (publicKey?.length !== KEY_BYTES || nonce?.length !== KEY_BYTES)
    throw new Error('the answer of the phone has keys of another length')
  return { publicKey, nonce }
}

/** The code that both sides show, as phones write it: `XXXX-XXXX`. */
export function comparisonCode(companionNonce: Uint8Array, primary: PrimaryAnswer): string {
  const digest = createHash('sha256').update(companionNonce).update(primary.publicKey).digest()
  const bytes = Buffer.alloc(CODE_BYTES)
  for (const index of bytes.keys()) bytes[index] = (primary.nonce[index] ?? 0) ^ (digest[index] ?? 0)
  const code = bytesToCrockford(bytes)
  return `${code.slice(0, 4)}-${code.slice(4)}`
}

/** The key of what this device tells the phone. Throws when the phone's key leads to a secret that everybody knows. */
export function derivePairingKey(
  { keys, ref, deviceType }: CompanionOpening,
  primary: PrimaryAnswer,
): Buffer {
  const shared = Curve.sharedKey(keys.private, primary.publicKey)
  if (shared.every((byte) => byte === 0)) throw new Error('the key of the phone is a weak one')
  return hkdf(shared, {
    salt: `Companion Pairing ${deviceType} with ref ${ref}`,
    info: 'Pairing Information Encryption Key',
  })
}

/** The keys of this device and the secret that it will know the phone by, for the phone alone. */
export function encryptPairingRequest(
  request: { noiseKey: Uint8Array; identityKey: Uint8Array; linkingSecret: Uint8Array },
  { key, iv }: { key: Uint8Array; iv: Uint8Array },
): Buffer {
  const plain = proto.PairingRequest.encode({
    companionPublicKey: request.noiseKey,
    companionIdentityKey: request.identityKey,
    advSecret: request.linkingSecret,
  }).finish()
  const encryptedPayload = aesEncryptGCM(plain, key, iv, new Uint8Array())
  return Buffer.from(proto.EncryptedPairingRequest.encode({ encryptedPayload, iv }).finish())
}

function hkdf(secret: Uint8Array, { salt = '', info }: { salt?: string; info: string }): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, salt, info, KEY_BYTES))
}
