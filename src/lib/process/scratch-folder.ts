import { randomUUID } from 'node:crypto'
import { rmSync } from 'node:fs'
import { lstat, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { errorCode } from './installation-error.ts'

/** Folders of the machine's temporary folder that may be this program's; whether they are, their marker says. */
const PREFIX = 'parley-scratch-'
/** Names the folder it was written for, so that neither another folder nor a copy of one passes for scratch. */
const MARKER = 'scratch.json'
/** A socket on which the process listens as long as it lives, however it ends: nothing goes stale. */
const SIGN_OF_LIFE = 'alive'
/** Addresses of sockets are short (104 bytes on macOS), and some systems cut them off without a word. */
const MAX_SOCKET_PATH_BYTES = 100

let made: Promise<string> | undefined

/**
 * The folder for whatever this process writes for a short time, readable by this account only. Everything temporary goes
 * there. It is made when it is first asked for, and deleted when the process ends; what a killed process left is deleted
 * by `sweepLeftovers`.
 */
export async function scratchFolder(): Promise<string> {
  const folder = made ?? makeFolder()
  made = folder
  const path = await folder.catch((error: unknown) => {
    if (made === folder) made = undefined
    throw error
  })
  // Systems tidy up their temporary folders.
  if (await isOwnFolder(path)) return path
  if (made === folder) made = undefined
  return scratchFolder()
}

/** The path of a new file in it. */
export async function newScratchPath(kind: string): Promise<string> {
  return join(await scratchFolder(), `${kind}-${randomUUID()}`)
}

/**
 * Deletes the scratch folders of processes that were killed. Anything else stays, whatever it is called: a folder goes
 * only when it belongs to this account, is marked as scratch, and its process no longer lives.
 */
export async function sweepLeftovers(): Promise<void> {
  const names = await readdir(tmpdir())
  for (const name of names.filter((candidate) => candidate.startsWith(PREFIX))) {
    const path = join(tmpdir(), name)
    // Another process may be sweeping as well.
    if (await isLeftover(path)) await rm(path, { recursive: true, force: true }).catch(() => {})
  }
}

async function makeFolder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), PREFIX))
  process.once('exit', () => rmSync(path, { recursive: true, force: true }))
  // Without the sign there is no marker either, and the folder of a killed process is left to the system.
  if (await showLife(join(path, SIGN_OF_LIFE)))
    await writeFile(join(path, MARKER), JSON.stringify({ folder: basename(path), pid: process.pid }), {
      mode: 0o600,
    })
  return path
}

/** False where sockets cannot have addresses of this kind. */
function showLife(address: string): Promise<boolean> {
  if (process.platform === 'win32' || Buffer.byteLength(address) > MAX_SOCKET_PATH_BYTES)
    return Promise.resolve(false)
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy())
    server.once('error', () => resolve(false))
    // Exclusive: a worker would otherwise have the process that started it listen in its place.
    server.listen({ path: address, exclusive: true }, () => resolve(true))
    server.unref()
  })
}

async function isLeftover(path: string): Promise<boolean> {
  try {
    if (!(await isOwnFolder(path)) || !(await lstat(join(path, MARKER))).isFile()) return false
    const marker: unknown = JSON.parse(await readFile(join(path, MARKER), 'utf8'))
    const isMarked =
      typeof marker === 'object' && marker !== null && 'folder' in marker && marker.folder === basename(path)
    return isMarked && (await isDead(join(path, SIGN_OF_LIFE)))
  } catch {
    // Whatever cannot be understood is not ours.
    return false
  }
}

/** A real folder of this account, not a link to one. */
async function isOwnFolder(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined)
  // Windows has no user ids.
  return found?.isDirectory() === true && found.uid === (process.getuid?.() ?? found.uid)
}

/** Whether nobody listens any more; every other answer leaves it open. */
function isDead(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(address)
    socket.once('connect', () => {
      socket.destroy()
      resolve(false)
    })
    socket.once('error', (error) => resolve(errorCode(error) === 'ECONNREFUSED'))
  })
}
