import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/**
 * Leaves a file beside the database of a source that tells whoever wants to start it again; nothing where it is on a server.
 * Never fails: a folder that cannot be written stays as it is.
 */
export async function markSource(database: string): Promise<void> {
  if (database === '') return
  const text = `Imported by Parley on ${new Date().toISOString()}. Starting the old server again throws the new one out, and both lose messages.\n`
  await writeFile(join(dirname(database), 'parley_imported'), text).catch(() => {})
}
