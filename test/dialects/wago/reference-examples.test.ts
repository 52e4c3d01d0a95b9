import { createServer, type Server } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { wago as dialect } from '../../../src/dialects/wago/index.ts'
import { sampleFile } from '../../../src/sandbox/world/samples.ts'
import { ADMIN_TOKEN, type TestUser } from '../../helpers/app.ts'
import { databaseKinds } from '../../helpers/database.ts'
import { dataUrl } from '../../helpers/media.ts'
import { printedShape } from '../../helpers/printed-shape.ts'
import type { Caller } from './reference/example.ts'
import { examples } from './reference-examples.ts'
import { Wago } from './wago.ts'

const PEOPLE = ['987654321', '123456789', '22222', '33333', '9999999999', '9876543128', '1276543210']
const FILES = ['image', 'video', 'audio', 'document', 'sticker'] as const

const routes = new Set(
  dialect.groups.flatMap(({ endpoints }) =>
    endpoints.map(({ method, path }) => `${method.toUpperCase()} ${path}`),
  ),
)
const served = examples.filter(({ request }) => routes.has(request))

test('the examples are of all routes of the document', () => {
  expect(new Set(examples.map(({ request }) => request)).size).toBe(139)
  // The page is this server's own.
  const documented = [...routes].filter((route) => route !== 'GET /docs')
  expect(documented.filter((route) => !examples.some(({ request }) => request === route))).toEqual([])
})

describe.each(
  databaseKinds.flatMap((database) => [
    { database, keys: 'as printed', rename: (key: string) => key },
    // Not for both databases: what is decoded does not depend on where it is stored.
    ...(database === 'sqlite'
      ? [
          { database, keys: 'in lower case', rename: (key: string) => key.toLowerCase() },
          { database, keys: 'in upper case', rename: (key: string) => key.toUpperCase() },
        ]
      : []),
  ]),
)('the examples of the reference document, their keys $keys, on $database', ({ database, rename }) => {
  let wago: Wago
  let files: Server
  const callers = new Map<Caller, TestUser>()
  /** What stands for the names in the examples. */
  const world = new Map<string, unknown>()

  beforeAll(async () => {
    const env = { TZ: 'America/Sao_Paulo', MEDIA_ALLOWED_NETWORKS: 'any' }
    wago = await Wago.start({ database, env })
    for (const phone of PEOPLE) await wago.app.contact(phone)
    callers.set('fresh', await wago.unlinked())
    callers.set('pairing', await wago.unlinked())
    callers.set('closing', await wago.app.link(await wago.unlinked(), '123456789'))
    callers.set('leaving', await wago.app.linkedUser({ events: '' }))
    for (const kind of FILES) world.set(`$${kind}`, await sample(kind))
    for (const kind of FILES) world.set(`$${kind} file`, await sentFile(kind))
    await fillWorld()
    await openShops()
  })
  afterAll(async () => {
    await wago.close()
    files.close()
  })

  async function sample(kind: (typeof FILES)[number]): Promise<string> {
    const { bytes, mimetype } = await sampleFile(kind)
    return dataUrl(mimetype.replace(/;.*/, ''), bytes)
  }

  async function fillWorld(): Promise<void> {
    world.set('$address', await serveImage())
    world.set('$sent', await wago.call('/send/text', { Phone: wago.contact, Body: 'Hi' }).then(idOf))
    for (const name of ['$group', '$other', '$unloved']) world.set(name, await wago.newGroup())
    const { jid } = await wago.app.sandbox('POST', '/groups', {
      subject: 'Open',
      participants: [wago.contact],
    })
    world.set('$invitation', (await wago.group(jid)).inviteCode)
    const [, community] = await wago.call('/community/create', { CommunityName: 'All' })
    world.set('$community', community.data.JID)
    const [, channel] = await wago.call('/newsletter/create', { Name: 'Tides' })
    world.set('$channel', channel.data.id).set('$channelKey', channel.data.thread_metadata.invite)
    const [, foreign] = await wago.call('/newsletter/create', { Name: 'News' }, callers.get('leaving')?.token)
    world.set('$foreign', foreign.data.id)
    const { accounts } = await wago.app.sandbox('GET', '/state')
    await wago.hears({ text: 'Hello' })
    world.set('$lid', accounts.find(({ phone }: { phone: string }) => phone === wago.contact).lid)
    for (const token of [wago.user.token, callers.get('closing')?.token])
      await wago.call('/user/profile', { Image: world.get('$image') }, token)
  }

  /** The account and somebody else are businesses, with products and an order. */
  async function openShops(): Promise<void> {
    const shop = { name: 'Shop', address: 'Rua 1', email: 'shop@example.com', category: 'Shopping' }
    const other = await wago.app.contact('5511900000042')
    world.set('$shop', other)
    for (const phone of [wago.user.phone, other])
      await wago.app.sandbox('POST', `/contacts/${phone}/business`, shop)
    const offer = { name: 'My Product', description: 'Fine', price: 100_000, currency: 'INR' }
    const theirs = await wago.app.sandbox('POST', `/contacts/${other}/catalog`, { products: [offer] })
    const own = await wago.app.sandbox('POST', `/contacts/${wago.user.phone}/catalog`, {
      products: [offer, { ...offer, name: 'Sold' }],
    })
    world.set('$offered', theirs.products[0]).set('$product', own.products[0]).set('$sold', own.products[1])
    const { orderId, token } = await wago.app.sandbox('POST', `/contacts/${wago.contact}/order`, {
      to: wago.user.phone,
      items: [{ product: own.products[0] }],
    })
    world.set('$order', orderId).set('$orderToken', token)
  }

  function idOf([, { data }]: [number, { data: { Id: string } }]): string {
    return data.Id
  }

  async function serveImage(): Promise<string> {
    const { bytes } = await sampleFile('image')
    files = createServer((_request, response) => response.setHeader('content-type', 'image/jpeg').end(bytes))
    await new Promise<void>((resolve) => files.listen(0, '127.0.0.1', resolve))
    const address = files.address()
    if (address === null || typeof address === 'string') throw new Error('the files have no port')
    return `http://127.0.0.1:${address.port}/a.jpg`
  }

  /** What a message says of a file, which is what the download endpoints ask for. */
  async function sentFile(kind: string): Promise<object> {
    const id = await wago.hears({ [kind]: true })
    const row = await wago.app.received(wago.user.phone)
    const { url, directPath, mimetype, fileSha256, fileLength, mediaKey, fileEncSha256 } = row.find(
      (message) => message.id === id,
    ).message[`${kind}Message`]
    return {
      Url: url,
      DirectPath: directPath,
      MediaKey: mediaKey,
      Mimetype: mimetype,
      FileEncSHA256: fileEncSha256,
      FileSHA256: fileSha256,
      FileLength: Number(fileLength),
    }
  }

  /** A body with its names filled in and its keys in the case that is tried. */
  function filled(body: unknown): unknown {
    if (typeof body === 'string' && body.startsWith('$')) return filled(world.get(body))
    if (Array.isArray(body)) return body.map(filled)
    if (typeof body !== 'object' || body === null) return body
    return Object.fromEntries(Object.entries(body).map(([key, value]) => [rename(key), filled(value)]))
  }

  test.each(served)('$request $body', async ({ request, body, of, reply, differs }) => {
    const [method = '', path = ''] = request.split(' ')
    const caller = of === undefined ? wago.user : callers.get(of)

    const { status, json } = await wago.request(method, path, {
      token: caller?.token,
      headers: { admintoken: ADMIN_TOKEN },
      body: body === undefined ? undefined : filled(body),
    })

    expect([status, json]).toEqual([
      differs?.status ?? 200,
      printedShape(differs?.reply ?? reply, json, '-03:00'),
    ])
  })
})
