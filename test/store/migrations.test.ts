import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openDatabase } from '../../src/store/database/database.ts'
import { migrate, migrationSource } from '../../src/store/database/migrations.ts'
import { registerNode } from '../../src/store/nodes/nodes.ts'
import { databaseKinds, type TemporaryDatabase, temporaryDatabase } from '../helpers/database.ts'

describe.each(databaseKinds)('migrations on %s', (kind) => {
  let database: TemporaryDatabase

  beforeEach(async () => {
    database = await temporaryDatabase(kind)
  })
  afterEach(() => database.close())

  test('migrating again changes nothing', async () => {
    const before = await database.db('knex_migrations').select('name')

    await migrate(database.db)

    expect(await database.db('knex_migrations').select('name')).toEqual(before)
  })

  test('every migration can be undone and done again', async () => {
    await database.db.migrate.rollback({ migrationSource }, true)
    expect(await database.db.schema.hasTable('users')).toBe(false)

    await migrate(database.db)

    expect(await database.db.schema.hasTable('users')).toBe(true)
  })

  test('a database that a newer release has used is left alone, with a sentence', async () => {
    await database.db('knex_migrations').insert({ name: '9999_later', batch: 99 })

    await expect(migrate(database.db)).rejects.toThrow(/newer release \(it has 9999_later\)/)
  })

  test('a migration that was killed half way does not keep the next start from migrating', async () => {
    await database.db('knex_migrations_lock').update({ is_locked: 1 })

    await migrate(database.db)

    expect(await database.db('knex_migrations_lock').first('is_locked')).toEqual({ is_locked: 0 })
  })
})

test('two nodes that start at once on an empty PostgreSQL database both succeed', async () => {
  const database = await temporaryDatabase('postgres')
  await database.db.migrate.rollback({ migrationSource }, true)
  const second = await openDatabase(database.config)

  await Promise.all([migrate(database.db), migrate(second)])

  expect(await second.schema.hasTable('deliveries')).toBe(true)
  await second.destroy()
  await database.close()
})

describe('nodes of an earlier release', () => {
  const node = { id: 'old', address: 'http://old', incarnation: 'i' }
  let database: TemporaryDatabase

  beforeEach(async () => {
    database = await temporaryDatabase('postgres')
    // What they cannot work with came some migrations ago.
    while (await database.db.schema.hasTable('webhooks')) await database.db.migrate.down({ migrationSource })
  })
  afterEach(() => database.close())

  test('that still run keep a schema they cannot work with from being made', async () => {
    await registerNode(database.db, node, 60_000)

    await expect(migrate(database.db, 0)).rejects.toThrow(
      'nodes of an earlier release are running on this database (old); stop all of them, then start this release',
    )
    expect(await database.db.schema.hasTable('webhooks')).toBe(false)
  })

  test('that were killed are waited for', async () => {
    await registerNode(database.db, node, 1_000)

    await migrate(database.db)

    expect(await database.db.schema.hasTable('webhooks')).toBe(true)
  })
})

test('a database that was migrated and closed has no connection left', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'parley-test-'))
  const db = await openDatabase({ dataDir })
  await migrate(db)
  await db('users').select('id')

  await db.destroy()

  // SQLite removes the log with the last connection.
  expect((await readdir(dataDir)).filter((name) => name.endsWith('-wal'))).toEqual([])
  await rm(dataDir, { recursive: true })
})
