import { hkdfSync, randomBytes } from 'node:crypto'
import {
  aesDecryptCTR,
  aesDecryptGCM,
  aesEncryptCTR,
  type BinaryNode,
  Curve,
  derivePairingCodeKey,
  jidDecode,
  type KeyPair,
} from '../../whatsapp/library/engine.ts'
import type { Account } from '../world/account.ts'
import { bytes, child, node } from '../world/node.ts'

/** A companion's request to be linked by a code it shows. */
export interface CompanionHello {
  phone: string
  ref: string
  /** salt (32) | iv (16) | encrypted ephemeral public key (32) */
  wrappedEphemeral: Buffer
}

const SALT_BYTES = 32
const CTR_IV_BYTES = 16
const GCM_IV_BYTES = 12
const BUNDLE_INFO = 'link_code_pairing_key_bundle_encryption_key'
const NOTHING = Buffer.alloc(0)

/** Reads `<link_code_companion_reg stage="companion_hello">`; undefined when parts are missing. */
export function readCompanionHello(step: BinaryNode, ref: string): CompanionHello | undefined {
  const wrappedEphemeral = bytes(child(step, 'link_code_pairing_wrapped_companion_ephemeral_pub'))
  const phone = jidDecode(step.attrs.jid)?.user
  if (!phone || wrappedEphemeral?.length !== SALT_BYTES + CTR_IV_BYTES + 32) return undefined
  return { phone, ref, wrappedEphemeral }
}

/** The phone's side of linking by code, from the moment its owner has typed the code. */
export class LinkCodeExchange {
  /** What the companion is told; the phone's ephemeral key in it is encrypted with the code. */
  readonly primaryHello: BinaryNode
  readonly #account: Account
  readonly #ephemeral: KeyPair
  readonly #companionEphemeral: Buffer

  private constructor(options: {
    account: Account
    ephemeral: KeyPair
    companionEphemeral: Buffer
    primaryHello: BinaryNode
  }) {
    this.#account = options.account
    this.#ephemeral = options.ephemeral
    this.#companionEphemeral = options.companionEphemeral
    this.primaryHello = options.primaryHello
  }

  static async begin(account: Account, hello: CompanionHello, code: string): Promise<LinkCodeExchange> {
    const normalized = code.replace(/[^0-9A-Za-z]/g, '').toUpperCase()
    const companionEphemeral = await unwrap(hello.wrappedEphemeral, normalized)
    const ephemeral = Curve.generateKeyPair()
    const primaryHello = node('link_code_companion_reg', { stage: 'primary_hello' }, [
      node('link_code_pairing_ref', {}, Buffer.from(hello.ref)),
      node('link_code_pairing_wrapped_primary_ephemeral_pub', {}, await wrap(ephemeral.public, normalized)),
      node('primary_identity_pub', {}, account.identity.public),
    ])
    return new LinkCodeExchange({ account, ephemeral, companionEphemeral, primaryHello })
  }

  /** Reads `companion_finish` and returns the ADV secret. Throws when the code was wrong. */
  finish(step: BinaryNode): Buffer {
    const bundle = bytes(child(step, 'link_code_pairing_wrapped_key_bundle'))
    const companionIdentity = bytes(child(step, 'companion_identity_public'))
    if (!bundle || !companionIdentity) throw new Error('malformed companion finish')

    const shared = Curve.sharedKey(this.#ephemeral.private, this.#companionEphemeral)
    const salt = bundle.subarray(0, SALT_BYTES)
    const iv = bundle.subarray(SALT_BYTES, SALT_BYTES + GCM_IV_BYTES)
    const key = Buffer.from(hkdfSync('sha256', shared, salt, BUNDLE_INFO, 32))
    const opened = aesDecryptGCM(bundle.subarray(SALT_BYTES + GCM_IV_BYTES), key, iv, NOTHING)
    const random = opened.subarray(64, 96)

    const identities = Curve.sharedKey(this.#account.identity.private, companionIdentity)
    const secret = Buffer.concat([shared, identities, random])
    return Buffer.from(hkdfSync('sha256', secret, NOTHING, 'adv_secret', 32))
  }
}

async function unwrap(wrapped: Buffer, code: string): Promise<Buffer> {
  const key = await derivePairingCodeKey(code, wrapped.subarray(0, SALT_BYTES))
  const iv = wrapped.subarray(SALT_BYTES, SALT_BYTES + CTR_IV_BYTES)
  return aesDecryptCTR(wrapped.subarray(SALT_BYTES + CTR_IV_BYTES), key, iv)
}

async function wrap(publicKey: Uint8Array, code: string): Promise<Buffer> {
  const salt = randomBytes(SALT_BYTES)
  const iv = randomBytes(CTR_IV_BYTES)
  return Buffer.concat([salt, iv, aesEncryptCTR(publicKey, await derivePairingCodeKey(code, salt), iv)])
}
