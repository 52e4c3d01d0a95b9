import { chmod, copyFile, mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadConfig } from './config.ts'
import { openDatabase } from './store/database.ts'
import { writeSnapshot } from './store/snapshot.ts'

/** What the server generates beside the database when nobody sets it. Without the first one the rest is worthless. */
const KEPT = ['encryption-key', 'admin-token', 'global-hmac-key', 'node-id']

/**
 * Copies the SQLite database and the generated keys into a new folder, while the server runs; resolves with the names of
 * the files. Rejects for PostgreSQL, which has tools of its own, and when the folder exists.
 */
export async function backUp(
  config: { dataDir: string; databaseUrl?: string },
  folder: string,
): Promise<string[]> {
  if (config.databaseUrl)
    throw new Error('the database is PostgreSQL: use pg_dump, and keep ENCRYPTION_KEY with its file')
  // Readable by this account alone: the copy opens every session.
  await mkdir(folder, { mode: 0o700 })
  const db = await openDatabase(config)
  try {
    const file = join(folder, 'parley.db')
    await writeSnapshot(db, file)
    await chmod(file, 0o600)
  } finally {
    await db.destroy()
  }
  const copied = await Promise.all(
    KEPT.map((name) => copyIfThere(join(config.dataDir, name), join(folder, name))),
  )
  return ['parley.db', ...KEPT.filter((_name, index) => copied[index])]
}

/** What is set by a variable has no file. */
async function copyIfThere(from: string, to: string): Promise<boolean> {
  try {
    await copyFile(from, to)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false
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
    process.stdout.write('ENCRYPTION_KEY is not among them: keep it where this copy is kept.\n')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  main().catch((error: unknown) => {
    process.stderr.write(`No backup was made: ${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  })
}
