import { mkdir, rename, rm } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { ApiError } from '../../lib/errors.ts'
import { type FileInput, isUpload } from '../../lib/file-input.ts'
import { ownMember } from '../../lib/own-member.ts'
import { errorCode, InstallationError } from '../../lib/process/installation-error.ts'
import { newScratchPath } from '../../lib/process/scratch-folder.ts'
import type { SourceServer } from '../../transfer/account.ts'
import { type UploadForm, uploads } from '../../transfer/uploads.ts'
import type { Services } from '../services.ts'

/** The files of another server, as they were uploaded. */
export interface SourceUpload {
  /** Which program wrote them. */
  source: string
  /** The encryption key of that server, '' for none. */
  key: string
  /** By the names they have there. */
  files: Record<string, FileInput | undefined>
}

/** A kind of server whose files can be uploaded. */
export interface UploadedSource extends UploadForm {
  source: string
}

/** The names of all files that can be uploaded. */
export const uploadNames = [
  ...new Set(Object.values(uploads).flatMap(({ files }) => files.map(({ name }) => name))),
]

/** From what users can come by an upload, and the bytes that all files of one may have together. */
export function importSources({ config }: Services): { sources: UploadedSource[]; maxBytes: number } {
  return {
    sources: Object.entries(uploads).map(([source, form]) => ({ source, ...form })),
    maxBytes: config.bodyLimitBytes,
  }
}

/**
 * Opens what was uploaded, in a folder of its own that is deleted when it is closed. Throws `invalid_field` with a sentence
 * for files that are missing or are no such server's, and for a key that cannot be one.
 */
export async function openUpload({ source, key, files }: SourceUpload): Promise<SourceServer> {
  const { sources } = await import('../../transfer/sources.ts')
  const [form, open] = [ownMember(uploads, source), ownMember(sources, source)]
  if (!form || !open) throw refusal(`source must be one of ${Object.keys(uploads).join(', ')}`)
  const found = form.files.map((file) => ({ ...file, given: files[file.name] }))
  const missing = found.find(({ isRequired, given }) => isRequired && !given)
  if (missing)
    throw refusal(`${missing.name} is missing: it is in the folder ${form.folder} of the old server`)

  const folder = await newScratchPath('upload')
  const discard = () => rm(folder, { recursive: true, force: true })
  await mkdir(folder, { mode: 0o700 })
  try {
    for (const { name, given } of found) {
      if (!given) continue
      if (typeof given === 'string' || !isUpload(given)) throw refusal(`${name} must be a file of a form`)
      await rename(given.path, join(folder, name))
    }
    const server = await open({ from: folder, key, chosen: new Map() })
    return {
      ...server,
      async close() {
        await server.close()
        await discard()
      },
    }
  } catch (error) {
    await discard()
    throw readableFailure(error, folder)
  }
}

/** Where files lie on this machine is nobody's business. */
function readableFailure(cause: unknown, folder: string): unknown {
  if (cause instanceof InstallationError)
    return refusal(cause.message.replaceAll(folder + sep, '').replaceAll(folder, 'the upload'), cause)
  const code = errorCode(cause) ?? ''
  return code.startsWith('SQLITE_') ? refusal(`the files cannot be read (${code})`, cause) : cause
}

function refusal(text: string, cause?: unknown): ApiError {
  return new ApiError('invalid_field', { text }, { cause })
}
