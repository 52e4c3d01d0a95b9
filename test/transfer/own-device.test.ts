import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { keepContacts } from '../../src/store/contacts.ts'
import type { Database } from '../../src/store/database/database.ts'
import { openForeignFile } from '../../src/store/database/foreign.ts'
import { keepMessages, keepReceivedMessages } from '../../src/store/messages/messages.ts'
import { insertUser } from '../../src/store/users/users.ts'
import type { Dropped } from '../../src/transfer/device.ts'
import { readOwnDevice } from '../../src/transfer/own-device.ts'
import { openSource, type Source } from '../../src/transfer/source.ts'
import { openWhatsmeowStore } from '../../src/transfer/whatsmeow/store.ts'
import { writeWhatsmeowDevice } from '../../src/transfer/whatsmeow/write-device.ts'
import { proto } from '../../src/whatsapp/library/engine.ts'
import { sampleUser } from '../helpers/users.ts'
import { type DeviceHost, deviceHost, stanza } from '../whatsapp/keys/signal-device.ts'
import { gathered, mainDatabase, officeJid, shopJid, waitingFor } from './fixture.ts'
import { type ImportedDevice, importedDevice } from './imported-device.ts'

let host: DeviceHost
let source: Source
let folder: string
let target: Database
let shop: ImportedDevice

beforeEach(async () => {
  host = await deviceHost()
  source = await openSource(mainDatabase)
  shop = await importedDevice(host, await (await openWhatsmeowStore(source.db)).readDevice(shopJid))
  folder = await mkdtemp(join(tmpdir(), 'parley-test-'))
  target = openForeignFile(join(folder, 'main.db'), 'writing')
})

afterEach(async () => {
  await target.destroy()
  await source.close()
  await rm(folder, { recursive: true, force: true })
  await host.writer.idle()
  await host.temporary.close()
})

test('a device goes on in another store where it stopped here', async () => {
  const office = await importedDevice(host, await (await openWhatsmeowStore(source.db)).readDevice(officeJid))
  const late = await office.encrypts(shop.lid, 'late')
  for (let turn = 0; turn < 6; turn++) {
    const [from, to] = turn % 2 === 0 ? [office, shop] : [shop, office]
    await to.receives(stanza({ id: `T${turn}`, from: from.lid }, await from.encrypts(to.lid, 'talk')))
  }
  const waiting = await office.encrypts(shop.lid, 'sent while nobody was there')

  expect(await writeOut(shop)).toEqual([])
  const again = await importedDevice(host, await (await openWhatsmeowStore(target)).readDevice(shopJid))

  expect(await again.receives(stanza({ id: 'W', from: office.lid }, waiting))).toBe(
    'sent while nobody was there',
  )
  expect(await again.receives(stanza({ id: 'L', from: office.lid }, late))).toBe('late')
  const answer = await again.encrypts(office.lid, 'answer')
  expect(await office.receives(stanza({ id: 'A', from: again.lid }, answer))).toBe('answer')
})

test('a pre-key that was used stays here', async () => {
  const used = waitingFor('491511110001').find(({ text }) => text.startsWith('Dora'))
  if (used) await shop.reads(used.stanza)
  expect(Object.keys(await shop.keys.get('pre-key', ['12']))).toEqual(['12'])

  await writeOut(shop)

  expect(await target('whatsmeow_pre_keys').where({ key_id: 12 })).toEqual([])
  expect(await target('whatsmeow_pre_keys').where({ uploaded: true })).toHaveLength(808)
})

test('what is filed under a number goes under the LID that became known, unless there is one', async () => {
  const address = '340706605365103_1.0'
  const { [address]: session } = await shop.keys.get('session', [address])
  await shop.keys.set({ session: { '15550100005.3': session ?? null, '15550100003.0': session ?? null } })
  const [lidKey, phoneKey] = [
    '120363000000000001@g.us::459780577183728_1::0',
    '120363000000000001@g.us::15550100001::0',
  ]
  const { [lidKey]: key } = await shop.keys.get('sender-key', [lidKey])
  const further = JSON.parse(Buffer.from(key ?? []).toString())
  further.at(-1).senderChainKey.iteration += 7
  await shop.keys.set({ 'sender-key': { [phoneKey]: Buffer.from(JSON.stringify(further)) } })

  await writeOut(shop)

  const sessions: { their_id: string }[] = await target('whatsmeow_sessions').select('their_id')
  const names = sessions.map(({ their_id }) => their_id)
  expect(names).toContain('953873995187059_1:3')
  expect(names.filter((name) => name.startsWith('1555'))).toEqual([])
  const ana = await target('whatsmeow_sender_keys').where({ sender_id: '459780577183728_1:0' }).first()
  const [state] = JSON.parse(String(ana.sender_key)).SenderKeyStates
  expect(state.SenderChainKey.Iteration).toBe(further.at(-1).senderChainKey.iteration)
  expect(await target('whatsmeow_sender_keys')).toHaveLength(3)
})

test('people go along, and what old messages are sealed with, and what was sent lately', async () => {
  const message = (text: string) => ({
    userId: shop.userId,
    chat: '1@lid',
    sender: '2:7@lid',
    status: 'sent',
    proto: proto.Message.encode({
      conversation: text,
      messageContextInfo: { messageSecret: Buffer.alloc(32, 5) },
    }).finish(),
  })
  const now = Date.now()
  const day = 24 * 60 * 60 * 1000
  await keepMessages(host.db, [
    { ...message('new'), id: 'NEW', fromMe: true, at: now - day },
    { ...message('old'), id: 'OLD', fromMe: true, at: now - 8 * day },
  ])
  await keepReceivedMessages(host.db, [
    { ...message('theirs'), id: 'THEIRS', fromMe: false, at: now, status: 'received' },
  ])
  const names = { firstName: 'Frida', fullName: '', pushName: 'F', businessName: '' }
  await keepContacts(host.db, shop.userId, [{ jid: '3@lid', ...names }])

  const device = await readOwnDevice(host, shop.userId)

  expect((await gathered(device.resends(() => {}))).map(({ id }) => id)).toEqual(['NEW'])
  await writeOut(shop)
  expect(
    await target('whatsmeow_contacts').select('their_jid', 'first_name', 'full_name', 'push_name'),
  ).toEqual([{ their_jid: '3@lid', first_name: 'Frida', full_name: null, push_name: 'F' }])
  expect(await target('whatsmeow_message_secrets').orderBy('message_id')).toEqual(
    ['NEW', 'OLD', 'THEIRS'].map((id) => ({
      our_jid: shopJid,
      chat_jid: '1@lid',
      sender_jid: '2@lid',
      message_id: id,
      key: Buffer.alloc(32, 5),
    })),
  )
})

test('a user without a linked device has none', async () => {
  const user = sampleUser()
  await insertUser(host.db, host.secrets, user)

  await expect(readOwnDevice(host, user.id)).rejects.toThrow('has no linked device')
})

async function writeOut(device: ImportedDevice): Promise<Dropped[]> {
  await device.auth.flush()
  const refused: Dropped[] = []
  const own = await readOwnDevice(host, device.userId)
  await writeWhatsmeowDevice(target, own, (one) => refused.push(one))
  return refused
}
