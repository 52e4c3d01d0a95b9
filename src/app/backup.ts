import { chmod, copyFile, mkdir, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadConfig } from '../config/config.ts'
import { errorCode, InstallationError } from '../lib/process/installation-error.ts'
import { type Database, openExistingDatabase } from '../store/database/database.ts'
import { writeSnapshot } from '../store/database/snapshot.ts'
import { runCommand } from './command.ts'

const DATABASE = 'parley.db'
/** What the server generates beside the database when nobody sets it. Without the first one the rest is worthless. */
const KEPT = ['encryption-key', 'admin-token', 'global-hmac-key', 'node-id']

/**
 * Copies the SQLite database and the generated keys into a new folder, while the server runs; resolves with the names of
 * the files. Throws InstallationError, and makes nothing, for PostgreSQL, which has tools of its own, where there is no
 * database, and when the folder exists or cannot be made.
 */
export async function backUp(
  config: { dataDir: string; databaseUrl?: string },
  folder: string,
): Promise<string[]> {
  if (config.databaseUrl)
    throw new InstallationError(
      'the database is PostgreSQL: use pg_dump, and keep ENCRYPTION_KEY with its file',
    )
  const db = await openExistingDatabase(config.dataDir)
  try {
    await makeFolder(folder)
    return await copyInto(folder, { db, dataDir: config.dataDir }).catch(async (error: unknown) => {
      // Nobody must take half a copy for a whole one.
      await rm(folder, { recursive: true })
      throw error
    })
  } finally {
    await db.destroy()
  }
}

async function makeFolder(folder: string): Promise<void> {
  try {
    // Readable by this account alone: the copy opens every session.
    await mkdir(folder, { mode: 0o700 })
  } catch (cause) {
    const code = errorCode(cause)
    const reason =
      code === 'EEXIST'
        ? 'is there already; name a folder that does not exist yet'
        : 'cannot be made; its parent has to be a folder that can be written'
    throw new InstallationError(`${folder} ${reason} (${code})`, { cause })
  }
}

async function copyInto(
  folder: string,
  { db, dataDir }: { db: Database; dataDir: string },
): Promise<string[]> {
  const file = join(folder, DATABASE)
  await writeSnapshot(db, file)
  await chmod(file, 0o600)
  const copied = await Promise.all(KEPT.map((name) => copyIfThere(join(dataDir, name), join(folder, name))))
  return [DATABASE, ...KEPT.filter((_name, index) => copied[index])]
}

/** What is set by a variable has no file. */
async function copyIfThere(from: string, to: string): Promise<boolean> {
  try {
    await copyFile(from, to)
    return true
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false
    throw error
  }
}

async function main(): Promise<void> {
  const folder = process.argv[2]
  if (!folder) throw new Error('say where to: a folder that does not exist yet')
  const config = loadConfig(process.env)
  const files = await backUp(config, resolve(folder))
  process.stdout.write(`Copied to ${resolve(folder)}: ${files.join(', ')}\n`)
  if (!files.includes('encryption-key'))
    process.stdout.write(
      'The encryption key is not among them: keep the ENCRYPTION_KEY of the server where this copy is kept.\n',
    )
}

if (process.argv[1] === fileURLToPath(import.meta.url)) runCommand(main, { failed: 'No backup was made' })
