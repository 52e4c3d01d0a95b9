import { join } from 'node:path'
import type { SourceServer } from '../account.ts'
import { entriesOf, openSessionFiles, type SessionFile } from '../session-files.ts'
import type { SourceRequest } from '../sources.ts'

const DATABASE = /\.(db|sqlite3?)$/i

/**
 * Opens the folder of sessions of a wago-api (`SESSIONS_PATH`): a database for each, named like the session, or in a folder
 * of its name. Nothing of it is changed. Throws InstallationError when there is none.
 */
export async function openWagoApi({ from, chosen }: SourceRequest): Promise<SourceServer> {
  const files: SessionFile[] = []
  for (const { name, isFolder } of await entriesOf(from)) {
    const path = join(from, name)
    if (!isFolder) {
      if (DATABASE.test(name)) files.push({ name: name.replace(DATABASE, ''), path })
      continue
    }
    const inside = (await entriesOf(path)).filter((entry) => !entry.isFolder && DATABASE.test(entry.name))
    for (const entry of inside) {
      const called = inside.length === 1 ? name : `${name}-${entry.name.replace(DATABASE, '')}`
      files.push({ name: called, path: join(path, entry.name) })
    }
  }
  const noToken = 'its programs send the key of the whole server, which is API_KEY here as well'
  return openSessionFiles({ kind: 'wago-api', from, files, noToken, chosen })
}
