import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { catalog, product } from '../../src/operations/business/catalog.ts'
import {
  createProduct,
  deleteProduct,
  editProduct,
  setProductVisibility,
} from '../../src/operations/business/product-changes.ts'
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts'
import type { LiveSession } from '../../src/whatsapp/session/session.ts'
import { type LinkedUser, TestApp } from '../helpers/app.ts'
import { picture } from '../helpers/media.ts'

let sandbox: Sandbox
let app: TestApp
let shop: LinkedUser
let business: LiveSession
let person: LiveSession
let jpeg: string
let png: string

beforeAll(async () => {
  sandbox = await startSandbox()
  app = await TestApp.start({ env: { WHATSAPP_NETWORK: sandbox.url } })
  shop = await app.linkedUser()
  business = live(shop)
  person = live(await app.linkedUser())
  await declare(shop.phone)
  jpeg = await dataUrl('jpeg')
  png = await dataUrl('png', [120, 80])
})
afterAll(async () => {
  await app.close()
  await sandbox.stop()
})

function live({ id }: LinkedUser): LiveSession {
  return app.parley.services.sessions.live(id)
}

function declare(phone: string) {
  return app.sandbox('POST', `/contacts/${phone}/business`, { name: 'Shop' })
}

async function dataUrl(format: 'jpeg' | 'png' | 'tiff', size?: [number, number]): Promise<string> {
  return `data:image/${format};base64,${(await picture(format, size)).toString('base64')}`
}

/** A business with so many products. */
async function shopWith(count: number): Promise<string> {
  const phone = `55119000${String(count).padStart(4, '0')}`
  await app.contact(phone)
  await declare(phone)
  const products = Array.from({ length: count }, (_, index) => ({ name: `Product ${index}` }))
  await app.sandbox('POST', `/contacts/${phone}/catalog`, { products })
  return `${phone}@s.whatsapp.net`
}

const INVALID = { code: 'invalid_field' }

describe('a catalogue', () => {
  test.each([0, 1, 20, 45])('of %i products is read whole', async (count) => {
    const jid = await shopWith(count)

    const products = await catalog(person, jid)

    expect(products.map(({ name }) => name)).toEqual(
      Array.from({ length: count }, (_, index) => `Product ${index}`),
    )
  })

  test('is cut off after 500 products', async () => {
    const jid = await shopWith(510)

    expect(await catalog(person, jid)).toHaveLength(500)
  })

  test('that an account has never begun is empty', async () => {
    expect(await catalog(person, '')).toEqual([])
  })

  test('shows what is hidden to the business alone', async () => {
    const { products: ids } = await app.sandbox('POST', `/contacts/${shop.phone}/catalog`, {
      products: [{ name: 'Shown' }, { name: 'Hidden', hidden: true }],
    })
    const jid = `${shop.phone}@s.whatsapp.net`

    expect((await catalog(business, '')).map(({ name }) => name)).toEqual(['Shown', 'Hidden'])
    expect((await catalog(person, jid)).map(({ name }) => name)).toEqual(['Shown'])
    await expect(product(person, { jid, id: ids[1] })).rejects.toMatchObject({ code: 'not_found' })
  })

  test('whose query WhatsApp leaves unanswered is reported in a sentence of its own', async () => {
    const ignored = { kind: 'ignore-query', xmlns: 'w:biz:catalog', times: 1 }
    await app.sandbox('POST', '/faults', ignored)

    await expect(catalog(business, '')).rejects.toMatchObject({
      code: 'upstream_timeout',
      message: expect.stringContaining('of some business accounts unanswered'),
    })
  })
})

describe('a product', () => {
  const facts = {
    name: 'My Product',
    description: 'It is good',
    price: 100_000,
    currency: 'INR',
    url: 'https://example.com/product',
    retailerId: '1234567890',
  }

  test('is added with its pictures, and begins the catalogue', async () => {
    const owner = await app.linkedUser()
    await declare(owner.phone)

    const made = await createProduct(live(owner), { ...facts, images: [jpeg, png] })

    expect(made).toMatchObject({ ...facts, isHidden: false, reviewStatus: 'APPROVED' })
    expect(made.images).toHaveLength(2)
    expect(await product(person, { jid: `${owner.phone}@s.whatsapp.net`, id: made.id })).toEqual(made)
    // Pictures of products are for everybody, so they are not encrypted.
    const file = await fetch(made.images[1]?.url ?? '').then((answer) => answer.arrayBuffer())
    expect(Buffer.from(file).subarray(0, 3).toString('hex')).toBe('ffd8ff')
  })

  test('needs no price', async () => {
    const made = await createProduct(business, { name: 'On request', images: [jpeg] })

    expect(made).toMatchObject({ price: null, currency: '', url: '', description: '' })
  })

  test('is edited in what is given and keeps the rest', async () => {
    const made = await createProduct(business, { ...facts, isHidden: true, images: [jpeg, png] })

    const edited = await editProduct(business, { id: made.id, name: 'Renamed', price: 5_000 })

    expect(edited).toEqual({ ...made, name: 'Renamed', price: 5_000 })
    expect(await product(business, { jid: '', id: made.id })).toEqual(edited)
  })

  test('keeps every one of several changes that are made at once', async () => {
    const made = await createProduct(business, { ...facts, images: [jpeg] })
    const { id } = made

    await Promise.all([
      editProduct(business, { id, price: 5_000 }),
      setProductVisibility(business, { id, isHidden: true }),
      editProduct(business, { id, description: 'Better' }),
    ])

    const changed = await product(business, { jid: '', id })
    expect(changed).toEqual({ ...made, price: 5_000, isHidden: true, description: 'Better' })
  })

  test('loses what is taken away', async () => {
    const made = await createProduct(business, { ...facts, images: [jpeg] })

    const edited = await editProduct(business, { id: made.id, description: '', url: '', price: null })

    expect(edited).toMatchObject({ name: 'My Product', description: '', url: '', price: null, currency: '' })
  })

  test('gets new pictures, and keeps those that are named by their address', async () => {
    const made = await createProduct(business, { ...facts, images: [jpeg, png] })
    const [first, second] = made.images.map(({ url }) => url)
    const other = await dataUrl('png', [90, 90])

    const edited = await editProduct(business, { id: made.id, images: [second ?? '', other] })

    const urls = edited.images.map(({ url }) => url)
    expect(urls[0]).toBe(second)
    expect(urls).toHaveLength(2)
    expect(urls).not.toContain(first)
  })

  test('is hidden and shown', async () => {
    const made = await createProduct(business, { ...facts, images: [jpeg] })

    expect(await setProductVisibility(business, { id: made.id, isHidden: true })).toEqual({
      ...made,
      isHidden: true,
    })
    expect(await setProductVisibility(business, { id: made.id, isHidden: false })).toEqual(made)
  })

  test('is removed once', async () => {
    const made = await createProduct(business, { ...facts, images: [jpeg] })

    await deleteProduct(business, made.id)

    await expect(product(business, { jid: '', id: made.id })).rejects.toMatchObject({ code: 'not_found' })
    await expect(deleteProduct(business, made.id)).rejects.toMatchObject({
      code: 'not_found',
      message: 'there is no such product in this catalogue',
    })
  })

  test('that does not exist is neither read nor edited', async () => {
    const missing = { code: 'not_found', message: 'there is no such product in this catalogue' }

    await expect(product(business, { jid: '', id: '404' })).rejects.toMatchObject(missing)
    await expect(editProduct(business, { id: '404', name: 'New' })).rejects.toMatchObject(missing)
    await expect(setProductVisibility(business, { id: '404', isHidden: true })).rejects.toMatchObject(missing)
  })

  test.each([
    [{ name: ' ' }, 'a product needs a name'],
    [{ images: [] }, 'a product needs an image'],
    [{ images: Array(11).fill('x') }, 'a product has at most 10 images, not 11'],
    [{ price: 1.5 }, 'the price must be a whole number of thousandths of the currency'],
    [{ price: -1 }, 'the price must be a whole number of thousandths of the currency'],
    [{ currency: 'rupee' }, 'the currency must be three capital letters, as in ISO 4217'],
    [{ currency: '' }, 'a price needs a currency'],
  ])('is not added with %j', async (change, message) => {
    const before = (await catalog(business, '')).length

    await expect(createProduct(business, { ...facts, images: [jpeg], ...change })).rejects.toMatchObject({
      ...INVALID,
      message,
    })
    expect(await catalog(business, '')).toHaveLength(before)
  })

  test('is not added in a currency that WhatsApp does not know', async () => {
    await expect(
      createProduct(business, { ...facts, currency: 'QQQ', images: [jpeg] }),
    ).rejects.toMatchObject({ code: 'upstream_refused', details: { refusal: { by: 'iq', code: 400 } } })
  })

  test.each([
    ['a text', () => `data:image/jpeg;base64,${Buffer.from('no picture').toString('base64')}`],
    ['a format that is not taken', () => dataUrl('tiff')],
  ])('is not added when a picture is %s, and no picture leaves', async (_what, bad) => {
    const image = await bad()
    const uploads = () => [...sandbox.network.media.files()].length
    const before = uploads()

    await expect(
      createProduct(business, { ...facts, images: [await dataUrl('jpeg', [11, 7]), image] }),
    ).rejects.toMatchObject({ ...INVALID, message: 'image 2: image: unknown format' })
    expect(uploads()).toBe(before)
  })

  test('is not added with a picture of too many bytes', async () => {
    const huge = `data:image/jpeg;base64,${Buffer.alloc(17 * 1024 * 1024).toString('base64')}`

    await expect(createProduct(business, { ...facts, images: [huge] })).rejects.toMatchObject({
      code: 'media_too_large',
      message: 'image 1 has more than 16777216 bytes',
    })
  })

  test('is not added with a picture from an address of this machine', async () => {
    await expect(createProduct(business, { ...facts, images: [`${app.url}/health`] })).rejects.toMatchObject({
      code: 'media_unavailable',
      details: { stage: 'fetch' },
    })
  })

  test('is made smaller where its picture is large', async () => {
    const made = await createProduct(business, {
      ...facts,
      images: [await dataUrl('jpeg', [4_000, 2_000])],
    })

    const file = await fetch(made.images[0]?.url ?? '').then((answer) => answer.arrayBuffer())
    expect(await sharp(file).metadata()).toMatchObject({ format: 'jpeg', width: 1600, height: 800 })
  })
})

test('a person has no catalogue to change', async () => {
  const refused = { code: 'forbidden', message: expect.stringContaining('this account is not a business') }

  await expect(createProduct(person, { name: 'A', images: [jpeg] })).rejects.toMatchObject(refused)
  await expect(editProduct(person, { id: '1', name: 'A' })).rejects.toMatchObject(refused)
  await expect(setProductVisibility(person, { id: '1', isHidden: true })).rejects.toMatchObject(refused)
  await expect(deleteProduct(person, '1')).rejects.toMatchObject(refused)
})
