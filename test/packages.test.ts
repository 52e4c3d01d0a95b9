import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')

interface LockedPackage {
  version?: string
  resolved?: string
  integrity?: string
  license?: string
  hasInstallScript?: boolean
  link?: boolean
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
}

interface Manifest {
  allowScripts: Record<string, boolean>
  dependencies: Record<string, string>
  devDependencies: Record<string, string>
}

// Both files are npm's own; these are the members that matter here.
const manifest = JSON.parse(read('package.json')) as Manifest
const lock = JSON.parse(read('package-lock.json')) as { packages: Record<string, LockedPackage> }
const REGISTRY = 'https://registry.npmjs.org/'
const locked = Object.entries(lock.packages).filter(([path]) => path !== '')

/** Code of others that could run while this is being installed, and what it does. */
const INSTALL_SCRIPTS: Record<string, string> = {
  '@whiskeysockets/baileys': 'checks the version of Node',
  esbuild: 'development only: puts the right binary in place',
  fsevents: 'development only, on macOS',
  protobufjs: 'prints a hint about version ranges',
  sqlite3: 'fetches or builds the binding',
}

/** What the source may be combined with. libsignal is the one exception (see the README). */
const LICENCES = [
  'MIT',
  'ISC',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'MIT OR Apache-2.0',
]

test('only known packages run code while they are installed', () => {
  const running = locked.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => nameOf(path))

  expect(running.filter((name) => !Object.hasOwn(INSTALL_SCRIPTS, name))).toEqual([])
})

test('npm is told of each whether it may: what it is not told of, it skips, and the driver would be missing', () => {
  const { fsevents, ...everywhere } = INSTALL_SCRIPTS

  expect(fsevents).toContain('macOS')
  expect(Object.keys(manifest.allowScripts).sort()).toEqual(Object.keys(everywhere).sort())
  expect(Object.entries(manifest.allowScripts).filter(([, may]) => may)).toEqual([['sqlite3', true]])
})

test('every package is known by its hash and comes from the registry', () => {
  const strange = locked.filter(
    ([, { resolved = REGISTRY, integrity = '' }]) =>
      !resolved.startsWith(REGISTRY) || !/^sha512-/.test(integrity),
  )

  expect(strange.map(([path]) => path)).toEqual([])
})

test('the lock file holds what package.json asks for', () => {
  const { dependencies, devDependencies } = lock.packages[''] ?? {}

  expect(dependencies).toEqual(manifest.dependencies)
  expect(devDependencies).toEqual(manifest.devDependencies)
  for (const name of Object.keys({ ...manifest.dependencies, ...manifest.devDependencies }))
    expect(lock.packages).toHaveProperty([`node_modules/${name}`])
})

test('the WhatsApp library is pinned to one version: it is repaired at run time', () => {
  expect(manifest.dependencies['@whiskeysockets/baileys']).toMatch(/^\d+\.\d+\.\d+(-[\w.]+)?$/)
  expect(lock.packages['node_modules/@whiskeysockets/baileys']?.version).toBe(
    manifest.dependencies['@whiskeysockets/baileys'],
  )
})

test.each(Object.keys(manifest.dependencies))('the licence of %s is a permissive one', (name) => {
  const { license } = JSON.parse(read(`node_modules/${name}/package.json`)) as { license?: string }

  expect(LICENCES).toContain(license)
})

test('no package whose licence is stricter has come in but the one that is known', () => {
  const strict = locked
    .filter(([, { license = '' }]) => /\b[AL]?GPL/.test(license))
    .map(([path]) => nameOf(path))
    .filter((name) => !name.startsWith('@img/sharp-'))

  expect(strict).toEqual(strict.filter((name) => name === 'libsignal'))
})

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
}

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}
