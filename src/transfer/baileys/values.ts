import { type KeyKind, keyText, trimOwnSenderKey } from '../../whatsapp/keys/key-text.ts'
import { type AuthenticationCreds, BufferJSON, proto } from '../../whatsapp/library/engine.ts'
import type { DeviceKey } from '../device.ts'
import { checkPublic } from '../signal/curve-keys.ts'
import { UnreadableRow } from '../signal/go-json.ts'
import { checkSenderKey } from '../signal/sender-key.ts'
import { readLibraryAddress, readSenderKeyName } from '../whatsmeow/address.ts'
import { collectionKey } from '../whatsmeow/app-state.ts'
import { pairIn } from './credentials.ts'
import { bytesIn, membersOf, numberIn } from './json.ts'
import { checkedSession } from './session.ts'

const MOST_TOKEN_BYTES = 4_096
const MOST_KEY_BYTES = 1_024
const MAC_BYTES = 32
/** The user part of a JID, and which of the two ways a pair is read. */
const PAIR_ID = /^\d{1,20}(_reverse)?$/
const USER = /^\d{1,20}$/

/** A key as it is written, and whose device it belongs to. */
export interface WrittenKey {
  id: string
  value: unknown
  me: AuthenticationCreds['me']
}

/** How each kind is taken over. What is not listed is learnt anew: who has which devices, and who holds our sender keys. */
const takers: Partial<Record<KeyKind, (key: WrittenKey) => DeviceKey>> = {
  session: ({ id, value }) => {
    if (!readLibraryAddress(id)) throw new UnreadableRow('this is no address of a device')
    return { kind: 'session', id, text: keyText('session', checkedSession(value)) }
  },

  'identity-key': ({ id, value }) => {
    if (!readLibraryAddress(id)) throw new UnreadableRow('this is no address of a device')
    const identity = bytesIn(value, 'it')
    checkPublic(identity, 'it')
    return { kind: 'identity-key', id, text: keyText('identity-key', identity) }
  },

  'pre-key': ({ id, value }) => ({
    kind: 'pre-key',
    id: String(numberIn(id, 'its number')),
    text: keyText('pre-key', pairIn(value, 'it')),
  }),

  'sender-key': ({ id, value, me }) => {
    if (!readSenderKeyName(id)) throw new UnreadableRow('this is no device in a group')
    const bytes = senderKeyBytes(value)
    checkSenderKey(bytes)
    return { kind: 'sender-key', id, text: keyText('sender-key', trimOwnSenderKey(id, bytes, me)) }
  },

  'lid-mapping': ({ id, value }) => {
    if (!PAIR_ID.test(id) || typeof value !== 'string' || !USER.test(value))
      throw new UnreadableRow('this is no pair')
    return { kind: 'lid-mapping', id, text: keyText('lid-mapping', value) }
  },

  'app-state-sync-key': ({ id, value }) => {
    const written = membersOf(value, 'it')
    const keyData = bytesIn(written.keyData, 'it')
    if (keyData.length === 0 || keyData.length > MOST_KEY_BYTES) throw new UnreadableRow('it is no key')
    const key = proto.Message.AppStateSyncKeyData.fromObject({ ...written, keyData })
    return { kind: 'app-state-sync-key', id, text: keyText('app-state-sync-key', key) }
  },

  'app-state-sync-version': ({ id, value }) => {
    const { version, hash, indexValueMap } = membersOf(value, 'it')
    const macs = Object.entries(membersOf(indexValueMap, 'its list')).map(
      ([index, entry]) =>
        [index, bytesIn(membersOf(entry, 'an entry').valueMac, 'an entry', MAC_BYTES)] as const,
    )
    return collectionKey({
      name: id,
      version: numberIn(version, 'its version'),
      hash: bytesIn(hash, 'its hash'),
      macs: new Map(macs),
    })
  },

  tctoken: ({ id, value }) => {
    const { token, timestamp, senderTimestamp } = membersOf(value, 'it')
    const bytes = bytesIn(token, 'it')
    if (bytes.length === 0 || bytes.length > MOST_TOKEN_BYTES) throw new UnreadableRow('it is no token')
    const kept = {
      token: bytes,
      ...(timestamp !== undefined && { timestamp: String(numberIn(timestamp, 'its time')) }),
      ...(senderTimestamp !== undefined && { senderTimestamp: numberIn(senderTimestamp, 'its time') }),
    }
    return { kind: 'tctoken', id, text: keyText('tctoken', kept) }
  },
}

/** Whether keys of this kind are taken over. */
export function isTaken(kind: KeyKind): boolean {
  return takers[kind] !== undefined
}

/** A key as it is to be stored. Throws UnreadableRow when it is damaged. */
export function takeKey(kind: KeyKind, written: WrittenKey): DeviceKey {
  const take = takers[kind]
  if (!take) throw new UnreadableRow('it is of no known kind')
  try {
    return take(written)
  } catch (error) {
    if (error instanceof UnreadableRow) throw error
    // What protobuf says of a wrong value quotes it.
    throw new UnreadableRow('it is cut off or damaged')
  }
}

/** First releases wrote the list of states itself, without packing it. */
function senderKeyBytes(value: unknown): Buffer {
  return Array.isArray(value) ? Buffer.from(JSON.stringify(value, BufferJSON.replacer)) : bytesIn(value, 'it')
}
