import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type LinkedUser, TestApp } from '../../../helpers/app.ts'
import { picture } from '../../../helpers/media.ts'
import { failure } from '../contract/target.ts'

/** The first reaches public networks only, as installed; the second may reach this machine, where the tests serve files. */
let guarded: TestApp
let open: TestApp
let guardedUser: LinkedUser
let user: LinkedUser
const contact = '447900000501'
const servers: Server[] = []

beforeAll(async () => {
  // A process trusts one simulated network at a time: each user is linked before the next one starts.
  guarded = await TestApp.start({ env: { WUZAPI_PROFILE: 'current' } })
  guardedUser = await guarded.linkedUser()
  open = await TestApp.start({ env: { WUZAPI_PROFILE: 'current', MEDIA_ALLOWED_NETWORKS: 'any' } })
  user = await open.linkedUser()
  await open.contact(contact)
})
afterAll(async () => {
  await guarded.close()
  await open.close()
})
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close()
    server.closeAllConnections()
  }
})

/** Serves on a free port of this machine; gives the address. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/file`
}

async function send(kind: string, body: object) {
  const { status, json } = await open.post(`/chat/send/${kind}`, user.token, { Phone: contact, ...body })
  return { status, json }
}

async function arrived(id: string) {
  return open.waitFor(`message ${id}`, async () =>
    (await open.received(contact)).find((message) => message.id === id),
  )
}

describe('an address', () => {
  test('is fetched, redirects included, as a messenger does', async () => {
    const image = await picture('jpeg')
    const asked: (string | undefined)[] = []
    const target = await serve((request, response) => {
      asked.push(request.headers['user-agent'])
      response.setHeader('content-encoding', 'gzip').end(gzipSync(image))
    })
    const Image = await serve((_request, response) => response.writeHead(302, { location: target }).end())

    const { json } = await send('image', { Image })

    const { message } = await arrived(json.data.Id)
    expect(message.imageMessage).toMatchObject({ mimetype: 'image/jpeg', fileLength: String(image.length) })
    expect(asked).toEqual([expect.stringMatching(/^WhatsApp\//)])
  })

  test.each([
    ['document', 'Document', { FileName: 'a.zzz' }, 'documentMessage', 'text/x-served'],
    ['audio', 'Audio', { ptt: false }, 'audioMessage', 'audio/x-served; a=b'],
    ['video', 'Video', {}, 'videoMessage', 'text/plain; charset=utf-8'],
  ])('gives a %s its type', async (kind, field, more, member, mimetype) => {
    const address = await serve((_request, response) => {
      response.setHeader('content-type', kind === 'audio' ? 'audio/x-served; a=b' : 'text/x-served; a=b')
      response.end('hello')
    })

    const { json } = await send(kind, { [field]: address, ...more })

    const { message } = await arrived(json.data.Id)
    expect(message[member].mimetype).toBe(mimetype)
  })

  test('that does not answer 2xx is refused', async () => {
    const Image = await serve((_request, response) => response.writeHead(404).end('no'))

    expect(await send('image', { Image })).toEqual({
      status: 400,
      json: failure(400, 'failed to fetch image from url: unexpected status code 404'),
    })
  })

  test.each([
    ['image', 'Image', {}, 'failed to fetch image from url: ', 16],
    ['sticker', 'Sticker', {}, 'failed to fetch sticker from url: ', 16],
    ['audio', 'Audio', {}, 'failed to fetch audio: ', 16],
    ['video', 'Video', {}, 'failed to fetch video from url: ', 100],
    ['document', 'Document', { FileName: 'a' }, 'failed to fetch document from url: ', 100],
  ])('of a %s without an end is given up at its limit', async (kind, field, more, beginning, megabytes) => {
    const piece = Buffer.alloc(1024 * 1024)
    const address = await serve((_request, response) => {
      const goOn = () => {
        while (!response.destroyed && response.write(piece));
      }
      response.on('drain', goOn)
      goOn()
    })

    const { status, json } = await send(kind, { [field]: address, ...more })

    const limit = megabytes * 1024 * 1024
    expect([status, json]).toEqual([
      400,
      failure(400, `${beginning}response exceeds allowed size (${limit} bytes)`),
    ])
  })

  test('whose answer unpacks to more than the limit is given up', async () => {
    const bomb = gzipSync(Buffer.alloc(40 * 1024 * 1024))
    const Image = await serve((_request, response) => {
      response.setHeader('content-encoding', 'gzip').end(bomb)
    })

    const { json } = await send('image', { Image })

    expect(json.error).toBe('failed to fetch image from url: response exceeds allowed size (16777216 bytes)')
  })

  test('that nobody listens at is told so', async () => {
    const address = await serve(() => {})
    for (const server of servers.splice(0)) server.close()

    const { status, json } = await send('image', { Image: address })

    expect(status).toBe(400)
    expect(json.error).toMatch(/^failed to fetch image from url: Get "http:.*": /)
  })
})

describe('an address inside the own network', () => {
  test.each([
    ['http://127.0.0.1:9/x', '127.0.0.1'],
    ['http://localhost:9/x', 'localhost'],
    ['http://2130706433/', '127.0.0.1'],
    ['http://0x7f.1/', '127.0.0.1'],
    ['http://0177.0.0.1/', '127.0.0.1'],
    ['http://[::1]/', '::1'],
    ['http://[::ffff:10.0.0.1]/', '::ffff:a00:1'],
    ['http://[64:ff9b::a00:1]/', '64:ff9b::a00:1'],
    ['http://169.254.169.254/latest/meta-data/', '169.254.169.254'],
    ['http://100.64.0.1/', '100.64.0.1'],
    ['http://0/', '0.0.0.0'],
  ])('is refused: %s', async (Image, host) => {
    const { status, json } = await guarded.post('/chat/send/image', guardedUser.token, {
      Phone: contact,
      Image,
    })

    const problem = `ssrf attempt detected: host '${host}' resolves to one or more private IP addresses`
    expect([status, json]).toEqual([
      400,
      failure(400, `failed to fetch image from url: Get "${Image}": ${problem}`),
    ])
  })

  test.each(['http://169.254.169.254/', 'file:///etc/passwd', 'ftp://127.0.0.1/'])(
    'is refused when a redirect leads to it, even where private networks are allowed: %s',
    async (location) => {
      const Image = await serve((_request, response) => response.writeHead(302, { location }).end())

      const { status, json } = await send('image', { Image })

      expect(status).toBe(400)
      expect(json.error).toMatch(/ssrf attempt detected|only http and https/)
    },
  )

  test.each(['file:///etc/passwd', '/etc/passwd', 'ftp://127.0.0.1/', 'http:', 'http:///etc/passwd'])(
    'is no media at all: %s',
    async (Image) => {
      const { json } = await guarded.post('/chat/send/image', guardedUser.token, { Phone: contact, Image })

      expect(json.error).toBe('Image data should start with "data:image/png;base64,"')
    },
  )
})
