import { link, mkdir, open, readFile, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { newId } from '../ids.ts'
import { errorCode, InstallationError } from '../process/installation-error.ts'
import { adviceForUnwritable } from '../process/unwritable-folder.ts'

/**
 * Reads the secret kept in `dataDir/name`; the first caller generates and stores it, readable by this account only.
 * Two processes that start at the same moment agree on one value, and a machine that loses power does not forget what
 * was returned once.
 */
export async function persistedSecret(
  dataDir: string,
  name: string,
  generate: () => string,
): Promise<string> {
  const kept = await readPersistedSecret(dataDir, name)
  if (kept !== undefined) return kept

  const path = join(dataDir, name)
  const draft = `${path}.${newId()}`
  try {
    await mkdir(dataDir, { recursive: true })
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
  } catch (cause) {
    const code = errorCode(cause)
    const advice = await adviceForUnwritable(dataDir, code)
    if (advice === undefined) throw cause
    throw new InstallationError(`${resolve(path)} cannot be written (${code}); ${advice}`, { cause })
  } finally {
    await rm(draft, { force: true })
  }
  // The database may be on another disk: what it encrypts must never be older than the key.
  await syncFolder(dataDir)
  await syncFolder(dirname(resolve(dataDir)))
  return (await readPersistedSecret(dataDir, name)) ?? persistedSecret(dataDir, name, generate)
}

/** The secret kept in `dataDir/name`; undefined when none is. Throws InstallationError for a file that holds nothing. */
export async function readPersistedSecret(dataDir: string, name: string): Promise<string | undefined> {
  const path = join(dataDir, name)
  const secret = await readFile(path, 'utf8').catch((cause: unknown) => {
    const code = errorCode(cause)
    // A file that is not there yet is the normal first start; anything else must not lead to a new secret.
    if (code === 'ENOENT') return undefined
    throw new InstallationError(
      `${resolve(path)} cannot be read (${code}); it must not be replaced by a new one`,
      {
        cause,
      },
    )
  })
  if (secret?.trim() === '')
    throw new InstallationError(
      `${resolve(path)} is empty; restore it from a backup, or remove it if there is none`,
    )
  return secret?.trim()
}

async function syncFolder(path: string): Promise<void> {
  // Windows cannot open folders.
  const folder = await open(path, 'r').catch(() => undefined)
  await folder?.sync().catch(() => {})
  await folder?.close()
}
