import { constants, type Stats } from 'node:fs'
import { type FileHandle, lstat, open, realpath, stat, unlink } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { ApiError } from '../../lib/errors.ts'
import type { Scratch } from '../../media/scratch.ts'

/** Larger files are not played. */
export const MAX_AUDIO_BYTES = 100 * 1024 * 1024
const PIECE_BYTES = 256 * 1024
/** Waits for no other end of a pipe, and follows no link that has come into the place of a file. */
const READ_ONLY = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)
const NEW_FILE = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0)

/** A file that was made below the folder of calls. */
export interface NewFile {
  handle: FileHandle
  path: string
  /** Its name below the folder. */
  name: string
  /** Removes it again, where it still stands at its place. */
  remove(): Promise<void>
}

/**
 * Copies an audio file below the folder of calls to a scratch file, and resolves with the copy. `name` is below `folder`, or
 * an absolute path in it; nothing on the way may be a symbolic link, not even when the file is opened.
 * @throws ApiError `media_unavailable` with status 500 when it is not there, is outside or is no regular file,
 * `media_too_large`.
 */
export async function copyCallFile(
  folder: string | undefined,
  name: string,
  scratch: Scratch,
): Promise<string> {
  const { path } = await placeBelow(folder, name)
  const found = await lstat(path).catch((cause) => {
    throw refused('the audio file is not there', cause)
  })
  if (!found.isFile()) throw refused('the audio file is no regular file')
  const source = await open(path, READ_ONLY).catch((cause) => {
    throw refused('the audio file cannot be opened', cause)
  })
  try {
    await requireAt(source, path)
    const copy = scratch.newPath()
    await copyTo(source, copy)
    return copy
  } finally {
    await source.close()
  }
}

/**
 * Makes a file for a recording, with the same rules; its folder must be there, and nothing is ever overwritten.
 * @throws ApiError `media_unavailable` with status 500, `conflict` when there is such a file already.
 */
export async function createCallFile(folder: string | undefined, name: string): Promise<NewFile> {
  if (!/\.wav$/i.test(name)) throw refused('recordings are WAV files: the name must end in .wav')
  const { root, path } = await placeBelow(folder, name)
  const handle = await open(path, NEW_FILE, 0o640).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'EEXIST')
      throw new ApiError('conflict', { text: 'there is a file of that name already' }, { cause })
    throw refused('the recording cannot be written there', cause)
  })
  try {
    const { ino, dev } = await requireAt(handle, path)
    const name = relative(root, path).replaceAll(sep, '/')
    return { handle, path, name, remove: () => removeAt(path, { ino, dev }) }
  } catch (error) {
    await handle.close()
    throw error
  }
}

/** Where a name leads to, whose folder is there and has no link in it, and the folder of calls itself. */
async function placeBelow(folder: string | undefined, name: string): Promise<{ root: string; path: string }> {
  if (folder === undefined)
    throw refused('files of calls are off: set CALL_FILES_DIR to the folder of audio files and recordings')
  const wanted = resolve(folder)
  const root = await realpath(wanted).catch((cause) => {
    throw refused('the folder that CALL_FILES_DIR names is not there', cause)
  })
  const below = isAbsolute(name) ? relative(wanted, resolve(name)) : relative(root, resolve(root, name))
  const isOutside = below === '' || below === '..' || below.startsWith(`..${sep}`) || isAbsolute(below)
  if (isOutside || name.includes('\0')) throw refused('the file is outside the folder of calls')
  const path = join(root, below)
  const parent = await realpath(dirname(path)).catch((cause) => {
    throw refused('there is no such folder below the folder of calls', cause)
  })
  if (parent !== dirname(path)) throw refused('the file is outside the folder of calls')
  return { root, path }
}

/**
 * Checks that what was opened is what stands at the path, without a link on the way: it may have been replaced meanwhile.
 * Resolves with what it is.
 */
async function requireAt(handle: FileHandle, path: string): Promise<Stats> {
  const real = await realpath(path).catch((cause) => {
    throw refused('the file is not there any more', cause)
  })
  const [opened, standing] = await Promise.all([handle.stat(), stat(real)])
  if (real !== path || !opened.isFile() || opened.ino !== standing.ino || opened.dev !== standing.dev)
    throw refused('the file is outside the folder of calls')
  return opened
}

async function removeAt(path: string, { ino, dev }: Pick<Stats, 'ino' | 'dev'>): Promise<void> {
  const standing = await lstat(path)
  if (standing.ino === ino && standing.dev === dev && (await realpath(path)) === path) await unlink(path)
}

async function copyTo(source: FileHandle, path: string): Promise<void> {
  const target = await open(path, 'wx', 0o600)
  try {
    const piece = Buffer.alloc(PIECE_BYTES)
    for (let copied = 0; ; ) {
      const { bytesRead } = await source.read(piece, 0, piece.length, copied)
      if (bytesRead === 0) return
      copied += bytesRead
      if (copied > MAX_AUDIO_BYTES)
        throw new ApiError('media_too_large', { text: 'the audio file is larger than 100 MB' })
      await target.writeFile(piece.subarray(0, bytesRead))
    }
  } finally {
    await target.close()
  }
}

function refused(text: string, cause?: unknown): ApiError {
  return new ApiError('media_unavailable', { status: 500, stage: 'file', text }, { cause })
}
