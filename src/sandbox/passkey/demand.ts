import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import { z } from 'zod'
import { savedBytes } from '../saved/shapes.ts'
import type { RegisteredKey } from './assertion.ts'
import { SoftwareAuthenticator, savedAuthenticator } from './authenticator.ts'
import type { PasskeyCeremony } from './ceremony.ts'
import { REQUEST_MS } from './options.ts'

/** With these a request stays within the 4096 bytes that WhatsApp Web takes. */
export const MAX_CREDENTIALS = 20
const MAX_CREDENTIAL_ID = 128

/** The id of a passkey. */
export const credentialIdShape = z
  .string()
  .max(MAX_CREDENTIAL_ID)
  .regex(/^[\w-]+$/, 'base64url without padding')

/** Where a ceremony can be made to fail. */
const FAILING_STEPS = [
  'options',
  'ref',
  'prologue',
  'silent-after-prologue',
  'nonce',
  'request',
  'old-secret',
] as const

/** How long the proof of being the scanned companion stands, from the notification on. */
const HANDOFF_MS = 300_000
/** A minute more than companions wait for the phone, four times over. */
const LONGEST_DELAY_MS = 600_000

/** How an account's links with a passkey go. */
export const demandShape = z.strictObject({
  /** The notification holds the WebAuthn request; otherwise the companion has to fetch it. */
  embed: z.boolean().default(true),
  /** Ids the request names: all registered ones, or these. Real requests name none. */
  allowCredentials: z.union([z.boolean(), z.array(credentialIdShape).max(MAX_CREDENTIALS)]).default(false),
  /** The proof that spares the code: without it the phone does not go on, with it no code is needed, or it counts nothing. */
  handoff: z.enum(['require', 'allow', 'ignore']).default('allow'),
  /** How long the phone takes before each of its steps. */
  delayMs: z.int().nonnegative().max(LONGEST_DELAY_MS).default(0),
  failAt: z.enum(FAILING_STEPS).optional(),
  /** What a query that is to fail is answered with. */
  failCode: z.int().default(400),
  /** The notification comes a second time, with a new challenge: once it is acknowledged, or after the prologue. */
  repeatNotification: z.enum(['acknowledged', 'prologue']).optional(),
  /** A companion that shows letters is told first that its code was renewed. */
  refreshCode: z.boolean().default(false),
  /** A notification comes from this JID first, which has no right to one. */
  foreignFrom: z.string().optional(),
  /** Texts are written as strings where bytes are usual; clients read them differently. */
  stringContent: z.boolean().default(false),
  /** How long a challenge stands, and how long the proof does from the notification on. */
  optionsTtlMs: z.int().nonnegative().default(REQUEST_MS),
  handoffTtlMs: z.int().nonnegative().default(HANDOFF_MS),
})

/** How an account's links with a passkey go. */
export type PasskeyDemand = z.output<typeof demandShape>

/** The passkeys of an account as they are saved; without credentials its own alone is registered. Keys are SPKI. */
export const savedPasskey = z.object({
  authenticator: savedAuthenticator,
  demand: demandShape.optional(),
  ownCounter: z.int().nonnegative(),
  credentials: z
    .array(z.object({ id: z.string(), publicKey: savedBytes, counter: z.int().nonnegative() }))
    .optional(),
})

/** A passkey as it is registered: the id is base64url, the key SPKI in base64 or a JWK. */
export interface NewCredential {
  id: string
  publicKey: string | JsonWebKey
}

/** The passkeys of an account, whether the service demands one when a companion is linked, and the latest ceremony. */
export class AccountPasskey {
  /** A key of the account's own, registered unless others were named. */
  readonly authenticator: SoftwareAuthenticator
  demand: PasskeyDemand | undefined
  readonly #own: Map<string, RegisteredKey>
  #credentials: Map<string, RegisteredKey>
  #ceremony: PasskeyCeremony | undefined
  readonly #listeners: (() => void)[] = []

  constructor(saved?: z.output<typeof savedPasskey>) {
    this.authenticator = new SoftwareAuthenticator(saved?.authenticator)
    this.demand = saved?.demand
    const { credentialId, publicKey } = this.authenticator
    this.#own = new Map([[credentialId, { publicKey, counter: saved?.ownCounter ?? 0 }]])
    const registered = saved?.credentials?.map(({ id, publicKey, counter }): [string, RegisteredKey] => [
      id,
      { publicKey: readKey(Buffer.from(publicKey).toString('base64')), counter },
    ])
    this.#credentials = registered ? new Map(registered) : this.#own
  }

  toJson(): z.input<typeof savedPasskey> {
    const [own] = this.#own.values()
    const registered = [...this.#credentials].map(([id, { publicKey, counter }]) => ({
      id,
      publicKey: publicKey.export({ type: 'spki', format: 'der' }),
      counter,
    }))
    return {
      authenticator: this.authenticator.toJson(),
      demand: this.demand,
      ownCounter: own?.counter ?? 0,
      credentials: this.#credentials === this.#own ? undefined : registered,
    }
  }

  /** By credential id, base64url. */
  get credentials(): ReadonlyMap<string, RegisteredKey> {
    return this.#credentials
  }

  get ceremony(): PasskeyCeremony | undefined {
    return this.#ceremony
  }

  /** Registers these in place of all others; without any, the account's own key alone. Throws for what is no P-256 key. */
  register(credentials: NewCredential[] | undefined): void {
    this.#credentials = credentials
      ? new Map(credentials.map(({ id, publicKey }) => [id, { publicKey: readKey(publicKey), counter: 0 }]))
      : this.#own
  }

  begun(ceremony: PasskeyCeremony): void {
    this.#ceremony = ceremony
    for (const listener of this.#listeners.splice(0)) listener()
  }

  /** Resolves when the next companion is asked for a passkey. */
  nextCeremony(): Promise<void> {
    return new Promise((resolve) => {
      this.#listeners.push(resolve)
    })
  }
}

function readKey(written: string | JsonWebKey): KeyObject {
  const key =
    typeof written === 'string'
      ? createPublicKey({ key: Buffer.from(written, 'base64'), format: 'der', type: 'spki' })
      : createPublicKey({ key: written, format: 'jwk' })
  if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') throw new Error('a passkey is a key of P-256')
  return key
}
