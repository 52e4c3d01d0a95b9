import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import knex from 'knex'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openHmacKey } from '../../../src/transfer/wuzapi/hmac-key.ts'
import { HMAC_KEY, type OldInstallation, oldInstallation, SHOP, SOURCE_KEY } from './installation.ts'

let old: OldInstallation
let folder: string

beforeEach(async () => {
  old = await oldInstallation()
  folder = await mkdtemp(join(tmpdir(), 'parley-test-'))
})
afterEach(async () => {
  await old.close()
  await rm(folder, { recursive: true, force: true })
})

interface Run {
  code: number | null
  output: string
}

function start(command: 'import' | 'export', args: string[], dataDir = join(folder, 'ours')): ChildProcess {
  return spawn(process.execPath, ['--import', 'tsx', `src/app/${command}.ts`, 'wuzapi', ...args], {
    env: { ...process.env, DATA_DIR: dataDir, DATABASE_URL: '', LOG_LEVEL: 'silent' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

async function run(...[command, args, dataDir]: Parameters<typeof start>): Promise<Run> {
  const child = start(command, args, dataDir)
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (bytes: Buffer) => {
      output += bytes
    })
  const [code] = await once(child, 'close')
  return { code, output }
}

/** All rows of a database, without what every writing gives anew. */
async function rowsOf(path: string, tables: string[]): Promise<Record<string, unknown[]>> {
  const db = knex({ client: 'sqlite3', connection: { filename: path }, useNullAsDefault: true })
  const found: Record<string, unknown[]> = {}
  for (const table of tables) {
    const rows = await db(table).select('*')
    found[table] = rows
      .map((row) =>
        JSON.stringify({
          ...row,
          hmac_key: undefined,
          timestamp: undefined,
          datajson: undefined,
          id: undefined,
        }),
      )
      .sort()
  }
  await db.destroy()
  return found
}

const KEYS = ['--source-key', SOURCE_KEY]
const DEVICE_TABLES = [
  'whatsmeow_device',
  'whatsmeow_identity_keys',
  'whatsmeow_sessions',
  'whatsmeow_sender_keys',
  'whatsmeow_pre_keys',
  'whatsmeow_app_state_sync_keys',
  'whatsmeow_app_state_version',
  'whatsmeow_app_state_mutation_macs',
  'whatsmeow_message_secrets',
  'whatsmeow_chat_settings',
  'whatsmeow_lid_map',
]

test('whoever tries this server and goes back has what there was before', async () => {
  await Promise.all([old.users.destroy(), old.main.destroy()])
  expect(await run('import', ['--from', old.folder, ...KEYS])).toMatchObject({ code: 0 })

  const { code, output } = await run('export', ['--to', join(folder, 'back'), '--target-key', SOURCE_KEY])

  expect([code, output]).toEqual([0, expect.stringContaining('They are in')])
  const at = (where: string, name: string) => join(where, 'dbdata', name)
  const back = join(folder, 'back')
  expect(await rowsOf(at(back, 'main.db'), DEVICE_TABLES)).toEqual(
    await rowsOf(at(old.folder, 'main.db'), DEVICE_TABLES),
  )
  const [before, after] = await Promise.all(
    [old.folder, back].map((where) => rowsOf(at(where, 'users.db'), ['users', 'message_history'])),
  )
  expect(after?.message_history).toEqual(before?.message_history)
  // A column without a value says no.
  const plain = (rows: unknown[] = []) =>
    rows.map((row) => String(row).replace('"connected":null', '"connected":0'))
  expect(plain(after?.users)).toEqual(plain(before?.users))

  // And once more: what comes back is the same again.
  const again = await run('import', ['--from', back, ...KEYS], join(folder, 'again'))
  expect([again.code, again.output]).toEqual([0, expect.stringContaining('7 sessions')])
  const db = knex({
    client: 'sqlite3',
    connection: { filename: at(back, 'users.db') },
    useNullAsDefault: true,
  })
  const shop = await db('users').where({ id: SHOP }).first()
  expect(openHmacKey(shop.hmac_key, SOURCE_KEY)).toBe(HMAC_KEY)
  const [first] = await db('message_history').where('datajson', '<>', '').orderBy('id')
  expect(JSON.parse(first.datajson)).toMatchObject({
    Info: { PushName: 'Ana', Timestamp: '2026-11-28T22:40:09Z' },
    Message: { conversation: 'Ana 0' },
    RawMessage: { conversation: 'Ana 0' },
  })
  expect(first.timestamp).toBe('2026-11-28 22:40:09.357 +0000 UTC')
  await db.destroy()
}, 120_000)

test('after the way back nobody connects here', async () => {
  await Promise.all([old.users.destroy(), old.main.destroy()])
  await run('import', ['--from', old.folder, ...KEYS])
  const wanted = async () => {
    const db = knex({
      client: 'sqlite3',
      connection: { filename: join(folder, 'ours/parley.db') },
      useNullAsDefault: true,
    })
    const rows = await db('users').where('wanted', true).pluck('name')
    await db.destroy()
    return rows.sort()
  }
  expect(await wanted()).toEqual(['Office', 'Shop'])

  await run('export', ['--to', old.folder, '--user', 'Shop'])

  expect(await wanted()).toEqual(['Office'])
}, 120_000)

test('the documented way: a trial leaves nothing behind, and the old key becomes the new one', async () => {
  await Promise.all([old.users.destroy(), old.main.destroy()])
  const dataDir = join(folder, 'ours')

  expect(await run('import', ['--from', old.folder, ...KEYS, '--dry-run'])).toMatchObject({ code: 0 })

  await expect(readdir(dataDir)).rejects.toThrow('ENOENT')
})

test('going back twice does not take the old server back in time', async () => {
  await Promise.all([old.users.destroy(), old.main.destroy()])
  await run('import', ['--from', old.folder, ...KEYS])
  const back = join(folder, 'back')
  await run('export', ['--to', back])
  const rows = () => rowsOf(join(back, 'dbdata/users.db'), ['users'])
  const before = await rows()

  const { output } = await run('export', ['--to', back])

  expect(output).toContain('it was exported before')
  expect(await rows()).toEqual(before)
  const again = await run('import', ['--from', back])
  expect(again.output).toContain('delete it here first')
}, 120_000)

test('the way back leaves a signing key alone that did not come, and refuses a key that is not the other server’s', async () => {
  await Promise.all([old.users.destroy(), old.main.destroy()])
  await run('import', ['--from', old.folder])

  const wrong = await run('export', ['--to', old.folder, '--target-key', 'f'.repeat(32)])
  await run('export', ['--to', old.folder])

  expect([wrong.code, wrong.output]).toEqual([1, expect.stringContaining('does not open')])
  const db = knex({
    client: 'sqlite3',
    connection: { filename: join(old.folder, 'dbdata/users.db') },
    useNullAsDefault: true,
  })
  const { hmac_key: stored } = await db('users').where({ id: SHOP }).first()
  await db.destroy()
  expect(openHmacKey(stored, SOURCE_KEY)).toBe(HMAC_KEY)
}, 120_000)

test('an address is not repeated: it may hold a password', async () => {
  for (const from of ['mysql://root:s3cretpw@h/db', 'Postgres:root:s3cretpw@h/db']) {
    const { code, output } = await run('import', ['--from', from])
    expect([code, output.includes('s3cretpw')]).toEqual([1, false])
  }
}, 60_000)

test('a source that a program works with is refused', async () => {
  // These connections count as one.
  await old.users('users').count()
  const reader = spawn(process.execPath, [
    '-e',
    `const s = require('sqlite3'); new s.Database(process.argv[1]).get('select 1 from users', () => console.log('open')); setInterval(() => {}, 1000)`,
    join(old.folder, 'dbdata/users.db'),
  ])
  await once(reader.stdout, 'data')

  const { code, output } = await run('import', ['--from', old.folder, ...KEYS])

  reader.kill()
  expect([code, output]).toEqual([1, expect.stringContaining('stop it first')])
}, 60_000)

test('a process that is killed leaves users whole or not at all, and the next one finishes', async () => {
  for (let number = 0; number < 30; number++)
    await old
      .users('users')
      .insert({ id: String(number).padStart(32, 'a'), name: `U${number}`, token: `t${number}` })
  await Promise.all([old.users.destroy(), old.main.destroy()])
  const child = start('import', ['--from', old.folder, ...KEYS])
  await once(child.stdout as NonNullable<typeof child.stdout>, 'data')
  await new Promise((resolve) => setTimeout(resolve, 30))
  child.kill('SIGKILL')
  await once(child, 'close')

  const { code, output } = await run('import', ['--from', old.folder, ...KEYS])

  expect([code, output]).toEqual([0, expect.stringContaining('33 users')])
  const db = knex({
    client: 'sqlite3',
    connection: { filename: join(folder, 'ours/parley.db') },
    useNullAsDefault: true,
  })
  expect(await db('users').count({ users: '*' }).first()).toEqual({ users: 33 })
  expect(await db('imports').count({ imports: '*' }).first()).toEqual({ imports: 33 })
  expect(await db('auth').where({ kind: 'session' }).count({ sessions: '*' }).first()).toEqual({
    sessions: 11,
  })
  await db.destroy()
}, 120_000)
