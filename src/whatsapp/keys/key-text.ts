import {
  type AuthenticationCreds,
  BufferJSON,
  jidDecode,
  proto,
  type SignalDataTypeMap,
  WAJIDDomains,
} from '../library/engine.ts'

/** What is stored under the name of each kind: the library's own, and the ids of used pre-keys. */
export type KeyValues = SignalDataTypeMap & { 'used-pre-keys': string[] }

export type KeyKind = keyof KeyValues

/** A key as the text that is stored. */
export function keyText(kind: KeyKind, value: unknown): string {
  return JSON.stringify(value, kind === 'session' ? undefined : BufferJSON.replacer)
}

/** The key behind a stored text. */
export function keyFromText<Kind extends KeyKind>(kind: Kind, text: string): KeyValues[Kind] {
  const value: unknown = parse(kind, text)
  // The text was made by `keyText` from a value of this kind.
  return value as KeyValues[Kind]
}

function parse(kind: KeyKind, text: string): unknown {
  // The two most frequent kinds hold no bytes: sessions are plain JSON already, up to 35 KB, and pairs are texts.
  if (kind === 'session' || kind === 'lid-mapping') return JSON.parse(text)
  const value: unknown = JSON.parse(text, BufferJSON.reviver)
  // The library calls methods of the protobuf class on these.
  if (kind === 'app-state-sync-key') return proto.Message.AppStateSyncKeyData.fromObject(value as object)
  return value
}

/**
 * Removes the stored message keys from a sender key of our own that the library as it is published wrote: it keeps one for
 * every second message it sends, and nobody asks for them (`patches/group-chain.ts`).
 * `id` is `group::user::device`; sender keys of others, other devices of ours included, are returned as they are.
 */
export function trimOwnSenderKey(id: string, value: Uint8Array, me: AuthenticationCreds['me']): Uint8Array {
  if (!isOwnSenderKey(id, me)) return value
  // The library's own serialisation: a list of states.
  const states = JSON.parse(Buffer.from(value).toString('utf8')) as { senderMessageKeys: unknown[] }[]
  for (const state of states) state.senderMessageKeys = []
  return Buffer.from(JSON.stringify(states))
}

function isOwnSenderKey(id: string, me: AuthenticationCreds['me']): boolean {
  const [, user, device] = id.split('::')
  return [me?.id, me?.lid].some((jid) => {
    const own = jid ? jidDecode(jid) : undefined
    if (!own) return false
    // The library marks users of other domains with the number of the domain; the phone number domain is 0.
    const name = own.domainType === WAJIDDomains.WHATSAPP ? own.user : `${own.user}_${own.domainType}`
    // Device 0 is the phone. A LID that came without its device must not make the phone's sender keys ours.
    return name === user && device !== '0' && String(own.device) === device
  })
}
