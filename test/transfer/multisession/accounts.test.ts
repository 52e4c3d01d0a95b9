import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSecrets, type Secrets } from '../../../src/lib/secrets/secrets.ts'
import type { Database } from '../../../src/store/database/database.ts'
import type { SourceServer } from '../../../src/transfer/account.ts'
import { importCustomers } from '../../../src/transfer/customers.ts'
import { openGows } from '../../../src/transfer/gows/accounts.ts'
import { importAccount } from '../../../src/transfer/import-account.ts'
import { openMultisession } from '../../../src/transfer/multisession/accounts.ts'
import { openWhatsmeowStore } from '../../../src/transfer/whatsmeow/store.ts'
import { writeWhatsmeowDevice } from '../../../src/transfer/whatsmeow/write-device.ts'
import { signedToken } from '../../dialects/multisession/replay/stage.ts'
import { type Answer, TestApp } from '../../helpers/app.ts'
import { type TemporaryDatabase, temporaryDatabase } from '../../helpers/database.ts'
import { keysOf, scratchCopy, shopJid } from '../fixture.ts'

const SHOP = '550e8400-e29b-41d4-a716-446655440000'
const PENDING = '550e8400-e29b-41d4-a716-446655440001'
const KEY = 'wam_0123456789abcdef0123456789ab'
const OTHER_KEY = 'wam_ffffffffffffffffffffffffffff'
const SECRET = '5e'.repeat(32)
const JWT_KEY = 'the-signing-key-of-the-old-server-as-it-was'

/** As the original makes them, once all its changes are made. */
const TABLES = `
  create table api_keys (
    id serial primary key, api_key varchar(64) unique not null, customer_name varchar(255) not null,
    customer_email varchar(255) not null, customer_phone varchar(50) not null, max_devices int default 1,
    rate_limit_per_hour int default 1000, is_active boolean default true,
    created_at timestamp default current_timestamp, updated_at timestamp default current_timestamp);
  create table devices (
    device_id uuid primary key default gen_random_uuid(),
    api_key_id int references api_keys(id) on delete cascade, device_secret varchar(64) not null,
    device_name varchar(255), whatsmeow_jid varchar(255), status varchar(20) default 'pending',
    created_at timestamp default current_timestamp, last_active_at timestamp, jwt_version int default 1,
    proxy_url text, passive_mode boolean default false);
  create table wa_webhooks (
    id serial primary key, device_id text not null, url text not null, secret text not null,
    events jsonb not null, active boolean not null default true,
    created_at timestamp default current_timestamp, updated_at timestamp default current_timestamp);
`

let old: TemporaryDatabase
let target: TemporaryDatabase
let secrets: Secrets
let source: SourceServer
let app: TestApp | undefined

beforeAll(async () => {
  old = await temporaryDatabase('postgres')
  target = await temporaryDatabase()
  secrets = await openSecrets(target.config)
  await writeShop(old.db)
  await old.db.raw(TABLES)
  await old.db('api_keys').insert([
    {
      api_key: KEY,
      customer_name: 'Acme',
      customer_email: 'ops@acme.example',
      customer_phone: '15550100',
      max_devices: 3,
    },
    {
      api_key: OTHER_KEY,
      customer_name: 'Gone',
      customer_email: '',
      customer_phone: '',
      is_active: false,
    },
  ])
  await old.db('devices').insert([
    {
      device_id: SHOP,
      api_key_id: 1,
      device_secret: SECRET,
      device_name: 'Shop',
      whatsmeow_jid: shopJid,
      status: 'active',
      jwt_version: 4,
      created_at: '2026-01-01 12:00:00',
    },
    { device_id: PENDING, api_key_id: 1, device_secret: 'a1'.repeat(32), created_at: '2026-01-02 12:00:00' },
  ])
  await old.db('wa_webhooks').insert([
    { device_id: SHOP, url: 'https://a.example/hook', secret: 'signs-a', events: '["message.received"]' },
    { device_id: SHOP, url: 'https://b.example/hook', secret: 'signs-b', events: '[]', active: false },
  ])
  source = await openMultisession({
    from: old.config.databaseUrl ?? '',
    files: '',
    key: '',
    chosen: new Map(),
  })
})

afterAll(async () => {
  await app?.close()
  await source.close()
  await target.close()
  await old.close()
})

async function writeShop(db: Database): Promise<void> {
  const copy = await scratchCopy()
  const store = await openWhatsmeowStore(copy.db)
  await writeWhatsmeowDevice(db, await store.readDevice(shopJid), () => {})
  await copy.close()
}

async function importAll(isTrial: boolean) {
  const reports = []
  for (const account of source.accounts)
    reports.push(
      await importAccount({ db: target.db, secrets }, account, {
        source: source.kind,
        isTrial,
        connects: false,
      }),
    )
  return reports
}

function ask(
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: object,
): Promise<Answer> | undefined {
  const type: Record<string, string> = body ? { 'Content-Type': 'application/json' } : {}
  return app?.request(method, `/multisession${path}`, { body, headers: { ...headers, ...type } })
}

test('customers, devices and webhooks come over, and none of their secrets is shown', async () => {
  const customers = source.customers ?? []

  const trial = await importAll(true)
  const taken = await importCustomers({ db: target.db, secrets }, customers)
  const reports = await importAll(false)
  const again = [await importCustomers({ db: target.db, secrets }, customers), await importAll(false)]

  expect(trial.map(({ outcome }) => outcome)).toEqual(['ready', 'ready'])
  expect(taken).toBe(2)
  expect(reports.map(({ name, device, outcome }) => [name, device, outcome])).toEqual([
    ['Shop', shopJid, 'imported'],
    [PENDING, '', 'imported'],
  ])
  expect(reports[0]?.taken).toMatchObject({ webhooks: 2, sessions: 7 })
  expect(again).toMatchObject([0, [{ outcome: 'present' }, { outcome: 'present' }]])
  for (const secret of [KEY, OTHER_KEY, SECRET, 'signs-a'])
    expect(JSON.stringify([trial, reports])).not.toContain(secret)
})

test('every key, secret and token of the old server works here', async () => {
  await target.db.destroy()
  app = await TestApp.start({ reuse: target.config, env: { JWT_SECRET_KEY: JWT_KEY } })
  const claims = { device_id: SHOP, api_key_id: 1, jid: '491511110001', version: 4 }
  const issued = { Authorization: `Bearer ${signedToken(claims, JWT_KEY)}` }
  const revoked = { Authorization: `Bearer ${signedToken({ ...claims, version: 3 }, JWT_KEY)}` }

  const device = await ask('GET', '/devices/me', issued)
  const webhooks = await ask('GET', '/webhooks', issued)
  const refused = await ask('GET', '/devices/me', revoked)
  const created = await ask('POST', '/devices', { 'X-API-Key': KEY }, { device_name: 'Third' })
  const overLimit = await ask('POST', '/devices', { 'X-API-Key': KEY }, { device_name: 'Fourth' })
  const inactive = await ask('POST', '/devices', { 'X-API-Key': OTHER_KEY }, {})
  const renewed = await ask('POST', '/devices/token', {}, { device_id: SHOP, device_secret: SECRET })

  expect(device?.json.data).toMatchObject({ device_id: SHOP, device_name: 'Shop' })
  expect(webhooks?.json.data.webhooks).toMatchObject([
    { URL: 'https://a.example/hook', Events: ['message.received'], Active: true },
    { URL: 'https://b.example/hook', Active: false },
  ])
  expect(refused?.status).toBe(401)
  expect(created?.status).toBe(201)
  expect(overLimit?.json.message).toContain('Device limit reached')
  expect(inactive?.status).toBe(401)
  expect(renewed?.status).toBe(200)
})

test('the devices of a database of GOWS come without names of their sessions', async () => {
  const gows = await openGows({
    from: old.config.databaseUrl ?? '',
    files: '',
    key: '',
    chosen: new Map(),
  })

  const [account, ...others] = gows.accounts
  const device = await account?.readDevice()
  const read = device && (await keysOf(device))
  await gows.close()

  expect(others).toEqual([])
  expect(account?.device).toBe(shopJid)
  expect(read?.keys.filter(({ kind }) => kind === 'session')).toHaveLength(7)
})

test('a database without devices of customers is refused', async () => {
  const empty = await temporaryDatabase('postgres')

  const opened = openMultisession({
    from: empty.config.databaseUrl ?? '',
    files: '',
    key: '',
    chosen: new Map(),
  })

  await expect(opened).rejects.toThrow('it has no table api_keys')
  await empty.close()
})
