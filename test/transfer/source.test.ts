import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { openSync, readFileSync } from 'node:fs'
import { copyFile, mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { scratchFolder } from '../../src/lib/process/scratch-folder.ts'
import { openForeignFile, openForeignServer } from '../../src/store/database/foreign.ts'
import { openSource, type Source } from '../../src/transfer/source.ts'
import { openWhatsmeowStore } from '../../src/transfer/whatsmeow/store.ts'
import { type TemporaryDatabase, temporaryDatabase } from '../helpers/database.ts'
import { mainDatabase, shopJid } from './fixture.ts'

let folder: string
let path: string
const opened: Source[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-test-'))
  path = join(folder, 'main.db')
  await copyFile(mainDatabase, path)
})

afterEach(async () => {
  for (const source of opened.splice(0)) await source.close()
  await rm(folder, { recursive: true, force: true })
})

async function open(address: string): Promise<Source> {
  const source = await openSource(address)
  opened.push(source)
  return source
}

const names = async (source: Source) =>
  (await source.db('whatsmeow_contacts').where({ our_jid: shopJid }).select('push_name')).map(
    (row: { push_name: string }) => row.push_name,
  )

describe('a SQLite file', () => {
  test('whose journal names another file is refused, and the other file stays', async () => {
    const journal = Buffer.concat([Buffer.alloc(512), Buffer.from('d9d505f920a163d7', 'hex')])
    await writeFile(`${path}-journal`, journal)

    await expect(openSource(path)).rejects.toThrow('in the middle of a change')
  })

  test('is not changed, and neither is what is beside it', async () => {
    const before = await digests()

    const source = await open(path)
    await (await openWhatsmeowStore(source.db)).listDevices()
    expect(source.changedAt).toBeGreaterThan(Date.now() - 60_000)

    expect(await digests()).toEqual(before)
    await expect(source.db('whatsmeow_device').delete()).rejects.toThrow(/readonly/)
  })

  test('is read with what is committed in its write-ahead log, and without what is not', async () => {
    const writer = openForeignFile(path, 'writing')
    try {
      await writer.raw('pragma journal_mode = wal')
      await writer.raw('pragma wal_autocheckpoint = 0')
      await writer('whatsmeow_contacts').where({ push_name: 'Eve' }).update({ push_name: 'Committed' })
      await writer.raw('begin')
      await writer('whatsmeow_contacts').where({ push_name: 'Dora' }).update({ push_name: 'Not committed' })
      const before = await digests()

      const found = await names(await open(path))

      expect(found).toContain('Committed')
      expect(found).toContain('Dora')
      expect(found).not.toContain('Not committed')
      expect(await digests()).toEqual(before)
      await writer.raw('rollback')
    } finally {
      await writer.destroy()
    }
  })

  test('is read without what a program that was killed had begun to write', async () => {
    const writer = openForeignFile(path, 'writing')
    const killed = join(folder, 'killed.db')
    try {
      // So little memory that pages are written before the end, after their old form was put into the journal.
      await writer.raw('pragma cache_size = 1')
      await writer.raw('begin immediate')
      await writer('whatsmeow_contacts').update({ push_name: 'x'.repeat(500) })
      await writer('whatsmeow_pre_keys').update({ uploaded: false })
      await copyFile(path, killed)
      await copyFile(`${path}-journal`, `${killed}-journal`)
      await writer.raw('rollback')
    } finally {
      await writer.destroy()
    }
    expect(digest(killed)).not.toBe(digest(path))

    const source = await open(killed)

    expect(await names(source)).toContain('Eve')
    expect(await source.db('whatsmeow_pre_keys').where({ uploaded: false })).toEqual([])
  })

  test('is copied to where nothing stays', async () => {
    const source = await openSource(path)
    const during = await readdir(await scratchFolder())
    await source.close()

    const after = await readdir(await scratchFolder())
    expect(during.some((name) => name.startsWith('source-'))).toBe(true)
    expect(after.some((name) => name.startsWith('source-'))).toBe(false)
  })

  test.skipIf(process.platform !== 'linux')('that a process has open is in use, by its name', async () => {
    // What is not seen from within a container is not known.
    expect(['unused', 'unknown']).toContain((await open(path)).use.state)
    const holder = spawn('sleep', ['60'], { stdio: [openSync(path, 'r'), 'ignore', 'ignore'] })
    try {
      await expect
        .poll(async () => (await open(path)).use)
        .toEqual({ state: 'in use', by: `process ${holder.pid} (sleep)` })
    } finally {
      holder.kill()
    }
  })

  test('that is none, or damaged, is refused in words, and nothing of it stays', async () => {
    const text = join(folder, 'text.db')
    await writeFile(text, 'this is no database, whatever its name says')
    const half = join(folder, 'half.db')
    await copyFile(path, half)
    await truncate(half, 100_000)
    const garbage = join(folder, 'garbage.db')
    await writeFile(garbage, Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(9_000, 7)]))

    await expect(openSource(join(folder, 'none.db'))).rejects.toThrow('there is no file')
    await expect(openSource(folder)).rejects.toThrow('is no file')
    await expect(openSource(text)).rejects.toThrow('is no SQLite database')
    await expect(openSource(half)).rejects.toThrow('damaged')
    await expect(openSource(garbage)).rejects.toThrow('is no SQLite database, or a damaged one')
    expect((await readdir(await scratchFolder())).filter((name) => name.startsWith('source-'))).toEqual([])
  })

  test('with other tables is opened, and holds no devices', async () => {
    const source = await open(join(mainDatabase, '../users.db'))

    await expect(openWhatsmeowStore(source.db)).rejects.toThrow('holds no linked devices')
  })

  async function digests(): Promise<string[]> {
    return (await readdir(folder)).sort().map((name) => `${name} ${digest(join(folder, name))}`)
  }

  function digest(file: string): string {
    return createHash('sha256').update(readFileSync(file)).digest('hex')
  }
})

describe('a PostgreSQL database', () => {
  let temporary: TemporaryDatabase
  let url: string

  beforeEach(async () => {
    temporary = await temporaryDatabase('postgres')
    url = temporary.config.databaseUrl ?? ''
    await temporary.db.raw('create table whatsmeow_lid_map (lid text primary key, pn text unique not null)')
    await temporary.db.destroy()
  })

  afterEach(async () => {
    for (const source of opened.splice(0)) await source.close()
    await temporary.close()
  })

  test('is read as it was when it was opened, and not changed', async () => {
    const source = await open(url)
    expect(await source.db('whatsmeow_lid_map')).toEqual([])
    const writer = openForeignServer(url, 'writing')
    await writer('whatsmeow_lid_map').insert({ lid: '1', pn: '2' })
    await writer.destroy()

    expect(await source.db('whatsmeow_lid_map')).toEqual([])
    await expect(source.db('whatsmeow_lid_map').insert({ lid: '3', pn: '4' })).rejects.toThrow('read-only')
  })

  test('that somebody else has asked something lately is in use, by their name', async () => {
    expect((await open(url)).use).toEqual({ state: 'unused' })
    const other = new URL(url)
    const busy = openForeignServer(other.href, 'writing')
    try {
      await busy.raw(`set application_name = 'the other server'`)

      expect((await open(url)).use).toEqual({
        state: 'in use',
        by: expect.stringContaining('the other server'),
      })
    } finally {
      await busy.destroy()
    }
  })

  test('that cannot be reached is refused without its password', async () => {
    const refusal = openSource('postgres://parley:secret@127.0.0.1:1/none')

    await expect(refusal).rejects.toThrow('postgres://parley@127.0.0.1:1/none cannot be read (ECONNREFUSED)')
    await expect(openSource('postgres://[')).rejects.toThrow('no address of a PostgreSQL database')
  })
})
