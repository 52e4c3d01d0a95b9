import { createHash, type KeyObject, verify } from 'node:crypto'
import { z } from 'zod'
import { PASSKEY_ORIGIN, signedText, USER_PRESENT, USER_VERIFIED } from './authenticator.ts'
import { RP_ID } from './options.ts'
import { convince, Silence } from './silence.ts'

/** A public key the account has registered, and how often it has signed, as far as the service knows. */
export interface RegisteredKey {
  publicKey: KeyObject
  counter: number
}

/** What the service expects of an assertion. */
export interface Expectation {
  /** By credential id, base64url. */
  credentials: ReadonlyMap<string, RegisteredKey>
  /** The ids the request named; none means any of the account's. */
  allowed: string[]
  challenge: string
}

// rpId hash, flags, counter.
const FLAGS_AT = 32
const COUNTER_AT = 33
const AUTHENTICATOR_DATA_BYTES = 37

const base64url = z.string().regex(/^[\w-]+$/)

/** The members WhatsApp Web sends, and no others. */
const assertionShape = z.strictObject({
  id: base64url,
  rawId: base64url,
  type: z.literal('public-key'),
  response: z.strictObject({
    clientDataJSON: base64url,
    authenticatorData: base64url,
    signature: base64url,
    userHandle: base64url.nullable(),
  }),
})

const clientDataShape = z.object({ type: z.string(), challenge: z.string(), origin: z.string() })

/**
 * Checks what a browser made of the request (WebAuthn level 2, section 7.2), and moves the counter of the key on. Each
 * check that holds is added to `verified`, by name. Throws `Silence` at the first that does not.
 */
export function verifyAssertion(
  json: string,
  credentialId: Uint8Array,
  expected: Expectation,
  verified: string[],
): void {
  const { id, rawId, response } = readAssertion(json)
  convince(id === rawId, 'id and rawId of the assertion differ')
  const named = Buffer.from(credentialId).toString('base64url')
  convince(named === rawId, 'credential_id is another one than in the assertion')
  const { allowed } = expected
  convince(allowed.length === 0 || allowed.includes(rawId), 'the passkey is none of allowCredentials')
  const credential = expected.credentials.get(rawId)
  convince(credential !== undefined, 'the account has no such passkey')
  verified.push('credential')

  const clientData = Buffer.from(response.clientDataJSON, 'base64url')
  const { type, challenge, origin } = readClientData(clientData)
  convince(type === 'webauthn.get', `the type in clientDataJSON is ${type}`)
  verified.push('type')
  convince(challenge === expected.challenge, 'the challenge in clientDataJSON is not the latest')
  verified.push('challenge')
  convince(origin === PASSKEY_ORIGIN, `the origin in clientDataJSON is ${origin}`)
  verified.push('origin')

  const data = Buffer.from(response.authenticatorData, 'base64url')
  convince(data.length >= AUTHENTICATOR_DATA_BYTES, 'authenticatorData is too short')
  const rpIdHash = createHash('sha256').update(RP_ID).digest()
  convince(rpIdHash.equals(data.subarray(0, FLAGS_AT)), `authenticatorData is not for ${RP_ID}`)
  verified.push('rpId')
  const flags = data.readUInt8(FLAGS_AT)
  convince((flags & USER_PRESENT) !== 0 && (flags & USER_VERIFIED) !== 0, 'the user was not verified')
  verified.push('flags')

  const signature = Buffer.from(response.signature, 'base64url')
  const isSigned = verify('sha256', signedText(data, clientData), credential.publicKey, signature)
  convince(isSigned, 'the signature of the assertion is wrong')
  verified.push('signature')
  const counter = data.readUInt32BE(COUNTER_AT)
  // Passkeys that several devices share do not count: they stay at zero.
  const isHigher = counter > credential.counter || (counter === 0 && credential.counter === 0)
  convince(isHigher, `the passkey's counter is ${counter} after ${credential.counter}`)
  verified.push('counter')
  credential.counter = counter
}

function readAssertion(json: string): z.infer<typeof assertionShape> {
  const read = assertionShape.safeParse(JSON.parse(json))
  if (read.success) return read.data
  const [issue] = read.error.issues
  throw new Silence(`the assertion is not in WhatsApp's form: ${issue?.path.join('.')}: ${issue?.message}`)
}

function readClientData(encoded: Buffer): z.infer<typeof clientDataShape> {
  try {
    return clientDataShape.parse(JSON.parse(encoded.toString('utf8')))
  } catch {
    // Whoever wrote it is told nothing, as with all that does not fit.
    throw new Silence('clientDataJSON cannot be read')
  }
}
