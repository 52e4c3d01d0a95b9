import { onSameDevice } from '../../lib/jid.ts'
import { InstallationError } from '../../lib/process/installation-error.ts'
import type { Queryable } from '../../store/database/database.ts'
import type { DeviceExtra, DeviceKey, Note, SourceDevice } from '../device.ts'
import { marked } from '../signal/curve-keys.ts'
import { type Address, addressOfJid, isPhone } from './address.ts'
import { readAppStateKeys, readAppStateVersions } from './app-state.ts'
import { readCredentials } from './credentials.ts'
import { lidsIn, readPairs } from './lids.ts'
import { readChats, readContacts, readMessageSecrets, readResends } from './people.ts'
import { readPreKeys } from './pre-keys.ts'
import { type Row, readRows, textOf } from './rows.ts'
import { readSchema, type Schema } from './schema.ts'
import { readSenderKeys } from './sender-keys.ts'
import { type DeviceRows, readIdentities, readSessions } from './sessions.ts'
import { readTokens } from './tokens.ts'

/** A linked device, as far as it can be told at a glance. */
export interface ListedDevice {
  /** With device part; what `readDevice` is asked for. */
  jid: string
  /** With device part, '' where it is not known. */
  lid: string
  pushName: string
  businessName: string
  /** What the phone is, in WhatsApp's words: android, iphone, smba... */
  platform: string
  sessions: number
  senderKeys: number
  preKeys: number
  contacts: number
}

/** The store of whatsmeow, in a file or on a server; other programs may keep tables of their own beside it. */
export interface WhatsmeowStore {
  /** All linked devices, by JID. Two of them may be of one account. */
  listDevices(): Promise<ListedDevice[]>
  /** The device with this JID. Throws InstallationError when there is none, or none that could log in. */
  readDevice(jid: string): Promise<SourceDevice>
}

const COUNTED = {
  sessions: { table: 'whatsmeow_sessions', column: 'our_jid' },
  senderKeys: { table: 'whatsmeow_sender_keys', column: 'our_jid' },
  preKeys: { table: 'whatsmeow_pre_keys', column: 'jid' },
  contacts: { table: 'whatsmeow_contacts', column: 'our_jid' },
}

const DEVICE_COLUMNS = [
  'lid',
  'facebook_uuid',
  'registration_id',
  'noise_key',
  'identity_key',
  'signed_pre_key',
  'signed_pre_key_id',
  'signed_pre_key_sig',
  'adv_key',
  'adv_details',
  'adv_account_sig',
  'adv_account_sig_key',
  'adv_device_sig',
  'platform',
  'business_name',
  'push_name',
  'lid_migration_ts',
  'companion_meta_nonce',
]

/** Reads what tables there are. Throws InstallationError when they are not those of whatsmeow, or of one to come. */
export async function openWhatsmeowStore(db: Queryable): Promise<WhatsmeowStore> {
  const schema = await readSchema(db)
  return {
    listDevices: () => listDevices(db, schema),
    readDevice: (jid) => readDevice(db, schema, jid),
  }
}

async function listDevices(db: Queryable, schema: Schema): Promise<ListedDevice[]> {
  const counts: Partial<Record<string, Map<string, number>>> = {}
  for (const [name, { table, column }] of Object.entries(COUNTED)) {
    if (!schema.has(table)) continue
    const rows: { jid: string; count: number | string }[] = await db(table)
      .groupBy(column)
      .select({ jid: column })
      .count({ count: '*' })
    counts[name] = new Map(rows.map(({ jid, count }) => [jid, Number(count)]))
  }
  const devices: ListedDevice[] = []
  for (const row of await deviceRows(db, schema)) {
    const stored = textOf(row, 'jid')
    const count = (name: keyof typeof COUNTED) => counts[name]?.get(stored) ?? 0
    devices.push({
      ...(await namesOf(db, schema, row)),
      pushName: textOf(row, 'push_name'),
      businessName: textOf(row, 'business_name'),
      platform: textOf(row, 'platform'),
      sessions: count('sessions'),
      senderKeys: count('senderKeys'),
      preKeys: count('preKeys'),
      contacts: count('contacts'),
    })
  }
  return devices
}

async function readDevice(db: Queryable, schema: Schema, wanted: string): Promise<SourceDevice> {
  const rows = await deviceRows(db, schema)
  const row = rows.find((one) => currentJid(one) === wanted)
  if (!row) throw new InstallationError(`there is no device ${wanted} in this database`)
  const { jid, lid } = await namesOf(db, schema, row)
  const own = [jid, lid].flatMap((one) => addressOfJid(one) ?? [])
  if (!own[0] || !isPhone(own[0]))
    throw new InstallationError(`the device ${jid} cannot be taken over: this is no address of a device`)
  const creds = await readCredentials(db, schema, { row, jid, lid })
  const device: DeviceRows = { db, schema, jid: textOf(row, 'jid'), lids: lidsIn(db, schema) }
  const ownIdentity = marked(creds.signedIdentityKey.public)
  return {
    jid,
    lid,
    creds,
    keys: (note) => readKeys(device, { own, ownIdentity, isAlone: rows.length === 1 }, note),
    contacts: () => readContacts(device),
    chats: () => readChats(device),
    messageSecrets: (note) => readMessageSecrets(device, note),
    resends: (note) => readResends(device, note),
    extra: await extraOf(device, row),
  }
}

async function* readKeys(
  device: DeviceRows,
  { own, ownIdentity, isAlone }: { own: Address[]; ownIdentity: Uint8Array; isAlone: boolean },
  note: Note,
): AsyncGenerator<DeviceKey[]> {
  const { db, schema, jid } = device
  yield* readPairs(db, schema, { jid, own: own.map(({ user }) => user), isAlone })
  yield* readPreKeys(db, schema, jid, note)
  yield* readIdentities(device, note)
  yield* readSessions(device, { ownIdentity }, note)
  yield* readSenderKeys(device, own, note)
  yield* readAppStateKeys(device, note)
  yield* readAppStateVersions(device, note)
  yield* readTokens(device, note)
}

async function deviceRows(db: Queryable, schema: Schema): Promise<Row[]> {
  const devices: Row[] = []
  for await (const rows of readRows(db, schema, {
    table: 'whatsmeow_device',
    key: ['jid'],
    columns: DEVICE_COLUMNS,
  }))
    devices.push(...rows)
  return devices
}

/** Both names of a device, with its number. */
async function namesOf(db: Queryable, schema: Schema, row: Row): Promise<{ jid: string; lid: string }> {
  const jid = currentJid(row)
  const stored = textOf(row, 'lid')
  if (stored) return { jid, lid: onSameDevice(stored, jid) }
  // Before its fifth schema whatsmeow did not write it down here.
  const phone = addressOfJid(jid)
  const known = phone && (await lidsIn(db, schema).ofPhones([phone.user])).get(phone.user)
  return { jid, lid: known ? onSameDevice(`${known}@lid`, jid) : '' }
}

/** Old rows say `user.0:device@server`. */
function currentJid(row: Row): string {
  return textOf(row, 'jid').replace(/^([^.:@]+)\.0(?=[:@])/, '$1')
}

async function extraOf({ db, schema, jid }: DeviceRows, row: Row): Promise<DeviceExtra> {
  const salt: Row | undefined = schema.has('whatsmeow_nct_salt')
    ? await db('whatsmeow_nct_salt').where({ our_jid: jid }).first('salt')
    : undefined
  const migrated = Number(row.lid_migration_ts ?? 0)
  const nonce = textOf(row, 'companion_meta_nonce')
  const uuid = textOf(row, 'facebook_uuid')
  return {
    ...(salt?.salt instanceof Uint8Array && { nctSalt: Buffer.from(salt.salt).toString('base64') }),
    ...(migrated > 0 && { lidMigrationTs: String(migrated) }),
    ...(nonce && { companionMetaNonce: nonce }),
    ...(uuid && { facebookUuid: uuid }),
  }
}
