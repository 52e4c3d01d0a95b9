import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { LinkedUser } from '../../helpers/app.ts'
import { databaseKinds } from '../../helpers/database.ts'
import { dataUrl, picture } from '../../helpers/media.ts'
import { type Receiver, startReceiver } from '../../helpers/receiver.ts'
import { subscribe } from './sending/shows.ts'
import { failure, refused, success, Wago } from './wago.ts'

const OTHER_SHOP = '123456789'
const NO_SUCH_PRODUCT = [404, failure(404, 'there is no such product in this catalogue')]

describe.each(databaseKinds)('the catalogue of a business on %s', (database) => {
  let wago: Wago
  let person: LinkedUser
  let receiver: Receiver
  let jpeg: string
  let png: string
  beforeAll(async () => {
    wago = await Wago.start({ database })
    person = await wago.app.linkedUser({ events: '' })
    await wago.app.contact(OTHER_SHOP)
    for (const phone of [wago.user.phone, OTHER_SHOP])
      await wago.app.sandbox('POST', `/contacts/${phone}/business`, { name: 'Shop' })
    receiver = await startReceiver()
    await subscribe(wago, receiver.url)
    jpeg = dataUrl('image/jpeg', await picture('jpeg'))
    png = dataUrl('image/png', await picture('png', [120, 80]))
  })
  afterAll(async () => {
    await wago.close()
    await receiver.close()
  })

  const facts = {
    Name: 'My Product',
    Description: 'This is my product',
    Price: '100000',
    Currency: 'INR',
    Url: 'https://google.com',
    IsHidden: false,
  }

  async function created(change: object = {}) {
    const body = { Id: '1234567890', ...facts, Images: [jpeg], ...change }
    const [status, json] = await wago.call('/business/catalog/create', body)
    if (status !== 200) throw new Error(`no product: ${JSON.stringify(json)}`)
    return json.data.Product
  }

  async function listed(Jid: string, token = wago.user.token): Promise<{ id: string; name: string }[]> {
    const [, { data }] = await wago.call('/business/catalog/list', { Jid }, token)
    return data.Products
  }

  async function info(Id: string, { Jid = '', token = wago.user.token } = {}) {
    return wago.call('/business/catalog/info', { Jid, Id }, token)
  }

  describe('/business/catalog/create', () => {
    test('adds a product with its pictures', async () => {
      const product = await created({ Images: [jpeg, png] })

      expect(product).toEqual({
        id: expect.stringMatching(/^\d+$/),
        retailer_id: '1234567890',
        name: 'My Product',
        description: 'This is my product',
        price: '100000',
        currency: 'INR',
        url: 'https://google.com',
        is_hidden: false,
        images: [
          { id: expect.any(String), url: expect.any(String), preview_url: expect.any(String) },
          { id: expect.any(String), url: expect.any(String), preview_url: expect.any(String) },
        ],
      })
      expect(await info(product.id)).toEqual([200, success({ Product: product })])
      // They are for everybody, so they are not encrypted.
      const file = await fetch(product.images[1].url).then((answer) => answer.arrayBuffer())
      expect(Buffer.from(file).subarray(0, 3).toString('hex')).toBe('ffd8ff')
    })

    test('needs a name and a picture only', async () => {
      const [status, json] = await wago.call('/business/catalog/create', { Name: 'Tea', Images: [png] })

      expect(status).toBe(200)
      expect(json.data.Product).toMatchObject({ name: 'Tea', price: '', currency: '', retailer_id: '' })
    })

    test('takes a price that is a number', async () => {
      expect(await created({ Price: 5_000 })).toMatchObject({ price: '5000' })
    })

    test('adds what only the business sees', async () => {
      const { id } = await created({ IsHidden: true })

      expect((await info(id))[1].data.Product.is_hidden).toBe(true)
      expect(await info(id, { Jid: wago.ownJid, token: person.token })).toEqual(NO_SUCH_PRODUCT)
    })

    test.each([
      ['no name', { Name: '' }, 'missing Name in payload'],
      ['no pictures', { Images: [] }, 'missing Images in payload'],
      ['eleven pictures', { Images: Array(11).fill('x') }, 'Images has too many entries: at most 10'],
      ['a long name', { Name: 'x'.repeat(151) }, 'Name is too long: at most 150 characters'],
      ['a broken price', { Price: '1.50' }, 'Price must be a whole number, in thousandths of the currency'],
      [
        'a price below nothing',
        { Price: -1 },
        'Price must be a whole number, in thousandths of the currency',
      ],
      ['a word as currency', { Currency: 'rupee' }, 'Currency must have three capital letters: INR'],
      ['a price without a currency', { Currency: '' }, 'a price needs a currency'],
      ['no data URL', { Images: ['nonsense'] }, 'could not decode base64 encoded data from payload'],
      [
        'a text as picture',
        { Images: [dataUrl('image/jpeg', Buffer.from('text'))] },
        'could not decode image: image 1: image: unknown format',
      ],
      ['one picture that is no list', { Images: 'x' }, 'could not decode payload'],
      ['a text as answer', { IsHidden: 'yes' }, 'could not decode payload'],
    ])('refuses %s', async (_what, change, sentence) => {
      const before = await listed('')

      const body = { Id: '1', ...facts, Images: [jpeg], ...change }
      expect(await wago.call('/business/catalog/create', body)).toEqual(refused(sentence))
      expect(await listed('')).toEqual(before)
    })

    test('fetches no picture from this machine', async () => {
      const body = { ...facts, Images: [`${wago.app.url}/health`] }

      expect(await wago.call('/business/catalog/create', body)).toEqual(
        refused(expect.stringMatching(/private IP addresses$/)),
      )
    })
  })

  describe('/business/catalog/edit', () => {
    test('changes what is given and keeps the rest', async () => {
      const product = await created({ IsHidden: true, Images: [jpeg, png] })

      const body = { Id: product.id, Name: 'Renamed', Price: '5000', Images: [] }
      const [status, json] = await wago.call('/business/catalog/edit', body)

      const edited = { ...product, name: 'Renamed', price: '5000' }
      expect([status, json]).toEqual([200, success({ Product: edited })])
      expect((await info(product.id))[1].data.Product).toEqual(edited)
    })

    test('replaces the pictures, and keeps those that are named by their address', async () => {
      const { id, images } = await created({ Images: [jpeg, png] })
      const other = dataUrl('image/png', await picture('png', [90, 90]))

      const body = { Id: id, Images: [images[1].url, other] }
      const [, json] = await wago.call('/business/catalog/edit', body)

      const urls = json.data.Product.images.map(({ url }: { url: string }) => url)
      expect([urls.length, urls[0]]).toEqual([2, images[1].url])
      expect(urls).not.toContain(images[0].url)
    })

    test('knows no other product', async () => {
      expect(await wago.call('/business/catalog/edit', { Id: '404', Name: 'New' })).toEqual(NO_SUCH_PRODUCT)
    })
  })

  describe('/business/catalog/list', () => {
    test.each([0, 1, 45])('lists all of %i products of another business', async (count) => {
      const products = Array.from({ length: count }, (_, index) => ({ name: `Product ${index}` }))
      await wago.app.sandbox('POST', `/contacts/${OTHER_SHOP}/catalog`, { products })

      expect((await listed(OTHER_SHOP)).map(({ name }) => name)).toEqual(products.map(({ name }) => name))
    })

    test('shows what is hidden to the business alone', async () => {
      const { id } = await created({ IsHidden: true })
      const ids = async (...of: Parameters<typeof listed>) => (await listed(...of)).map((one) => one.id)

      expect(await ids('')).toContain(id)
      expect(await ids(wago.ownJid)).toContain(id)
      expect(await ids(wago.ownJid, person.token)).not.toContain(id)
    })

    test('lists nothing of somebody who has begun none', async () => {
      expect(await listed('', person.token)).toEqual([])
    })
  })

  describe('/business/catalog/hide and /show', () => {
    test('hide a product and show it again', async () => {
      const { id } = await created()

      expect(await wago.call('/business/catalog/hide', { Id: id })).toEqual([
        200,
        success({ Details: 'Product hidden' }),
      ])
      expect((await info(id))[1].data.Product.is_hidden).toBe(true)
      expect(await wago.call('/business/catalog/show', { Id: id })).toEqual([
        200,
        success({ Details: 'Product visible' }),
      ])
      expect((await info(id))[1].data.Product.is_hidden).toBe(false)
    })
  })

  test('/business/catalog/delete takes a product away, once', async () => {
    const { id } = await created()

    expect(await wago.call('/business/catalog/delete', { Id: id })).toEqual([
      200,
      success({ Details: 'Product deleted' }),
    ])
    expect(await info(id)).toEqual(NO_SUCH_PRODUCT)
    expect(await wago.call('/business/catalog/delete', { Id: id })).toEqual(NO_SUCH_PRODUCT)
  })

  describe.each(['info', 'edit', 'delete', 'show', 'hide'])('/business/catalog/%s', (what) => {
    test('names the product', async () => {
      const path = `/business/catalog/${what}`

      expect(await wago.call(path, {})).toEqual(refused('missing Id in payload'))
      expect(await wago.call(path, { Id: '404' })).toEqual(NO_SUCH_PRODUCT)
      expect(await wago.call(path, { Id: 'x'.repeat(101) })).toEqual(
        refused('Id is too long: at most 100 characters'),
      )
    })
  })

  test.each([
    ['create', { Name: 'Tea', Images: ['$png'] }],
    ['edit', { Id: '1', Name: 'Tea' }],
    ['delete', { Id: '1' }],
    ['show', { Id: '1' }],
    ['hide', { Id: '1' }],
  ])('a person can %s nothing', async (what, body) => {
    const filled = JSON.parse(JSON.stringify(body).replace('$png', png))

    expect(await wago.call(`/business/catalog/${what}`, filled, person.token)).toEqual([
      403,
      failure(403, expect.stringContaining('this account is not a business')),
    ])
  })

  describe('an order', () => {
    async function placed(message?: string) {
      const tea = await created({ Name: 'Tea', Price: '12500', Currency: 'BRL' })
      const cake = await created({ Name: 'Cake', Price: '30000', Currency: 'BRL' })
      const items = [{ product: tea.id, quantity: 3 }, { product: cake.id }]
      const order = { to: wago.user.phone, items, message }
      const { orderId, token } = await wago.app.sandbox('POST', `/contacts/${wago.contact}/order`, order)
      return { orderId, token, tea, cake }
    }

    test('is told with what it is asked for by, and holds its items', async () => {
      const { orderId, token, tea, cake } = await placed('As soon as you can')

      const { fields } = await wago.app.waitFor('the order', () =>
        receiver.requests.find(({ fields }) => fields.jsonData?.includes(orderId)),
      )
      const { orderDetails, ...told } = JSON.parse(fields.jsonData ?? '')
      expect(told).toMatchObject({
        type: 'Message',
        event: { Message: { orderMessage: { orderID: orderId } } },
      })
      expect(orderDetails).toEqual({
        OrderId: orderId,
        Token: token,
        Title: 'Shop',
        Text: 'As soon as you can',
        SellerJID: wago.ownJid,
        ItemCount: 4,
        TotalAmount1000: 67_500,
        Currency: 'BRL',
      })
      const { OrderId, Token } = orderDetails
      expect(await wago.call('/business/order/details', { OrderId, Token })).toEqual([
        200,
        success({
          Order: {
            id: orderId,
            price: { total: '67500', subtotal: '67500', currency: 'BRL' },
            products: [
              expect.objectContaining({
                id: tea.id,
                name: 'Tea',
                price: '12500',
                currency: 'BRL',
                quantity: 3,
                is_hidden: false,
                images: [expect.objectContaining({ url: expect.stringMatching(/^https?:\/\//) })],
              }),
              expect.objectContaining({ id: cake.id, quantity: 1 }),
            ],
          },
        }),
      ])
    })

    test('is not shown to whoever has another token', async () => {
      const { orderId: OrderId } = await placed()

      expect(await wago.call('/business/order/details', { OrderId, Token: 'wrong' })).toEqual([
        403,
        failure(403, 'the token is not the one of this order'),
      ])
    })

    test('that does not exist is not found', async () => {
      const body = { OrderId: '123456789', Token: 'AR7LsQpmS1K/HO24sdk5QnV80g==' }

      expect(await wago.call('/business/order/details', body)).toEqual([
        404,
        failure(404, 'there is no such order'),
      ])
    })

    test.each([
      [{ Token: 'x' }, 'missing OrderId in payload'],
      [{ OrderId: '1' }, 'missing Token in payload'],
      [{ OrderId: '1', Token: 'x'.repeat(1_025) }, 'Token is too long: at most 1024 characters'],
      [{ OrderId: 1, Token: 'x' }, 'could not decode payload'],
    ])('is not read with %j', async (body, sentence) => {
      expect(await wago.call('/business/order/details', body)).toEqual(refused(sentence))
    })
  })

  test('says that WhatsApp answers nothing', async () => {
    await wago.app.sandbox('POST', '/faults', { kind: 'ignore-query', xmlns: 'w:biz:catalog', times: 1 })

    expect(await wago.call('/business/catalog/list', {})).toEqual([
      500,
      failure(500, expect.stringContaining('of some business accounts unanswered')),
    ])
  })
})
