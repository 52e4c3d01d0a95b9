import { afterEach, beforeEach, expect, test } from 'vitest'
import { openForeignFile } from '../../../src/store/database/foreign.ts'
import { openWhatsmeowStore } from '../../../src/transfer/whatsmeow/store.ts'
import { writeWhatsmeowDevice } from '../../../src/transfer/whatsmeow/write-device.ts'
import { keyFromText } from '../../../src/whatsapp/keys/key-text.ts'
import { proto } from '../../../src/whatsapp/library/engine.ts'
import { gathered, keysOf, type ScratchCopy, scratchCopy, shopJid } from '../fixture.ts'

let copy: ScratchCopy

beforeEach(async () => {
  copy = await scratchCopy()
})

afterEach(() => copy.close())

/** What whatsmeow's later schemas add. */
const additions = [
  'alter table whatsmeow_privacy_tokens add column sender_timestamp bigint',
  `create table whatsmeow_retry_buffer (our_jid text, chat_jid text, message_id text, format text, plaintext bytea,
     timestamp bigint, primary key (our_jid, chat_jid, message_id))`,
  'create table whatsmeow_nct_salt (our_jid text primary key, salt bytea not null)',
  `alter table whatsmeow_device add column companion_meta_nonce text not null default ''`,
  'update whatsmeow_version set version = 15',
]

test('the eighth schema has less and is read', async () => {
  const { keys } = await keysOf(await device())
  await copy.db.raw('drop table whatsmeow_event_buffer')
  await copy.db.raw('alter table whatsmeow_device drop column lid_migration_ts')
  await copy.db.raw('alter table whatsmeow_contacts drop column redacted_phone')

  const shop = await device()

  expect((await keysOf(shop)).keys.map(({ id }) => id)).toEqual(keys.map(({ id }) => id))
  expect(await gathered(shop.contacts())).toHaveLength(11)
  expect(shop.extra).toEqual({})
})

test('the fifteenth schema has more, which is told', async () => {
  await upgrade()
  const message = proto.Message.encode({ conversation: 'sent' }).finish()
  const sent = { our_jid: shopJid, chat_jid: '1@lid', timestamp: 1_795_905_620_123 }
  await copy.db('whatsmeow_retry_buffer').insert([
    { ...sent, message_id: 'A', format: 'wa', plaintext: Buffer.from(message) },
    { ...sent, message_id: 'B', format: 'fb', plaintext: Buffer.from(message) },
    { ...sent, message_id: 'C', format: 'wa', plaintext: Buffer.from([0xff, 0xff]) },
  ])
  await copy.db('whatsmeow_nct_salt').insert({ our_jid: shopJid, salt: Buffer.from('salt') })
  await copy.db('whatsmeow_privacy_tokens').insert({
    our_jid: shopJid,
    their_jid: '2@lid',
    token: Buffer.from('token'),
    timestamp: 5,
    sender_timestamp: 6,
  })
  await copy
    .db('whatsmeow_device')
    .update({ companion_meta_nonce: 'nonce', lid_migration_ts: 7, facebook_uuid: 'uuid' })

  const shop = await device()

  const refused: unknown[] = []
  expect(await gathered(shop.resends((one) => refused.push(one)))).toEqual([
    { chat: '1@lid', id: 'A', proto: Buffer.from(message), at: 1_795_905_620_123 },
  ])
  expect(refused).toEqual([{ what: 'sent message', whose: 'C', why: 'it is no message' }])
  expect(shop.extra).toEqual({
    nctSalt: Buffer.from('salt').toString('base64'),
    lidMigrationTs: '7',
    companionMetaNonce: 'nonce',
    facebookUuid: 'uuid',
  })
  const token = (await keysOf(shop)).keys.find(({ kind, id }) => kind === 'tctoken' && id === '2@lid')
  expect(keyFromText('tctoken', token?.text ?? '')).toEqual({
    token: Buffer.from('token'),
    timestamp: '5',
    senderTimestamp: 6,
  })
})

test('what the fifteenth schema has goes back into one', async () => {
  await upgrade()
  const source = openForeignFile(copy.path, 'reading')
  const shop = await (await openWhatsmeowStore(source)).readDevice(shopJid)
  const resend = { chat: '1@lid', id: 'A', proto: Buffer.from([0x0a, 0x01, 0x61]), at: 5 }
  async function* one<Item>(item: Item) {
    yield [item]
  }

  await writeWhatsmeowDevice(
    copy.db,
    { ...shop, resends: () => one(resend), extra: { companionMetaNonce: 'nonce', lidMigrationTs: '7' } },
    () => {},
  )
  await source.destroy()

  const again = await device()
  expect(await gathered(again.resends(() => {}))).toEqual([resend])
  expect(again.extra).toEqual({ companionMetaNonce: 'nonce', lidMigrationTs: '7' })
})

test('a schema that was changed for readers to come is refused', async () => {
  await copy.db('whatsmeow_version').update({ version: 21, compat: 20 })

  await expect(openWhatsmeowStore(copy.db)).rejects.toThrow('newer whatsmeow (schema 21)')
})

test('a database without devices, or with devices without keys, is refused', async () => {
  await copy.db.raw('alter table whatsmeow_device rename column noise_key to other')
  await expect(openWhatsmeowStore(copy.db)).rejects.toThrow('lacks what a device needs: noise_key')

  await copy.db.raw('alter table whatsmeow_device rename to users')
  await expect(openWhatsmeowStore(copy.db)).rejects.toThrow('no table whatsmeow_device')
})

test('a device whose JID is written in the old form has the new one', async () => {
  await copy.db('whatsmeow_device').where({ jid: shopJid }).update({ jid: '491511110001.0:1@s.whatsapp.net' })

  const shop = await device()

  expect([shop.jid, shop.lid, shop.creds.me?.id]).toEqual([shopJid, '794953819477415:1@lid', shopJid])
  expect((await keysOf(shop)).keys.filter(({ kind }) => kind === 'session')).toHaveLength(7)
})

test('a LID that is not in the row of its device is looked up', async () => {
  await copy.db('whatsmeow_device').update({ lid: null })

  expect((await device()).lid).toBe('794953819477415:1@lid')
})

test('a LID that nobody knows is left to the next login', async () => {
  await copy.db('whatsmeow_device').update({ lid: null })
  await copy.db('whatsmeow_lid_map').delete()

  const shop = await device()

  expect([shop.lid, shop.creds.me]).toEqual(['', { id: shopJid }])
})

test('two devices of one number are both told, with what they have', async () => {
  const row = await copy.db('whatsmeow_device').where({ jid: shopJid }).first()
  await copy
    .db('whatsmeow_device')
    .insert({ ...row, jid: '491511110001:2@s.whatsapp.net', push_name: 'Old shop' })

  const devices = await (await openWhatsmeowStore(copy.db)).listDevices()

  expect(devices).toEqual([
    {
      jid: shopJid,
      lid: '794953819477415:1@lid',
      pushName: '',
      businessName: '',
      platform: 'android',
      sessions: 7,
      senderKeys: 3,
      preKeys: 809,
      contacts: 11,
    },
    expect.objectContaining({ jid: '491511110001:2@s.whatsapp.net', pushName: 'Old shop', sessions: 0 }),
    expect.objectContaining({ jid: '491511110002:1@s.whatsapp.net', sessions: 4 }),
  ])
})

async function device() {
  return (await openWhatsmeowStore(copy.db)).readDevice(shopJid)
}

async function upgrade(): Promise<void> {
  for (const statement of additions) await copy.db.raw(statement)
}
