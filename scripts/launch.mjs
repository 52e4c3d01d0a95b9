import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import module, { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** The project's own folder, whatever the folder the command was started in. */
export const projectRoot = fileURLToPath(new URL('..', import.meta.url))

/**
 * Makes a fresh clone runnable: refuses a Node that is too old, installs packages that are missing and builds the
 * SQLite driver where the installation has left it out. Uses nothing but Node itself, because it runs before any
 * package exists.
 */
export async function ensureInstalled() {
  requireNode()
  if (!packagesAreCurrent()) {
    console.error('Parley: installing packages. This happens once and takes a minute or two.')
    // Building and testing need the development packages, also where NODE_ENV says production.
    await runVisibly('installing packages', npmCommand(), ['ci', '--include=dev', '--no-audit', '--no-fund'])
  }
  await ensureDriver()
}

/** npm may skip the script that fetches or compiles the driver and still succeed; another Node needs another one. */
async function ensureDriver() {
  if (driverProblem() === undefined) return
  console.error('Parley: building the SQLite driver, which does not load yet.')
  await runVisibly('building the SQLite driver', npmCommand(), [
    'rebuild',
    'sqlite3',
    '--no-audit',
    '--no-fund',
  ])
  const problem = driverProblem()
  if (problem === undefined) return
  console.error(`Parley: the SQLite driver does not load: ${problem}`)
  console.error('If npm says that install scripts are turned off, run: npm config delete ignore-scripts')
  console.error(
    'Compiling it needs python3, make and a C++ compiler (Debian: apt-get install python3 make g++).',
  )
  process.exit(1)
}

/** Why the driver cannot be loaded; undefined when it can. */
function driverProblem() {
  try {
    createRequire(join(projectRoot, 'package.json'))('sqlite3')
    return undefined
  } catch (error) {
    return String(error.message).split('\n')[0]
  }
}

/** Builds dist from src and migrations when a source is newer than the last complete build. */
export async function ensureBuilt() {
  const stamp = join(projectRoot, 'dist', '.stamp')
  if (existsSync(stamp) && statSync(stamp).mtimeMs > newestSourceMs()) return
  console.error('Parley: building.')
  const startedAt = new Date()
  await runVisibly('building', process.execPath, [join('scripts', 'build.mjs')])
  writeFileSync(stamp, '')
  // A source saved while the compiler ran must count as newer.
  utimesSync(stamp, startedAt, startedAt)
}

/**
 * Runs a built module in this very process, so that signals, exit code and terminal are the server's own.
 * @param {string} path a file below dist/src, such as `main.js`
 */
export async function runBuilt(path) {
  process.env.PARLEY_STARTED_IN = startedIn()
  process.chdir(projectRoot)
  process.setSourceMapsEnabled(true)
  // Node 22 and later keep what they have compiled, which saves a sixth of a start.
  module.enableCompileCache?.(join(projectRoot, 'dist', '.compiled'))
  const file = builtFile(path)
  // A module that asks whether it is the program's entry finds itself there, as under `node dist/src/main.js`.
  process.argv[1] = file
  await import(pathToFileURL(file).href)
}

/** Where the command was given: npm runs the scripts of a package in its folder. */
function startedIn() {
  const { npm_package_json: npmPackage, INIT_CWD: callersFolder } = process.env
  return npmPackage === join(projectRoot, 'package.json') && callersFolder ? callersFolder : process.cwd()
}

/**
 * What a built module exports.
 * @param {string} path a file below dist/src
 */
export function importBuilt(path) {
  return import(pathToFileURL(builtFile(path)).href)
}

function builtFile(path) {
  return join(projectRoot, 'dist', 'src', path)
}

/** Reads `.env` of the project folder; variables that are already set win. */
export function loadEnvFile() {
  const file = join(projectRoot, '.env')
  if (existsSync(file)) process.loadEnvFile(file)
}

/**
 * Runs a command in the project folder with its output on the terminal.
 * @returns {Promise<number>} its exit code; 1 when a signal ended it
 */
export function run(command, args, env = process.env) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: projectRoot, env, stdio: 'inherit' })
    child.once('error', reject)
    child.once('exit', (code) => resolve(code ?? 1))
  })
}

function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return
  console.error(`Parley needs Node 20.19 or newer; this is ${process.versions.node}.`)
  console.error('Install a current release from https://nodejs.org and run the command again.')
  process.exit(1)
}

/** npm writes what it really installed into node_modules/.package-lock.json, as the last step of an install. */
function packagesAreCurrent() {
  const wanted = lockedPackages('package-lock.json')
  const installed = lockedPackages(join('node_modules', '.package-lock.json'))
  return Object.entries(wanted).every(
    // Optional packages are those of other platforms; the entry '' is the project itself.
    ([path, entry]) => path === '' || entry.optional || installed[path]?.version === entry.version,
  )
}

function lockedPackages(path) {
  const file = join(projectRoot, path)
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : {}
}

/** npm tells the scripts it runs where it is; that also works where `npm` is a `.cmd` file. */
function npmCommand() {
  return process.env.npm_execpath ?? 'npm'
}

function newestSourceMs() {
  const settings = ['package-lock.json', 'tsconfig.json', 'scripts/build.mjs', 'scripts/join-packages.mjs']
  const sources = ['src', 'migrations'].flatMap((folder) => [
    folder,
    ...readdirSync(join(projectRoot, folder), { recursive: true }).map((name) => join(folder, name)),
  ])
  return Math.max(...[...settings, ...sources].map((path) => statSync(join(projectRoot, path)).mtimeMs))
}

/**
 * Runs a step with all it prints on standard error: in the mode stdio standard input and output belong to whoever has
 * started the program.
 */
function runAside(command, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: projectRoot,
      stdio: ['ignore', process.stderr, process.stderr],
    })
    child.once('error', reject)
    child.once('exit', (code) => resolve(code ?? 1))
  })
}

/** Runs a step, says every few seconds that it is still going, and ends the program when it fails. */
async function runVisibly(what, command, args) {
  const startedAt = Date.now()
  const seconds = () => Math.round((Date.now() - startedAt) / 1000)
  const ticker = setInterval(() => console.error(`Parley: still ${what} (${seconds()} s)`), 10_000)
  const isScript = /\.[cm]?js$/.test(command)
  const code = await (isScript
    ? runAside(process.execPath, [command, ...args])
    : runAside(command, args)
  ).catch((error) => {
    console.error(`Parley: ${command} could not be started: ${error.message}`)
    return 1
  })
  clearInterval(ticker)
  if (code === 0) return
  console.error(`Parley: ${what} failed after ${seconds()} s; the lines above say why.`)
  process.exit(code)
}
