import { keyText } from '../../whatsapp/keys/key-text.ts'
import type { AuthenticationCreds } from '../../whatsapp/library/engine.ts'
import type { DeviceKey, Note } from '../device.ts'
import { addressOfJid, isPhone, libraryAddress, readLibraryAddress, underLid } from '../whatsmeow/address.ts'
import { readOrNoted } from '../whatsmeow/taking.ts'
import type { NamedKey } from './file-name.ts'
import type { KeyFolder } from './folder.ts'
import { isTaken, takeKey } from './values.ts'

/** Under this name the library keeps the list of all it has tokens of. */
const INDEX = '__index'
const READ_AT_ONCE = 16

const WHAT: Partial<Record<NamedKey['kind'], string>> = {
  'identity-key': 'identity',
  'sender-key': 'sender key',
  'lid-mapping': 'LID pair',
  'app-state-sync-key': 'key of shared settings',
  'app-state-sync-version': 'collection of shared settings',
  tctoken: 'token',
}

/**
 * The keys in a folder of the library. What older releases filed under a number goes under the LID where that is known:
 * the library looks nowhere else then.
 */
export async function* readKeys(
  folder: KeyFolder,
  me: AuthenticationCreds['me'],
  note: Note,
): AsyncGenerator<DeviceKey[]> {
  const tokens: string[] = []
  for await (const named of folder.keys()) {
    const wanted = named.filter(({ kind, id }) => isTaken(kind) && !(kind === 'tctoken' && id === INDEX))
    const keys: DeviceKey[] = []
    for (let start = 0; start < wanted.length; start += READ_AT_ONCE) {
      const some = wanted.slice(start, start + READ_AT_ONCE)
      const read = await Promise.all(some.map((key) => readKey(folder, { key, me }, note)))
      keys.push(...read.flatMap((key) => key ?? []))
    }
    for (const { kind, id } of keys) if (kind === 'tctoken') tokens.push(id)
    yield keys
  }
  if (tokens.length === 0) return
  const token = Buffer.from(JSON.stringify(tokens))
  yield [{ kind: 'tctoken', id: INDEX, text: keyText('tctoken', { token }) }]
}

/** The highest number of a pre-key in a folder, 0 for none. */
export async function highestPreKey(folder: KeyFolder): Promise<number> {
  let highest = 0
  for await (const keys of folder.keys())
    for (const { kind, id } of keys)
      if (kind === 'pre-key' && /^\d{1,8}$/.test(id)) highest = Math.max(highest, Number(id))
  return highest
}

async function readKey(
  folder: KeyFolder,
  { key, me }: { key: NamedKey; me: AuthenticationCreds['me'] },
  note: Note,
): Promise<DeviceKey | undefined> {
  const about = { what: WHAT[key.kind] ?? key.kind, whose: key.id }
  const taken = await readOrNoted(note, about, async () =>
    takeKey(key.kind, { id: key.id, value: await folder.read(key), me }),
  )
  if (!taken) return undefined
  const id = await underKnownLid(folder, key)
  if (id === key.id) return taken
  if (!(await folder.has({ kind: key.kind, id }))) return { ...taken, id }
  note({ ...about, why: `there is a newer one under the LID, ${id}` })
  return undefined
}

async function underKnownLid(folder: KeyFolder, { kind, id }: NamedKey): Promise<string> {
  if (kind === 'tctoken') {
    const address = addressOfJid(id)
    const lid = address && isPhone(address) ? await lidOf(folder, address.user) : ''
    return lid ? `${lid}@lid` : id
  }
  if (kind !== 'session' && kind !== 'identity-key') return id
  const address = readLibraryAddress(id)
  const lid = address && isPhone(address) ? await lidOf(folder, address.user) : ''
  return address && lid ? libraryAddress(underLid(address, lid)) : id
}

/** The user part of the LID of a number, '' where the folder has none. */
export async function lidOf(folder: KeyFolder, phone: string): Promise<string> {
  const key: NamedKey = { kind: 'lid-mapping', id: phone }
  if (!(await folder.has(key))) return ''
  // A damaged one is reported where pairs are taken over.
  const lid = await readOrNoted(
    () => {},
    { what: 'LID pair', whose: phone },
    () => folder.read(key),
  )
  return typeof lid === 'string' && /^\d{1,20}$/.test(lid) ? lid : ''
}
