import { createHash } from 'node:crypto'
import { open, readFile, rename, rm, stat } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import type { Sandbox } from '../index.ts'

/** Largest file that is read or written: some 1,500 linked devices with all their keys. */
const MAX_BYTES = 256 * 1024 * 1024
const SAVE_EVERY_MS = 10_000

/** The JSON in a file; undefined when there is no such file. @throws Error with a sentence when it is too large or no JSON. */
export async function readStateFile(path: string): Promise<unknown> {
  const { size } = await stat(path).catch(absent)
  if (size === undefined) return undefined
  if (size > MAX_BYTES) throw new Error(`${path} is larger than ${MAX_BYTES} bytes`)
  const text = await readFile(path, 'utf8')
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new Error(`${path} is not JSON`, { cause })
  }
}

function absent(error: NodeJS.ErrnoException): { size?: number } {
  if (error.code !== 'ENOENT') throw error
  return {}
}

/** A file that follows a sandbox. */
export interface KeptState {
  /** Saves once more and ends. @throws Error when that fails; the file is as it was then. */
  stop(): Promise<void>
}

/**
 * Saves a sandbox now and from then on, whenever something has changed. Saves that fail are told to `report` and repeated.
 * @throws Error when the first one fails.
 */
export async function keepState(
  sandbox: Sandbox,
  path: string,
  report: (error: unknown) => void,
): Promise<KeptState> {
  let written = ''
  const save = async () => {
    const text = JSON.stringify(await sandbox.save())
    const digest = createHash('sha256').update(text).digest('hex')
    if (digest === written) return
    await replaceFile(path, text)
    written = digest
  }
  await save()

  const ending = new AbortController()
  const loop = (async () => {
    while (await pause(ending.signal)) await save().catch(report)
  })()
  return {
    async stop() {
      ending.abort()
      await loop
      await save()
    },
  }
}

/** False when it was interrupted. */
function pause(signal: AbortSignal): Promise<boolean> {
  return delay(SAVE_EVERY_MS, true, { signal, ref: false }).catch(() => false)
}

/** Whoever opens the file finds the one before or the new one, after a crash too. The keys in it are for its owner alone. */
async function replaceFile(path: string, text: string): Promise<void> {
  if (Buffer.byteLength(text) > MAX_BYTES) throw new Error(`the state is larger than ${MAX_BYTES} bytes`)
  const draft = `${path}.${process.pid}.tmp`
  try {
    const file = await open(draft, 'w', 0o600)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}
