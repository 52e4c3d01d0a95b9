import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { MediaReference } from '../../src/delivery/renderer.ts'
import type { MessageEvent } from '../../src/events/event.ts'
import { createLogger } from '../../src/lib/process/logger.ts'
import { encryptFile } from '../../src/media/cipher.ts'
import { downloadMedia } from '../../src/media/download.ts'
import type { Agents } from '../../src/media/fetch/safe-fetch.ts'
import { type EventMedia, openEventMedia } from '../../src/operations/deliveries/event-media.ts'
import { clientOptions } from '../../src/sandbox/server/client-options.ts'
import type { User } from '../../src/store/users/users.ts'
import type { MediaTools } from '../../src/whatsapp/outbound/media-tools.ts'

// Only this part of a user is looked at.
const user = { id: 'u1' } as User

let folder: string
let encrypted: Buffer
let server: Server
/** How a host answers; one that is not here serves the file. */
let hosts: Record<string, RequestListener>
let requests: string[]
let media: EventMedia
/** What decrypts the file. */
let secrets: Record<string, string>

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'media-hosts-'))
  await writeFile(join(folder, 'plain'), 'content')
  const keys = await encryptFile(join(folder, 'plain'), join(folder, 'encrypted'), 'image')
  encrypted = await readFile(join(folder, 'encrypted'))
  hosts = {}
  requests = []
  server = createServer((request, response) => {
    const host = request.headers.host ?? ''
    requests.push(host)
    const answer = hosts[host] ?? ((_request, serving) => serving.end(encrypted))
    answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  media = start(keys)
})
afterEach(async () => {
  await media.stop()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await rm(folder, { recursive: true, force: true })
})

/** Files of events, from hosts that are all at the test's server. */
function start({ mediaKey, fileSha256, fileEncSha256 }: Awaited<ReturnType<typeof encryptFile>>): EventMedia {
  const { port } = server.address() as AddressInfo
  // The types name the HTTPS agent.
  const agent = clientOptions(`ws://127.0.0.1:${port}`).fetchAgent as unknown as Agents['https']
  const agents: Agents = { networks: 'any', http: agent, https: agent, close: () => {} }
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')
  secrets = {
    mediaKey: base64(mediaKey),
    fileSha256: base64(fileSha256),
    fileEncSha256: base64(fileEncSha256),
  }
  const tools = {
    download: (_user, remote, target) =>
      downloadMedia(remote, { ...target, agents, maxBytes: 1_000_000, stallMs: 10_000 }),
  } as MediaTools
  return openEventMedia({
    log: createLogger('silent'),
    media: tools,
    concurrency: 4,
    timeoutMs: 500,
    sessionOf: () => undefined,
  })
}

let last = 0
/** The file of a new message that says it is at this host. */
const fileAt = (host: string, id = String(++last)) => {
  // Only these parts of an event are looked at.
  const event = { type: 'message', chat: host, id } as MessageEvent
  const reference: MediaReference = { kind: 'image', media: { url: `https://${host}/file`, ...secrets } }
  return media.mediaOf({ event, user, reference, as: 'bytes' }).then(
    (found) => (found?.bytes ? String(found.bytes) : 'without'),
    (error: Error) => error.name,
  )
}
const away: RequestListener = ({ socket }) => socket.destroy()
const answering =
  (status: number): RequestListener =>
  (_request, response) =>
    response.writeHead(status).end()

test('a host that cannot be reached takes away no files of others', async () => {
  hosts['nope.whatsapp.net'] = away
  for (const _ of [1, 2, 3]) expect(await fileAt('nope.whatsapp.net')).toBe('DownloadError')

  expect(await fileAt('nope.whatsapp.net')).toBe('LeftAloneError')
  expect(requests).toHaveLength(3)
  expect(await fileAt('mmg.whatsapp.net')).toBe('content')
})

test('nor do many such hosts, each of them asked for the first time', async () => {
  const many = Array.from({ length: 30 }, (_, number) => `nope${number}.whatsapp.net`)
  for (const host of many) {
    hosts[host] = away
    expect(await fileAt(host)).toBe('DownloadError')
  }

  expect(await fileAt('mmg.whatsapp.net')).toBe('content')
})

test.each([400, 401, 404, 416, 429])(
  'a file that is answered %i says nothing of the next one',
  async (status) => {
    hosts['mmg.whatsapp.net'] = answering(status)
    for (const _ of [1, 2, 3, 4]) await fileAt('mmg.whatsapp.net')
    hosts = {}

    expect(await fileAt('mmg.whatsapp.net')).toBe('content')
  },
)

test('nor does one that comes too slowly', async () => {
  hosts['mmg.whatsapp.net'] = (_request, response) => response.write('x')
  expect(await Promise.all([1, 2, 3, 4].map(() => fileAt('mmg.whatsapp.net')))).toEqual(
    Array(4).fill('DownloadError'),
  )
  hosts = {}

  expect(await fileAt('mmg.whatsapp.net')).toBe('content')
})

test('a host that is broken is left alone, and its files are wanted twice more', async () => {
  hosts['mmg.whatsapp.net'] = answering(503)
  for (const _ of [1, 2, 3]) expect(await fileAt('mmg.whatsapp.net')).toBe('DownloadError')

  const outcomes = [await fileAt('mmg.whatsapp.net', 'x'), await fileAt('mmg.whatsapp.net', 'x')]

  expect(outcomes).toEqual(['LeftAloneError', 'LeftAloneError'])
  expect(await fileAt('mmg.whatsapp.net', 'x')).toBe('without')
  expect(requests).toHaveLength(3)
})

test('an address that is not of WhatsApp is not asked, and takes away no file either', async () => {
  for (const _ of [1, 2, 3, 4]) expect(await fileAt('example.com')).toBe('without')

  expect(await fileAt('mmg.whatsapp.net')).toBe('content')
  expect(requests).toEqual(['mmg.whatsapp.net'])
})
