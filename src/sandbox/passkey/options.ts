import { randomBytes } from 'node:crypto'

/** What passkeys of WhatsApp belong to. */
export const RP_ID = 'whatsapp.com'
/** How long a request stands, as real ones say. */
export const REQUEST_MS = 600_000

/** A passkey that may answer. */
export interface AllowedCredential {
  /** base64url */
  id: string
  type: 'public-key'
  transports?: string[]
}

/** The WebAuthn request in a real one's form, as JSON, with a challenge of its own. */
export function newPasskeyOptions({
  allowCredentials = [],
  timeoutMs = REQUEST_MS,
}: {
  allowCredentials?: AllowedCredential[]
  timeoutMs?: number
} = {}): { challenge: string; json: string } {
  const challenge = randomBytes(32).toString('base64url')
  const json = JSON.stringify({
    challenge,
    timeout: timeoutMs,
    rpId: RP_ID,
    allowCredentials,
    userVerification: 'required',
    extensions: { uvm: true },
  })
  return { challenge, json }
}
