import { link, mkdir, open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { newId } from './ids.ts'

/**
 * Reads the secret kept in `dataDir/name`; the first caller generates and stores it, readable by this account only.
 * Two processes that start at the same moment agree on one value.
 */
export async function keptSecret(dataDir: string, name: string, generate: () => string): Promise<string> {
  const path = join(dataDir, name)
  const kept = await readSecret(path)
  if (kept) return kept

  await mkdir(dataDir, { recursive: true })
  const draft = `${path}.${newId()}`
  try {
    const file = await open(draft, 'wx', 0o600)
    try {
      await file.writeFile(`${generate()}\n`)
      await file.sync()
    } finally {
      await file.close()
    }
    // A hard link appears complete or not at all, and fails where another process was first.
    await link(draft, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
  } finally {
    await rm(draft, { force: true })
  }
  const stored = await readSecret(path)
  if (!stored) throw new Error(`${path} is empty; restore it from a backup or remove it`)
  return stored
}

async function readSecret(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trim()
  } catch (error) {
    // A file that is not there yet is the normal first start; anything else must not lead to a new secret.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
