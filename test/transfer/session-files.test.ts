import { cp, mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openForeignFile } from '../../src/store/database/foreign.ts'
import type { SourceServer } from '../../src/transfer/account.ts'
import { openGows } from '../../src/transfer/gows/accounts.ts'
import { openWagoApi } from '../../src/transfer/wago-api/accounts.ts'
import { keysOf, mainDatabase, officeJid, shopJid } from './fixture.ts'

let scratch: string
let servers: SourceServer[] = []

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'parley-test-'))
})
afterAll(async () => {
  await Promise.all(servers.map((server) => server.close()))
  servers = []
  await rm(scratch, { recursive: true, force: true })
})

/** A database with one device of the fixture, or with both. */
async function writeDatabase(path: string, ...jids: string[]): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await cp(mainDatabase, path)
  const db = openForeignFile(path, 'writing')
  await db('whatsmeow_device').whereNotIn('jid', jids).delete()
  await db.destroy()
}

async function open(
  opener: typeof openWagoApi,
  from: string,
  chosen = new Map<string, string>(),
): Promise<SourceServer> {
  const server = await opener({ from, files: '', key: '', chosen })
  servers.push(server)
  return server
}

const namesAndDevices = ({ accounts }: SourceServer) =>
  accounts.map(({ user, device }) => [user.name, device])

test('wago-api: a session for each file, by its name or that of its folder', async () => {
  const folder = join(scratch, 'sessions')
  await writeDatabase(join(folder, 'shop.db'), shopJid)
  await writeDatabase(join(folder, 'office', 'session.sqlite'), officeJid)
  await writeDatabase(join(folder, 'fresh.db'))
  await writeDatabase(join(folder, 'backup-of-shop.db'), shopJid)
  await utimes(join(folder, 'backup-of-shop.db'), 1_000, 1_000)
  await writeFile(join(folder, 'broken.db'), 'nothing of the kind')
  await writeFile(join(folder, 'notes.txt'), 'not asked for')
  const other = openForeignFile(join(folder, 'other.db'), 'writing')
  await other.raw('create table something (id integer)')
  await other.destroy()

  const server = await open(openWagoApi, folder)

  expect(namesAndDevices(server)).toEqual([
    ['backup-of-shop', ''],
    ['broken', ''],
    ['fresh', ''],
    ['office', officeJid],
    ['shop', shopJid],
  ])
  expect(server.accounts.slice(0, 3).map(({ notes }) => notes[0]?.why)).toEqual([
    'shop has the same one, and is newer',
    expect.stringContaining('is no SQLite database'),
    'it was never linked',
  ])
  const [, , , office, shop] = server.accounts
  const read = [await office?.readDevice(), await shop?.readDevice()]
  expect(read.map((device) => device?.jid)).toEqual([officeJid, shopJid])
  const keys = read[1] && (await keysOf(read[1]))
  expect(keys?.dropped).toEqual([])
  expect(keys?.keys.filter(({ kind }) => kind === 'session')).toHaveLength(7)
})

test('wago-api: a file with two devices needs a word, and the same session has the same id again', async () => {
  const folder = join(scratch, 'shared')
  await writeDatabase(join(folder, 'both.db'), shopJid, officeJid)

  const [unsaid] = (await open(openWagoApi, folder)).accounts
  const [chosen] = (await open(openWagoApi, folder, new Map([['both', officeJid]]))).accounts
  const [again] = (await open(openWagoApi, folder, new Map([['both', officeJid]]))).accounts

  expect(unsaid?.notes[0]?.why).toBe(
    `its file has several, ${shopJid} and ${officeJid}: say which one with --device`,
  )
  expect(chosen?.device).toBe(officeJid)
  expect(again?.user.id).toBe(chosen?.user.id)
})

test('wago-api: a folder without sessions is refused', async () => {
  const empty = join(scratch, 'empty')
  await mkdir(empty)

  await expect(open(openWagoApi, empty)).rejects.toThrow('there is no database with a linked device')
  await expect(open(openWagoApi, join(scratch, 'nowhere'))).rejects.toThrow('there is no folder')
})

test('gows: the folder of WAHA, that of its engine, that of a session, and a file', async () => {
  const folder = join(scratch, '.sessions')
  await writeDatabase(join(folder, 'gows', 'default', 'gows.db'), shopJid)
  await writeDatabase(join(folder, 'gows', 'office', 'gows.db'), officeJid)
  const all = [
    ['default', shopJid],
    ['office', officeJid],
  ]

  expect(namesAndDevices(await open(openGows, folder))).toEqual(all)
  expect(namesAndDevices(await open(openGows, join(folder, 'gows')))).toEqual(all)
  expect(namesAndDevices(await open(openGows, join(folder, 'gows', 'office')))).toEqual(all.slice(1))
  expect(namesAndDevices(await open(openGows, join(folder, 'gows', 'default', 'gows.db')))).toEqual(
    all.slice(0, 1),
  )
})
