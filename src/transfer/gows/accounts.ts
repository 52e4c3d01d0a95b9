import { basename, dirname, join } from 'node:path'
import { derivedId } from '../../lib/ids.ts'
import { bare } from '../../lib/jid.ts'
import { nothing, type SourceAccount, type SourceServer } from '../account.ts'
import { isFile, isFolder } from '../places.ts'
import { entriesOf, openSessionFiles, type SessionFile } from '../session-files.ts'
import { isServer, openSource, useOf } from '../source.ts'
import type { SourceRequest } from '../sources.ts'
import { sourceUser } from '../user.ts'
import { openWhatsmeowStore } from '../whatsmeow/store.ts'

const KIND = 'gows'
const DATABASE = 'gows.db'
const NO_TOKEN = 'its programs send the key of the whole server: give the user one'

/**
 * Opens the sessions of WAHA's engine GOWS: its folder of sessions (`.sessions`, or `gows` in it), the folder or the file of
 * one session, or the URL of a PostgreSQL database. Nothing of it is changed. Throws InstallationError when there is none.
 */
export async function openGows({ from, chosen }: SourceRequest): Promise<SourceServer> {
  if (isServer(from)) return openDatabase(from)
  const files = await filesIn(from)
  return openSessionFiles({ kind: KIND, from, files, noToken: NO_TOKEN, chosen })
}

async function filesIn(from: string): Promise<SessionFile[]> {
  if (await isFile(from)) return [{ name: basename(dirname(from)), path: from }]
  if (await isFile(join(from, DATABASE))) return [{ name: basename(from), path: join(from, DATABASE) }]
  const files: SessionFile[] = []
  for (const folder of [from, join(from, KIND)]) {
    const entries = folder === from || (await isFolder(folder)) ? await entriesOf(folder) : []
    for (const { name } of entries) {
      const path = join(folder, name, DATABASE)
      if (await isFile(path)) files.push({ name, path })
    }
  }
  return files
}

/** All its devices; what the sessions were called is written elsewhere. */
async function openDatabase(url: string): Promise<SourceServer> {
  const source = await openSource(url)
  try {
    const store = await openWhatsmeowStore(source.db)
    const devices = await store.listDevices()
    return {
      kind: KIND,
      place: source.place,
      accounts: devices.map(({ jid, pushName, businessName }): SourceAccount => {
        const name = pushName || businessName || bare(jid)
        return {
          user: sourceUser({ id: derivedId(KIND, jid), name, token: '', device: jid, wanted: true }),
          webhooks: [],
          device: jid,
          notes: [{ what: 'token', whose: name, why: NO_TOKEN }],
          readDevice: () => store.readDevice(jid),
          history: nothing,
        }
      }),
      strayDevices: [],
      inUse: useOf(source),
      mark: async () => {},
      close: () => source.close(),
    }
  } catch (error) {
    await source.close()
    throw error
  }
}
