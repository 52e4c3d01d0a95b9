import { readdirSync, rmSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'

/**
 * Deletes from the packages in a folder what a running server never opens: `node scripts/slim-packages.mjs node_modules`.
 * The image is made with it. Licences stay.
 */

/** Types, maps from generated code to its source, and pages for people. */
const FOR_DEVELOPERS = /\.([cm]?tsx?|map|md|markdown|flow)$/i
const LICENCE = /^(licen[cs]e|notice|copying|copyright)/i

/** Paths below the folder, with the reason. */
const NEEDLESS = [
  // What the SQLite driver was compiled from and with; the driver itself is named below.
  /^sqlite3\/(deps|src|build)\//,
  /^(node-gyp|node-addon-api|prebuild-install|tar)\//,
  /^\.bin\//,
  // The same code once more, for browsers and other loaders.
  /^@hyzyla\/pdfium\/dist\/.*(base64|browser|cdn)/,
  /^mediabunny\/dist\/bundles\//,
  /^libphonenumber-js\/bundle\//,
]
const NEEDED = /^sqlite3\/build\/Release\/node_sqlite3\.node$/

const folder = process.argv[2]
if (folder === undefined) {
  console.error('Which folder of packages? What is deleted comes back with `npm ci`.')
  process.exit(1)
}

let kept = 0
let deleted = 0
for (const entry of readdirSync(folder, { recursive: true })) {
  const name = String(entry).replaceAll('\\', '/')
  const path = join(folder, name)
  const info = statSync(path, { throwIfNoEntry: false })
  if (!info?.isFile()) continue
  if (isNeedless(name)) {
    rmSync(path)
    deleted += info.size
  } else {
    kept += info.size
  }
}
console.log(`${megabytes(deleted)} of packages deleted, ${megabytes(kept)} left`)

function isNeedless(name) {
  const inPackage = name.split('node_modules/').at(-1)
  if (NEEDED.test(inPackage)) return false
  if (NEEDLESS.some((pattern) => pattern.test(inPackage))) return true
  return FOR_DEVELOPERS.test(name) && !LICENCE.test(basename(name))
}

function megabytes(bytes) {
  return `${Math.round(bytes / 1_000_000)} MB`
}
