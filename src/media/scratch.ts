import { randomUUID } from 'node:crypto'
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder for the files that one piece of work leaves behind. */
export interface Scratch {
  /** Where to write a new file. */
  newPath(ending?: string): string
}

const PREFIX = 'parley-'
const LEFTOVER_AGE_MS = 24 * 60 * 60 * 1000

/** Gives `work` a folder of its own and deletes it afterwards, whatever happens. */
export async function withScratch<Result>(work: (scratch: Scratch) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), `${PREFIX}media-`))
  try {
    return await work({ newPath: (ending = '') => join(folder, `${randomUUID()}${ending}`) })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Deletes what a process that was killed has left: nothing of ours is needed for a whole day. */
export async function sweepLeftovers(now: number): Promise<void> {
  const names = await readdir(tmpdir())
  for (const name of names.filter((candidate) => candidate.startsWith(PREFIX))) {
    const path = join(tmpdir(), name)
    // Another process may be sweeping as well, or own it.
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: now }))
    if (now - mtimeMs > LEFTOVER_AGE_MS) await rm(path, { recursive: true, force: true }).catch(() => {})
  }
}
