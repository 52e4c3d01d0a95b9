import { execFile } from 'node:child_process'
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const PROJECT = join(import.meta.dirname, '../..')

/** A build of the project in a folder of its own, as `npm run build` makes it. */
export interface BuiltProject {
  /** The path of a built program, such as `main.js`. */
  program(path: string): string
  close(): Promise<void>
}

/** Builds the project beside its other builds, which programs of other tests may be running from. */
export async function buildProject(): Promise<BuiltProject> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-test-'))
  // What the programs look for beside themselves.
  for (const name of ['node_modules', 'package.json', 'static'])
    await symlink(join(PROJECT, name), join(folder, name))
  const built = join(folder, 'dist')
  await promisify(execFile)(process.execPath, ['scripts/build.mjs', '--to', built], { cwd: PROJECT })
  return {
    program: (path) => join(built, 'src', path),
    close: () => rm(folder, { recursive: true }),
  }
}
