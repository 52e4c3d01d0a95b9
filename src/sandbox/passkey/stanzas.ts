import { type BinaryNode, proto } from '../../whatsapp/library/engine.ts'
import { bytes, child, text } from '../world/node.ts'

const KEY_BYTES = 32
const PROOF_BYTES = 32
const GCM_IV_BYTES = 12

/** What a companion sends when its owner has used the passkey. */
export interface Prologue {
  credentialId: Buffer
  /** JSON, as a browser made it. */
  assertion: string
  /** Encoded `ProloguePayload`, which the proof is about. */
  payload: Buffer
  /** Encoded `CompanionEphemeralIdentity`, which the commitment is about. */
  ephemeralIdentity: Buffer
  commitment: Buffer
  proof?: Buffer
}

/** Reads `<passkey_prologue>`; undefined when its form is wrong. */
export function readPrologue(prologue: BinaryNode | undefined): Prologue | undefined {
  const credentialId = bytes(child(prologue, 'credential_id'))
  const assertion = text(child(prologue, 'webauthn_assertion'))
  const payload = bytes(child(prologue, 'prologue_payload'))
  const proof = bytes(child(prologue, 'pairing_handoff_proof'))
  if (!credentialId?.length || !assertion || !payload) return undefined
  if (proof && proof.length !== PROOF_BYTES) return undefined
  try {
    JSON.parse(assertion)
    const { companionEphemeralIdentity, commitment } = proto.ProloguePayload.decode(payload)
    if (!companionEphemeralIdentity?.length || commitment?.hash?.length !== KEY_BYTES) return undefined
    return {
      credentialId,
      assertion,
      payload,
      ephemeralIdentity: Buffer.from(companionEphemeralIdentity),
      commitment: Buffer.from(commitment.hash),
      proof,
    }
  } catch {
    // Neither JSON nor protobuf: no prologue.
    return undefined
  }
}

/** Reads `<companion_nonce>`: 32 bytes, or undefined. */
export function readNonce(holder: BinaryNode | undefined): Buffer | undefined {
  const nonce = bytes(holder)
  return nonce?.length === KEY_BYTES ? nonce : undefined
}

/** Reads `<encrypted_pairing_request>`; undefined when its form is wrong. */
export function readPairingRequest(
  holder: BinaryNode | undefined,
): { payload: Buffer; iv: Buffer } | undefined {
  try {
    const { encryptedPayload, iv } = proto.EncryptedPairingRequest.decode(bytes(holder) ?? Buffer.alloc(0))
    if (!encryptedPayload?.length || iv?.length !== GCM_IV_BYTES) return undefined
    return { payload: Buffer.from(encryptedPayload), iv: Buffer.from(iv) }
  } catch {
    // No protobuf.
    return undefined
  }
}
