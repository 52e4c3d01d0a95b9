import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto'
import { z } from 'zod'
import { savedBytes } from '../saved/shapes.ts'
import { RP_ID } from './options.ts'

/** Where WhatsApp's own page is: browsers use its passkeys nowhere else. */
export const PASSKEY_ORIGIN = 'https://web.whatsapp.com'

/** Somebody was there, and proved to be the owner. */
export const USER_PRESENT = 0x01
export const USER_VERIFIED = 0x04

/** What an assertion holds in JSON: base64url without padding. */
export interface Assertion {
  id: string
  rawId: string
  type: 'public-key'
  response: {
    clientDataJSON: string
    authenticatorData: string
    signature: string
    userHandle: string | null
  }
}

/** The part of a WebAuthn request that an authenticator looks at. */
export interface AssertionRequest {
  challenge: string
  rpId?: string
  allowCredentials?: { id: string }[]
}

/** What an assertion is to have that an honest one has not. */
export interface Deviations {
  /** The page that asked; WhatsApp Web by default. */
  origin?: string
  /** In place of `webauthn.get`. */
  type?: string
  challenge?: string
  rpId?: string
  /** The byte of flags; 5 (present and verified) by default. */
  flags?: number
  counter?: number
  /** The id of another passkey, base64url. */
  credentialId?: string
  /** Signed by a key that nobody knows. */
  foreignKey?: boolean
}

/** A passkey as it is saved; the key is PKCS #8. */
export const savedAuthenticator = z.object({
  credentialId: z.string(),
  userHandle: z.string(),
  privateKey: savedBytes,
  counter: z.int().nonnegative(),
})

/** A passkey in software: a P-256 key that signs whatever it is asked to, as a person does who confirms everything. */
export class SoftwareAuthenticator {
  /** base64url */
  readonly credentialId: string
  readonly publicKey: KeyObject
  readonly #userHandle: string
  readonly #privateKey: KeyObject
  #counter: number

  constructor(saved?: z.output<typeof savedAuthenticator>) {
    this.credentialId = saved?.credentialId ?? randomBytes(32).toString('base64url')
    this.#userHandle = saved?.userHandle ?? randomBytes(32).toString('base64url')
    this.#privateKey = saved ? readPrivateKey(saved.privateKey) : newPrivateKey()
    this.publicKey = createPublicKey(this.#privateKey)
    this.#counter = saved?.counter ?? 0
  }

  toJson(): z.input<typeof savedAuthenticator> {
    return {
      credentialId: this.credentialId,
      userHandle: this.#userHandle,
      privateKey: this.#privateKey.export({ type: 'pkcs8', format: 'der' }),
      counter: this.#counter,
    }
  }

  /** Throws when the request is for other passkeys. */
  assert(request: AssertionRequest, deviations: Deviations = {}): Assertion {
    const allowed = request.allowCredentials ?? []
    if (allowed.length > 0 && !allowed.some(({ id }) => id === this.credentialId)) {
      throw new Error('the request is for other passkeys')
    }
    this.#counter += 1
    const clientData = Buffer.from(
      JSON.stringify({
        type: deviations.type ?? 'webauthn.get',
        challenge: deviations.challenge ?? request.challenge,
        origin: deviations.origin ?? PASSKEY_ORIGIN,
        crossOrigin: false,
      }),
    )
    const authenticatorData = authenticatorDataOf({
      rpId: deviations.rpId ?? request.rpId ?? RP_ID,
      flags: deviations.flags ?? USER_PRESENT | USER_VERIFIED,
      counter: deviations.counter ?? this.#counter,
    })
    const key = deviations.foreignKey ? newPrivateKey() : this.#privateKey
    const id = deviations.credentialId ?? this.credentialId
    return {
      id,
      rawId: id,
      type: 'public-key',
      response: {
        clientDataJSON: clientData.toString('base64url'),
        authenticatorData: authenticatorData.toString('base64url'),
        // ES256 in DER, as WebAuthn has it.
        signature: sign('sha256', signedText(authenticatorData, clientData), key).toString('base64url'),
        userHandle: this.#userHandle,
      },
    }
  }
}

function newPrivateKey(): KeyObject {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
}

function readPrivateKey(encoded: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.from(encoded), type: 'pkcs8', format: 'der' })
}

/** What an authenticator signs. */
export function signedText(authenticatorData: Uint8Array, clientData: Uint8Array): Buffer {
  return Buffer.concat([authenticatorData, createHash('sha256').update(clientData).digest()])
}

/** SHA-256 of the rpId | flags | counter */
function authenticatorDataOf({
  rpId,
  flags,
  counter,
}: {
  rpId: string
  flags: number
  counter: number
}): Buffer {
  const tail = Buffer.alloc(5)
  tail.writeUInt8(flags, 0)
  tail.writeUInt32BE(counter, 1)
  return Buffer.concat([createHash('sha256').update(rpId).digest(), tail])
}
