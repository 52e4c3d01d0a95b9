import { keyText } from '../../whatsapp/keys/key-text.ts'
import { LT_HASH_ANTI_TAMPERING, proto } from '../../whatsapp/library/engine.ts'
import type { DeviceKey, Note } from '../device.ts'
import { UnreadableRow } from '../signal/go-json.ts'
import { bytesOf, numberOf, type Row, readRows, textOf } from './rows.ts'
import type { DeviceRows } from './sessions.ts'
import { takenOrNoted } from './taking.ts'

const HASH_BYTES = 128
const MAC_BYTES = 32
const MOST_KEY_BYTES = 1_024
/** What is left out is asked for anew, whole; nothing is lost by that. */
const COLLECTIONS = new Set([
  'critical_block',
  'critical_unblock_low',
  'regular_high',
  'regular_low',
  'regular',
])

/** The keys of the settings that the devices of an account share. */
export async function* readAppStateKeys(
  { db, schema, jid }: Omit<DeviceRows, 'lids'>,
  note: Note,
): AsyncGenerator<DeviceKey[]> {
  const wanted = {
    table: 'whatsmeow_app_state_sync_keys',
    of: { column: 'jid', jid },
    key: ['key_id'],
    columns: ['key_data', 'timestamp', 'fingerprint'],
  }
  for await (const rows of readRows(db, schema, wanted)) {
    yield rows.flatMap((row) => {
      const whose = row.key_id instanceof Uint8Array ? Buffer.from(row.key_id).toString('hex') : ''
      return (
        takenOrNoted(note, { what: 'key of shared settings', whose }, () => {
          const value = proto.Message.AppStateSyncKeyData.create({
            keyData: bytesOf(row, 'key_data'),
            fingerprint: fingerprintIn(row),
            timestamp: numberOf(row, 'timestamp'),
          })
          if (!value.keyData || value.keyData.length === 0 || value.keyData.length > MOST_KEY_BYTES)
            throw new UnreadableRow('key_data is no key')
          const id = bytesOf(row, 'key_id').toString('base64')
          return { kind: 'app-state-sync-key' as const, id, text: keyText('app-state-sync-key', value) }
        }) ?? []
      )
    })
  }
}

/** The collections of shared settings, as far as what is stored of each adds up. */
export async function* readAppStateVersions(
  device: Omit<DeviceRows, 'lids'>,
  note: Note,
): AsyncGenerator<DeviceKey[]> {
  const { db, schema, jid } = device
  const wanted = {
    table: 'whatsmeow_app_state_version',
    of: { column: 'jid', jid },
    key: ['name'],
    columns: ['version', 'hash'],
  }
  for await (const rows of readRows(db, schema, wanted)) {
    for (const row of rows) {
      const name = textOf(row, 'name')
      const macs = await macsOf(device, name)
      const key = takenOrNoted(note, { what: 'collection of shared settings', whose: name }, () =>
        collection(row, macs),
      )
      if (key) yield [key]
    }
  }
}

function collection(row: Row, macs: Map<string, Buffer> | undefined): DeviceKey {
  if (!macs) throw new UnreadableRow('one of its entries is damaged')
  const hash = bytesOf(row, 'hash', HASH_BYTES)
  return collectionKey({ name: textOf(row, 'name'), version: numberOf(row, 'version'), hash, macs })
}

/**
 * A collection of shared settings as a key; `macs` are the values of its entries by their indices, base64. Throws
 * UnreadableRow when there is no such collection, or it does not add up.
 */
export function collectionKey({
  name,
  version,
  hash,
  macs,
}: {
  name: string
  version: number
  hash: Buffer
  macs: Map<string, Buffer>
}): DeviceKey {
  if (!COLLECTIONS.has(name)) throw new UnreadableRow('there is no such collection')
  // The hash is the sum over all entries: one that is missing, or too many, shows.
  const sum = LT_HASH_ANTI_TAMPERING.subtractThenAdd(new Uint8Array(HASH_BYTES), [], [...macs.values()])
  if (version === 0 || !hash.equals(sum)) throw new UnreadableRow('its entries do not add up')
  const indexValueMap = Object.fromEntries([...macs].map(([index, valueMac]) => [index, { valueMac }]))
  const text = keyText('app-state-sync-version', { version, hash, indexValueMap })
  return { kind: 'app-state-sync-version', id: name, text }
}

/** The newest value of each entry of a collection; undefined when one cannot be read. */
async function macsOf(
  { db, schema, jid }: Omit<DeviceRows, 'lids'>,
  collectionName: string,
): Promise<Map<string, Buffer> | undefined> {
  const macs = new Map<string, Buffer>()
  // Ordered by version: what is read later is newer.
  const wanted = {
    table: 'whatsmeow_app_state_mutation_macs',
    of: { column: 'jid', jid },
    and: { name: collectionName },
    key: ['version', 'index_mac'],
    columns: ['value_mac'],
  }
  for await (const rows of readRows(db, schema, wanted)) {
    for (const row of rows) {
      const [index, value] = [row.index_mac, row.value_mac]
      if (!(index instanceof Uint8Array) || !(value instanceof Uint8Array)) return undefined
      if (index.length !== MAC_BYTES || value.length !== MAC_BYTES) return undefined
      macs.set(Buffer.from(index).toString('base64'), Buffer.from(value))
    }
  }
  return macs
}

function fingerprintIn(row: Row): proto.Message.IAppStateSyncKeyFingerprint {
  try {
    return proto.Message.AppStateSyncKeyFingerprint.decode(bytesOf(row, 'fingerprint'))
  } catch {
    throw new UnreadableRow('its fingerprint is damaged')
  }
}
