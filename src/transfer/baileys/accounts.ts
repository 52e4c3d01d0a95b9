import { opendir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { derivedId } from '../../lib/ids.ts'
import { bare } from '../../lib/jid.ts'
import { errorCode, InstallationError } from '../../lib/process/installation-error.ts'
import { nothing, type SourceAccount, type SourceServer } from '../account.ts'
import { copiesAmong } from '../copies.ts'
import type { Dropped } from '../device.ts'
import { markSource } from '../mark.ts'
import type { SourceRequest } from '../sources.ts'
import { sourceUser } from '../user.ts'
import { readOrNoted } from '../whatsmeow/taking.ts'
import { jidIn } from './credentials.ts'
import { deviceOf } from './device.ts'
import { isKeyFolder, KeyFolder } from './folder.ts'

const KIND = 'baileys'
/** More folders than a machine has accounts: somebody has named the wrong one. */
const MOST_FOLDERS = 10_000

interface Found {
  name: string
  folder: KeyFolder
  /** As they are written; undefined where they cannot be read. */
  creds: unknown
  device: string
  changedAt: number
  notes: Dropped[]
}

/**
 * Opens the folder that a program on the library keeps a device in (`creds.json` and a file for each key), or one that
 * has such folders in it, one for each account. Nothing of it is changed. Throws InstallationError for what is neither.
 */
export async function openBaileys({ from }: SourceRequest): Promise<SourceServer> {
  const found: Found[] = []
  for (const folder of await foldersIn(from)) found.push(await readFolder(folder))
  const copies = copiesAmong(found)
  return {
    kind: KIND,
    place: from,
    accounts: found.map((one) => accountOf(one, copies.get(one.name))),
    strayDevices: [],
    inUse: await useOf(found),
    mark: () => markSource(join(from, 'creds.json')),
    close: async () => {},
  }
}

async function foldersIn(from: string): Promise<KeyFolder[]> {
  if (await isKeyFolder(from)) return [new KeyFolder(from)]
  const entries = await opendir(from).catch((cause: unknown) => {
    const code = errorCode(cause)
    const reason = code === 'ENOENT' ? 'there is no folder' : code === 'ENOTDIR' ? 'this is no folder:' : ''
    throw new InstallationError(reason ? `${reason} ${from}` : `${from} cannot be read (${code})`, { cause })
  })
  const folders: KeyFolder[] = []
  let looked = 0
  for await (const { name } of entries) {
    looked += 1
    if (looked > MOST_FOLDERS) throw new InstallationError(`there are too many entries in ${from}`)
    const path = join(from, name)
    if (await isKeyFolder(path)) folders.push(new KeyFolder(path))
  }
  if (folders.length === 0)
    throw new InstallationError(`there is no creds.json in ${from}, nor in a folder in it`)
  return folders.sort((a, b) => (a.path < b.path ? -1 : 1))
}

async function useOf(found: Found[]): Promise<string> {
  for (const { folder } of found) {
    const use = await folder.recentUse()
    if (use) return use
  }
  return ''
}

async function readFolder(folder: KeyFolder): Promise<Found> {
  const name = basename(folder.path)
  const notes: Dropped[] = []
  const creds = await readOrNoted(
    (dropped) => notes.push(dropped),
    { what: 'creds.json', whose: name },
    () => folder.readCredentials(),
  )
  const changedAt = await stat(join(folder.path, 'creds.json')).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  )
  return { name, folder, creds, device: jidIn(creds), changedAt, notes }
}

function accountOf({ name, folder, creds, device, notes }: Found, copy: Dropped | undefined): SourceAccount {
  const linked = copy ? '' : device
  const unlinked = { what: 'device', whose: name, why: 'it was never linked' }
  const noToken = { what: 'token', whose: name, why: 'there are none: give the user one' }
  return {
    user: sourceUser({
      // The same whenever it is read again, and another for another account in a folder of this name.
      id: derivedId(KIND, name, bare(device)),
      name,
      token: '',
      device: linked,
      wanted: linked !== '',
    }),
    webhooks: [],
    device: linked,
    notes: [
      ...notes,
      ...(copy ? [copy] : []),
      ...(device === '' && notes.length === 0 ? [unlinked] : []),
      noToken,
    ],
    readDevice: () => deviceOf({ creds, folder }),
    history: nothing,
  }
}
