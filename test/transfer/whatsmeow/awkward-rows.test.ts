import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { DeviceKey, Dropped, SourceDevice } from '../../../src/transfer/device.ts'
import { openSource, type Source } from '../../../src/transfer/source.ts'
import { openWhatsmeowStore } from '../../../src/transfer/whatsmeow/store.ts'
import { type KeyKind, keyFromText } from '../../../src/whatsapp/keys/key-text.ts'
import { databaseKinds } from '../../helpers/database.ts'
import { gathered, keysOf, officeJid, shopJid } from '../fixture.ts'
import { addAwkwardRows, fixtureIn, group, otherGroup, people, type Store } from './awkward-rows.ts'

const { ana, chloe, dora, eve } = people

describe.each(databaseKinds)('%s', (kind) => {
  let stored: Store
  let source: Source
  let shop: SourceDevice
  let keys: DeviceKey[]
  let dropped: Dropped[]

  beforeAll(async () => {
    stored = await fixtureIn(kind)
    await addAwkwardRows(stored.db)
    source = await openSource(stored.address)
    shop = await (await openWhatsmeowStore(source.db)).readDevice(shopJid)
    const read = await keysOf(shop)
    keys = read.keys
    dropped = read.dropped
  })

  afterAll(async () => {
    await source.close()
    await stored.close()
  })

  const idsOf = (wanted: KeyKind) => keys.filter((key) => key.kind === wanted).map(({ id }) => id)
  const storedValue = <Kind extends KeyKind>(wanted: Kind, id: string) => {
    const key = keys.find((one) => one.kind === wanted && one.id === id)
    return key && keyFromText(wanted, key.text)
  }
  const whyNot = (what: string) =>
    Object.fromEntries(dropped.filter((one) => one.what === what).map(({ whose, why }) => [whose, why]))

  test('no key is told twice', () => {
    const names = keys.map(({ kind: one, id }) => `${one} ${id}`)

    expect(new Set(names).size).toBe(names.length)
  })

  test('what is filed under a number is found under its LID, hosted devices too', () => {
    expect(idsOf('session')).toEqual(
      expect.arrayContaining([`${dora.lid}_1.5`, `${eve.lid}_129.99`, '4917700000.0', `${chloe.lid}_1.0`]),
    )
    expect(idsOf('session').filter((id) => id.startsWith('1555'))).toEqual([])
    expect(idsOf('identity-key')).toContain(`${dora.lid}_1.5`)
  })

  test('sessions that would not work are left out, each with its reason', () => {
    expect(whyNot('session')).toEqual({
      [`${chloe.phone}:0`]: expect.stringContaining('under the LID'),
      '111_1:0': expect.stringContaining('not in the format'),
      '112_1:0': 'session holds no bytes',
      '113_1:0': expect.stringContaining('changed its identity'),
      '114_1:0': 'session is longer than any real one',
      nonsense: 'this is no address of a device',
    })
    expect(whyNot('identity')).toEqual({ [`${chloe.phone}:0`]: expect.stringContaining('under the LID') })
  })

  test('sender keys are found by both names of a sender, our own by the one it has', () => {
    expect(idsOf('sender-key').sort()).toEqual(
      [
        `${group}::${ana.lid}_1::0`,
        `${group}::${ana.phone}::0`,
        `${group}::459448370639859_1::0`,
        `${group}::15550100002::0`,
        `${group}::794953819477415_1::1`,
        `${otherGroup}::${chloe.phone}::0`,
        `${otherGroup}::${chloe.lid}_1::0`,
        `${otherGroup}::${dora.phone}::0`,
        `${otherGroup}::${dora.lid}_1::0`,
      ].sort(),
    )
    expect(whyNot('sender key')).toEqual({
      [`111_1:0 in ${otherGroup}`]: 'it holds no key',
      // It is Ana's, without the half that signs.
      [`491511110001:1 in ${otherGroup}`]: 'it lacks the half that signs',
      '112_1:0 in no group': 'this is no device in a group',
    })
  })

  test('a collection of shared settings is taken over when it adds up', () => {
    expect(idsOf('app-state-sync-version')).toEqual(['regular_low'])
    expect(storedValue('app-state-sync-version', 'regular_low')?.version).toBe(1)
    expect(
      Object.keys(storedValue('app-state-sync-version', 'regular_low')?.indexValueMap ?? {}),
    ).toHaveLength(2)
    expect(whyNot('collection of shared settings')).toEqual({
      regular: 'its entries do not add up',
      unheard_of: 'there is no such collection',
    })
    expect(shop.creds.myAppStateKeyId).toBe(idsOf('app-state-sync-key')[0])
  })

  test('the newest token of a person is found under the LID, and all are in the index', () => {
    expect(storedValue('tctoken', `${ana.lid}@lid`)).toEqual({ token: Buffer.from('new'), timestamp: '100' })
    expect(idsOf('tctoken').sort()).toEqual(
      [`${ana.lid}@lid`, `${chloe.lid}@lid`, '4917700000@s.whatsapp.net', '__index'].sort(),
    )
    const index: string[] = JSON.parse(String(storedValue('tctoken', '__index')?.token))
    expect(index.sort()).toEqual([`${ana.lid}@lid`, `${chloe.lid}@lid`, '4917700000@s.whatsapp.net'].sort())
  })

  test('pairs of people that only other devices of the file know are not told', async () => {
    const { keys: others } = await keysOf(await (await openWhatsmeowStore(source.db)).readDevice(officeJid))
    const pairsOf = (some: DeviceKey[]) =>
      some.filter((key) => key.kind === 'lid-mapping').map(({ id }) => id)

    expect(pairsOf(keys)).toEqual(expect.arrayContaining([ana.phone, `${ana.lid}_reverse`, eve.phone]))
    expect([...pairsOf(keys), ...pairsOf(others)]).not.toContain('888')
    expect(keyFromText('lid-mapping', keys.find(({ id }) => id === ana.phone)?.text ?? '')).toBe(ana.lid)
  })

  test('pre-keys are counted after the last that was handed out', () => {
    expect(idsOf('pre-key')).toHaveLength(811)
    expect(storedValue('pre-key', '900')?.private).toEqual(Buffer.alloc(32, 1))
    expect([shop.creds.nextPreKeyId, shop.creds.firstUnuploadedPreKeyId]).toEqual([906, 906])
  })

  test('chats that are set are told, and people with names', async () => {
    expect(await gathered(shop.chats())).toEqual([
      { chat: group, mutedUntil: -1, isPinned: true, isArchived: false },
      { chat: otherGroup, mutedUntil: 1_800_000_000, isPinned: false, isArchived: false },
      { chat: `${ana.phone}@s.whatsapp.net`, mutedUntil: 0, isPinned: false, isArchived: true },
    ])
    const contacts = await gathered(shop.contacts())
    expect(contacts).toHaveLength(11)
    expect(contacts.find(({ jid }) => jid === `${ana.lid}@lid`)).toEqual({
      jid: `${ana.lid}@lid`,
      firstName: '',
      fullName: '',
      pushName: 'Ana',
      businessName: '',
    })
  })

  test('a secret that is none is left out', async () => {
    const refused: Dropped[] = []
    const secrets = await gathered(shop.messageSecrets((one) => refused.push(one)))

    expect(secrets.map(({ id, secret }) => [id, secret.length])).toEqual([['3EB00090D9EB3505026F9D', 32]])
    expect(refused).toEqual([{ what: 'message secret', whose: 'SHORT', why: 'key has 16 bytes, not 32' }])
  })
})
