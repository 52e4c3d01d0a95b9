import { randomInt } from 'node:crypto'
import {
  Curve,
  hmacSign,
  proto,
  WA_ADV_ACCOUNT_SIG_PREFIX,
  WA_ADV_DEVICE_SIG_PREFIX,
} from '../../whatsapp/library/engine.ts'
import type { Account } from '../world/account.ts'
import { unixSeconds } from '../world/node.ts'

/** What the phone signs for a companion. */
export interface SignedOffer {
  deviceId: number
  /** Encoded ADVDeviceIdentity, the text both sides sign. */
  details: Uint8Array
  accountSignature: Uint8Array
  /** Encoded ADVSignedDeviceIdentityHMAC, the body of `<device-identity>` in pair-success. */
  wrapped: Uint8Array
}

/** Signs a companion's identity with the phone's, authenticated by the secret the companion showed in its QR code. */
export function offerIdentity(
  account: Account,
  options: { deviceId: number; companionKey: Uint8Array; advSecret: Buffer },
): SignedOffer {
  const { deviceId, companionKey, advSecret } = options
  const details = proto.ADVDeviceIdentity.encode({
    rawId: randomInt(1, 2 ** 31),
    timestamp: unixSeconds(),
    keyIndex: deviceId,
    accountType: proto.ADVEncryptionType.E2EE,
    deviceType: proto.ADVEncryptionType.E2EE,
  }).finish()
  const accountSignature = Curve.sign(
    account.identity.private,
    Buffer.concat([WA_ADV_ACCOUNT_SIG_PREFIX, details, companionKey]),
  )
  const signed = proto.ADVSignedDeviceIdentity.encode({
    details,
    accountSignatureKey: account.identity.public,
    accountSignature,
  }).finish()
  const hmac = hmacSign(signed, advSecret)
  const wrapped = proto.ADVSignedDeviceIdentityHMAC.encode({ details: signed, hmac }).finish()
  return { deviceId, details, accountSignature, wrapped }
}

/** Checks the companion's countersignature and returns the complete identity. Throws when it does not fit the offer. */
export function completeCompanion(
  account: Account,
  offer: SignedOffer,
  encoded: Uint8Array,
  companionKey: Uint8Array,
): Uint8Array {
  const { details, deviceSignature } = proto.ADVSignedDeviceIdentity.decode(encoded)
  const statement = Buffer.concat([
    WA_ADV_DEVICE_SIG_PREFIX,
    offer.details,
    companionKey,
    account.identity.public,
  ])
  const isSameOffer = details && Buffer.compare(details, offer.details) === 0
  if (!isSameOffer || !deviceSignature || !Curve.verify(companionKey, statement, deviceSignature)) {
    throw new Error('the companion did not sign the identity it was offered')
  }
  return proto.ADVSignedDeviceIdentity.encode({
    details: offer.details,
    accountSignatureKey: account.identity.public,
    accountSignature: offer.accountSignature,
    deviceSignature,
  }).finish()
}
