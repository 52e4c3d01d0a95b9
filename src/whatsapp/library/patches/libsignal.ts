import { readFileSync } from 'node:fs'
import Module, { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { compileFunction } from 'node:vm'

type Print = (message: string) => void

let print: Print = () => {}

/** Sends what libsignal would print to a logger: first argument only, because the others are sessions with keys. */
export function routeLibraryOutput(to: Print): void {
  print = to
}

// libsignal prints whole sessions, private keys included, whenever one is opened or closed.
const quietConsole = Object.fromEntries(
  ['log', 'info', 'warn', 'error', 'debug'].map((level) => [
    level,
    (first: unknown) => print(typeof first === 'string' ? first : 'message without text'),
  ]),
)

const here = createRequire(import.meta.url)
const baileys = createRequire(here.resolve('@whiskeysockets/baileys'))

/**
 * Evaluates a module of libsignal, and those it needs, with a console that cannot print keys, and leaves them in
 * the module cache, where the library's own imports find them.
 * `path` is relative to the package, for example `src/curve.js`.
 */
export function loadLibsignal(path: string): Module {
  return load(baileys.resolve(`libsignal/${path}`))
}

/** Marks the modules evaluated here, in the cache of a process that may evaluate this file several times. */
const EVALUATED_HERE = Symbol.for('parley.libsignal')

function load(file: string): Module {
  // Node puts a module in the cache, not yet evaluated, as soon as it links an import of it: that object is filled.
  const module: Module & { [EVALUATED_HERE]?: true } = here.cache[file] ?? new Module(file)
  if (module[EVALUATED_HERE]) return module
  // It would print the keys of sessions, and its parts would know each other without the repairs.
  if (module.loaded) throw new Error(`${file} was evaluated before it could be repaired`)
  module[EVALUATED_HERE] = true
  module.filename = file
  here.cache[file] = module

  const next = createRequire(file)
  const require = (id: string): unknown => (id.startsWith('.') ? load(next.resolve(id)).exports : next(id))
  const parameters = ['exports', 'require', 'module', '__filename', '__dirname', 'console']
  const evaluate = compileFunction(readFileSync(file, 'utf8'), parameters, { filename: file })
  evaluate(module.exports, require, module, file, dirname(file), quietConsole)
  module.loaded = true
  return module
}
