import { onSameDevice } from '../../lib/jid.ts'
import { type AuthenticationCreds, initAuthCreds, type KeyPair } from '../../whatsapp/library/engine.ts'
import { marked, PRIVATE_BYTES, publicKeyOf } from '../signal/curve-keys.ts'
import { checkSignatures, type SignedDevice } from '../signal/device-signatures.ts'
import { UnreadableRow } from '../signal/go-json.ts'
import { addressOfJid, isPhone } from '../whatsmeow/address.ts'
import { bytesIn, membersOf, numberIn } from './json.ts'

const SIGNATURE_BYTES = 64
const UINT32_MAX = 0xffff_ffff
/** Ids of pre-keys have three bytes on the wire. */
const MAX_PRE_KEY_ID = 0xff_ffff

/** The JID with device part that credentials belong to, '' before they were linked. Never throws. */
export function jidIn(written: unknown): string {
  try {
    const { id } = membersOf(membersOf(written, 'it').me, 'its account')
    return typeof id === 'string' && isDevice(id) ? id : ''
  } catch {
    return ''
  }
}

/**
 * The credentials that a release of the library has written. Throws UnreadableRow unless all signatures in them are those
 * of one account: others would log in and be thrown out.
 */
export function credentialsIn(written: unknown): AuthenticationCreds {
  const from = membersOf(written, 'it')
  const jid = jidIn(written)
  if (jid === '') throw new UnreadableRow('it was never linked')
  const me = membersOf(from.me, 'its account')
  const lid = typeof me.lid === 'string' && me.lid !== '' ? onSameDevice(me.lid, jid) : ''
  const name = [me.name, me.verifiedName, me.notify].find((one) => typeof one === 'string' && one !== '')

  const identity = pairIn(from.signedIdentityKey, 'its identity')
  const signed = membersOf(from.signedPreKey, 'its signed pre-key')
  const signedPreKey = {
    keyId: numberIn(signed.keyId, 'the number of its signed pre-key', MAX_PRE_KEY_ID),
    keyPair: pairIn(signed.keyPair, 'its signed pre-key'),
    signature: bytesIn(signed.signature, 'the signature of its pre-key', SIGNATURE_BYTES),
  }
  const account = accountIn(from.account)
  checkSignatures({ identity: identity.public, signedPreKey, account })

  const fresh = initAuthCreds()
  return {
    ...fresh,
    noiseKey: pairIn(from.noiseKey, 'its noise key'),
    signedIdentityKey: identity,
    signedPreKey,
    registrationId: numberIn(from.registrationId, 'its registration id', UINT32_MAX),
    // Needed for linking alone.
    advSecretKey: typeof from.advSecretKey === 'string' ? from.advSecretKey : fresh.advSecretKey,
    account,
    me: { id: jid, ...(lid && { lid }), ...(typeof name === 'string' && { name }) },
    signalIdentities: [
      {
        identifier: { name: lid || jid, deviceId: 0 },
        identifierKey: marked(account.accountSignatureKey),
      },
    ],
    ...(typeof from.platform === 'string' && { platform: from.platform }),
    ...(typeof from.myAppStateKeyId === 'string' && { myAppStateKeyId: from.myAppStateKeyId }),
    nextPreKeyId: numberIn(from.nextPreKeyId ?? 1, 'the number of its next pre-key', MAX_PRE_KEY_ID),
    firstUnuploadedPreKeyId: numberIn(
      from.firstUnuploadedPreKeyId ?? from.nextPreKeyId ?? 1,
      'the number of its next pre-key',
      MAX_PRE_KEY_ID,
    ),
    ...(Number.isSafeInteger(from.lastAccountSyncTimestamp) && {
      lastAccountSyncTimestamp: Number(from.lastAccountSyncTimestamp),
    }),
    // It is no first login: the server does not send what follows one.
    accountSyncCounter: Math.max(numberIn(from.accountSyncCounter ?? 1, 'a counter'), 1),
    // Releases differ in whether they set it after a scan.
    registered: true,
  }
}

function accountIn(written: unknown): SignedDevice['account'] {
  if (written === undefined || written === null) throw new UnreadableRow('its linking was never finished')
  const account = membersOf(written, 'the signature of its account')
  return {
    details: bytesIn(account.details, 'its details'),
    accountSignatureKey: bytesIn(account.accountSignatureKey, 'the key of its account', PRIVATE_BYTES),
    accountSignature: bytesIn(account.accountSignature, 'the signature of its account', SIGNATURE_BYTES),
    deviceSignature: bytesIn(account.deviceSignature, 'its own signature', SIGNATURE_BYTES),
  }
}

/** The public half is computed: releases differ in whether it has a mark. */
export function pairIn(written: unknown, name: string): KeyPair {
  const privateKey = bytesIn(membersOf(written, name).private, name, PRIVATE_BYTES)
  return { private: privateKey, public: publicKeyOf(privateKey) }
}

function isDevice(jid: string): boolean {
  const address = addressOfJid(jid)
  return address !== undefined && isPhone(address) && address.device > 0
}
