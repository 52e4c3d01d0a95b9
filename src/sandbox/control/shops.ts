import sharp from 'sharp'
import { z } from 'zod'
import { Catalog, type Product, placeOrder, totalOf } from '../world/catalog.ts'
import type { Network } from '../world/network.ts'
import { sampleFile } from '../world/samples.ts'
import { ControlError, type ControlRoute, get, phoneOf, post } from './route.ts'

const THUMBNAIL_PIXELS = 100

const product = z.object({
  name: z.string(),
  description: z.string().optional(),
  url: z.string().optional(),
  retailerId: z.string().optional(),
  /** In thousandths of the currency. */
  price: z.int().nonnegative().optional(),
  currency: z.string().optional(),
  hidden: z.boolean().default(false),
  /** JPEG as base64, or a data URL; a sample when left out. */
  images: z.array(z.string()).max(10).default([]),
})

const catalog = z.object({
  products: z.array(product),
  /** Products by their places in the list. */
  collections: z.array(z.object({ name: z.string(), products: z.array(z.int().nonnegative()) })).default([]),
})

const order = z.object({
  /** Whose products they are: a number or a JID. */
  to: z.string(),
  items: z.array(z.object({ product: z.string(), quantity: z.int().min(1).default(1) })).min(1),
  /** What the buyer writes beside it. */
  message: z.string().optional(),
})

/** What businesses offer, and orders of their customers. */
export const shopRoutes: ControlRoute[] = [
  post('/sandbox/contacts/:phone/catalog', catalog, async ({ network, params, body }) => {
    const { account } = phoneOf(network, params.phone ?? '')
    if (!account.business) throw new ControlError(400, `${account.phone} is not a business`)
    const made = new Catalog()
    const products: Product[] = []
    for (const { hidden, images, ...facts } of body.products) {
      const paths = await keepImages(network, images)
      products.push(made.put({ ...facts, isHidden: hidden, images: paths }))
    }
    for (const { name, products: places } of body.collections) {
      made.addCollection(
        name,
        places.map((place) => products[place] ?? missing(`product ${place}`)),
      )
    }
    account.catalog = made
    return { products: products.map(({ id }) => id) }
  }),
  get('/sandbox/contacts/:phone/catalog', ({ network, params }) => {
    const { account } = phoneOf(network, params.phone ?? '')
    return { products: [...(account.catalog?.products.values() ?? [])] }
  }),
  post('/sandbox/contacts/:phone/order', order, async ({ network, params, body }) => {
    const peer = phoneOf(network, params.phone ?? '')
    const seller = network.findAccount(body.to) ?? missing(body.to)
    const items = body.items.map(({ product: id, quantity }) => ({
      product: seller.catalog?.products.get(id) ?? missing(`product ${id}`),
      quantity,
    }))
    const placed = placeOrder(network, { seller, items })
    const first = items[0]?.product
    const { id, chat, timestamp } = await peer.send(body.to, {
      order: {
        id: placed.id,
        token: placed.token,
        thumbnail: await thumbnail(network.media.get(first?.images[0] ?? '')),
        items: items.reduce((sum, { quantity }) => sum + quantity, 0),
        title: seller.business?.name,
        message: body.message,
        total: totalOf(placed),
        currency: first?.currency,
        seller: seller.phone,
      },
    })
    return { id, chat, timestamp, orderId: placed.id, token: placed.token }
  }),
]

async function keepImages(network: Network, images: string[]): Promise<string[]> {
  const files: Buffer[] = images.map((image) => Buffer.from(image.replace(/^data:[^,]*,/, ''), 'base64'))
  if (files.length === 0) files.push((await sampleFile('image')).bytes)
  return files.map((file) => network.media.put(file).directPath)
}

/** Base64. */
async function thumbnail(image: Buffer | undefined): Promise<string | undefined> {
  if (!image) return undefined
  const small = sharp(image).resize(THUMBNAIL_PIXELS, THUMBNAIL_PIXELS, { fit: 'inside' })
  return (await small.jpeg().toBuffer()).toString('base64')
}

function missing(what: string): never {
  throw new ControlError(404, `there is no ${what}`)
}
