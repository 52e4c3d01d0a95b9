import { type ChildProcess, execFileSync } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { backUp } from '../src/app/backup.ts'
import { openInstallation } from '../src/app/installation.ts'
import { loadConfig } from '../src/config/config.ts'
import { InstallationError } from '../src/lib/process/installation-error.ts'
import { openSecrets } from '../src/lib/secrets/secrets.ts'
import { type Sandbox, startSandbox } from '../src/sandbox/index.ts'
import { openDatabase } from '../src/store/database/database.ts'
import { insertUser } from '../src/store/users/users.ts'
import { databaseKinds, type TemporaryDatabase, temporaryDatabase } from './helpers/database.ts'
import { freePort } from './helpers/free-port.ts'
import { type Receiver, startReceiver } from './helpers/receiver.ts'
import { kill, startServer, terminate } from './helpers/server-process.ts'
import { sampleUser } from './helpers/users.ts'
import { call, until, WuzapiClient } from './load/client.ts'

const ADMIN_TOKEN = 'backup-admin'
const TOKEN = 'backup-user'
const CONTACT = '447901000011'
const OWN = '447901000012'

const cleanUp: (() => Promise<void>)[] = []

/** Whether PostgreSQL's own tools are here and fit the server, which refuses older ones. */
const hasDump = canRun('pg_dump') && canRun('pg_restore')

describe.each(databaseKinds.filter((kind) => kind === 'sqlite' || hasDump))('a backup of %s', (kind) => {
  let sandbox: Sandbox
  let receiver: Receiver
  let server: ChildProcess
  let client: WuzapiClient

  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'parley-backup-'))
    cleanUp.push(() => rm(folder, { recursive: true, force: true }))
    sandbox = await startSandbox()
    receiver = await startReceiver({ timeoutMs: 60_000 })
    const original = await temporaryDatabase(kind)
    cleanUp.push(() => original.close())
    server = await serve(original.config)
    await client.createUser({ name: 'Backup', token: TOKEN, webhook: receiver.url, events: 'Message' })
    await client.connect(TOKEN)
    await until('a code', () => client.showsQr(TOKEN))
    await call(`${sandbox.controlUrl}/sandbox/scan`, { body: { phone: OWN, name: 'Own' } })
    await until('the session to open', () => client.isLoggedIn(TOKEN))
    await call(`${sandbox.controlUrl}/sandbox/contacts`, { body: { phone: CONTACT, name: 'Contact' } })
    await exchange('before the backup')

    // Made while the server runs; what happens afterwards is missing in it.
    const copies = copying(original, join(folder, 'copy'))
    await copies.take()
    await exchange('after the backup')
    await terminate(server)
    server = await serve(await copies.restore())
  }, 120_000)
  afterAll(async () => {
    await kill(server)
    await receiver.close()
    await sandbox.stop()
    for (const task of cleanUp.splice(0)) await task()
  })

  async function serve(database: { dataDir: string; databaseUrl?: string }): Promise<ChildProcess> {
    const port = await freePort()
    client = new WuzapiClient(`http://127.0.0.1:${port}`, ADMIN_TOKEN)
    return startServer({ port, network: sandbox.url, adminToken: ADMIN_TOKEN, database })
  }

  /** A message in either direction, both read at their ends. */
  async function exchange(text: string): Promise<void> {
    await client.sendText(TOKEN, CONTACT, `${text}, to the contact`)
    await until('the message at the contact', () => isAtContact(`${text}, to the contact`), 30_000)
    await call(`${sandbox.controlUrl}/sandbox/contacts/${CONTACT}/send`, {
      body: { to: OWN, text: `${text}, from the contact` },
    })
    await until(
      'the message at the receiver',
      async () =>
        receiver.requests.some(({ body }) =>
          decodeURIComponent(body.replaceAll('+', ' ')).includes(`${text}, from the contact`),
        ),
      30_000,
    )
  }

  /** Whether the contact could decrypt that text. */
  async function isAtContact(text: string): Promise<boolean> {
    const { messages } = await call<{ messages: { text?: string }[] }>(
      `${sandbox.controlUrl}/sandbox/contacts/${CONTACT}/messages`,
    )
    return messages.some((message) => message.text === text)
  }

  test('opens its sessions without linking them again', async () => {
    await until('the session to open', () => client.isLoggedIn(TOKEN))

    const { accounts } = await call<{ accounts: { phone: string; devices: object[] }[] }>(
      `${sandbox.controlUrl}/sandbox/state`,
    )
    // The only companion the phone ever had.
    expect(accounts.find(({ phone }) => phone === OWN)?.devices).toEqual([
      expect.objectContaining({ jid: `${OWN}:1@s.whatsapp.net`, connected: true }),
    ])
  })

  test('sends and receives with ratchets that the other side has turned further', async () => {
    await exchange('from what is old')
    const metrics = await fetch(`${client.base}/metrics`, {
      headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
    })
    // The contact could not read a message with an old key, and asked for it again.
    expect(await metrics.text()).toMatch(/^parley_receipts_total\{kind="retry"\} [1-9]/m)
    await exchange('everything is as it was')
  })
})

/** How a database is copied and brought back. */
interface Copying {
  take(): Promise<void>
  restore(): Promise<{ dataDir: string; databaseUrl?: string }>
}

function copying(original: TemporaryDatabase, folder: string): Copying {
  const { dataDir, databaseUrl } = original.config
  if (!databaseUrl) {
    return {
      take: async () => {
        await backUp(original.config, folder)
      },
      // The copy is a data folder.
      restore: async () => ({ dataDir: folder }),
    }
  }
  const file = join(folder, 'parley.dump')
  return {
    async take() {
      await mkdir(folder)
      execFileSync('pg_dump', ['--format=custom', `--file=${file}`, databaseUrl])
      await copyFile(join(dataDir, 'encryption-key'), join(folder, 'encryption-key'))
    },
    async restore() {
      const fresh = await temporaryDatabase('postgres')
      cleanUp.push(() => fresh.close())
      const target = fresh.config.databaseUrl ?? ''
      execFileSync('pg_restore', ['--clean', '--if-exists', '--no-owner', `--dbname=${target}`, file])
      return { dataDir: folder, databaseUrl: target }
    },
  }
}

test('a backup is for the eyes of its owner, and says what it holds', async () => {
  const database = await temporaryDatabase('sqlite')
  const folder = join(await mkdtemp(join(tmpdir(), 'parley-backup-')), 'copy')
  await openSecrets({ dataDir: database.config.dataDir })

  expect(await backUp(database.config, folder)).toEqual(['parley.db', 'encryption-key'])

  const modes = await Promise.all([folder, join(folder, 'parley.db')].map((path) => stat(path)))
  expect(modes.map(({ mode }) => mode & 0o077)).toEqual([0, 0])
  expect(await readFile(join(folder, 'encryption-key'), 'utf8')).toBe(
    await readFile(join(database.config.dataDir, 'encryption-key'), 'utf8'),
  )
  await expect(backUp(database.config, folder)).rejects.toThrow('EEXIST')
  await rm(dirname(folder), { recursive: true })
  await database.close()
})

describe('a backup that cannot be made says why and makes nothing:', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-backup-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  /** What the attempt was refused with, and every path below the folder afterwards. */
  async function attempt(dataDir: string, target: string): Promise<{ refusal: unknown; left: string[] }> {
    const refusal = await backUp({ dataDir }, target).catch((error: unknown) => error)
    return { refusal, left: (await readdir(folder, { recursive: true })).sort() }
  }

  test('the data folder does not exist', async () => {
    const { refusal, left } = await attempt(join(folder, 'wrong'), join(folder, 'copy'))

    expect(refusal).toBeInstanceOf(InstallationError)
    expect(String(refusal)).toContain(
      `there is no database ${join(folder, 'wrong', 'parley.db')}; set DATA_DIR`,
    )
    expect(left).toEqual([])
  })

  test('the data folder has no database', async () => {
    await writeFile(join(folder, 'encryption-key'), 'key')

    const { refusal, left } = await attempt(folder, join(folder, 'copy'))

    expect(String(refusal)).toContain('there is no database')
    expect(left).toEqual(['encryption-key'])
  })

  test.each([
    ['is empty', ''],
    ['is none', 'some text that is long enough to be read as the header of a database, which it is not'],
  ])('the database %s', async (_what, content) => {
    await writeFile(join(folder, 'parley.db'), content)

    const { refusal, left } = await attempt(folder, join(folder, 'copy'))

    expect(String(refusal)).toContain('is not a database of Parley')
    expect(left).toEqual(['parley.db'])
    expect(await readFile(join(folder, 'parley.db'), 'utf8')).toBe(content)
  })

  test('the target is there, cannot be made, or a key cannot be read', async () => {
    const database = await temporaryDatabase('sqlite')
    const { dataDir } = database.config
    await mkdir(join(folder, 'taken'))

    const taken = await attempt(dataDir, join(folder, 'taken'))
    const nowhere = await attempt(dataDir, join(folder, 'none', 'copy'))
    await mkdir(join(dataDir, 'encryption-key'))
    const half = await attempt(dataDir, join(folder, 'half'))
    await database.close()

    expect(String(taken.refusal)).toContain('taken is there already; name a folder that does not exist yet')
    expect(String(nowhere.refusal)).toContain('cannot be made')
    expect(half.refusal).toBeInstanceOf(Error)
    expect(half.left).toEqual(['taken'])
  })
})

test('a backup is made of what a killed server left, and of a folder that another server has locked', async () => {
  const database = await temporaryDatabase('sqlite')
  const folder = await mkdtemp(join(tmpdir(), 'parley-backup-'))
  const { dataDir } = database.config
  const installation = await openInstallation(loadConfig({ DATA_DIR: dataDir }))
  await insertUser(installation.db, installation.secrets, sampleUser({ id: 'kept' }))
  // As a killed server leaves it: the newest rows are in the log beside the database alone.
  const left = join(folder, 'left')
  await mkdir(left)
  for (const name of ['parley.db', 'parley.db-wal']) await copyFile(join(dataDir, name), join(left, name))

  await backUp({ dataDir }, join(folder, 'running'))
  await backUp({ dataDir: left }, join(folder, 'killed'))
  await installation.close()

  for (const name of ['running', 'killed']) {
    const copy = await openDatabase({ dataDir: join(folder, name) })
    expect(await copy('users').pluck('id')).toEqual(['kept'])
    await copy.destroy()
  }
  await rm(folder, { recursive: true })
  await database.close()
})

test('a PostgreSQL database is left to its own tools', async () => {
  const config = { dataDir: '/nowhere', databaseUrl: 'postgres://db/parley' }

  await expect(backUp(config, '/nowhere/copy')).rejects.toThrow('use pg_dump')
})

function canRun(program: string): boolean {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
