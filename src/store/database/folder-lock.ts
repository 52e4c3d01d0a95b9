import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join, resolve } from 'node:path'
import knex from 'knex'
import { errorCode, InstallationError } from '../../lib/process/installation-error.ts'
import { adviceForUnwritable } from '../../lib/process/unwritable-folder.ts'
import type { Database } from './database.ts'

/** A data folder that no other server can use. */
export interface FolderLock {
  release(): Promise<void>
}

/** Locked, never written: it stays empty. */
const LOCK_FILE = 'parley.lock'
/** Who holds it, for people: a locked file cannot be read. */
const HOLDER_FILE = 'parley.lock.json'

interface Holder {
  pid: number
  host: string
  /** ISO 8601. */
  startedAt: string
}

/**
 * Makes `dataDir` this server's until it is released or the process ends, however it ends. Throws InstallationError at
 * once when another server has it, or when it cannot be written. The lock is the operating system's: SQLite takes it on
 * an empty database, because Node has no call for it.
 */
export async function lockFolder(dataDir: string): Promise<FolderLock> {
  await createLockFile(dataDir)
  const lock = lockDatabase(join(dataDir, LOCK_FILE))
  const holder = join(dataDir, HOLDER_FILE)
  try {
    await lock.raw('pragma busy_timeout = 0')
    // Without a journal on disk a process that is killed leaves nothing to be cleaned up.
    await lock.raw('pragma journal_mode = memory')
    await lock.raw('begin exclusive')
    await writeFile(holder, describeThisProcess(), { mode: 0o600 })
  } catch (error) {
    await lock.destroy()
    throw await refusal(dataDir, error)
  }
  return {
    async release() {
      await rm(holder, { force: true })
      await lock.destroy()
    },
  }
}

/** Never opened by anything but SQLite once it exists: closing such a file ends the locks its process has on it. */
async function createLockFile(dataDir: string): Promise<void> {
  try {
    await mkdir(dataDir, { recursive: true })
    const file = await open(join(dataDir, LOCK_FILE), 'wx', 0o600)
    await file.close()
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw await refusal(dataDir, error)
  }
}

function lockDatabase(filename: string): Database {
  return knex({
    client: 'sqlite3',
    connection: { filename },
    useNullAsDefault: true,
    // Knex also prints what its callers hear anyway.
    log: { warn: () => {}, error: () => {} },
    // The one connection whose transaction never ends.
    pool: { min: 1, max: 1 },
  })
}

async function refusal(dataDir: string, cause: unknown): Promise<InstallationError> {
  const code = errorCode(cause)
  const folder = `the data folder ${resolve(dataDir)}`
  if (code !== 'SQLITE_BUSY') {
    const advice = (await adviceForUnwritable(dataDir, code)) ?? 'see DATA_DIR'
    return new InstallationError(`${folder} cannot be written and locked (${code}); ${advice}`, { cause })
  }
  return new InstallationError(
    `${folder} is in use by ${await holderOf(dataDir)}: stop that server first, or set DATA_DIR to another folder`,
    { cause },
  )
}

async function holderOf(dataDir: string): Promise<string> {
  try {
    const { pid, host, startedAt }: Holder = JSON.parse(await readFile(join(dataDir, HOLDER_FILE), 'utf8'))
    return `process ${pid} on ${host} since ${startedAt}`
  } catch {
    // It may be just about to start or to stop.
    return 'another process'
  }
}

function describeThisProcess(): string {
  const startedAt = new Date(Date.now() - process.uptime() * 1000).toISOString()
  const holder: Holder = { pid: process.pid, host: hostname(), startedAt }
  return `${JSON.stringify(holder)}\n`
}
