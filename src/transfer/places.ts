import { stat } from 'node:fs/promises'

/** Whether there is a file at a path. */
export async function isFile(path: string): Promise<boolean> {
  return Boolean((await stat(path).catch(() => undefined))?.isFile())
}

/** Whether there is a folder at a path. */
export async function isFolder(path: string): Promise<boolean> {
  return Boolean((await stat(path).catch(() => undefined))?.isDirectory())
}
