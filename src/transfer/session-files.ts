import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { derivedId } from '../lib/ids.ts'
import { bare } from '../lib/jid.ts'
import { InstallationError } from '../lib/process/installation-error.ts'
import { nothing, type SourceAccount, type SourceServer } from './account.ts'
import { copiesAmong } from './copies.ts'
import type { Dropped } from './device.ts'
import { markSource } from './mark.ts'
import { openSource, type Source, useOf } from './source.ts'
import { sourceUser } from './user.ts'
import { openWhatsmeowStore } from './whatsmeow/store.ts'

/** The database of one session. */
export interface SessionFile {
  /** What the session is called. */
  name: string
  path: string
}

export interface SessionFiles {
  /** The name of the source. */
  kind: string
  from: string
  files: SessionFile[]
  /** Why a session has no token of its own; the words follow "because". */
  noToken: string
  /** Which device is meant where a file has several, by the name of the session. */
  chosen: Map<string, string>
}

interface Found extends SessionFile {
  device: string
  changedAt: number
  /** A sentence where another program works with the file. */
  inUse: string
  notes: Dropped[]
}

/** Beyond this it is another folder than was meant. */
const MOST_ENTRIES = 10_000

/**
 * The sessions of a server that keeps a file of whatsmeow for each. Files of other programs are passed over. Throws
 * InstallationError when none is left.
 */
export async function openSessionFiles({
  kind,
  from,
  files,
  noToken,
  chosen,
}: SessionFiles): Promise<SourceServer> {
  const open = new OneAtATime()
  const found: Found[] = []
  for (const file of files) {
    const one = await look(open, file, chosen)
    if (one) found.push(one)
  }
  await open.close()
  if (found.length === 0) throw new InstallationError(`there is no database with a linked device in ${from}`)
  const copies = copiesAmong(found)
  const accounts = found.map((one): SourceAccount => {
    const copy = copies.get(one.name)
    const device = copy ? '' : one.device
    return {
      user: sourceUser({
        // The same whenever it is read again, and another for another account in a session of this name.
        id: derivedId(kind, one.name, bare(one.device)),
        name: one.name,
        token: '',
        device,
        wanted: device !== '',
      }),
      webhooks: [],
      device,
      notes: [...one.notes, ...(copy ? [copy] : []), { what: 'token', whose: one.name, why: noToken }],
      readDevice: async () => (await openWhatsmeowStore((await open.source(one.path)).db)).readDevice(device),
      history: nothing,
    }
  })
  return {
    kind,
    place: from,
    accounts,
    strayDevices: [],
    inUse: found.find(({ inUse }) => inUse)?.inUse ?? '',
    mark: () => markSource(join(from, 'sessions')),
    close: () => open.close(),
  }
}

/** The entries of a folder by name. Throws InstallationError for what is none. */
export async function entriesOf(folder: string): Promise<{ name: string; isFolder: boolean }[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw new InstallationError(`there is no folder ${folder}`, { cause })
  })
  if (entries.length > MOST_ENTRIES) throw new InstallationError(`there are too many entries in ${folder}`)
  return entries
    .map((entry) => ({ name: entry.name, isFolder: entry.isDirectory() }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

async function look(
  open: OneAtATime,
  { name, path }: SessionFile,
  chosen: Map<string, string>,
): Promise<Found | undefined> {
  const changes = await Promise.all(
    [path, `${path}-wal`].map((one) =>
      stat(one).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
      ),
    ),
  )
  const found: Found = { name, path, device: '', changedAt: Math.max(...changes), inUse: '', notes: [] }
  try {
    const source = await open.source(path)
    const { db } = source
    if (!(await db.schema.hasTable('whatsmeow_device'))) return undefined
    const devices = (await (await openWhatsmeowStore(db)).listDevices()).map(({ jid }) => jid)
    const [first = '', ...others] = devices
    const wanted = chosen.get(name)
    const device = others.length === 0 && !wanted ? first : (devices.find((jid) => jid === wanted) ?? '')
    if (device === '') found.notes.push({ what: 'device', whose: name, why: reasonOf(devices, wanted) })
    return { ...found, device, inUse: useOf(source) }
  } catch (error) {
    if (!(error instanceof InstallationError)) throw error
    return { ...found, notes: [{ what: 'device', whose: name, why: error.message }] }
  }
}

function reasonOf(devices: string[], wanted: string | undefined): string {
  if (wanted !== undefined) return `its file has no device ${wanted}`
  return devices.length === 0
    ? 'it was never linked'
    : `its file has several, ${devices.join(' and ')}: say which one with --device`
}

/** Keeps one of many files open: each of them is a private copy. */
class OneAtATime {
  #path = ''
  #source: Source | undefined

  async source(path: string): Promise<Source> {
    if (this.#source && this.#path === path) return this.#source
    await this.close()
    this.#source = await openSource(path)
    this.#path = path
    return this.#source
  }

  async close(): Promise<void> {
    const source = this.#source
    this.#source = undefined
    await source?.close()
  }
}
