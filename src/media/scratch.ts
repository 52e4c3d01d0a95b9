import { randomUUID } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { newScratchPath } from '../lib/process/scratch-folder.ts'

/** A folder for the files that one piece of work leaves behind. */
export interface Scratch {
  /** Where to write a new file. */
  newPath(ending?: string): string
}

/** Gives `work` a folder of its own and deletes it afterwards, whatever happens. */
export async function withScratch<Result>(work: (scratch: Scratch) => Promise<Result>): Promise<Result> {
  const folder = await newScratchPath('media')
  await mkdir(folder)
  try {
    return await work({ newPath: (ending = '') => join(folder, `${randomUUID()}${ending}`) })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
