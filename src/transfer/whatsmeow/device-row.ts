import { InstallationError } from '../../lib/process/installation-error.ts'
import type { SourceDevice } from '../device.ts'
import type { Schema } from './schema.ts'

/** A row of whatsmeow_device. */
export interface DeviceRow extends Record<string, unknown> {
  identity_key: Buffer
}

/** The row of a device; leaves out what a store of this schema has no column for. Throws InstallationError. */
export function deviceRow({ jid, lid, creds, extra }: SourceDevice, schema: Schema): DeviceRow {
  const { account, signedPreKey } = creds
  if (
    !account?.details ||
    !account.accountSignature ||
    !account.accountSignatureKey ||
    !account.deviceSignature
  )
    throw new InstallationError(`the device ${jid} is not linked; there is nothing to write`)
  const row: DeviceRow = {
    jid,
    lid: lid || null,
    facebook_uuid: extra.facebookUuid ?? null,
    registration_id: creds.registrationId,
    noise_key: Buffer.from(creds.noiseKey.private),
    identity_key: Buffer.from(creds.signedIdentityKey.private),
    signed_pre_key: Buffer.from(signedPreKey.keyPair.private),
    signed_pre_key_id: signedPreKey.keyId,
    signed_pre_key_sig: Buffer.from(signedPreKey.signature),
    adv_key: Buffer.from(creds.advSecretKey, 'base64'),
    adv_details: bytes(account.details),
    adv_account_sig: bytes(account.accountSignature),
    adv_account_sig_key: bytes(account.accountSignatureKey),
    adv_device_sig: bytes(account.deviceSignature),
    platform: creds.platform ?? '',
    push_name: creds.me?.name ?? '',
    lid_migration_ts: Number(extra.lidMigrationTs ?? 0),
    companion_meta_nonce: extra.companionMetaNonce ?? '',
  }
  const columns = schema.get('whatsmeow_device')
  // Every schema has the columns of keys.
  return Object.fromEntries(Object.entries(row).filter(([name]) => columns?.has(name))) as DeviceRow
}

/** What was linked here was written by the protobuf class, whose JSON has base64 for bytes. */
function bytes(value: Uint8Array | string): Buffer {
  return typeof value === 'string' ? Buffer.from(value, 'base64') : Buffer.from(value)
}
