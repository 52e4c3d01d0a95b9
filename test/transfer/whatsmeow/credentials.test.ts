import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openWhatsmeowStore } from '../../../src/transfer/whatsmeow/store.ts'
import { BufferJSON } from '../../../src/whatsapp/library/engine.ts'
import { type ScratchCopy, scratchCopy, shopJid } from '../fixture.ts'

let copy: ScratchCopy

beforeEach(async () => {
  copy = await scratchCopy()
})

afterEach(() => copy.close())

const device = async () => (await openWhatsmeowStore(copy.db)).readDevice(shopJid)
const change = (values: object) => copy.db('whatsmeow_device').where({ jid: shopJid }).update(values)

test('they are those the service knows the device by', async () => {
  const file = join(import.meta.dirname, '../../fixtures/whatsmeow/network.json')
  const network = JSON.parse(readFileSync(file, 'utf8'), BufferJSON.reviver)
  const account = network.accounts.find(({ phone }: { phone: string }) => phone === '491511110001')
  const [known] = account.companions

  const { creds, jid, lid } = await device()

  expect([jid, lid]).toEqual([shopJid, '794953819477415:1@lid'])
  expect(creds.noiseKey.public).toEqual(known.noiseKey)
  expect(creds.signedIdentityKey.public).toEqual(known.identityKey)
  expect(creds.registrationId).toBe(known.registrationId)
  expect(creds.signedPreKey).toMatchObject({
    keyId: known.signedPreKey.id,
    keyPair: { public: known.signedPreKey.publicKey },
    signature: known.signedPreKey.signature,
  })
  expect(creds).toMatchObject({
    registered: true,
    accountSyncCounter: 1,
    platform: 'android',
    me: { id: jid, lid },
    signalIdentities: [
      {
        identifier: { name: lid, deviceId: 0 },
        identifierKey: Buffer.from([5, ...account.identity.public]),
      },
    ],
    nextPreKeyId: 813,
    firstUnuploadedPreKeyId: 813,
  })
})

test('they are called as they call themselves, or as their business is called', async () => {
  await change({ business_name: 'Shop Ltd' })
  expect((await device()).creds.me?.name).toBe('Shop Ltd')

  await change({ push_name: 'Shop' })
  expect((await device()).creds.me?.name).toBe('Shop')
})

test('a registration id may need all of its 32 bits', async () => {
  await change({ registration_id: 4_294_967_295 })

  expect((await device()).creds.registrationId).toBe(4_294_967_295)
})

test.each<[string, object, string]>([
  ['signature of the account', { adv_account_sig: Buffer.alloc(64, 1) }, 'has not signed this identity'],
  ['key of the account', { adv_account_sig_key: Buffer.alloc(32, 9) }, 'has not signed this identity'],
  ['details', { adv_details: Buffer.from([8, 1]) }, 'has not signed this identity'],
  ['signature of the device', { adv_device_sig: Buffer.alloc(64, 1) }, 'own signature does not belong'],
  ['identity', { identity_key: Buffer.alloc(32, 9) }, 'not that of its identity'],
  ['signed pre-key', { signed_pre_key: Buffer.alloc(32, 9) }, 'not that of its identity'],
  ['noise key as text', { noise_key: 'n'.repeat(32) }, 'noise_key holds no bytes'],
])('a device with another %s is refused', async (_what, values, words) => {
  await change(values)

  await expect(device()).rejects.toThrow(words)
  await expect(device()).rejects.toThrow(`the device ${shopJid} cannot be taken over: `)
})

test('a device that has used up its numbers of pre-keys is refused', async () => {
  await copy.db('whatsmeow_pre_keys').insert({
    jid: shopJid,
    key_id: 16_777_215,
    key: Buffer.alloc(32, 1),
    uploaded: false,
  })

  await expect(device()).rejects.toThrow('link it anew')
})

test('a device that is not there is refused', async () => {
  const store = await openWhatsmeowStore(copy.db)

  await expect(store.readDevice('1:1@s.whatsapp.net')).rejects.toThrow('no device 1:1@s.whatsapp.net')
})
