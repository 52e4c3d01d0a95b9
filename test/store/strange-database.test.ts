import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startParley } from '../../src/app/parley.ts'
import { loadConfig } from '../../src/config/config.ts'
import { type Database, isDatabaseFault, openDatabase } from '../../src/store/database/database.ts'
import { type TemporaryDatabase, temporaryDatabase } from '../helpers/database.ts'
import { type Forwarder, startForwarder } from '../helpers/forwarder.ts'
import { startStrangePeer, strangenesses } from '../helpers/strange-peer.ts'

/** Errors that nothing caught: each would end a server. */
let stray: Error[]
const noteStray = (error: Error) => stray.push(error)

beforeEach(() => {
  stray = []
  process.on('uncaughtExceptionMonitor', noteStray)
})
afterEach(() => process.off('uncaughtExceptionMonitor', noteStray))

test.each(strangenesses)(
  'a server whose database %s does not start, and says what to do',
  async (strangeness) => {
    const peer = await startStrangePeer(strangeness)
    const dataDir = await mkdtemp(join(tmpdir(), 'parley-test-'))
    const config = loadConfig({
      DATA_DIR: dataDir,
      DATABASE_URL: `postgres://parley:very-secret@127.0.0.1:${peer.port}/parley`,
      WHATSAPP_NETWORK: 'sandbox',
      LOG_LEVEL: 'silent',
    })

    const failure = await startParley(config).catch((error: unknown) => error)

    expect(failure).toMatchObject({
      name: 'ConfigError',
      message: expect.stringMatching(
        new RegExp(
          `^no PostgreSQL database can be used at 127\\.0\\.0\\.1:${peer.port} \\(.+\\); check DATABASE_URL`,
        ),
      ),
    })
    expect(String(failure)).not.toContain('very-secret')
    expect(stray).toEqual([])
    await peer.close()
    await rm(dataDir, { recursive: true })
  },
  30_000,
)

describe('a connection whose other end was the database', () => {
  let database: TemporaryDatabase
  let forwarder: Forwarder
  let db: Database

  beforeEach(async () => {
    database = await temporaryDatabase('postgres')
    const url = new URL(database.config.databaseUrl ?? '')
    forwarder = await startForwarder({ host: url.hostname, port: Number(url.port) })
    url.port = String(forwarder.port)
    db = await openDatabase({ dataDir: database.config.dataDir, databaseUrl: url.href })
  })
  afterEach(async () => {
    await db.destroy()
    await forwarder.close()
    await database.close()
  })

  test('is given up when something else goes on in its place, and the next one is good', async () => {
    const waiting = db.raw('select pg_sleep(60)').catch((error: unknown) => error)
    await expect.poll(() => isRunning('select pg_sleep(60)')).toBe(true)

    forwarder.say(Buffer.alloc(64))

    expect(isDatabaseFault(await waiting)).toBe(true)
    expect((await db.raw('select 1 as one')).rows).toEqual([{ one: 1 }])
    expect(stray).toEqual([])
  })

  test('is given up when the driver fails at what it reads, and the next one is good', async () => {
    const connection = await db.client.acquireConnection()
    connection.connection.stream.prependListener('data', () => {
      throw new RangeError('there is less than was announced')
    })

    const failure = await db
      .raw('select 1')
      .connection(connection)
      .catch((error: unknown) => error)
    await db.client.releaseConnection(connection)

    expect(isDatabaseFault(failure)).toBe(true)
    expect((await db.raw('select 1 as one')).rows).toEqual([{ one: 1 }])
    expect(stray).toEqual([])
  })

  /** Whether a statement is running on the server, seen past the forwarder. */
  async function isRunning(statement: string): Promise<boolean> {
    const { rows } = await database.db.raw('select 1 from pg_stat_activity where query = ? and state = ?', [
      statement,
      'active',
    ])
    return rows.length > 0
  }
})
