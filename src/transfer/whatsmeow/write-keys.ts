import { chunked, insertChunked, type Transaction } from '../../store/database/database.ts'
import { keyFromText } from '../../whatsapp/keys/key-text.ts'
import { proto } from '../../whatsapp/library/engine.ts'
import type { DeviceKey, Note, SourceDevice } from '../device.ts'
import { marked, PRIVATE_BYTES, PUBLIC_BYTES } from '../signal/curve-keys.ts'
import { UnreadableRow } from '../signal/go-json.ts'
import type { LibraryRecord } from '../signal/library-session.ts'
import { freshestSenderKey, senderKeyToGo } from '../signal/sender-key.ts'
import { type OwnSide, sessionToGo } from '../signal/session-to-go.ts'
import { isPhone, readLibraryAddress, readSenderKeyName, whatsmeowAddress } from './address.ts'
import { lidForms, lidsIn } from './lids.ts'
import type { Schema } from './schema.ts'
import { takenOrNoted } from './taking.ts'

interface Target {
  trx: Transaction
  schema: Schema
  device: SourceDevice
  own: OwnSide
}

type Kind = DeviceKey['kind']
type Write = (target: Target, keys: DeviceKey[], note: Note) => Promise<void>

/** How a portion of each kind is written; what is not here has no place in whatsmeow, which finds it out again. */
const writers: Partial<Record<Kind, Write>> = {
  'lid-mapping': writePairs,
  'pre-key': writePreKeys,
  'app-state-sync-key': writeAppStateKeys,
  'app-state-sync-version': writeAppStateVersions,
  tctoken: writeTokens,
}

/** What is filed under a name of its owner, which has to be the LID where that is known. */
const named: Partial<Record<Kind, Write>> = {
  session: writeSessions,
  'identity-key': writeIdentities,
  'sender-key': writeSenderKeys,
  // After all pre-keys.
  'used-pre-keys': removeUsedPreKeys,
}

/**
 * Writes the keys of a device. They are read twice: which LID belongs to a number has to be known before what is filed
 * under either.
 */
export async function writeKeys(
  trx: Transaction,
  { device, schema }: { device: SourceDevice; schema: Schema },
  note: Note,
): Promise<void> {
  const { registrationId, signedIdentityKey } = device.creds
  const own = { identity: marked(signedIdentityKey.public), registrationId }
  const target = { trx, schema, device, own }
  for (const table of [writers, named]) {
    for await (const keys of device.keys(note))
      for (const [kind, some] of byKind(keys)) await table[kind]?.(target, some, note)
  }
}

function byKind(keys: DeviceKey[]): Map<Kind, DeviceKey[]> {
  const kinds = new Map<Kind, DeviceKey[]>()
  for (const key of keys) {
    const some = kinds.get(key.kind) ?? []
    kinds.set(key.kind, some)
    some.push(key)
  }
  return kinds
}

async function writePairs({ trx }: Target, keys: DeviceKey[]): Promise<void> {
  const pairs = keys
    .filter(({ id }) => !id.endsWith('_reverse'))
    .map(({ id, text }) => ({ pn: id, lid: keyFromText('lid-mapping', text) }))
  // A number that was given up may still lead to its former LID.
  const rows = [...new Map(pairs.map((pair) => [pair.lid, pair])).values()]
  for (const some of chunked(rows)) {
    const numbers = some.map(({ pn }) => pn)
    await trx('whatsmeow_lid_map').whereIn('pn', numbers).delete()
    await trx('whatsmeow_lid_map').insert(some).onConflict('lid').merge()
  }
}

async function writePreKeys({ trx, device }: Target, keys: DeviceKey[]): Promise<void> {
  const rows = keys.map(({ id, text }) => ({
    jid: device.jid,
    key_id: Number(id),
    key: Buffer.from(keyFromText('pre-key', text).private),
    uploaded: Number(id) < device.creds.firstUnuploadedPreKeyId,
  }))
  await insertChunked(trx, 'whatsmeow_pre_keys', rows)
}

/** whatsmeow keeps none that was used: it would count as one that the server can still hand out. */
async function removeUsedPreKeys({ trx, device }: Target, keys: DeviceKey[]): Promise<void> {
  for (const { text } of keys)
    for (const ids of chunked(keyFromText('used-pre-keys', text)))
      await trx('whatsmeow_pre_keys').where({ jid: device.jid }).whereIn('key_id', ids.map(Number)).delete()
}

async function writeAppStateKeys({ trx, device }: Target, keys: DeviceKey[]): Promise<void> {
  const rows = keys.map(({ id, text }) => {
    const { keyData, fingerprint, timestamp } = keyFromText('app-state-sync-key', text)
    return {
      jid: device.jid,
      key_id: Buffer.from(id, 'base64'),
      key_data: Buffer.from(keyData ?? []),
      timestamp: Number(timestamp ?? 0),
      fingerprint: Buffer.from(proto.Message.AppStateSyncKeyFingerprint.encode(fingerprint ?? {}).finish()),
    }
  })
  await insertChunked(trx, 'whatsmeow_app_state_sync_keys', rows)
}

async function writeAppStateVersions({ trx, device }: Target, keys: DeviceKey[]): Promise<void> {
  for (const { id: name, text } of keys) {
    const { version, hash, indexValueMap } = keyFromText('app-state-sync-version', text)
    // A collection that was never read is one that is not there.
    if (version === 0) continue
    const { jid } = device
    await trx('whatsmeow_app_state_version').insert({ jid, name, version, hash: Buffer.from(hash) })
    const macs = Object.entries(indexValueMap).map(([index, { valueMac }]) => ({
      jid,
      name,
      version,
      index_mac: Buffer.from(index, 'base64'),
      value_mac: Buffer.from(valueMac),
    }))
    await insertChunked(trx, 'whatsmeow_app_state_mutation_macs', macs)
  }
}

async function writeTokens({ trx, schema, device }: Target, keys: DeviceKey[]): Promise<void> {
  const hasSender = schema.get('whatsmeow_privacy_tokens')?.has('sender_timestamp')
  const rows = keys.flatMap(({ id, text }) => {
    const { token, timestamp, senderTimestamp } = keyFromText('tctoken', text)
    // The list of all tokens, and what is left of one that has expired.
    if (!timestamp || token.length === 0) return []
    return [
      {
        our_jid: device.jid,
        their_jid: id,
        token: Buffer.from(token),
        timestamp: Number(timestamp),
        ...(hasSender && { sender_timestamp: senderTimestamp ?? null }),
      },
    ]
  })
  await insertChunked(trx, 'whatsmeow_privacy_tokens', rows, (insert) =>
    insert.onConflict(['our_jid', 'their_jid']).merge(),
  )
}

async function writeSessions(target: Target, keys: DeviceKey[], note: Note): Promise<void> {
  const rows = await placed(target, keys, note, (key) => {
    // Typed as bytes; the library stores its plain form.
    const record = keyFromText('session', key.text) as unknown as LibraryRecord
    return { session: sessionToGo(record, target.own) }
  })
  await writeNamed(target, 'whatsmeow_sessions', rows)
}

async function writeIdentities(target: Target, keys: DeviceKey[], note: Note): Promise<void> {
  const rows = await placed(target, keys, note, (key) => {
    const identity = Buffer.from(keyFromText('identity-key', key.text))
    if (identity.length !== PUBLIC_BYTES) throw new UnreadableRow('it is no public key')
    return { identity: identity.subarray(-PRIVATE_BYTES) }
  })
  await writeNamed(target, 'whatsmeow_identity_keys', rows)
}

interface Placed {
  theirId: string
  isMoved: boolean
  values: object
}

/** What is filed under an address, as rows under the address where whatsmeow looks for it. */
async function placed(
  { trx, schema }: Target,
  keys: DeviceKey[],
  note: Note,
  valuesOf: (key: DeviceKey) => object,
): Promise<Placed[]> {
  const read = keys.flatMap((key) => {
    const address = readLibraryAddress(key.id)
    return address ? [{ key, address }] : []
  })
  const forms = await lidForms(
    lidsIn(trx, schema),
    read.map(({ address }) => address),
  )
  return read.flatMap(({ key, address }) => {
    const values = takenOrNoted(note, { what: key.kind, whose: key.id }, () => valuesOf(key))
    const form = forms.get(address)
    return values ? [{ theirId: whatsmeowAddress(form ?? address), isMoved: form !== undefined, values }] : []
  })
}

/** Of two for one device the one that was filed under the LID stays. */
async function writeNamed({ trx, device }: Target, table: string, rows: Placed[]): Promise<void> {
  for (const wasMoved of [false, true]) {
    const some = rows
      .filter(({ isMoved }) => isMoved === wasMoved)
      .map(({ theirId, values }) => ({ our_jid: device.jid, their_id: theirId, ...values }))
    await insertChunked(trx, table, some, (insert) => {
      const conflict = insert.onConflict(['our_jid', 'their_id'])
      return wasMoved ? conflict.ignore() : conflict.merge()
    })
  }
}

/** whatsmeow files all sender keys under the LID, in groups that go by numbers as well. */
async function writeSenderKeys(target: Target, keys: DeviceKey[], note: Note): Promise<void> {
  const { trx, schema, device } = target
  const read = keys.flatMap((key) => {
    const name = readSenderKeyName(key.id)
    return name ? [{ ...name, name: key.id, value: keyFromText('sender-key', key.text) }] : []
  })
  const forms = await lidForms(
    lidsIn(trx, schema),
    read.map(({ sender }) => sender),
  )
  for (const { group, sender, name, value } of read) {
    const place = {
      our_jid: device.jid,
      chat_id: group,
      sender_id: whatsmeowAddress(forms.get(sender) ?? sender),
    }
    const rival = await trx('whatsmeow_sender_keys').where(place).first('sender_key')
    const row = takenOrNoted(note, { what: 'sender key', whose: name }, () => {
      const mine = senderKeyToGo(value)
      if (!rival) return mine
      return freshestSenderKey(isPhone(sender) ? [rival.sender_key, mine] : [mine, rival.sender_key])
    })
    if (!row) continue
    await trx('whatsmeow_sender_keys')
      .insert({ ...place, sender_key: row })
      .onConflict(['our_jid', 'chat_id', 'sender_id'])
      .merge()
  }
}
