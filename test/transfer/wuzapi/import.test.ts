import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openSecrets, type Secrets } from '../../../src/lib/secrets/secrets.ts'
import { getWebhooks } from '../../../src/store/delivery/webhooks.ts'
import { readKeys } from '../../../src/store/keys/auth.ts'
import { listHistory } from '../../../src/store/messages/history.ts'
import { findImport } from '../../../src/store/users/imports.ts'
import { getUser, listUsers } from '../../../src/store/users/users.ts'
import type { SourceServer } from '../../../src/transfer/account.ts'
import { importAccount } from '../../../src/transfer/import-account.ts'
import type { AccountReport } from '../../../src/transfer/report.ts'
import { openWuzapi } from '../../../src/transfer/wuzapi/accounts.ts'
import { databaseKinds, type TemporaryDatabase, temporaryDatabase } from '../../helpers/database.ts'
import {
  HMAC_KEY,
  OFFICE,
  type OldInstallation,
  oldInstallation,
  SHOP,
  SOURCE_KEY,
  UNLINKED,
} from './installation.ts'

let old: OldInstallation
let target: TemporaryDatabase
let secrets: Secrets
let source: SourceServer | undefined

beforeEach(async () => {
  old = await oldInstallation()
})
afterEach(async () => {
  await source?.close()
  source = undefined
  await old.close()
  await target?.close()
})

async function opened(key = SOURCE_KEY, chosen = new Map<string, string>()): Promise<SourceServer> {
  // Who has a connection counts as a program that works with it.
  await Promise.all([old.users.destroy(), old.main.destroy()])
  source = await openWuzapi({ from: old.folder, key, chosen })
  return source
}

async function everybody(options: { isTrial?: boolean; connects?: boolean } = {}): Promise<AccountReport[]> {
  const { isTrial = false, connects = true } = options
  const { accounts, kind } = source ?? (await opened())
  const reports: AccountReport[] = []
  for (const account of accounts)
    reports.push(
      await importAccount({ db: target.db, secrets }, account, { source: kind, isTrial, connects }),
    )
  return reports
}

describe.each(databaseKinds)('from a wuzapi into %s', (database) => {
  beforeEach(async () => {
    target = await temporaryDatabase(database)
    secrets = await openSecrets(target.config)
  })

  test('users come with their ids, tokens and settings', async () => {
    await everybody()

    const users = await listUsers(target.db, secrets)
    expect(users.map(({ id, name, token, wanted }) => [id, name, token, wanted]).sort()).toEqual(
      [
        [SHOP, 'Shop', 'shop-token', true],
        [OFFICE, 'Office', 'office-token', true],
        [UNLINKED, 'Never linked', 'third-token', false],
      ].sort(),
    )
    expect(await getUser(target.db, secrets, UNLINKED)).toMatchObject({
      jid: '',
      proxyUrl: 'socks5://user:secret@127.0.0.1:1080',
      mediaDelivery: 'both',
      s3: {
        enabled: true,
        endpoint: 'http://127.0.0.1:9000',
        bucket: 'media',
        accessKey: 'AK',
        secretKey: 'SK',
        pathStyle: true,
        retentionDays: 10,
      },
    })
    const shop = await getWebhooks(target.db, secrets, SHOP)
    expect([...shop.values()]).toMatchObject([
      { url: 'http://127.0.0.1:9098/shop', events: 'All', hmacKey: HMAC_KEY },
    ])
  })

  test('phones come with everything that they had', async () => {
    const [shop, office] = await everybody()

    expect(shop).toMatchObject({ device: '491511110001:1@s.whatsapp.net', outcome: 'imported', dropped: [] })
    expect(shop?.taken).toEqual({
      webhooks: 1,
      'LID pairs': expect.any(Number),
      'pre-keys': expect.any(Number),
      identities: 7,
      sessions: 7,
      'sender keys': expect.any(Number),
      'keys of shared settings': 1,
      'collections of shared settings': 1,
      contacts: 11,
      'settings of chats': 1,
      'message secrets': 1,
      'history entries': 28,
    })
    expect(office?.taken).toMatchObject({ sessions: 4 })
    const known = { userId: SHOP, kind: 'creds', ids: [''] }
    expect((await readKeys(target.db, secrets, known)).get('')).toContain('491511110001:1@s.whatsapp.net')
    expect(await findImport(target.db, SHOP)).toMatchObject({ source: 'wuzapi', state: 'imported' })
    expect(await getUser(target.db, secrets, SHOP)).toMatchObject({
      jid: '491511110001@s.whatsapp.net',
      lastJid: '491511110001:1@s.whatsapp.net',
    })
  })

  test('the history keeps its times, texts and events', async () => {
    await everybody()

    const chats = ['15550100001@s.whatsapp.net']
    const entries = await listHistory(target.db, { userId: SHOP, chats, limit: 100 })
    const first = entries.at(-1)
    expect(first).toMatchObject({
      sender: '15550100001@s.whatsapp.net',
      type: 'text',
      text: 'Ana 0',
      at: Date.parse('2026-11-28T22:40:09.357Z'),
    })
    expect(JSON.parse(first?.event ?? '')).toMatchObject({
      type: 'message',
      senderAlt: '459780577183728@lid',
      pushName: 'Ana',
      timestamp: Date.parse('2026-11-28T22:40:09Z') / 1000,
      raw: { conversation: 'Ana 0' },
    })
    expect(entries.filter(({ sender }) => sender === 'me').every(({ event }) => event === '')).toBe(true)
  })

  test('a trial says the same and writes nothing', async () => {
    const trial = await everybody({ isTrial: true })
    expect(await listUsers(target.db, secrets)).toEqual([])

    const done = await everybody()

    expect(trial.map(({ taken, dropped }) => [taken, dropped])).toEqual(
      done.map(({ taken, dropped }) => [taken, dropped]),
    )
    expect(trial.map(({ outcome }) => outcome)).toEqual(['ready', 'ready', 'ready'])
  })

  test('who is here already stays as it is', async () => {
    await everybody()

    const again = await everybody()

    expect(again.map(({ outcome }) => outcome)).toEqual(['present', 'present', 'present'])
    expect(await listUsers(target.db, secrets)).toHaveLength(3)
  })

  test('a failure in the middle leaves nothing of that user', async () => {
    const { accounts } = await opened()
    const [shop] = accounts
    if (!shop) throw new Error('no account')
    const failing = {
      ...shop,
      async *history() {
        yield []
        throw new Error('the disk is gone')
      },
    }
    const order = { source: 'wuzapi', isTrial: false, connects: true }

    await expect(importAccount({ db: target.db, secrets }, failing, order)).rejects.toThrow(
      'the disk is gone',
    )

    for (const table of ['users', 'auth', 'contacts', 'webhooks', 'imports', 'message_history'])
      expect([table, await target.db(table).count({ rows: '*' }).first()]).toEqual([table, { rows: 0 }])
    await importAccount({ db: target.db, secrets }, shop, order)
    expect(await listUsers(target.db, secrets)).toHaveLength(1)
  })
})

describe('what a source may hold', () => {
  beforeEach(async () => {
    target = await temporaryDatabase('sqlite')
    secrets = await openSecrets(target.config)
  })

  test.each([
    ['no key', ''],
    ['a wrong one', 'ffffffffffffffffffffffffffffffff'],
  ])('%s leaves the webhooks unsigned, and says so', async (_which, key) => {
    await opened(key)

    const [shop] = await everybody()

    expect(shop?.dropped).toMatchObject([{ what: 'HMAC key', whose: ['Shop'] }])
    expect([...(await getWebhooks(target.db, secrets, SHOP)).values()][0]?.hmacKey).toBe('')
  })

  test('a key that cannot be one is refused at once', async () => {
    await expect(opened('short')).rejects.toThrow('has 5 bytes')
  })

  test('the schema of the first release', async () => {
    for (const column of ['hmac_key', 'history', 's3_enabled', 'proxy_url'])
      await old.users.raw(`alter table users drop column ${column}`)
    await old.users.schema.dropTable('message_history')
    await old.users('users').where({ id: SHOP }).update({ jid: '491511110001.0:1@s.whatsapp.net' })
    await old.users('users').where({ id: OFFICE }).update({ jid: '491511110002@s.whatsapp.net' })

    const reports = await everybody()

    expect(reports.map(({ outcome, device }) => [outcome, device])).toEqual([
      ['imported', '491511110001:1@s.whatsapp.net'],
      ['imported', '491511110002:1@s.whatsapp.net'],
      ['imported', ''],
    ])
    expect(await getUser(target.db, secrets, UNLINKED)).toMatchObject({ proxyUrl: '', history: 0 })
  })

  test('two users of one token, and one without', async () => {
    await old.users('users').where({ id: OFFICE }).update({ token: 'shop-token' })
    await old.users('users').where({ id: UNLINKED }).update({ token: '' })

    const reports = await everybody()

    expect(reports.map(({ dropped }) => dropped.map(({ what }) => what))).toEqual([[], ['token'], ['token']])
    expect((await listUsers(target.db, secrets)).map(({ token }) => token).sort()).toEqual([
      '',
      '',
      'shop-token',
    ])
  })

  test('two devices of one number have to be told apart', async () => {
    const [device] = await old.main('whatsmeow_device').where({ jid: '491511110001:1@s.whatsapp.net' })
    await old.main('whatsmeow_device').insert({ ...device, jid: '491511110001:7@s.whatsapp.net' })
    await old.users('users').where({ id: SHOP }).update({ jid: '491511110001@s.whatsapp.net' })
    const { accounts, strayDevices } = await opened()
    expect(accounts[0]?.notes).toMatchObject([{ what: 'device', why: expect.stringContaining('--device') }])
    expect(strayDevices).toHaveLength(2)
    await source?.close()

    const chosen = new Map([['Shop', '491511110001:1@s.whatsapp.net']])
    expect((await opened(SOURCE_KEY, chosen)).accounts[0]?.device).toBe('491511110001:1@s.whatsapp.net')
  })

  test('a device that belongs to nobody is named', async () => {
    await old.users('users').where({ id: OFFICE }).delete()

    expect((await opened()).strayDevices).toEqual(['491511110002:1@s.whatsapp.net'])
  })

  test('a device that could not log in stays away, and its user comes', async () => {
    await old.main('whatsmeow_device').update({ adv_account_sig: Buffer.alloc(64) })

    const [shop] = await everybody()

    expect(shop).toMatchObject({
      outcome: 'imported',
      device: '',
      reason: expect.stringContaining('linked anew'),
    })
    expect(await getUser(target.db, secrets, SHOP)).toMatchObject({ jid: '', wanted: false })
  })

  test('numbers that no column takes, and users that cannot be stored, keep nobody else away', async () => {
    await old.users('users').where({ id: SHOP }).update({ expiration: 'abc', history: 3_000_000_000 })
    await old.users('users').where({ id: OFFICE }).update({ id: '../../etc/passwd' })
    await old.users('users').where({ id: UNLINKED }).update({ name: SHOP })

    const reports = await everybody()

    expect(reports.map(({ outcome }) => outcome)).toEqual(['imported', 'refused', 'refused'])
    expect(await getUser(target.db, secrets, SHOP)).toMatchObject({ expiration: 0, history: 0 })
  })

  test('a phone that is linked here already does not come a second time under another user', async () => {
    await everybody()
    await source?.close()
    source = undefined
    const twin = await oldInstallation()
    await twin.users('users').where({ id: SHOP }).update({ id: 'another', token: 'another', name: 'Twin' })
    await Promise.all([twin.users.destroy(), twin.main.destroy()])
    source = await openWuzapi({ from: twin.folder, key: '', chosen: new Map() })

    const [trial] = await everybody({ isTrial: true })
    const [done] = await everybody()

    for (const report of [trial, done])
      expect(report).toMatchObject({
        outcome: 'present',
        reason: 'its phone is linked to the user Shop here',
      })
    await twin.close()
  })

  test('sessions that wait to be connected by hand', async () => {
    await everybody({ connects: false })

    expect((await listUsers(target.db, secrets)).map(({ wanted }) => wanted)).toEqual([false, false, false])
  })

  test.each(['.', 'dbdata'])('its folder is found from %s', async (below) => {
    await Promise.all([old.users.destroy(), old.main.destroy()])
    source = await openWuzapi({ from: `${old.folder}/${below}`, key: '', chosen: new Map() })

    expect(source.accounts).toHaveLength(3)
  })

  test('a folder without users is refused', async () => {
    const from = `${old.folder}/nothing`
    await expect(openWuzapi({ from, key: '', chosen: new Map() })).rejects.toThrow('there is no users.db in')
  })
})
