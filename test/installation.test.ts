import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { renameSync } from 'node:fs'
import { access, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openInstallation } from '../src/app/installation.ts'
import { loadConfig } from '../src/config/config.ts'
import { globalHmacKey } from '../src/delivery/global-key.ts'
import { InstallationError } from '../src/lib/process/installation-error.ts'
import { openSecrets } from '../src/lib/secrets/secrets.ts'
import { migrationSource } from '../src/store/database/migrations.ts'
import { checkEncryptionKey } from '../src/store/keys/encryption-key.ts'
import { insertUser } from '../src/store/users/users.ts'
import { TestApp } from './helpers/app.ts'
import { databaseKinds, type TemporaryDatabase, temporaryDatabase } from './helpers/database.ts'
import { kill } from './helpers/server-process.ts'
import { sampleUser } from './helpers/users.ts'

/** Holds the folder of an installation until it is killed. */
const HOLDER = `
  const { lockFolder } = await import('./src/store/database/folder-lock.ts')
  await lockFolder(process.argv[1])
  console.log('locked')
  process.stdin.resume()
`

let place: TemporaryDatabase
let key: string

function configOf(env: Record<string, string> = {}, dataDir = place.config.dataDir) {
  return loadConfig({ DATA_DIR: dataDir, DATABASE_URL: place.config.databaseUrl ?? '', ...env })
}

/** Opens the installation as a server does, lets `use` work with it, and closes it. */
async function open(
  config = configOf(),
  use: (opened: Awaited<ReturnType<typeof openInstallation>>) => Promise<unknown> = async () => {},
): Promise<void> {
  const opened = await openInstallation(config)
  try {
    await use(opened)
  } finally {
    await opened.close()
  }
}

const keyIn = async (path: string) => (await readFile(path, 'utf8')).trim()

const withUser = (opened: Awaited<ReturnType<typeof openInstallation>>) =>
  insertUser(opened.db, opened.secrets, sampleUser({ token: 'TOKEN' }))

describe.each(databaseKinds)('the encryption key on %s', (kind) => {
  beforeEach(async () => {
    place = await temporaryDatabase(kind)
    key = join(place.config.dataDir, 'encryption-key')
  })
  afterEach(() => place.close())

  test('is generated at the first start and opens what was encrypted at the next', async () => {
    await open(configOf(), withUser)

    await open()

    expect((await readFile(key, 'utf8')).trim()).toHaveLength(44)
  })

  test('that is lost is noticed before a new one is written, and the sentence says what to restore', async () => {
    await open(configOf(), withUser)
    const before = await readdir(place.config.dataDir)
    await rename(key, `${key}.kept`)

    const refusal = open()

    await expect(refusal).rejects.toThrow(InstallationError)
    await expect(refusal).rejects.toThrow(`is missing: restore ${key} from a backup`)
    await rename(`${key}.kept`, key)
    expect((await readdir(place.config.dataDir)).sort()).toEqual(before.sort())
    await open()
  })

  test('that is lost is noticed although nobody has used the installation yet', async () => {
    await open()
    await rm(key)

    await expect(open()).rejects.toThrow(`restore ${key}`)
    await expect(access(key)).rejects.toThrow('ENOENT')
  })

  test('that is lost is noticed in a database from before it was remembered', async () => {
    await open(configOf(), withUser)
    await place.db('secrets_in_use').delete()
    await rm(key)

    await expect(open()).rejects.toThrow(`restore ${key}`)
  })

  test('that is lost is noticed before the schema is touched', async () => {
    await open(configOf(), withUser)
    await place.db.schema.dropTable('write_probe')
    await place.db.schema.dropTable('secrets_in_use')
    await place.db('knex_migrations').where({ name: '0017_installation' }).delete()
    await rm(key)

    await expect(open()).rejects.toThrow(`restore ${key}`)
    expect(await place.db.schema.hasTable('write_probe')).toBe(false)
  })

  test('that is another one is refused, in the file and in the variable', async () => {
    await open(configOf(), withUser)

    await expect(open(configOf({ ENCRYPTION_KEY: 'another' }))).rejects.toThrow(
      'ENCRYPTION_KEY is not the encryption key of the database',
    )
    await writeFile(key, 'another\n')
    await expect(open()).rejects.toThrow(`${key} is not the encryption key of the database`)
  })

  test('in a file that is empty or cannot be read is not replaced', async () => {
    await open(configOf(), withUser)
    await writeFile(key, '\n')
    await expect(open()).rejects.toThrow(`${key} is empty; restore it`)
    expect(await readFile(key, 'utf8')).toBe('\n')

    await rm(key)
    await mkdir(key)
    await expect(open()).rejects.toThrow(`${key} cannot be read (EISDIR)`)
  })

  test('of a node that starts at the same moment in the same folder is found', async () => {
    const config = configOf({ GLOBAL_WEBHOOK: 'http://127.0.0.1:1/' })
    await open(config)
    const names = ['encryption-key', 'global-hmac-key'].map((name) => join(place.config.dataDir, name))
    for (const name of names) await rename(name, `${name}.later`)
    const secrets = await openSecrets({
      dataDir: place.config.dataDir,
      encryptionKey: await keyIn(`${key}.later`),
    })

    // The other node has its key on disk and then in the database; here it appears while the database is asked.
    place.db.once('query', () => renameSync(`${key}.later`, key))
    await checkEncryptionKey(place.db, config)
    place.db.once('query', () => renameSync(`${names[1]}.later`, String(names[1])))
    await globalHmacKey(config, { db: place.db, secrets })
  })

  test('that was on disk before the database knew of it is used', async () => {
    await writeFile(key, 'written by a start that was killed\n')

    await open(configOf(), withUser)

    expect(await readFile(key, 'utf8')).toBe('written by a start that was killed\n')
    await open(configOf({ ENCRYPTION_KEY: 'written by a start that was killed' }))
  })

  test('is generated anew where the former one is given as such', async () => {
    await open(configOf(), withUser)
    const former = (await readFile(key, 'utf8')).trim()
    await rm(key)

    await open(configOf({ ENCRYPTION_KEY_PREVIOUS: former }))

    expect((await readFile(key, 'utf8')).trim()).not.toBe(former)
  })

  test('other secrets: a lost admin token is made anew, the key of the global webhook is asked for', async () => {
    const config = configOf({ GLOBAL_WEBHOOK: 'http://127.0.0.1:1/' })
    await open(config)
    const { dataDir } = config
    await rm(join(dataDir, 'admin-token'))
    await open(config)
    await rm(join(dataDir, 'global-hmac-key'))

    await expect(open(config)).rejects.toThrow(`restore ${join(dataDir, 'global-hmac-key')}`)
    expect(await readdir(dataDir)).toContain('admin-token')
    expect(await readdir(dataDir)).not.toContain('global-hmac-key')
    await open(configOf({ GLOBAL_WEBHOOK: 'http://127.0.0.1:1/', GLOBAL_HMAC_KEY: 'chosen' }))
  })
})

test('of two nodes with folders of their own and no common key the second is refused and writes nothing', async () => {
  place = await temporaryDatabase('postgres')
  const other = join(place.config.dataDir, 'other-node')
  const starts = await Promise.allSettled([open(), open(configOf({}, other))])
  await place.close()

  const refused = starts.filter((start) => start.status === 'rejected')
  expect(refused).toEqual([
    {
      status: 'rejected',
      reason: expect.objectContaining({ message: expect.stringContaining('ENCRYPTION_KEY') }),
    },
  ])
})

describe('the folder of a SQLite database', () => {
  let holder: ChildProcess | undefined
  beforeEach(async () => {
    place = await temporaryDatabase('sqlite')
  })
  afterEach(async () => {
    if (holder) await kill(holder)
    holder = undefined
    await place.close()
  })

  /** Another process that has the folder. */
  async function hold(): Promise<ChildProcess> {
    const program = ['--import', 'tsx', '--input-type=module', '--eval', HOLDER, place.config.dataDir]
    const child = spawn(process.execPath, program, { stdio: ['pipe', 'pipe', 'inherit'] })
    holder = child
    await once(createInterface({ input: child.stdout }), 'line')
    return child
  }

  test('is refused to a second server, which learns who has it and changes nothing', async () => {
    const { pid } = await hold()
    await place.db.migrate.down({ migrationSource })
    const before = await place.db('knex_migrations').pluck('name')

    const refusal = open()

    await expect(refusal).rejects.toThrow(InstallationError)
    await expect(refusal).rejects.toThrow(
      new RegExp(`${place.config.dataDir} is in use by process ${pid} on ${hostname()} since 20\\S+Z: stop`),
    )
    expect(await place.db('knex_migrations').pluck('name')).toEqual(before)
  })

  test('is free at once when its process was killed', async () => {
    await kill(await hold())

    await open()
  })

  test('is refused within one process as well, and free after the first has stopped', async () => {
    const first = await openInstallation(configOf())

    await expect(open()).rejects.toThrow(`in use by process ${process.pid}`)
    await first.close()

    await open()
    expect((await readdir(place.config.dataDir)).filter((name) => name.endsWith('.lock.json'))).toEqual([])
  })

  test('makes the program end with one sentence, and a server that stopped leaves it to the next', async () => {
    const app = await TestApp.start()
    const program = spawn(process.execPath, ['--import', 'tsx', 'src/main.ts'], {
      env: { ...process.env, DATA_DIR: app.place.dataDir, DATABASE_URL: '', PORT: '0', HOST: '127.0.0.1' },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let said = ''
    program.stderr.on('data', (chunk: Buffer) => {
      said += chunk
    })
    await once(program, 'close')
    await app.stop()
    const next = await TestApp.start({ reuse: app.place })
    await next.close()
    await app.close()

    expect(program.exitCode).toBe(1)
    expect(said).toMatch(
      new RegExp(
        `^Parley could not start: the data folder \\S+ is in use by process ${process.pid} on .+\n$`,
      ),
    )
  }, 120_000)

  test('stays free when the start fails', async () => {
    await open(configOf(), withUser)
    await expect(open(configOf({ ENCRYPTION_KEY: 'another' }))).rejects.toThrow('ENCRYPTION_KEY')

    await open()
  })

  test('that cannot be written is named', async () => {
    const file = join(place.config.dataDir, 'file')
    await writeFile(file, '')

    await expect(open(configOf({}, join(file, 'data')))).rejects.toThrow(
      `${join(file, 'data')} cannot be written and locked (ENOTDIR)`,
    )
  })
})

test('nodes that share a PostgreSQL database may share the folder of their keys', async () => {
  place = await temporaryDatabase('postgres')

  await open(configOf(), () => open())

  await place.close()
})
