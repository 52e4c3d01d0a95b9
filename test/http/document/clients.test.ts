import { execFile } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dialects, operators } from '../../../src/dialects/index.ts'
import { PICTURE } from '../../../src/dialects/shared/documents/example-values.ts'
import { fullDocument } from '../../../src/http/server/openapi.ts'
import { TestApp } from '../../helpers/app.ts'

const run = promisify(execFile)
const here = join(import.meta.dirname, 'clients')
const root = join(import.meta.dirname, '../../..')
const CONTACT = '5491155554444'

/** The settings of a careful program. */
const COMPILER = {
  compilerOptions: {
    strict: true,
    target: 'es2022',
    module: 'esnext',
    moduleResolution: 'bundler',
    allowImportingTsExtensions: true,
    lib: ['es2022', 'dom', 'dom.iterable'],
    types: ['node'],
    noEmit: true,
  },
  include: ['**/*.ts'],
}

// Inside the project, where its packages are found.
const folder = mkdtempSync(join(root, 'node_modules/.generated-clients-'))
let app: TestApp

beforeAll(async () => {
  app = await TestApp.start()
})
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await app.close()
})

async function generate(name: string, document: object): Promise<string> {
  const place = join(folder, name)
  await run('mkdir', ['-p', place])
  writeFileSync(join(place, 'package.json'), JSON.stringify({ type: 'module' }))
  writeFileSync(join(place, 'openapi.json'), JSON.stringify(document))
  await run(process.execPath, [join(here, 'generate.mjs'), join(place, 'openapi.json'), place], { cwd: root })
  return place
}

/** What the compiler finds fault with: '' if nothing. */
async function compile(place: string): Promise<string> {
  writeFileSync(join(place, 'tsconfig.json'), JSON.stringify(COMPILER))
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  const { stdout } = await run(process.execPath, [compiler, '-p', place], { cwd: place }).catch(
    // What did not even get as far as to find fault has said nothing there.
    ({ stdout: faults, message }: { stdout: string; message: string }) => ({ stdout: faults || message }),
  )
  return stdout
}

test('clients of two generators compile strictly, and send a picture as a data URL and as a Blob', {
  timeout: 300_000,
}, async () => {
  const user = await app.linkedUser()
  await app.contact(CONTACT)
  const document = (await app.request('GET', '/docs/openapi.json')).json
  const place = await generate('sending', document)
  copyFileSync(join(here, 'send.ts'), join(place, 'send.ts'))

  expect(await compile(place)).toBe('')
  const { stdout } = await run(
    process.execPath,
    ['--import', 'tsx', join(place, 'send.ts'), app.url, user.token, CONTACT, PICTURE],
    { cwd: root },
  )

  const ids: string[] = JSON.parse(stdout)
  const received = await app.waitFor('four pictures', async () => {
    const messages = await app.received(CONTACT)
    return messages.length >= 4 ? messages : undefined
  })
  expect(received.map(({ id }) => id).sort()).toEqual(ids.toSorted())
})

test.each([...dialects, operators.dialect].map((dialect) => [dialect.name, dialect] as const))(
  'the clients for %s compile',
  { timeout: 300_000 },
  async (name, dialect) => {
    const place = await generate(name, await fullDocument(dialect, '/', 'current'))

    expect(await compile(place)).toBe('')
  },
)
