import { afterEach, beforeEach, expect, test } from 'vitest'
import { openSource, type Source } from '../../src/transfer/source.ts'
import { openWhatsmeowStore, type WhatsmeowStore } from '../../src/transfer/whatsmeow/store.ts'
import type { BinaryNode } from '../../src/whatsapp/library/engine.ts'
import { type DeviceHost, deviceHost, stanza } from '../whatsapp/keys/signal-device.ts'
import { mainDatabase, officeJid, shopJid, waitingFor } from './fixture.ts'
import { importedDevice, wordsOf } from './imported-device.ts'

let source: Source
let store: WhatsmeowStore
let host: DeviceHost

beforeEach(async () => {
  host = await deviceHost()
  source = await openSource(mainDatabase)
  store = await openWhatsmeowStore(source.db)
})

afterEach(async () => {
  await source.close()
  await host.writer.idle()
  await host.temporary.close()
})

test('a device that came over reads everything that was waiting for it', async () => {
  const shop = await importedDevice(host, await store.readDevice(shopJid))
  const waiting = waitingFor('491511110001')

  const read: string[] = []
  for (const { stanza: waits } of waiting) read.push(wordsOf(await shop.reads(waits)))

  expect(waiting).toHaveLength(9)
  expect(read).toEqual(waiting.map(({ text }) => text))
})

test('the other device of the same file too', async () => {
  const office = await importedDevice(host, await store.readDevice(officeJid))
  const [waits] = waitingFor('491511110002')

  const message = waits && (await office.reads(waits.stanza))

  expect(message && wordsOf(message)).toBe('Ben answers the office')
})

test('in any order, the newest first', async () => {
  const shop = await importedDevice(host, await store.readDevice(shopJid))
  const waiting = waitingFor('491511110001').reverse()

  const read: string[] = []
  for (const { stanza: waits } of waiting) read.push(wordsOf(await shop.reads(waits)))

  expect(read).toEqual(waiting.map(({ text }) => text))
})

test('two devices that came over go on with their conversation', async () => {
  const shop = await importedDevice(host, await store.readDevice(shopJid))
  const office = await importedDevice(host, await store.readDevice(officeJid))

  const heard: string[] = []
  for (let turn = 0; turn < 50; turn++) {
    const [from, to] = turn % 3 === 0 ? [shop, office] : [office, shop]
    const sent = await from.encrypts(to.lid, `turn ${turn}`)
    heard.push(await to.receives(stanza({ id: `T${turn}`, from: from.lid }, sent)))
  }

  expect(heard).toEqual(Array.from({ length: 50 }, (_, turn) => `turn ${turn}`))
})

test('a message that was read before is known as a repetition', async () => {
  const shop = await importedDevice(host, await store.readDevice(shopJid))
  const ciphertext = firstMessageOfDora()
  const receive = () =>
    shop.repository.decryptMessage({
      jid: '15550100004@s.whatsapp.net',
      type: 'pkmsg',
      ciphertext: Buffer.from(ciphertext),
    })

  await receive()

  await expect(receive()).rejects.toThrow('Key used already')
})

function firstMessageOfDora(): Uint8Array {
  const waits = waitingFor('491511110001').find(({ text }) => text.startsWith('Dora'))
  const [part] = (waits?.stanza.content ?? []) as BinaryNode[]
  return part?.content as Uint8Array
}
