import { createHash } from 'node:crypto'
import { ApiError } from '../../../lib/errors.ts'

/** What a browser answered to WhatsApp's question, ready to be sent. */
export interface Assertion {
  credentialId: Buffer
  /** JSON with the members that WhatsApp Web sends, and no others. */
  json: string
}

const MAX_ID_BYTES = 1_023
const MAX_PART_BYTES = 16 * 1024
const HASH_BYTES = 32
/** The flags stand behind the hash, a counter behind them. */
const MIN_AUTHENTICATOR_BYTES = HASH_BYTES + 5
const USER_PRESENT = 0x01
const USER_VERIFIED = 0x04
const HOST = 'whatsapp.com'

interface Parts {
  id: Buffer
  clientData: Buffer
  authenticatorData: Buffer
  signature: Buffer
  userHandle: Buffer | null
}

/**
 * Reads what a browser gave (`PublicKeyCredential` as JSON, with or without padding and further members) and refuses what
 * WhatsApp would leave unanswered: an attempt is lost with it. `options` is the question, as JSON. Throws `invalid_field`
 * with a sentence for the person who is linking.
 */
export function readAssertion(given: unknown, options: string): Assertion {
  const parts = readParts(given)
  checkClientData(parts.clientData, options)
  checkAuthenticator(parts.authenticatorData)
  const { id, clientData, authenticatorData, signature, userHandle } = parts
  const text = (bytes: Buffer) => bytes.toString('base64url')
  const json = JSON.stringify({
    id: text(id),
    rawId: text(id),
    type: 'public-key',
    response: {
      clientDataJSON: text(clientData),
      authenticatorData: text(authenticatorData),
      signature: text(signature),
      userHandle: userHandle && text(userHandle),
    },
  })
  return { credentialId: id, json }
}

function readParts(given: unknown): Parts {
  const { id, rawId, type, response } = objectOf(given)
  if (type !== 'public-key') throw refusal('this is no answer of a passkey: its type is not "public-key"')
  const { clientDataJSON, authenticatorData, signature, userHandle } = objectOf(response)
  const rawIdBytes = bytesOf('rawId', rawId ?? id, MAX_ID_BYTES)
  if (id !== undefined && !bytesOf('id', id, MAX_ID_BYTES).equals(rawIdBytes))
    throw refusal('id and rawId of the passkey differ')
  return {
    id: rawIdBytes,
    clientData: bytesOf('clientDataJSON', clientDataJSON),
    authenticatorData: bytesOf('authenticatorData', authenticatorData),
    signature: bytesOf('signature', signature),
    userHandle:
      userHandle === undefined || userHandle === null || userHandle === ''
        ? null
        : bytesOf('userHandle', userHandle),
  }
}

function checkClientData(bytes: Buffer, options: string): void {
  const { type, challenge, origin } = objectOf(parse(bytes.toString('utf8')))
  if (type !== 'webauthn.get') throw refusal('the passkey was made, not used: sign in with one that exists')
  const asked = objectOf(parse(options)).challenge
  if (typeof challenge !== 'string' || typeof asked !== 'string' || !sameBytes(challenge, asked))
    throw refusal('the answer belongs to another question: copy the script anew and try again')
  if (!isOfWhatsApp(origin))
    throw refusal('the passkey was used on another page: it has to be done on https://web.whatsapp.com')
}

function checkAuthenticator(bytes: Buffer): void {
  const hash = createHash('sha256').update(HOST).digest()
  if (bytes.length < MIN_AUTHENTICATOR_BYTES || !bytes.subarray(0, HASH_BYTES).equals(hash))
    throw refusal('the passkey is not one of WhatsApp')
  const flags = bytes[HASH_BYTES] ?? 0
  if (!(flags & USER_PRESENT) || !(flags & USER_VERIFIED))
    throw refusal('the passkey did not ask who you are: use one that is unlocked by fingerprint, face or PIN')
}

function isOfWhatsApp(origin: unknown): boolean {
  if (typeof origin !== 'string' || !URL.canParse(origin)) return false
  const { protocol, hostname } = new URL(origin)
  return protocol === 'https:' && (hostname === HOST || hostname.endsWith(`.${HOST}`))
}

function sameBytes(one: string, other: string): boolean {
  return Buffer.from(one, 'base64url').equals(Buffer.from(other, 'base64url'))
}

/** Base64 of either alphabet, padded or not. */
function bytesOf(name: string, value: unknown, most = MAX_PART_BYTES): Buffer {
  if (typeof value !== 'string' || !/^[\w+/-]+={0,2}$/.test(value))
    throw refusal(`the answer of the passkey lacks ${name}, or it is not base64`)
  const bytes = Buffer.from(value, 'base64')
  if (bytes.length === 0 || bytes.length > most) throw refusal(`${name} of the passkey has an odd length`)
  return bytes
}

function objectOf(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw refusal('this is no answer of a passkey: it must be the JSON that the script gave you')
  return value as Record<string, unknown>
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw refusal('this is no answer of a passkey: a part of it is not JSON')
  }
}

function refusal(text: string): ApiError {
  return new ApiError('invalid_field', { text })
}
