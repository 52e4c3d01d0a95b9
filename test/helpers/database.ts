import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { type Database, openDatabase } from '../../src/store/database/database.ts'
import { migrate } from '../../src/store/database/migrations.ts'

export type DatabaseKind = 'sqlite' | 'postgres'

/** For `describe.each`: what stores promise must hold on both. */
export const databaseKinds: DatabaseKind[] = ['sqlite', 'postgres']

export interface TemporaryDatabase {
  db: Database
  /** What `openDatabase`, `openSecrets` and `loadConfig` need to reach the same database again. */
  config: { dataDir: string; databaseUrl?: string }
  close(): Promise<void>
}

/** An empty, migrated database of its own: a new SQLite file, or a clone of the run's PostgreSQL template. */
export async function temporaryDatabase(kind: DatabaseKind = 'sqlite'): Promise<TemporaryDatabase> {
  const dataDir = await mkdtemp(join(tmpdir(), 'parley-test-'))
  const config = { dataDir, databaseUrl: kind === 'postgres' ? await cloneTemplate() : undefined }
  const db = await openDatabase(config)
  if (kind === 'sqlite') await migrate(db)
  return {
    db,
    config,
    close: async () => {
      await db.destroy()
      await rm(dataDir, { recursive: true, force: true })
      const { databaseUrl } = config
      if (databaseUrl)
        await onServer((client) => client.query(`drop database "${databaseName(databaseUrl)}" with (force)`))
    },
  }
}

/** The empty database of a server that is thrown away afterwards, migrated. */
export async function databaseAt(databaseUrl: string): Promise<TemporaryDatabase> {
  const dataDir = await mkdtemp(join(tmpdir(), 'parley-test-'))
  const config = { dataDir, databaseUrl }
  const db = await openDatabase(config)
  await migrate(db)
  return {
    db,
    config,
    close: async () => {
      await db.destroy()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

async function cloneTemplate(): Promise<string> {
  const run = process.env.PARLEY_TEST_RUN
  const template = `${run}_template`
  const name = `${run}_${randomBytes(6).toString('hex')}`
  await onServer(async (client) => {
    // The first test process that gets here builds the template, the others wait for it.
    await client.query('select pg_advisory_lock(hashtext($1))', [template])
    const existing = await client.query('select 1 from pg_database where datname = $1', [template])
    if (existing.rowCount === 0) await buildTemplate(client, template)
    await client.query(`create database "${name}" template "${template}"`)
    // Tests kill processes, not machines.
    await client.query(`alter database "${name}" set synchronous_commit = off`)
  })
  return serverUrl(name)
}

async function buildTemplate(client: pg.Client, template: string): Promise<void> {
  const draft = `${template}_draft`
  await client.query(`create database "${draft}"`)
  const db = await openDatabase({ dataDir: tmpdir(), databaseUrl: serverUrl(draft) })
  await migrate(db)
  await db.destroy()
  await client.query(`alter database "${draft}" rename to "${template}"`)
}

async function onServer(work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: serverUrl() })
  await client.connect()
  try {
    await work(client)
  } finally {
    await client.end()
  }
}

function serverUrl(database?: string): string {
  const url = process.env.PARLEY_TEST_PG
  if (!url) throw new Error(process.env.PARLEY_TEST_PG_MISSING ?? 'test/helpers/global-setup.ts has not run')
  const address = new URL(url)
  if (database) address.pathname = `/${database}`
  return address.href
}

function databaseName(url: string): string {
  return new URL(url).pathname.slice(1)
}
