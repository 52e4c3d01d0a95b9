import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** A folder with a build of this project, of today or of another day. */
export interface Build {
  name: string
  folder: string
  /** Options of Node that it is run with where it is installed. */
  nodeOptions: string[]
  /** The program of Node that runs it; the one that runs the bench unless another is named. */
  node?: string
}

/** The build in that folder, which `npm run build` has made there. */
export function buildIn(folder: string, name: string): Build {
  const path = resolve(folder)
  return { name, folder: path, nodeOptions: nodeOptionsOf(readFileSync(join(path, 'Dockerfile'), 'utf8')) }
}

/** The options of Node in a Dockerfile that runs `dist/src/main.js`: those of its command and of `NODE_OPTIONS`. */
export function nodeOptionsOf(dockerfile: string): string[] {
  const commands = [...dockerfile.matchAll(/^(?:ENTRYPOINT|CMD) (\[.*\])$/gm)]
    .map(([, list]) => JSON.parse(list ?? '[]') as string[])
    .filter((words) => words[0] === 'node' && words.at(-1) === 'dist/src/main.js')
  const [, variable = ''] = /^ENV (?:.* )?NODE_OPTIONS=("[^"]*"|\S+)/m.exec(dockerfile) ?? []
  const fromVariable = variable.replaceAll('"', '').split(' ').filter(Boolean)
  return [...fromVariable, ...(commands.at(-1)?.slice(1, -1) ?? [])]
}
