import { readdir, readFile, readlink, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Queryable } from '../store/database/database.ts'

/** Whether another program works with a source at this moment. */
export type SourceUse =
  | { state: 'in use'; by: string }
  | { state: 'unused' }
  /** `why`: what keeps it from being known; the words follow "because". */
  | { state: 'unknown'; why: string }

/** A connection that was not idle for longer than this belongs to a program that runs: servers ping and write. */
const RECENT_SECONDS = 600

/** The namespace of processes a machine starts with always has this number (Linux, PROC_PID_INIT_INO). */
const WHOLE_MACHINE = 'pid:[4026531836]'

interface Found {
  users: string[]
  /** Processes that belong to others and cannot be looked into. */
  hidden: number
}

/**
 * Who has one of these files open. The operating system is asked, nothing is opened: a process of this machine is always
 * found when it can be looked into (same account, or root), whether it holds a lock at the moment or not. From within a
 * container the others are not seen, hence nothing is known there unless one is found. One on another machine that has the
 * folder as well is never seen.
 */
export async function useOfFiles(paths: string[]): Promise<SourceUse> {
  const files = await identitiesOf(paths)
  const processes = await readdir('/proc').catch(() => [])
  const ids = processes.filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
  if (ids.length === 0) return { state: 'unknown', why: 'this system does not say who has a file open' }
  const { users, hidden } = await openedBy(files, ids)
  const holders = users.length > 0 ? users : await lockHolders(files)
  if (holders.length > 0) return { state: 'in use', by: holders.join(', ') }
  if (hidden > 0)
    return { state: 'unknown', why: `${hidden} processes belong to others; root sees what they have open` }
  if ((await readlink('/proc/self/ns/pid').catch(() => '')) !== WHOLE_MACHINE)
    return { state: 'unknown', why: 'this is a container, from which programs outside of it are not seen' }
  return { state: 'unused' }
}

/** Who else is connected to this database and has asked it something lately. */
export async function useOfServer(db: Queryable): Promise<SourceUse> {
  const { rows } = await db.raw<{ rows: { who: string; state: string | null; seconds: number | null }[] }>(
    `select coalesce(nullif(application_name, ''), 'a program without a name')
              || coalesce(' at ' || host(client_addr), '') as who,
            state,
            extract(epoch from clock_timestamp() - state_change)::int as seconds
       from pg_stat_activity
      where datname = current_database()
        and pid <> pg_backend_pid()
        and backend_type is not distinct from 'client backend'
      order by 1`,
  )
  const recent = rows.filter(
    ({ state, seconds }) => state !== null && (state !== 'idle' || Number(seconds) <= RECENT_SECONDS),
  )
  const names = [...new Set(recent.map(({ who }) => who))]
  if (names.length > 0) return { state: 'in use', by: names.join(', ') }
  if (rows.some(({ state }) => state === null))
    return { state: 'unknown', why: 'this account may not see what other connections do' }
  return { state: 'unused' }
}

async function identitiesOf(paths: string[]): Promise<{ device: number; inode: number }[]> {
  const found = await Promise.all(paths.map((path) => stat(path).catch(() => undefined)))
  return found.flatMap((file) => (file ? [{ device: file.dev, inode: file.ino }] : []))
}

async function openedBy(files: { device: number; inode: number }[], ids: string[]): Promise<Found> {
  const users: string[] = []
  let hidden = 0
  for (const id of ids) {
    const folder = join('/proc', id, 'fd')
    const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
      // Gone meanwhile is not hidden.
      if (error.code === 'EACCES' || error.code === 'EPERM') hidden += 1
      return []
    })
    if (await holdsOne(folder, names, files)) users.push(await nameOf(id))
  }
  return { users, hidden }
}

async function holdsOne(
  folder: string,
  names: string[],
  files: { device: number; inode: number }[],
): Promise<boolean> {
  for (const name of names) {
    const path = join(folder, name)
    const target = await readlink(path).catch(() => '')
    // Sockets and pipes have no path, and devices are no database.
    if (!target.startsWith('/') || target.startsWith('/dev/')) continue
    // In another container a file may have another path, and still is the same.
    const opened = await stat(path).catch(() => undefined)
    if (files.some(({ device, inode }) => opened?.dev === device && opened.ino === inode)) return true
  }
  return false
}

/** Locks are visible even of processes that are not; on some file systems under another device, hence by inode. */
async function lockHolders(files: { inode: number }[]): Promise<string[]> {
  const locks = await readFile('/proc/locks', 'utf8').catch(() => '')
  const inodes = new Set(files.map(({ inode }) => String(inode)))
  const holders = new Set<string>()
  for (const line of locks.split('\n')) {
    const [, id, inode = ''] = /\s(\d+)\s+[0-9a-f]+:[0-9a-f]+:(\d+)\s/.exec(line) ?? []
    if (id && inodes.has(inode) && Number(id) !== process.pid) holders.add(id)
  }
  return Promise.all([...holders].map(nameOf))
}

async function nameOf(id: string): Promise<string> {
  const name = await readFile(join('/proc', id, 'comm'), 'utf8').catch(() => '')
  return `process ${id}${name.trim() && ` (${name.trim()})`}`
}
