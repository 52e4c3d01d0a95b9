import { Curve } from '../../whatsapp/library/engine.ts'
import { marked } from './curve-keys.ts'
import { UnreadableRow } from './go-json.ts'

/** What is signed begins with one of these: devices in the cloud of a business (`hosted`) have marks of their own. */
const ACCOUNT_MARKS = [Buffer.of(6, 0), Buffer.of(6, 5)]
const DEVICE_MARKS = [Buffer.of(6, 1), Buffer.of(6, 6)]

/** What proves that a device is linked. All public keys have 32 bytes. */
export interface SignedDevice {
  identity: Uint8Array
  signedPreKey: { keyPair: { public: Uint8Array }; signature: Uint8Array }
  account: Record<'details' | 'accountSignatureKey' | 'accountSignature' | 'deviceSignature', Buffer>
}

/** Throws UnreadableRow unless the account says that this is its device, and the device says the same. */
export function checkSignatures({ identity, signedPreKey, account }: SignedDevice): void {
  check(
    Curve.verify(identity, marked(signedPreKey.keyPair.public), signedPreKey.signature),
    'the signature of its pre-key is not that of its identity',
  )
  const { details, accountSignatureKey, accountSignature, deviceSignature } = account
  const byAccount = (mark: Buffer) => Buffer.concat([mark, details, identity])
  check(
    ACCOUNT_MARKS.some((mark) => Curve.verify(accountSignatureKey, byAccount(mark), accountSignature)),
    'the account has not signed this identity',
  )
  const byDevice = (mark: Buffer) => Buffer.concat([mark, details, identity, accountSignatureKey])
  check(
    DEVICE_MARKS.some((mark) => Curve.verify(identity, byDevice(mark), deviceSignature)),
    'its own signature does not belong to its identity',
  )
}

function check(isTrue: boolean, why: string): void {
  if (!isTrue) throw new UnreadableRow(why)
}
