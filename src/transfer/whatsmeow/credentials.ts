import { InstallationError } from '../../lib/process/installation-error.ts'
import type { Queryable } from '../../store/database/database.ts'
import { type AuthenticationCreds, initAuthCreds, type KeyPair } from '../../whatsapp/library/engine.ts'
import { marked, PRIVATE_BYTES, publicKeyOf } from '../signal/curve-keys.ts'
import { checkSignatures } from '../signal/device-signatures.ts'
import { UnreadableRow } from '../signal/go-json.ts'
import { bytesOf, numberOf, type Row, textOf } from './rows.ts'
import type { Schema } from './schema.ts'

const SIGNATURE_BYTES = 64
const UINT32_MAX = 0xffff_ffff
/** Ids of pre-keys have three bytes on the wire. */
const MAX_PRE_KEY_ID = 0xff_ffff

/** Whose credentials they are. */
export interface Identity {
  /** With device part. */
  jid: string
  /** With device part, '' where it is not known. */
  lid: string
}

/**
 * The credentials in a row of whatsmeow_device. Throws InstallationError unless all signatures in it are those of one
 * account: another row would log in and be thrown out, or log somebody else in.
 */
export async function readCredentials(
  db: Queryable,
  schema: Schema,
  { row, jid, lid }: { row: Row } & Identity,
): Promise<AuthenticationCreds> {
  try {
    const preKeys = await preKeyIds(db, schema, textOf(row, 'jid'))
    const appStateKey = await newestAppStateKey(db, schema, textOf(row, 'jid'))
    return { ...credentialsIn(row, { jid, lid }), ...preKeys, myAppStateKeyId: appStateKey }
  } catch (error) {
    if (!(error instanceof UnreadableRow)) throw error
    throw new InstallationError(`the device ${jid} cannot be taken over: ${error.message}`, { cause: error })
  }
}

function credentialsIn(row: Row, { jid, lid }: Identity): AuthenticationCreds {
  const identity = keyPair(row, 'identity_key')
  const signedPreKey = {
    keyId: numberOf(row, 'signed_pre_key_id', MAX_PRE_KEY_ID),
    keyPair: keyPair(row, 'signed_pre_key'),
    signature: bytesOf(row, 'signed_pre_key_sig', SIGNATURE_BYTES),
  }
  const account = {
    details: bytesOf(row, 'adv_details'),
    accountSignatureKey: bytesOf(row, 'adv_account_sig_key', PRIVATE_BYTES),
    accountSignature: bytesOf(row, 'adv_account_sig', SIGNATURE_BYTES),
    deviceSignature: bytesOf(row, 'adv_device_sig', SIGNATURE_BYTES),
  }
  checkSignatures({ identity: identity.public, signedPreKey, account })

  const name = textOf(row, 'push_name') || textOf(row, 'business_name')
  return {
    ...initAuthCreds(),
    noiseKey: keyPair(row, 'noise_key'),
    signedIdentityKey: identity,
    signedPreKey,
    registrationId: numberOf(row, 'registration_id', UINT32_MAX),
    advSecretKey: bytesOf(row, 'adv_key').toString('base64'),
    account,
    me: { id: jid, ...(lid && { lid }), ...(name && { name }) },
    signalIdentities: [
      {
        identifier: { name: lid || jid, deviceId: 0 },
        identifierKey: marked(account.accountSignatureKey),
      },
    ],
    platform: textOf(row, 'platform'),
    // It is no first login: the server does not send what follows one.
    accountSyncCounter: 1,
    registered: true,
  }
}

/** The library counts pre-keys in the credentials, whatsmeow marks each that was uploaded. */
async function preKeyIds(
  db: Queryable,
  schema: Schema,
  jid: string,
): Promise<Pick<AuthenticationCreds, 'nextPreKeyId' | 'firstUnuploadedPreKeyId'>> {
  if (!schema.has('whatsmeow_pre_keys')) return { nextPreKeyId: 1, firstUnuploadedPreKeyId: 1 }
  const row = await db('whatsmeow_pre_keys')
    .where({ jid })
    .max({ highest: 'key_id', uploaded: db.raw('case when uploaded then key_id end') })
    .first()
  const highest = numberOf({ highest: row?.highest ?? 0 }, 'highest')
  if (highest >= MAX_PRE_KEY_ID)
    throw new UnreadableRow('it has used up all numbers of pre-keys; link it anew')
  // One that was handed out in a retry has a higher number than those that still wait: it must not be uploaded as well.
  return { nextPreKeyId: highest + 1, firstUnuploadedPreKeyId: Number(row?.uploaded ?? 0) + 1 }
}

async function newestAppStateKey(db: Queryable, schema: Schema, jid: string): Promise<string | undefined> {
  if (!schema.has('whatsmeow_app_state_sync_keys')) return undefined
  const row = await db('whatsmeow_app_state_sync_keys')
    .where({ jid })
    .orderBy('timestamp', 'desc')
    .first('key_id')
  return row && bytesOf(row, 'key_id').toString('base64')
}

function keyPair(row: Row, column: string): KeyPair {
  const privateKey = bytesOf(row, column, PRIVATE_BYTES)
  return { private: privateKey, public: publicKeyOf(privateKey) }
}
