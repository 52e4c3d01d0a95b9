import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix, relative } from 'node:path'
import { describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')

/** What a folder of `src` may import besides itself and `lib`. An entry is a folder or a file, without its ending. */
interface Rule {
  values: string[]
  /** Allowed with `import type` only. */
  types?: string[]
}

/** Imports point downwards only. */
const rules: Record<string, Rule> = {
  // These put the parts together, so they may know every part; nothing may import them.
  main: { values: ['*'] },
  app: { values: ['*'] },
  config: { values: [] },
  lib: { values: [] },
  store: { values: ['config', 'migrations'] },
  cluster: { values: ['store'], types: ['config'] },
  metrics: { values: ['store'], types: ['events', 'delivery', 'whatsapp/session/status'] },
  media: { values: ['store', 'config'] },
  // The media of voice calls: no WhatsApp in it.
  calls: { values: ['media/fetch/address-rules'], types: ['media/convert/ffmpeg'] },
  events: { values: ['store'], types: ['config'] },
  delivery: { values: ['store', 'media', 'events'], types: ['config'] },
  whatsapp: {
    values: ['events', 'delivery', 'media', 'store', 'cluster/ownership'],
    types: ['operations/services', 'config', 'calls'],
  },
  operations: {
    values: ['whatsapp', 'media', 'events', 'delivery', 'store', 'transfer'],
    types: ['config', 'calls'],
  },
  http: {
    values: [
      'whatsapp/session/manager',
      'cluster',
      'events',
      'delivery',
      'config',
      'store/idempotent-requests',
    ],
    types: ['operations/services', 'store/database', 'store/users', 'whatsapp/session'],
  },
  dialects: {
    values: [
      'operations',
      'http/endpoint/endpoint',
      'http/endpoint/dialect',
      'http/endpoint/fields',
      'http/document/words',
      'http/server/docs-page',
      'events/message-kinds',
      'events/unwrap',
      'delivery/multipart-body',
      'delivery/renderer',
    ],
    types: [
      'config',
      'events',
      'delivery',
      'store/users',
      'store/delivery/webhooks',
      'whatsapp/session',
      'whatsapp/calls/calls',
      'whatsapp/outbound/outgoing',
    ],
  },
  sandbox: {
    // Of calls what carries and packs sound; keys and encryption are the sandbox's own.
    values: ['whatsapp/library/engine', 'calls/relay-links', 'calls/codec', 'calls/frames'],
    types: ['calls/relay-link'],
  },
  // Accounts that come from other servers or go to them.
  transfer: { values: ['whatsapp', 'store', 'config'], types: ['events'] },
}

/** Packages that only these places may import; a package that is not listed may be imported by nobody. */
const fences: Record<string, string[]> = {
  // In the thread that looks at PDFs, which is JavaScript.
  '@hyzyla/pdfium': ['media'],
  express: ['http'],
  multer: ['http'],
  compression: ['http'],
  jose: ['operations/customers'],
  'csv-parse': ['operations/bulk'],
  // Loaded by pages, from where the server has it.
  uplot: ['http'],
  yaml: ['http'],
  zod: ['config', 'http', 'dialects', 'sandbox'],
  knex: ['store', 'cluster', 'migrations'],
  pg: ['store/database'],
  sqlite3: ['store/database'],
  '@whiskeysockets/baileys': ['whatsapp/library/engine', 'whatsapp/library/patches'],
  protobufjs: ['whatsapp/library/patches'],
  'whatsapp-rust-bridge': ['whatsapp/library/patches'],
  libsignal: ['whatsapp/library/patches'],
  sharp: ['media', 'sandbox'],
  qrcode: ['lib/text/qr-image'],
  undici: ['media'],
  socks: ['media'],
  'ipaddr.js': ['media', 'http'],
  aws4fetch: ['media'],
  'rabbitmq-client': ['delivery'],
  htmlparser2: ['media'],
  'libphonenumber-js': ['operations/contacts/phone-numbers'],
  'mime-types': ['media'],
  'prom-client': ['metrics'],
  // Caches that are bounded by what they hold; those that count entries are made by `bounded-cache`.
  'lru-cache': [
    'lib/flow/bounded-cache',
    'lib/secrets/redact',
    'media/kept-files',
    'media/link-preview',
    'whatsapp/keys/key-cache',
    'whatsapp/outbound/audiences',
  ],
  // One storage of Node's own, used once, makes every promise of the process dearer before Node 24.
  'node:async_hooks': ['lib/process/promise-context', 'whatsapp/library/patches/async-context'],
  pino: ['lib/process/logger', 'lib/process/log-output', 'sandbox'],
  ws: ['http', 'sandbox'],
  werift: ['calls', 'sandbox/calls'],
  'werift-sctp': ['calls', 'sandbox/calls'],
  'libopus-wasm': ['calls'],
}

/** Tables of data may be longer than the 400 lines a file may have. */
const tables: string[] = ['src/dialects/shared/documents/example-events.ts']

/** What the scripts start. */
const programs = ['main', 'app/backup', 'sandbox/standalone', 'app/export', 'app/import']

interface Import {
  from: string
  /** A `type` import leaves no trace at run time, a `dynamic` one happens when it is reached. */
  kind: 'static' | 'dynamic' | 'type'
}

interface Source {
  /** Path below the project folder. */
  path: string
  text: string
  imports: Import[]
}

const sources = [...sourcesIn('src'), ...sourcesIn('migrations')]

function sourcesIn(folder: string): Source[] {
  const names = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
  return names
    .filter((name) => name.endsWith('.ts'))
    .map((name) => posix.join(folder, name.replaceAll('\\', '/')))
    .map((path) => readSource(path))
}

function readSource(path: string): Source {
  const text = readFileSync(join(root, path), 'utf8')
  return { path, text, imports: importsOf(text) }
}

function importsOf(text: string): Import[] {
  const code = text.replace(/^\s*(\/\/|\*|\/\*).*$/gm, '')
  const statements = code.matchAll(/^(?:import|export)\s+(?:([^;'"]*?)\s*from\s+)?'([^']+)'/gm)
  const dynamic = code.matchAll(/\bimport\('([^']+)'\)/g)
  return [
    ...Array.from(statements, ([, names = '', from = '']) => ({ from, kind: kindOf(names) })),
    ...Array.from(dynamic, ([, from = '']) => ({ from, kind: 'dynamic' as const })),
  ]
}

/** A type import says `type { A }`, or marks every name inside its braces. */
function kindOf(names: string): 'static' | 'type' {
  if (names.startsWith('type ')) return 'type'
  const listed =
    /^\{(.*)\}$/s
      .exec(names)?.[1]
      ?.split(',')
      .filter((name) => name.trim() !== '') ?? []
  return listed.length > 0 && listed.every((name) => name.trim().startsWith('type ')) ? 'type' : 'static'
}

/** The project file an import names, as a path below `src` without its ending (`migrations/…` for migrations). */
function targetOf(source: Source, { from }: Import): string | undefined {
  if (!from.startsWith('.')) return undefined
  const path = relative(root, join(root, dirname(source.path), from)).replaceAll('\\', '/')
  return path.replace(/^src\//, '').replace(/\.ts$/, '')
}

/** `store/users` for a file, whose first word is its folder; a file directly in `src` is its own folder. */
function placeOf(source: Source): string {
  return source.path.replace(/^src\//, '').replace(/\.ts$/, '')
}

function folderOf(place: string): string {
  return place.split('/')[0] ?? ''
}

function within(place: string, allowed: string[]): boolean {
  return allowed.some((entry) => entry === '*' || place === entry || place.startsWith(`${entry}/`))
}

describe('imports point downwards', () => {
  const inSrc = sources.filter((source) => source.path.startsWith('src/'))

  test('every folder has a rule', () => {
    const folders = new Set(inSrc.map((source) => folderOf(placeOf(source))))

    expect([...folders].filter((folder) => rules[folder] === undefined)).toEqual([])
  })

  test('and no file imports what its folder may not', () => {
    const violations = inSrc.flatMap((source) => {
      const folder = folderOf(placeOf(source))
      const { values, types = [] } = rules[folder] ?? { values: [] }
      return source.imports.flatMap((imported) => {
        const target = targetOf(source, imported)
        if (target === undefined) return []
        const allowed = [folder, 'lib', ...values, ...(imported.kind === 'type' ? types : [])]
        return within(target, allowed)
          ? []
          : [`${source.path} -> ${target}${imported.kind === 'type' ? ' (type)' : ''}`]
      })
    })

    expect(violations).toEqual([])
  })

  test.each(['sandbox', 'calls'])('%s is loaded only when it is wanted', (room) => {
    const loaders = inSrc.filter(
      (source) =>
        folderOf(placeOf(source)) !== room &&
        source.imports.some(
          (imported) => isIn(room, targetOf(source, imported)) && imported.kind === 'static',
        ),
    )

    expect(loaders.map((source) => source.path)).toEqual([])
  })
})

test('the libraries of voice calls are loaded with the first call', () => {
  const heavy = ['werift', 'werift-sctp', 'libopus-wasm']
  const early = sources.flatMap(({ path, imports }) =>
    imports.filter(({ from, kind }) => heavy.includes(from) && kind === 'static').map(() => path),
  )

  expect(early).toEqual([])
})

function isIn(room: string, place: string | undefined): boolean {
  return place !== undefined && folderOf(place) === room
}

test('every package stays inside its fence', () => {
  const violations = sources.flatMap((source) =>
    source.imports
      .map(({ from }) => packageOf(from))
      .filter((name) => name !== undefined && !within(placeOf(source), fences[name] ?? []))
      .map((name) => `${source.path} -> ${name}`),
  )

  expect(violations).toEqual([])
})

/** The npm package an import names; nothing for files and Node's own modules. */
function packageOf(from: string): string | undefined {
  if (from.startsWith('.') || from.startsWith('node:')) return undefined
  return from.split('/', from.startsWith('@') ? 2 : 1).join('/')
}

test('only config.ts reads the environment, which programs give it', () => {
  const readers = sources
    .filter((source) => /\bprocess\.env\b/.test(source.text))
    .map((source) => source.path)

  const allowed = ['config/config', 'main', 'app/backup', 'app/export', 'app/import'].map(
    (place) => `src/${place}.ts`,
  )
  expect(readers.filter((path) => !allowed.includes(path))).toEqual([])
})

test('whatever is temporary is in the one folder that may be swept', () => {
  const users = sources
    .filter((source) => /\bmkdtemp|\btmpdir\b/.test(source.text))
    .map((source) => source.path)

  expect(users).toEqual(['src/lib/process/scratch-folder.ts'])
})

test('no file is longer than 400 lines, tables of data excepted', () => {
  const long = sources.filter((source) => source.text.split('\n').length > 401).map((source) => source.path)

  expect(long.filter((path) => !tables.includes(path))).toEqual([])
})

test('no folder holds more than 30 files', () => {
  const files = ['src', 'migrations', 'test', 'scripts', 'docs', 'static'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    ),
  )
  const counts = new Map<string, number>()
  for (const { parentPath } of files) counts.set(parentPath, (counts.get(parentPath) ?? 0) + 1)

  expect([...counts].filter(([, count]) => count > 30)).toEqual([])
})

test('there are no default exports', () => {
  const offenders = sources.filter((source) =>
    /^export default\b|^export \{[^}]*\bas default\b/m.test(source.text),
  )

  expect(offenders.map((source) => source.path)).toEqual([])
})

test('nobody but a dialect, a transfer and the settings knows that there is a certain dialect', () => {
  const names = readdirSync(join(root, 'src/dialects'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    // What is ours alone has the name of the program, and what several have in common is no dialect.
    .flatMap(({ name }) => (['parley', 'shared'].includes(name) ? [] : [name, name.replaceAll('-', '')]))
  const pattern = new RegExp(`\\b(${names.join('|')})`, 'i')
  const offenders = sources.filter(
    ({ path, text }) =>
      /^src\/(?!dialects\/|config\/|transfer\/|app\/(im|ex)port)/.test(path) && pattern.test(text),
  )

  expect(offenders.map(({ path }) => path)).toEqual([])
})

test('every file is part of a program', () => {
  const byPlace = new Map(sources.map((source) => [placeOf(source), source]))
  const reached = new Set<string>()
  const visit = (place: string) => {
    const source = byPlace.get(place)
    if (source === undefined || reached.has(place)) return
    reached.add(place)
    for (const imported of source.imports) {
      const target = targetOf(source, imported)
      if (target !== undefined) visit(target)
    }
  }
  programs.forEach(visit)

  expect([...byPlace.keys()].filter((place) => !reached.has(place))).toEqual([])
})
