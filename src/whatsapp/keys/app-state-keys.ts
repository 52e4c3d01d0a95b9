import {
  type AuthenticationCreds,
  areJidsSameUser,
  type BinaryNode,
  proto,
  type SignalDataSet,
} from '../library/engine.ts'

export type OwnJids = AuthenticationCreds['me']

/** Keys of the settings an account's devices share, by their ids, and which of them is the newest. */
export interface SharedKeys {
  keys: NonNullable<SignalDataSet['app-state-sync-key']>
  newest: string
}

/**
 * The keys that a message of the own phone brings. The library stores them after the message's receipt has left; in a
 * crash between the two they would be lost for good, and with them every change of a chat.
 */
export function sharedKeysIn(
  { attrs }: BinaryNode,
  plaintext: Uint8Array,
  me: OwnJids,
): SharedKeys | undefined {
  const isOwn = areJidsSameUser(attrs.from, me?.id) || areJidsSameUser(attrs.from, me?.lid)
  if (attrs.category !== 'peer' || !isOwn) return undefined
  const message = proto.Message.decode(plaintext)
  const { protocolMessage } = message.deviceSentMessage?.message ?? message
  const keys: SharedKeys['keys'] = {}
  let newest = ''
  for (const { keyId, keyData } of protocolMessage?.appStateSyncKeyShare?.keys ?? []) {
    if (!keyId?.keyId || !keyData) continue
    newest = Buffer.from(keyId.keyId).toString('base64')
    keys[newest] = keyData
  }
  return newest === '' ? undefined : { keys, newest }
}
