import { constants } from 'node:fs'
import { copyFile, mkdir, open, rm, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { errorCode, InstallationError } from '../lib/process/installation-error.ts'
import { newScratchPath } from '../lib/process/scratch-folder.ts'
import type { Database, Queryable } from '../store/database/database.ts'
import { openForeignFile, openForeignServer } from '../store/database/foreign.ts'
import { type SourceUse, useOfFiles, useOfServer } from './source-use.ts'

/** A database of another server, opened to read it as it was at one moment. */
export interface Source {
  kind: 'sqlite' | 'postgres'
  db: Queryable
  /** Where it is, for people; without a password. */
  place: string
  /** Whether another program works with it. Looked up when it was opened. */
  use: SourceUse
  /** When it was last written to, unix milliseconds; undefined where that is not known. */
  changedAt: number | undefined
  /** Ends the connection and deletes the copy. */
  close(): Promise<void>
}

/** A sentence where another program works with a source, else ''. */
export function useOf({ use, place }: Pick<Source, 'use' | 'place'>): string {
  return use.state === 'in use' ? `${place} is in use by ${use.by}` : ''
}

const POSTGRES_URL = /^postgres(ql)?:\/\//i
/** Anything else that looks like an address; it may hold a password. A drive of Windows has one letter. */
const OTHER_URL = /^[a-z][\w+.-]+:/i
const SQLITE_MAGIC = 'SQLite format 3\0'
/** What belongs to a database: what is committed and not in it yet, or what is to be undone. The index is made anew. */
const COMPANIONS = ['-wal', '-journal']
const ATTEMPTS = 3
/** The last bytes of a journal that names another file. */
const SHARED_JOURNAL = Buffer.from('d9d505f920a163d7', 'hex')

/**
 * Opens the database of another server: the path of a SQLite file, or the URL of a PostgreSQL database. Nothing of it is
 * changed: of a file a private copy is read, with what is only in its write-ahead log yet; a server is asked in one
 * transaction that may not write. Throws InstallationError for what is no such database, or is damaged.
 */
export function openSource(pathOrUrl: string): Promise<Source> {
  if (isServer(pathOrUrl)) return openServer(pathOrUrl)
  return openFile(resolve(pathOrUrl))
}

/** Whether a source is the URL of a PostgreSQL database. Throws InstallationError for other addresses, without the address. */
export function isServer(pathOrUrl: string): boolean {
  if (POSTGRES_URL.test(pathOrUrl)) return true
  if (OTHER_URL.test(pathOrUrl))
    throw new InstallationError('this is no folder, no file and no address that begins with postgres://')
  return false
}

async function openFile(path: string): Promise<Source> {
  await checkFile(path)
  const use = await useOfFiles([path, ...[...COMPANIONS, '-shm'].map((ending) => path + ending)])
  const changedAt = await lastChange([path, `${path}-wal`])
  const folder = await newScratchPath('source')
  await mkdir(folder, { mode: 0o700 })
  try {
    const copy = join(folder, basename(path))
    await copyWhole(path, copy)
    const db = openForeignFile(copy, 'reading')
    try {
      await checkWhole(db, path)
    } catch (error) {
      await db.destroy()
      throw error
    }
    return {
      kind: 'sqlite',
      db,
      place: path,
      use,
      changedAt,
      async close() {
        await db.destroy()
        await rm(folder, { recursive: true, force: true })
      },
    }
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
}

async function lastChange(paths: string[]): Promise<number | undefined> {
  const files = await Promise.all(paths.map((path) => stat(path).catch(() => undefined)))
  return Math.max(...files.map((file) => file?.mtimeMs ?? 0)) || undefined
}

async function checkFile(path: string): Promise<void> {
  const found = await stat(path).catch((error: unknown) => errorCode(error) ?? 'EIO')
  if (typeof found === 'string') {
    if (found === 'ENOENT') throw new InstallationError(`there is no file ${path}`)
    throw new InstallationError(`${path} cannot be read (${found})`)
  }
  if (!found.isFile()) throw new InstallationError(`${path} is no file; name the database in it`)
  const start = await startOf(path).catch((cause: unknown) => {
    throw new InstallationError(`${path} cannot be read (${errorCode(cause)})`, { cause })
  })
  if (start !== SQLITE_MAGIC) throw new InstallationError(`${path} is no SQLite database`)
}

async function startOf(path: string): Promise<string> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(
      Buffer.alloc(SQLITE_MAGIC.length),
      0,
      SQLITE_MAGIC.length,
      0,
    )
    return buffer.subarray(0, bytesRead).toString('latin1')
  } finally {
    await file.close()
  }
}

/** Copies a database with its companions, such that all are of one moment. */
async function copyWhole(path: string, copy: string): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const before = await statesOf(path)
    for (const ending of ['', ...COMPANIONS]) await copyIfThere(path + ending, copy + ending)
    await refuseSharedJournal(`${copy}-journal`, path)
    if ((await statesOf(path)) === before) return
  }
  throw new InstallationError(`${path} is being written to: stop the program it belongs to first`)
}

/**
 * A journal of a change to several databases ends with the name of a file that SQLite deletes when it has undone the change,
 * wherever that file is (https://sqlite.org/fileformat2.html, "super-journal").
 */
async function refuseSharedJournal(journal: string, path: string): Promise<void> {
  const file = await open(journal).catch(() => undefined)
  if (!file) return
  try {
    const { size } = await file.stat()
    const at = Math.max(0, size - SHARED_JOURNAL.length)
    const { buffer } = await file.read(Buffer.alloc(SHARED_JOURNAL.length), 0, SHARED_JOURNAL.length, at)
    if (!buffer.equals(SHARED_JOURNAL)) return
  } finally {
    await file.close()
  }
  throw new InstallationError(
    `${path} was left in the middle of a change: start the program it belongs to once, and stop it as it is meant to be`,
  )
}

async function copyIfThere(from: string, to: string): Promise<void> {
  // What an earlier attempt copied may not be there any more.
  await rm(to, { force: true })
  try {
    await copyFile(from, to, constants.COPYFILE_FICLONE)
  } catch (cause) {
    const code = errorCode(cause)
    if (code === 'ENOENT') return
    if (code === 'ENOSPC')
      throw new InstallationError(
        'there is no room for a copy of the database; set TMPDIR to a folder with more',
        {
          cause,
        },
      )
    throw new InstallationError(`${from} cannot be copied (${code})`, { cause })
  }
}

async function statesOf(path: string): Promise<string> {
  const states = await Promise.all(
    ['', ...COMPANIONS].map(async (ending) => {
      const found = await stat(path + ending, { bigint: true }).catch(() => undefined)
      return found ? [found.ino, found.size, found.mtimeNs].join(':') : ''
    }),
  )
  return states.join(' ')
}

/** Reading begins with finishing what was cut off. */
async function checkWhole(db: Database, path: string): Promise<void> {
  let answer: string
  try {
    const [row]: { quick_check?: string }[] = await db.raw('pragma quick_check(1)')
    answer = row?.quick_check ?? ''
  } catch (cause) {
    throw new InstallationError(`${path} is no SQLite database, or a damaged one (${errorCode(cause)})`, {
      cause,
    })
  }
  if (answer !== 'ok') throw new InstallationError(`${path} is damaged: ${answer}`)
}

async function openServer(url: string): Promise<Source> {
  const place = withoutPassword(url)
  const db = openForeignServer(url, 'reading')
  try {
    const use = await useOfServer(db)
    // One connection that sees the database as it is now, however long reading takes.
    const snapshot = await db.transaction({ isolationLevel: 'repeatable read', readOnly: true })
    return {
      kind: 'postgres',
      db: snapshot,
      place,
      use,
      changedAt: undefined,
      async close() {
        await snapshot.rollback()
        await db.destroy()
      },
    }
  } catch (cause) {
    await db.destroy()
    const reason = errorCode(cause) ?? (cause instanceof Error ? cause.message : String(cause))
    throw new InstallationError(`the database ${place} cannot be read (${reason})`, { cause })
  }
}

function withoutPassword(url: string): string {
  try {
    const { protocol, username, host, pathname } = new URL(url)
    return `${protocol}//${username && `${username}@`}${host}${pathname}`
  } catch {
    throw new InstallationError('this is no address of a PostgreSQL database')
  }
}
