import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { businessCategories } from '../../src/operations/business/categories.ts'
import { orderDetails } from '../../src/operations/business/orders.ts'
import { businessProfile, updateBusinessProfile } from '../../src/operations/business/profile.ts'
import type { LiveSession } from '../../src/whatsapp/session/session.ts'
import { type LinkedUser, TestApp } from '../helpers/app.ts'
import { type Receiver, startReceiver } from '../helpers/receiver.ts'

const OTHER_SHOP = '5511988880001'

let receiver: Receiver
let app: TestApp
let shop: LinkedUser
let business: LiveSession
let person: LiveSession

beforeAll(async () => {
  receiver = await startReceiver()
  app = await TestApp.start()
  shop = await app.linkedUser({ webhook: receiver.url })
  business = live(shop)
  person = live(await app.linkedUser())
  await app.contact(OTHER_SHOP, { name: 'Padaria' })
  await declare(shop.phone, 'Own shop')
  await declare(OTHER_SHOP, 'Padaria')
})
afterAll(async () => {
  await app.close()
  await receiver.close()
})

function live({ id }: LinkedUser): LiveSession {
  return app.parley.services.sessions.live(id)
}

function declare(phone: string, name: string) {
  return app.sandbox('POST', `/contacts/${phone}/business`, {
    name,
    description: 'Bread',
    email: 'a@example.com',
    address: 'Rua 1',
    category: 'Bakery',
  })
}

describe('the profile of a business', () => {
  test.each([
    ['its own', () => '', () => `${shop.phone}@s.whatsapp.net`],
    ['its own by its number', () => `${shop.phone}@s.whatsapp.net`, () => `${shop.phone}@s.whatsapp.net`],
    ["another's", () => `${OTHER_SHOP}@s.whatsapp.net`, () => `${OTHER_SHOP}@s.whatsapp.net`],
  ])('is read: %s', async (_whose, asked, jid) => {
    expect(await businessProfile(business, asked())).toMatchObject({
      jid: jid(),
      description: 'Bread',
      email: 'a@example.com',
      categories: [{ id: '1', name: 'Bakery' }],
    })
  })

  test('of a person is not found', async () => {
    await expect(businessProfile(person, '')).rejects.toMatchObject({
      code: 'not_found',
      message: 'this account is not a business',
    })
  })

  test('is changed in the parts that are given alone', async () => {
    await updateBusinessProfile(business, { description: 'Bread and cakes' })
    await updateBusinessProfile(business, { email: 'shop@example.com' })
    await updateBusinessProfile(business, { address: '' })

    expect(await businessProfile(business, '')).toMatchObject({
      description: 'Bread and cakes',
      email: 'shop@example.com',
      address: '',
      categories: [{ name: 'Bakery' }],
    })
  })

  test('is changed in several parts at once', async () => {
    await updateBusinessProfile(business, { description: 'Só pão', address: 'Rua 2', email: 'b@example.com' })

    expect(await businessProfile(business, '')).toMatchObject({
      description: 'Só pão',
      address: 'Rua 2',
      email: 'b@example.com',
    })
  })

  test('cannot be changed into nothing new', async () => {
    await expect(updateBusinessProfile(business, {})).rejects.toMatchObject({
      code: 'missing_field',
      message: 'say what to change: description, address or email',
    })
  })

  test('of a person cannot be changed', async () => {
    await expect(updateBusinessProfile(person, { email: 'a@example.com' })).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining('this account is not a business'),
    })
  })

  test('with a text that WhatsApp does not take stays as it is', async () => {
    await expect(updateBusinessProfile(business, { description: 'x'.repeat(513) })).rejects.toMatchObject({
      code: 'upstream_refused',
      details: { refusal: { by: 'iq', code: 400 } },
    })
  })
})

describe('the categories of businesses', () => {
  test('are listed, and the one that says no business is marked', async () => {
    const categories = await businessCategories(person)

    expect(categories).toContainEqual({ id: '273819889375819', name: 'Restaurant', isNoBusiness: false })
    expect(categories.filter(({ isNoBusiness }) => isNoBusiness)).toEqual([
      { id: '1674886022742346', name: 'Not a Business', isNoBusiness: true },
    ])
  })

  test('that WhatsApp refuses are reported with its code', async () => {
    await app.sandbox('POST', '/faults', { kind: 'refuse-query', xmlns: 'fb:thrift_iq', code: 503, times: 1 })

    await expect(businessCategories(person)).rejects.toMatchObject({
      details: { refusal: { by: 'iq', code: 503 } },
    })
  })
})

describe('an order', () => {
  let orderId: string
  let token: string
  let bread: string

  beforeAll(async () => {
    const { products } = await app.sandbox('POST', `/contacts/${shop.phone}/catalog`, {
      products: [
        { name: 'Bread', price: 12_500, currency: 'BRL' },
        { name: 'Cake', price: 30_000, currency: 'BRL' },
      ],
    })
    bread = products[0]
    const items = [{ product: bread, quantity: 3 }, { product: products[1] }]
    const placed = await app.sandbox('POST', `/contacts/${OTHER_SHOP}/order`, { to: shop.phone, items })
    orderId = placed.orderId
    token = placed.token
  })

  test('arrives as a message that names it', async () => {
    const { body } = await app.waitFor('the order', () =>
      receiver.requests.find((request) => request.body.includes(orderId)),
    )

    expect(decodeURIComponent(body)).toContain('orderMessage')
  })

  test('is read with its items and prices', async () => {
    expect(await orderDetails(business, { orderId, token })).toEqual({
      id: orderId,
      total: 67_500,
      subtotal: 67_500,
      currency: 'BRL',
      createdAt: expect.any(Number),
      items: [
        {
          id: bread,
          name: 'Bread',
          price: 12_500,
          currency: 'BRL',
          quantity: 3,
          imageUrl: expect.stringMatching(/^https?:\/\//),
        },
        expect.objectContaining({ name: 'Cake', quantity: 1 }),
      ],
    })
  })

  test('is not read with another token', async () => {
    await expect(orderDetails(business, { orderId, token: 'wrong' })).rejects.toMatchObject({
      code: 'forbidden',
      message: 'the token is not the one of this order',
    })
  })

  test('that does not exist is not found', async () => {
    await expect(orderDetails(business, { orderId: '1', token })).rejects.toMatchObject({
      code: 'not_found',
      message: 'there is no such order',
    })
  })
})
