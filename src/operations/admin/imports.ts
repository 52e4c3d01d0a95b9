import { ApiError } from '../../lib/errors.ts'
import type { Services } from '../services.ts'
import type { ImportJob } from './import-jobs.ts'
import { openUpload, type SourceUpload } from './import-upload.ts'

/** Begins an import: reads what was uploaded and tells what would come. Throws as `openUpload` does. */
export async function beginImport({ importJobs }: Services, upload: SourceUpload): Promise<ImportJob> {
  return importJobs.begin(await openUpload(upload))
}

/** How an import stands. Throws `not_found`. */
export function importJob({ importJobs }: Services, { id }: { id: string }): ImportJob {
  return importJobs.find(id)
}

/**
 * Imports users of a job, all that are not here yet unless some are named, and connects those that were connected. Two
 * servers on one device throw each other out and lose messages, so it throws `invalid_field` for whoever does not say that
 * the old one is stopped; else as `ImportJobs.run`.
 */
export function runImport(
  { importJobs }: Services,
  { id, users, isStopped }: { id: string; users?: string[]; isStopped: boolean },
): ImportJob {
  if (!isStopped)
    throw new ApiError('invalid_field', {
      text: 'stop the old server first, keep it stopped, and say so with isStopped: true',
    })
  return importJobs.run(id, users)
}

/** Forgets an import and deletes its files; users that were imported stay. Throws as `ImportJobs.cancel`. */
export function cancelImport({ importJobs }: Services, { id }: { id: string }): void {
  importJobs.cancel(id)
}
