import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from './launch.mjs'

/**
 * Rewrites the part of a page or a script that is made from the code. With `--check` it only says whether that is needed, and then
 * the program ends with 1.
 * @param {string} path the page, from the project's folder
 * @param {{name: string, command: string, source: string, text: string}} part what its markers call it, what writes it,
 *   what it is made from, and how it is now
 */
export function writePart(path, { name, command, source, text }) {
  const page = join(projectRoot, path)
  const before = readFileSync(page, 'utf8')
  const after = withPart(before, { path, name, command, text })
  if (!process.argv.includes('--check')) {
    writeFileSync(page, after)
  } else if (before !== after) {
    console.error(`${path} is behind ${source}: run \`${command}\`.`)
    process.exitCode = 1
  }
}

function withPart(page, { path, name, command, text }) {
  const comment = (words) => (path.endsWith('.js') ? `// ${words}` : `<!-- ${words} -->`)
  const begin = comment(`${name}: written by \`${command}\``)
  const end = comment(`/${name}`)
  // The line of the end, with what it is indented by.
  const [from, to] = [page.indexOf(begin), page.lastIndexOf('\n', page.indexOf(end)) + 1]
  if (from < 0 || to < from) throw new Error(`${path} lacks the markers ${begin} and ${end}`)
  return `${page.slice(0, from)}${begin}\n${text}\n${page.slice(to)}`
}
