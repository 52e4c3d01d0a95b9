import type { Database } from '../../../src/store/database/database.ts'
import { openForeignServer } from '../../../src/store/database/foreign.ts'
import { openSource } from '../../../src/transfer/source.ts'
import { openWhatsmeowStore } from '../../../src/transfer/whatsmeow/store.ts'
import { writeWhatsmeowDevice } from '../../../src/transfer/whatsmeow/write-device.ts'
import { type DatabaseKind, temporaryDatabase } from '../../helpers/database.ts'
import { mainDatabase, officeJid, scratchCopy, shopJid } from '../fixture.ts'

export interface Store {
  db: Database
  /** For `openSource`. */
  address: string
  close(): Promise<void>
}

/** The fixture in a database of its own, of either kind. */
export async function fixtureIn(kind: DatabaseKind): Promise<Store> {
  if (kind === 'sqlite') {
    const copy = await scratchCopy()
    return { ...copy, address: copy.path }
  }
  const temporary = await temporaryDatabase('postgres')
  const address = temporary.config.databaseUrl ?? ''
  const db = openForeignServer(address, 'writing')
  const source = await openSource(mainDatabase)
  const store = await openWhatsmeowStore(source.db)
  for (const jid of [shopJid, officeJid])
    await writeWhatsmeowDevice(db, await store.readDevice(jid), () => {})
  await source.close()
  return {
    db,
    address,
    async close() {
      await db.destroy()
      await temporary.close()
    },
  }
}

export const people = {
  ana: { phone: '15550100001', lid: '459780577183728' },
  chloe: { phone: '15550100003', lid: '340706605365103' },
  dora: { phone: '15550100004', lid: '546697554417868' },
  eve: { phone: '15550100005', lid: '953873995187059' },
}
export const group = '120363000000000001@g.us'
export const otherGroup = '120363000000000002@g.us'

/** Adds to the rows of Shop what years of use, and accidents, leave in such a database. */
export async function addAwkwardRows(db: Database): Promise<void> {
  const { ana, chloe, dora, eve } = people
  const our_jid = shopJid
  const { session } = await db('whatsmeow_sessions')
    .where({ our_jid, their_id: `${chloe.lid}_1:0` })
    .first()
  const { identity } = await db('whatsmeow_identity_keys')
    .where({ our_jid, their_id: `${chloe.lid}_1:0` })
    .first()
  const { sender_key } = await db('whatsmeow_sender_keys')
    .where({ our_jid, sender_id: `${ana.lid}_1:0` })
    .first()
  const at = (their_id: string, value: Buffer | null = session) => ({ our_jid, their_id, session: value })
  await db('whatsmeow_sessions').insert([
    at(`${chloe.phone}:0`),
    at(`${dora.phone}:5`),
    at(`${eve.phone}_128:99`),
    at('4917700000:0'),
    at('111_1:0', Buffer.from([0x0a, 0x02, 1, 2])),
    at('112_1:0', null),
    at('113_1:0'),
    at('114_1:0', Buffer.alloc(9 * 1024 * 1024, '{')),
    at('nonsense'),
  ])
  await db('whatsmeow_identity_keys').insert([
    { our_jid, their_id: `${dora.phone}:5`, identity },
    { our_jid, their_id: `${chloe.phone}:0`, identity: Buffer.alloc(32, 1) },
    { our_jid, their_id: '113_1:0', identity: Buffer.alloc(32, 1) },
  ])
  const key = (chat_id: string, sender_id: string, value: Buffer = sender_key) => ({
    our_jid,
    chat_id,
    sender_id,
    sender_key: value,
  })
  await db('whatsmeow_sender_keys').insert([
    key(otherGroup, `${chloe.phone}:0`),
    key(otherGroup, `${dora.phone}:0`),
    key(otherGroup, `${dora.lid}_1:0`),
    key(otherGroup, '491511110001:1'),
    key(otherGroup, '111_1:0', Buffer.from('{"SenderKeyStates":null}')),
    key('no group', '112_1:0'),
  ])
  await db('whatsmeow_app_state_version').insert([
    { jid: our_jid, name: 'regular', version: 3, hash: Buffer.alloc(128) },
    { jid: our_jid, name: 'unheard_of', version: 3, hash: Buffer.alloc(128) },
  ])
  const [mac] = await db('whatsmeow_app_state_mutation_macs').where({ jid: our_jid, name: 'regular_low' })
  await db('whatsmeow_app_state_mutation_macs').insert([
    { ...mac, version: 0, value_mac: Buffer.alloc(32, 3) },
    { ...mac, name: 'regular', version: 3 },
  ])
  await db('whatsmeow_privacy_tokens').insert([
    { our_jid, their_jid: `${ana.phone}@s.whatsapp.net`, token: Buffer.from('new'), timestamp: 100 },
    { our_jid, their_jid: `${ana.lid}@lid`, token: Buffer.from('old'), timestamp: 50 },
    { our_jid, their_jid: `${chloe.phone}@s.whatsapp.net`, token: Buffer.from('hers'), timestamp: 10 },
    { our_jid, their_jid: '4917700000@s.whatsapp.net', token: Buffer.from('alone'), timestamp: 20 },
    { our_jid, their_jid: '115@lid', token: Buffer.alloc(0), timestamp: 20 },
  ])
  await db('whatsmeow_lid_map').insert({ lid: '999', pn: '888' })
  await db('whatsmeow_pre_keys').insert([
    { jid: our_jid, key_id: 900, key: Buffer.alloc(32, 1), uploaded: false },
    { jid: our_jid, key_id: 905, key: Buffer.alloc(32, 2), uploaded: true },
  ])
  await db('whatsmeow_chat_settings').insert([
    { our_jid, chat_jid: group, muted_until: -1, pinned: true, archived: false },
    { our_jid, chat_jid: otherGroup, muted_until: 1_800_000_000, pinned: false, archived: false },
    { our_jid, chat_jid: '116@lid', muted_until: 0, pinned: false, archived: false },
  ])
  await db('whatsmeow_message_secrets').insert({
    our_jid,
    chat_jid: group,
    sender_jid: '117@lid',
    message_id: 'SHORT',
    key: Buffer.alloc(16),
  })
  await db('whatsmeow_contacts').insert({ our_jid, their_jid: '118@newsletter', push_name: 'Channel' })
}
