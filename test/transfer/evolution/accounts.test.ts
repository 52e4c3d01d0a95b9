import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SourceAccount, SourceServer } from '../../../src/transfer/account.ts'
import { openEvolution } from '../../../src/transfer/evolution/accounts.ts'
import { BufferJSON } from '../../../src/whatsapp/library/engine.ts'
import { type TemporaryDatabase, temporaryDatabase } from '../../helpers/database.ts'
import { type FixtureFolder, fixtureFolder } from '../baileys/fixture-folder.ts'
import { gathered, keysOf, shopJid } from '../fixture.ts'
import { createTables } from './database.ts'

const SHOP = 'a5fc2b4e-7f1e-4f0a-9d3b-0c6f6f3f2a11'

let temporary: TemporaryDatabase
let linked: FixtureFolder
let instances: string
let opened: SourceServer | undefined

beforeAll(async () => {
  temporary = await temporaryDatabase('postgres')
  linked = await fixtureFolder(shopJid)
  instances = await mkdtemp(join(tmpdir(), 'parley-test-'))
  const insert = await createTables(temporary.db, 'evolution_api')
  const creds = JSON.stringify(JSON.stringify(linked.device.creds, BufferJSON.replacer))
  await insert('Instance', {
    id: SHOP,
    name: 'shop',
    token: 'the-token-of-the-shop',
    integration: 'WHATSAPP-BAILEYS',
  })
  await insert('Session', { sessionId: SHOP, creds })
  await insert('Contact', { remoteJid: '15550100001@s.whatsapp.net', pushName: 'Ana', instanceId: SHOP })
  await insert('Contact', { remoteJid: '15550100002@s.whatsapp.net', instanceId: SHOP })
  await insert('Contact', { remoteJid: '120363000000000000@g.us', pushName: 'A group', instanceId: SHOP })
  await insert('Webhook', { url: 'https://hooks.example/secret-path', instanceId: SHOP })
  await insert('Proxy', {
    enabled: true,
    host: 'proxy.example',
    port: '1080',
    protocol: 'socks5',
    username: 'me',
    password: 'p@ss',
    instanceId: SHOP,
  })
  await insert('Setting', { rejectCall: true, readMessages: true, instanceId: SHOP })
  await insert('Instance', { id: 'clx0cuid', name: 'new', connectionStatus: 'close' })
  await insert('Session', {
    sessionId: 'clx0cuid',
    creds: JSON.stringify(JSON.stringify({ noiseKey: 'secret' })),
  })
  await insert('Instance', {
    id: 'clx1cuid',
    name: 'wholesale',
    integration: 'WHATSAPP-BUSINESS',
    token: 'the-token-of-the-shop',
  })
  await insert('Instance', { id: 'clx2cuid', name: 'torn', token: 'torn' })
  await insert('Session', { sessionId: 'clx2cuid', creds: '"{\\"noiseKey\\": {' })
})

afterAll(async () => {
  await opened?.close()
  await linked.remove()
  await rm(instances, { recursive: true, force: true })
  await temporary.close()
})

async function open(files: string): Promise<Record<string, SourceAccount>> {
  await opened?.close()
  const from = `${temporary.config.databaseUrl}?schema=evolution_api`
  opened = await openEvolution({ from, files, key: '', chosen: new Map() })
  return Object.fromEntries(opened.accounts.map((account) => [account.user.name, account]))
}

test('an instance comes with its token, its proxy, its people and the keys of its folder', async () => {
  await cp(linked.folder, join(instances, SHOP), { recursive: true })

  const { shop } = await open(instances)
  const device = await shop?.readDevice()

  expect(opened?.accounts).toHaveLength(4)
  expect(shop).toMatchObject({
    device: shopJid,
    webhooks: [],
    user: {
      id: SHOP.replaceAll('-', ''),
      token: 'the-token-of-the-shop',
      wanted: true,
      proxyUrl: 'socks5://me:p%40ss@proxy.example:1080',
    },
  })
  expect(shop?.notes.map(({ what }) => what)).toEqual([
    'webhook to hooks.example',
    'setting rejectCall',
    'setting readMessages',
  ])
  expect(device && (await gathered(device.contacts()))).toEqual([
    { jid: '15550100001@s.whatsapp.net', firstName: '', fullName: '', pushName: 'Ana', businessName: '' },
  ])
  const read = device && (await keysOf(device))
  expect(read?.dropped).toEqual([])
  expect(read?.keys).toHaveLength(linked.keys.length)
})

test('without its folder it logs in, and says what that costs', async () => {
  const { shop } = await open('')

  const device = await shop?.readDevice()

  expect(device?.jid).toBe(shopJid)
  expect(device && (await keysOf(device)).keys).toEqual([])
  expect(device?.creds.myAppStateKeyId).toBeUndefined()
  expect(shop?.notes[0]).toMatchObject({ what: 'sessions and keys', whose: 'shop' })
  expect(shop?.notes[0]?.why).toContain('asked for a second time')
})

test('instances without a linked phone say why', async () => {
  await mkdir(join(instances, 'clx0cuid'), { recursive: true })

  const { new: fresh, wholesale: paid, torn } = await open(instances)

  expect([fresh, paid, torn].map((account) => account?.device)).toEqual(['', '', ''])
  expect(fresh?.notes).toEqual([
    { what: 'device', whose: 'new', why: 'it was never linked' },
    { what: 'token', whose: 'new', why: 'it is empty: give the user one before its programs can call' },
  ])
  expect(paid?.notes[0]?.why).toContain('WHATSAPP-BUSINESS')
  expect(torn?.notes[0]).toEqual({ what: 'device', whose: 'torn', why: 'it is cut off or damaged' })
  expect(paid?.user.token).toBe('')
  expect(paid?.notes[1]?.why).toContain('the user shop has the same one')
})

test('another database is refused, and so is what is none', async () => {
  const { databaseUrl = '' } = temporary.config
  const request = { files: '', key: '', chosen: new Map<string, string>() }

  await expect(openEvolution({ ...request, from: databaseUrl })).rejects.toThrow(
    'the schema public has no table Instance',
  )
  await expect(openEvolution({ ...request, from: instances })).rejects.toThrow('name the PostgreSQL database')
})
