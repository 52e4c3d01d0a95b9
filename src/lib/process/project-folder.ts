import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(import.meta.url)

/** The folder that holds `package.json`. */
export const projectFolder = nearestWithPackage(dirname(here))

/**
 * A file of the program that is needed as a file, of the sources or of the build, whichever runs.
 * @param path of a JavaScript file, below `src`
 */
export function programFile(path: string): string {
  const built = join(projectFolder, 'dist')
  return join(here.startsWith(built) ? built : projectFolder, 'src', path)
}

function nearestWithPackage(folder: string): string {
  if (existsSync(join(folder, 'package.json')) || dirname(folder) === folder) return folder
  return nearestWithPackage(dirname(folder))
}
