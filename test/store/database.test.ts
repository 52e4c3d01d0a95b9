import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createLogger } from '../../src/lib/process/logger.ts'
import { openDatabase } from '../../src/store/database/database.ts'
import { migrate } from '../../src/store/database/migrations.ts'
import { toApiError } from '../../src/whatsapp/library/faults.ts'
import { databaseKinds, temporaryDatabase } from '../helpers/database.ts'

describe.each(databaseKinds)('an error of %s', (kind) => {
  test('does not carry its statement into its message, nor into what a caller is told', async () => {
    const temporary = await temporaryDatabase(kind)

    const refused = await temporary
      .db('users')
      .insert({ name: 'S1' })
      .catch((error: unknown) => error)
    const elsewhere = await temporary.db.transaction((trx) => trx('nowhere')).catch((error: unknown) => error)

    for (const error of [refused, elsewhere]) {
      expect(String(error)).not.toMatch(/insert into|select \*/i)
      expect(toApiError(error)).toMatchObject({ code: 'internal', message: 'internal server error' })
    }
    await temporary.close()
  })

  test('does not carry the values of its statement into the log', async () => {
    const temporary = await temporaryDatabase(kind)
    const lines: string[] = []
    const log = createLogger('info', { write: (line: string) => void lines.push(line) })
    const user = { name: 'S1', profile: 'S2' }

    const refused = await temporary
      .db('users')
      .insert(user)
      .catch((error: unknown) => error)
    log.error({ err: refused }, 'refused')

    expect(refused).toBeInstanceOf(Error)
    expect(lines.join('')).toMatch(/insert into/i)
    expect(lines.join('')).toMatch(/null/i)
    expect(lines.join('')).not.toMatch(/S[12]/)
    await temporary.close()
  })
})

describe.each(databaseKinds)('what only reads from %s', (kind) => {
  test('waits for no transaction, and sees what was committed before', async () => {
    const { db, close } = await temporaryDatabase(kind)
    const names = () => db('names').orderBy('name').pluck('name')
    await db.schema.createTable('names', (table) => void table.text('name'))
    await db('names').insert({ name: 'first' })

    const meanwhile = await db.transaction(async (trx) => {
      await trx('names').insert({ name: 'second' })
      return { inside: await trx('names').orderBy('name').pluck('name'), outside: await names() }
    })

    expect(meanwhile).toEqual({ inside: ['first', 'second'], outside: ['first'] })
    expect(await names()).toEqual(['first', 'second'])
    await close()
  })
})

test('a SQLite database that was closed opens no connection for whoever still asks', async () => {
  const { db, close } = await temporaryDatabase('sqlite')
  await db('users').select('id')
  await close()

  await expect(db('users').select('id')).rejects.toThrow()
})

test('only its owner can read the SQLite file and what lies beside it', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'parley-mode-'))
  const db = await openDatabase({ dataDir })
  await migrate(db)

  const modes = await Promise.all(
    ['parley.db', 'parley.db-wal', 'parley.db-shm'].map(
      async (name) => (await stat(join(dataDir, name))).mode & 0o777,
    ),
  )

  expect(modes).toEqual([0o600, 0o600, 0o600])
  await db.destroy()
  await rm(dataDir, { recursive: true })
})
