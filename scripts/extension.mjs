import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join, sep } from 'node:path'
import { usePasskey } from '../static/link/use-passkey.js'
import { projectRoot } from './launch.mjs'
import { storedZip } from './stored-zip.mjs'
import { writePart } from './written-part.mjs'

// Packs the browser extension for linking with a passkey, and puts it where the page of a linking offers it. It must not
// ask the browser for more than it was reviewed for; with --check nothing is written, and it is only looked at.
const SOURCE = join(projectRoot, 'extension')
const PACKED = join(projectRoot, 'dist-extension')
const OFFERED = join(projectRoot, 'static', 'link', 'parley-linking.zip')
const HOST = 'https://web.whatsapp.com/*'
const MEMBERS = [
  'manifest_version',
  'name',
  'description',
  'version',
  'default_locale',
  'minimum_chrome_version',
  'content_scripts',
]

writePart('extension/main-world.js', {
  name: 'usePasskey',
  command: 'npm run extension',
  source: 'static/link/use-passkey.js',
  text: String(usePasskey).replace(/^(?=.)/gm, '  '),
})

const names = readdirSync(SOURCE, { recursive: true })
  .filter((name) => statSync(join(SOURCE, name)).isFile())
  .map((name) => name.split(sep).join('/'))
  .sort()
const manifest = JSON.parse(read('manifest.json'))
const problems = [...manifestProblems(), ...scriptProblems(), ...wordProblems()]
for (const problem of problems) console.error(`extension: ${problem}`)
if (problems.length > 0) process.exitCode = 1
else if (!process.argv.includes('--check')) pack()

function pack() {
  const file = join(PACKED, `parley-linking-${manifest.version}.zip`)
  mkdirSync(PACKED, { recursive: true })
  writeFileSync(file, storedZip(names.map((name) => ({ name, bytes: readFileSync(join(SOURCE, name)) }))))
  copyFileSync(file, OFFERED)
  console.log(`${file}\n${OFFERED}`)
}

function manifestProblems() {
  const scripts = manifest.content_scripts.flatMap(({ js }) => js)
  const hosts = manifest.content_scripts.flatMap(({ matches }) => matches)
  return [
    ...Object.keys(manifest)
      .filter((member) => !MEMBERS.includes(member))
      .map((member) => `manifest.json must not have ${member}`),
    ...hosts.filter((host) => host !== HOST).map((host) => `no script may run on ${host}`),
    ...scripts
      .filter((name) => !existsSync(join(SOURCE, name)))
      .map((name) => `manifest.json names ${name}, which is not there`),
    ...names
      .filter((name) => name.endsWith('.js') && !scripts.includes(name))
      .map((name) => `nothing runs ${name}`),
    ...(/^\d+\.\d+\.\d+$/.test(manifest.version) ? [] : [`${manifest.version} is no version`]),
  ]
}

/** Code from elsewhere, and what an extension without permissions does not need. */
function scriptProblems() {
  const refused = /\b(eval|Function|importScripts|innerHTML|outerHTML|localStorage|sessionStorage)\b|import\(/
  return names
    .filter((name) => name.endsWith('.js'))
    .map((name) => [name, refused.exec(read(name))?.[0]])
    .filter(([, found]) => found)
    .map(([name, found]) => `${name} must not use ${found}`)
}

/** Every language has the same words. */
function wordProblems() {
  const locales = names.filter((name) => name.startsWith('_locales/'))
  const keysOf = (name) => Object.keys(JSON.parse(read(name)))
  const all = new Set(locales.flatMap(keysOf))
  return locales.flatMap((name) =>
    [...all].filter((key) => !keysOf(name).includes(key)).map((key) => `${name} lacks ${key}`),
  )
}

function read(name) {
  return readFileSync(join(SOURCE, name), 'utf8')
}
