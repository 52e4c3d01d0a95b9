import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { temporaryDatabase } from '../helpers/database.ts'
import { freePort } from '../helpers/free-port.ts'
import { startServer, terminate } from '../helpers/server-process.ts'

/** What few requests need: it costs memory and time, and whoever needs it first loads it. */
const LATE = [
  '@hyzyla/pdfium',
  'aws4fetch',
  'htmlparser2',
  'jose',
  'libphonenumber-js',
  'multer',
  'pg',
  'qrcode',
  'rabbitmq-client',
  'sharp',
  'socks',
  'undici',
  'yaml',
]

let database: Awaited<ReturnType<typeof temporaryDatabase>>
let loaded: string[]

beforeAll(async () => {
  database = await temporaryDatabase('sqlite')
  const scripts = join(database.config.dataDir, 'scripts')
  const server = await startServer({
    port: await freePort(),
    network: 'live',
    adminToken: 'loaded-packages',
    database: database.config,
    // At its end, Node writes down every script that was loaded.
    env: { NODE_V8_COVERAGE: scripts },
  })
  await terminate(server)
  loaded = await scriptsIn(scripts)
})
afterAll(() => database.close())

async function scriptsIn(folder: string): Promise<string[]> {
  const files = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name), 'utf8')))
  return files.flatMap((text) => {
    // Node's own format; this is the member that matters here.
    const { result } = JSON.parse(text) as { result: { url: string }[] }
    return result.map(({ url }) => url)
  })
}

function isLoaded(path: string): boolean {
  return loaded.some((url) => url.includes(`/node_modules/${path}/`))
}

test('a server loads what every server needs', () => {
  expect(isLoaded('express')).toBe(true)
  expect(isLoaded('@whiskeysockets/baileys')).toBe(true)
})

test.each(LATE)('a server that nobody has asked for anything has not loaded %s', (name) => {
  expect(isLoaded(name)).toBe(false)
})

test.each([['what the official client measures', '@whiskeysockets/baileys/lib/WAM/constants.js']])(
  'nor %s',
  (_what, path) => {
    expect(loaded.filter((url) => url.endsWith(path))).toEqual([])
  },
)
