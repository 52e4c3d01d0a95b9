import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts'
import type { Account } from '../../src/sandbox/world/account.ts'
import { children, node } from '../../src/sandbox/world/node.ts'
import { type BinaryNode, WA_CERT_DETAILS } from '../../src/whatsapp/library/engine.ts'
import { picture } from '../helpers/media.ts'
import { type Companion, link } from './companion.ts'

const SHOP = '551177000011'
const BUYER = '551177000012'

let sandbox: Sandbox
let shop: Companion
let buyer: Companion
let account: Account

beforeAll(async () => {
  sandbox = await startSandbox()
  WA_CERT_DETAILS.PUBLIC_KEY = sandbox.rootKey
  shop = await link(sandbox, { phone: SHOP, name: 'Shop' })
  buyer = await link(sandbox, { phone: BUYER, name: 'Buyer' })
  account = sandbox.network.createAccount({ phone: SHOP, name: 'Shop' })
})
beforeEach(() => {
  account.business = { name: 'Shop' }
  account.catalog = undefined
})
afterAll(async () => {
  await shop.close()
  await buyer.close()
  await sandbox.stop()
})

async function control(path: string, body?: unknown) {
  const response = await fetch(`${sandbox.controlUrl}/sandbox/contacts/${path}`, {
    ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
  })
  return { status: response.status, body: JSON.parse(await response.text()) }
}

async function stocked(...products: object[]): Promise<string[]> {
  const { body } = await control(`${SHOP}/catalog`, { products })
  return body.products
}

/** Uploads a file as the host takes pictures of products; its answer. */
async function upload(file: Buffer, kind = 'product/image') {
  const response = await fetch(`${sandbox.controlUrl}/${kind}/token`, {
    method: 'POST',
    body: new Uint8Array(file),
  })
  return { status: response.status, body: JSON.parse(await response.text()) }
}

async function uploaded(): Promise<string> {
  return (await upload(await picture('jpeg'))).body.url
}

const text = (tag: string, content: string) => node(tag, {}, Buffer.from(content))

/** Sends a `<product>`, with the members of a good one unless told otherwise. */
async function put(how: 'add' | 'edit', members: Record<string, string | undefined>, images?: string[]) {
  const good = { name: 'Bread', price: '1000', currency: 'BRL' }
  const parts = Object.entries({ ...good, ...members }).flatMap(([tag, content]) =>
    content === undefined ? [] : [text(tag, content)],
  )
  const media = node(
    'media',
    {},
    (images ?? [await uploaded()]).map((url) => node('image', {}, [text('url', url)])),
  )
  return ask(
    shop,
    'w:biz:catalog',
    'set',
    node(`product_catalog_${how}`, { v: '1' }, [node('product', {}, [...parts, media])]),
  )
}

function ask(companion: Companion, xmlns: string, type: string, what: BinaryNode): Promise<BinaryNode> {
  return companion.socket.query(node('iq', { to: '@s.whatsapp.net', xmlns, type }, [what]))
}

function begin() {
  return ask(shop, 'w:biz:catalog', 'set', node('product_catalog_create', { version: '1' }))
}

const refused = (code: number) => ({ data: code })

describe('a catalogue', () => {
  test('is read by the library, page by page', async () => {
    await stocked(...Array.from({ length: 25 }, (_, index) => ({ name: `Product ${index}` })))

    const first = await buyer.socket.getCatalog({ jid: account.jid(), limit: 100 })
    const second = await buyer.socket.getCatalog({
      jid: account.jid(),
      limit: 100,
      cursor: first.nextPageCursor ?? '',
    })

    expect([first.products.length, second.products.length]).toEqual([20, 5])
    expect(second.products[0]?.name).toBe('Product 20')
  })

  test('has collections of what its reader sees', async () => {
    await control(`${SHOP}/catalog`, {
      products: [{ name: 'Shown' }, { name: 'Hidden', hidden: true }, { name: 'Elsewhere' }],
      collections: [{ name: 'Sweet', products: [0, 1] }],
    })

    const { collections } = await buyer.socket.getCollections(account.jid())

    expect(collections.map(({ name, products }) => [name, products.map((one) => one.name)])).toEqual([
      ['Sweet', ['Shown']],
    ])
  })

  test('has to be begun before the first product', async () => {
    await expect(put('add', {})).rejects.toMatchObject(refused(404))
    await begin()

    await put('add', {})

    expect(account.catalog?.products.size).toBe(1)
  })

  test('is changed by the library', async () => {
    await begin()
    // The library uploads a picture before it has written it; one that is there already it leaves alone.
    const images = [{ url: await uploaded() }]
    const facts = {
      name: 'Bread',
      description: 'Good',
      price: 1_000,
      currency: 'BRL',
      originCountryCode: undefined,
    }

    const made = await shop.socket.productCreate({ ...facts, images })
    const edited = await shop.socket.productUpdate(made.id, {
      name: 'Cake',
      price: 2_000,
      currency: 'BRL',
      description: 'Better',
      images,
    })
    const { deleted } = await shop.socket.productDelete([made.id, 'unknown'])

    expect([made.name, edited.name, edited.description, deleted]).toEqual(['Bread', 'Cake', 'Better', 1])
  })

  test("is nobody else's to change, and not a person's", async () => {
    const add = node('product_catalog_add', { v: '1' })

    await expect(ask(buyer, 'w:biz:catalog', 'set', add)).rejects.toMatchObject(refused(403))
    await expect(ask(buyer, 'w:biz:catalog', 'set', node('product_catalog_create'))).rejects.toMatchObject(
      refused(403),
    )
  })

  test('that does not exist is not found', async () => {
    await expect(buyer.socket.getCatalog({ jid: account.jid() })).rejects.toMatchObject(refused(404))
  })

  test('is not read from a page that never was', async () => {
    await stocked({ name: 'Bread' })

    await expect(
      buyer.socket.getCatalog({ jid: account.jid(), limit: 1, cursor: 'nowhere' }),
    ).rejects.toMatchObject(refused(400))
  })
})

describe('a product', () => {
  beforeEach(begin)

  test.each([
    { name: undefined },
    { name: 'x'.repeat(151) },
    { description: 'x'.repeat(5_001) },
    { currency: undefined },
    { currency: 'QQQ' },
    { price: '-1' },
    { price: '1.5' },
    { url: 'nowhere' },
  ])('is refused with %j', async (members) => {
    await expect(put('add', members)).rejects.toMatchObject(refused(400))
    expect(account.catalog?.products.size).toBe(0)
  })

  test.each([
    ['no picture', async () => []],
    ['eleven pictures', async () => Array(11).fill(await uploaded())],
    ['a picture that was never uploaded', async () => ['https://mmg.whatsapp.net/v/unknown']],
  ])('is refused with %s', async (_what, images) => {
    await expect(put('add', {}, await images())).rejects.toMatchObject(refused(400))
  })

  test('is replaced as a whole by an edit', async () => {
    const [id = ''] = await stocked({ name: 'Bread', description: 'Good', price: 1_000, currency: 'BRL' })

    await put('edit', { id, name: 'Cake', price: undefined, currency: undefined })

    expect(account.catalog?.products.get(id)).toMatchObject({ name: 'Cake', description: undefined })
    expect(account.catalog?.products.get(id)?.price).toBeUndefined()
  })

  test('that is unknown is not edited', async () => {
    await expect(put('edit', { id: '404' })).rejects.toMatchObject(refused(404))
  })

  test('that is hidden or unknown is named with a status only', async () => {
    const [hidden = ''] = await stocked({ name: 'Hidden', hidden: true })
    const wanted = [hidden, '404'].map((id) => node('product', {}, [text('id', id)]))

    const answer = await ask(
      buyer,
      'w:biz:catalog',
      'get',
      node('product_list', { jid: account.jid() }, wanted),
    )

    const found = children(children(answer)[0]).map((product) => children(product).map(({ tag }) => tag))
    expect(found).toEqual([
      ['id', 'status'],
      ['id', 'status'],
    ])
  })
})

test('pictures of products are taken as JPEG only, and not encrypted', async () => {
  const refusal = { debug_info: expect.objectContaining({ type: 'INVALID_MEDIA_TYPE' }) }

  expect(await upload(await picture('png'))).toEqual({ status: 415, body: refusal })
  expect(await upload(Buffer.from('encrypted'))).toEqual({ status: 415, body: refusal })
  expect(await upload(await picture('jpeg'), 'product/video')).toEqual({ status: 415, body: refusal })
  expect((await upload(await picture('jpeg'))).status).toBe(200)
})

describe('an order', () => {
  test('is sent by its buyer and read by whoever has its token', async () => {
    const [bread = ''] = await stocked({ name: 'Bread', price: 1_500, currency: 'BRL' })

    const { body } = await control(`${BUYER}/order`, {
      to: SHOP,
      items: [{ product: bread, quantity: 2 }],
      message: 'Today, please',
    })
    const { message } = await shop.event('the order', (events) =>
      events['messages.upsert']?.messages.find((one) => one.message?.orderMessage),
    )
    const details = await shop.socket.getOrderDetails(body.orderId, body.token)

    expect(message?.orderMessage).toMatchObject({
      orderId: body.orderId,
      token: body.token,
      itemCount: 2,
      message: 'Today, please',
      sellerJid: account.jid(),
      totalCurrencyCode: 'BRL',
    })
    expect(Number(message?.orderMessage?.totalAmount1000)).toBe(3_000)
    expect(message?.orderMessage?.thumbnail?.length).toBeGreaterThan(0)
    expect(details).toMatchObject({
      price: { total: 3_000, currency: 'BRL' },
      products: [{ id: bread, name: 'Bread', price: 1_500, quantity: 2 }],
    })
    await expect(shop.socket.getOrderDetails(body.orderId, 'wrong')).rejects.toMatchObject(refused(401))
    await expect(shop.socket.getOrderDetails('404', body.token)).rejects.toMatchObject(refused(404))
  })

  test('keeps its prices when the product changes', async () => {
    const [bread = ''] = await stocked({ name: 'Bread', price: 1_500, currency: 'BRL' })
    const { body } = await control(`${BUYER}/order`, { to: SHOP, items: [{ product: bread }] })

    await put('edit', { id: bread, price: '9000' })

    const { price } = await shop.socket.getOrderDetails(body.orderId, body.token)
    expect(price.total).toBe(1_500)
  })

  test('of what nobody sells is refused', async () => {
    const { status, body } = await control(`${BUYER}/order`, { to: SHOP, items: [{ product: '404' }] })

    expect([status, body.error]).toEqual([404, 'there is no product 404'])
  })
})

describe('the profile of a business', () => {
  test('is changed by the library in what it says', async () => {
    await shop.socket.updateBussinesProfile({ description: 'Bread', websites: ['https://example.com'] })
    await shop.socket.updateBussinesProfile({ address: 'Rua 1' })

    expect(account.business).toMatchObject({
      description: 'Bread',
      website: 'https://example.com',
      address: 'Rua 1',
    })
  })

  test("is not a person's to have", async () => {
    await expect(buyer.socket.updateBussinesProfile({ description: 'A' })).rejects.toMatchObject(refused(403))
    expect(sandbox.network.findAccount(BUYER)?.business).toBeUndefined()
  })

  test('is not changed by another kind of request', async () => {
    const bare = node('business_profile', {}, [text('description', 'A')])

    await expect(ask(shop, 'w:biz', 'set', bare)).rejects.toMatchObject(refused(400))
  })

  test('has no catalogue for a person to fill', async () => {
    const { status } = await control(`${BUYER}/catalog`, { products: [] })

    expect(status).toBe(400)
  })
})

test('categories are suggested by how they begin', async () => {
  const request = node('request', { op: 'profile_typeahead', type: 'catkit', v: '1' }, [
    text('query', 'rest'),
  ])

  const answer = await ask(shop, 'fb:thrift_iq', 'get', request)

  const [response] = children(answer)
  const [, categories] = children(response)
  expect(children(categories).map(({ attrs }) => attrs.id)).toEqual(['273819889375819'])
})

test('what the library asks about limits is answered as the account has them', async () => {
  await control(`${SHOP}/limits`, { reachOut: { endsAt: 1_801_000_000, reason: 'BIZ_QUALITY' } })

  expect(await shop.socket.fetchAccountReachoutTimelock()).toEqual({
    isActive: true,
    timeEnforcementEnds: new Date(1_801_000_000_000),
    enforcementType: 'BIZ_QUALITY',
  })
  expect(await shop.socket.fetchNewChatMessageCap()).toEqual({ capping_status: 'NONE' })
})
