import { chunked, type Queryable } from '../../store/database/database.ts'
import { keyText } from '../../whatsapp/keys/key-text.ts'
import type { DeviceKey } from '../device.ts'
import { type Address, isPhone, readAddress, underLid } from './address.ts'
import { readRows, textOf } from './rows.ts'
import type { Schema } from './schema.ts'

/** Which LID belongs to which number, as user parts of JIDs; the table is that of all devices of a file. */
export interface Lids {
  /** The LIDs of those of these numbers that have one. */
  ofPhones(phones: string[]): Promise<Map<string, string>>
  /** The numbers of those of these LIDs that have one. */
  ofLids(lids: string[]): Promise<Map<string, string>>
}

export function lidsIn(db: Queryable, schema: Schema): Lids {
  const find = async (from: 'pn' | 'lid', to: 'pn' | 'lid', users: string[]) => {
    const found = new Map<string, string>()
    if (!schema.has('whatsmeow_lid_map')) return found
    for (const some of chunked([...new Set(users)]))
      for (const row of await db('whatsmeow_lid_map').whereIn(from, some).select('lid', 'pn'))
        found.set(textOf(row, from), textOf(row, to))
    return found
  }
  return {
    ofPhones: (phones) => find('pn', 'lid', phones),
    ofLids: (lids) => find('lid', 'pn', lids),
  }
}

/**
 * The LID forms of those of these addresses that are numbers with a known LID, by their address. The library looks under
 * the LID only once it knows it: what is left under a number would never be found.
 */
export async function lidForms(lids: Lids, addresses: Address[]): Promise<Map<Address, Address>> {
  const phones = addresses.filter(isPhone)
  const known = await lids.ofPhones(phones.map(({ user }) => user))
  return new Map(
    phones.flatMap((address) => {
      const lid = known.get(address.user)
      return lid === undefined ? [] : [[address, underLid(address, lid)] as const]
    }),
  )
}

/** Where the people an account knows are named, and in which of the two ways. */
const NAMED: { table: string; column: string }[] = [
  { table: 'whatsmeow_sessions', column: 'their_id' },
  { table: 'whatsmeow_identity_keys', column: 'their_id' },
  { table: 'whatsmeow_sender_keys', column: 'sender_id' },
  { table: 'whatsmeow_contacts', column: 'their_jid' },
  { table: 'whatsmeow_chat_settings', column: 'chat_jid' },
  { table: 'whatsmeow_message_secrets', column: 'chat_jid' },
  { table: 'whatsmeow_message_secrets', column: 'sender_jid' },
  { table: 'whatsmeow_privacy_tokens', column: 'their_jid' },
  { table: 'whatsmeow_retry_buffer', column: 'chat_jid' },
]

/**
 * The pairs a device may know, as the library keeps them. The others of the file are people that only the other devices of
 * the file have ever met.
 */
export async function* readPairs(
  db: Queryable,
  schema: Schema,
  device: { jid: string; own: string[]; isAlone: boolean },
): AsyncGenerator<DeviceKey[]> {
  const known = device.isAlone ? undefined : await usersOf(db, schema, device)
  const wanted = { table: 'whatsmeow_lid_map', key: ['lid'], columns: ['pn'], size: 250 }
  for await (const rows of readRows(db, schema, wanted)) {
    const pairs = rows
      .map((row) => ({ lid: textOf(row, 'lid'), phone: textOf(row, 'pn') }))
      .filter(({ lid, phone }) => lid !== '' && phone !== '')
      .filter(({ lid, phone }) => known === undefined || known.has(lid) || known.has(phone))
    yield pairs.flatMap(({ lid, phone }) => [
      { kind: 'lid-mapping' as const, id: phone, text: keyText('lid-mapping', lid) },
      { kind: 'lid-mapping' as const, id: `${lid}_reverse`, text: keyText('lid-mapping', phone) },
    ])
  }
}

async function usersOf(
  db: Queryable,
  schema: Schema,
  { jid, own }: { jid: string; own: string[] },
): Promise<Set<string>> {
  const users = new Set(own)
  for (const { table, column } of NAMED) {
    if (!schema.get(table)?.has(column)) continue
    for (const row of await db(table).where({ our_jid: jid }).distinct(column)) {
      const name = textOf(row, column)
      users.add(readAddress(name)?.user ?? name.replace(/[:@].*$/, ''))
    }
  }
  return users
}
