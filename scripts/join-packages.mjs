import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { build } from 'esbuild'
import { projectRoot } from './launch.mjs'

/** Left where they are installed: what loads files of its own, is changed before it runs, or is not loaded at the start. */
const INSTALLED = ['sqlite3', 'libsignal', 'sharp', 'pg', 'rabbitmq-client', '@hyzyla/pdfium']
/** What joined packages ask for when they can get it, or for services that nobody has here. */
const OPTIONAL = [
  'audio-decode',
  'better-sqlite3',
  'bufferutil',
  'jimp',
  'link-preview-js',
  'mariadb',
  'music-metadata',
  'mysql',
  'mysql2',
  'oracledb',
  'pg-query-stream',
  'tedious',
  'thread-stream',
  'utf-8-validate',
]
/** An import that is carried out at the start, as esbuild writes it. */
const IMPORT = /\bimport (?:([\w$*{][^;"]*?) from )?"([^."/][^"]*)";/g
/** Packages written for `require` need it. */
const REQUIRE =
  "import{createRequire as createRequireHere}from'node:module';const require=createRequireHere(import.meta.url);"

/**
 * Joins the packages that the built files import, and those which these need, into a few files below `packages`, without
 * what only people read, and has the built files import those. Hundreds of files are read at a start otherwise, and
 * megabytes of text are kept for as long as a server runs.
 * @param {string} folder with the files that esbuild has written
 */
export async function joinPackages(folder) {
  requireOneLibsignal()
  const files = readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith('.js'))
    .map((name) => join(folder, name))
  const wanted = namesByPackage(files)
  const stubs = join(folder, 'stubs')
  mkdirSync(stubs)
  for (const [path, names] of wanted) writeFileSync(join(stubs, `${flat(path)}.mjs`), stubOf(path, names))
  await build({
    absWorkingDir: projectRoot,
    entryPoints: [...wanted.keys()].map((path) => join(stubs, `${flat(path)}.mjs`)),
    outbase: stubs,
    outdir: join(folder, 'packages'),
    chunkNames: 'part-[hash]',
    bundle: true,
    splitting: true,
    external: [...INSTALLED, ...OPTIONAL].flatMap((name) => [name, `${name}/*`]),
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    banner: { js: REQUIRE },
    // Names stay, and lines are short enough to be found: both are in the traces of errors.
    minifyWhitespace: true,
    minifySyntax: true,
    lineLimit: 160,
    legalComments: 'linked',
    logLevel: 'warning',
    plugins: [programsAsFiles(join(folder, 'packages'))],
  })
  rmSync(stubs, { recursive: true })
  for (const file of files) importJoined(file, { wanted, from: join(folder, 'packages') })
}

/** The repairs are made to the copy that Baileys finds from its own folder. */
function requireOneLibsignal() {
  const ours = createRequire(join(projectRoot, 'package.json'))
  const baileys = createRequire(ours.resolve('@whiskeysockets/baileys'))
  if (ours.resolve('libsignal') !== baileys.resolve('libsignal'))
    throw new Error('libsignal is installed twice; its repairs would miss the copy that is used')
}

/** What is imported of each package; `*` is everything. */
function namesByPackage(files) {
  const wanted = new Map()
  for (const file of files) {
    for (const [, clause = '', path] of readFileSync(file, 'utf8').matchAll(IMPORT)) {
      if (!isJoined(path)) continue
      const names = wanted.get(path) ?? new Set()
      for (const name of namesIn(clause)) names.add(name)
      wanted.set(path, names)
    }
  }
  return wanted
}

function isJoined(path) {
  return !path.startsWith('node:') && !INSTALLED.some((name) => path === name || path.startsWith(`${name}/`))
}

/** `a, { b as c }` imports `default` and `b`. */
function namesIn(clause) {
  const [, single, listed = '', everything] = /^([\w$]+)?[\s,]*(?:\{([^}]*)\})?(\*)?/.exec(clause)
  const names = listed.split(',').map((entry) => entry.trim().split(' as ')[0])
  return [single && 'default', ...names, everything].filter(Boolean)
}

function stubOf(path, names) {
  const listed = [...names].filter((name) => name !== '*')
  // All that is exported, but for what is called `default`, has every other name as well.
  if (!names.has('*')) return `export { ${listed.join(', ')} } from '${path}'\n`
  const rest = listed.includes('default') ? `export { default } from '${path}'\n` : ''
  return `export * from '${path}'\n${rest}`
}

function importJoined(file, { wanted, from }) {
  const text = readFileSync(file, 'utf8')
  const joined = text.replace(IMPORT, (statement, _clause, path) => {
    if (!wanted.has(path)) return statement
    const target = relative(dirname(file), join(from, `${flat(path)}.js`)).replaceAll('\\', '/')
    return statement.replace(`"${path}"`, `"${target.startsWith('.') ? target : `./${target}`}"`)
  })
  if (joined !== text) writeFileSync(file, joined)
}

/** A name for a file. */
function flat(path) {
  return path.replace(/\.js$/, '').replaceAll(/[^\w.-]/g, '_')
}

/** A program of WebAssembly that a package holds as text is read from a file when it is needed, and not kept. */
function programsAsFiles(folder) {
  return {
    name: 'programs as files',
    setup({ onLoad }) {
      onLoad({ filter: /whatsapp-rust-bridge[/\\]dist[/\\]index\.js$/ }, ({ path }) => {
        let count = 0
        const contents = readFileSync(path, 'utf8').replace(
          /"(AGFzbQ[\w+/]{1000,}=*)"/g,
          (_literal, text) => {
            const name = `whatsapp-rust-bridge-${++count}.wasm`
            mkdirSync(folder, { recursive: true })
            writeFileSync(join(folder, name), Buffer.from(text, 'base64'))
            return `readFileSync(new URL('./${name}', import.meta.url)).toString('base64')`
          },
        )
        if (count === 0) throw new Error('whatsapp-rust-bridge holds its programs otherwise than expected')
        return { contents: `import { readFileSync } from 'node:fs'\n${contents}`, loader: 'js' }
      })
    },
  }
}
