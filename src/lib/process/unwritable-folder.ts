import { stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'

/**
 * What to do about a folder of the server that may not be written, as the end of a sentence: whose it is, who this process
 * is, and the command that changes it. Undefined when that is not the trouble.
 * @param code of the system error, or of SQLite's
 */
export async function adviceForUnwritable(
  folder: string,
  code: string | undefined,
): Promise<string | undefined> {
  const user = process.getuid?.()
  if (user === undefined || !/^(EACCES|EPERM|SQLITE_CANTOPEN|SQLITE_READONLY)$/.test(code ?? ''))
    return undefined
  const place = await nearestFolder(resolve(folder))
  if (place.owner === user) return `run \`chmod u+rwx ${place.path}\`, or set DATA_DIR to another folder`
  return (
    `${place.path} belongs to user ${place.owner}, and this process is user ${user}: run ` +
    `\`chown -R ${user}:${process.getgid?.() ?? user} ${place.path}\` as root (a folder that is mounted into a container: on the ` +
    'machine outside), or set DATA_DIR to another folder'
  )
}

/** The folder, or the one above it that exists, which is then the one that cannot be written. */
async function nearestFolder(path: string): Promise<{ path: string; owner: number }> {
  try {
    return { path, owner: (await stat(path)).uid }
  } catch (error) {
    if (dirname(path) === path) throw error
    return nearestFolder(dirname(path))
  }
}
