import { randomBytes, randomInt } from 'node:crypto'
import { z } from 'zod'
import type { BinaryNode } from '../../whatsapp/library/engine.ts'
import type { FindAccount } from '../saved/shapes.ts'
import type { Account } from './account.ts'
import type { Network } from './network.ts'
import { node } from './node.ts'

/** A product in a catalogue. */
const savedProduct = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string().optional(),
  url: z.string().optional(),
  retailerId: z.string().optional(),
  /** In thousandths of the currency. */
  price: z.number().optional(),
  currency: z.string().optional(),
  /** Only the business itself sees it. */
  isHidden: z.boolean(),
  /** Direct paths of its pictures on the media host. */
  images: z.array(z.string()),
})

/** A product in a catalogue. */
export type Product = z.output<typeof savedProduct>

/** What a business says about a product. */
export type ProductFacts = Omit<Product, 'id'>

/** Products that belong together. */
export interface Collection {
  id: string
  name: string
  products: Product[]
}

export const savedCatalog = z.object({
  products: z.array(savedProduct),
  /** Products by their ids. */
  collections: z.array(z.object({ id: z.string(), name: z.string(), products: z.array(z.string()) })),
})

/** What a business offers. */
export class Catalog {
  /** By id. */
  readonly products = new Map<string, Product>()
  readonly collections: Collection[] = []

  /** Adds a product, or replaces the one with that id as a whole. */
  put(facts: ProductFacts, id = newId()): Product {
    const product = { ...facts, id }
    this.products.set(id, product)
    return product
  }

  /** What somebody sees of it: hidden products are there for the business alone. */
  seenBy(reader: Account, owner: Account): Product[] {
    return [...this.products.values()].filter(({ isHidden }) => !isHidden || reader === owner)
  }

  addCollection(name: string, products: Product[]): Collection {
    const collection = { id: newId(), name, products }
    this.collections.push(collection)
    return collection
  }

  toJson(): z.input<typeof savedCatalog> {
    const collections = this.collections.map(({ id, name, products }) => ({
      id,
      name,
      products: products.map((product) => product.id),
    }))
    return { products: [...this.products.values()], collections }
  }

  static fromJson({ products, collections }: z.output<typeof savedCatalog>): Catalog {
    const catalog = new Catalog()
    for (const { id, ...facts } of products) catalog.put(facts, id)
    for (const { id, name, products: ids } of collections) {
      const found = ids.flatMap((one) => catalog.products.get(one) ?? [])
      catalog.collections.push({ id, name, products: found })
    }
    return catalog
  }
}

/** What somebody ordered, at the prices of that moment. */
export interface Order {
  id: string
  /** Whoever shows it may read the order. */
  token: string
  seller: Account
  items: OrderItem[]
  /** Unix seconds. */
  createdAt: number
}

export interface OrderItem {
  product: Product
  quantity: number
}

/** Takes an order down. */
export function placeOrder(network: Network, { seller, items }: Pick<Order, 'seller' | 'items'>): Order {
  const createdAt = Math.floor(Date.now() / 1000)
  const token = randomBytes(18).toString('base64')
  const snapshot = items.map(({ product, quantity }) => ({ product: { ...product }, quantity }))
  const order = { id: newId(), token, seller, items: snapshot, createdAt }
  network.orders.set(order.id, order)
  return order
}

/** An order as it is saved. */
export const savedOrder = z.object({
  id: z.string(),
  token: z.string(),
  seller: z.string(),
  items: z.array(z.object({ product: savedProduct, quantity: z.number() })),
  createdAt: z.number(),
})

export function orderToJson(order: Order): z.input<typeof savedOrder> {
  return { ...order, seller: order.seller.reference }
}

export function orderFromJson(saved: z.output<typeof savedOrder>, find: FindAccount): Order {
  return { ...saved, seller: find(saved.seller) }
}

/** What an order costs, in thousandths; undefined when an item has no price. */
export function totalOf({ items }: Order): number | undefined {
  let total = 0
  for (const { product, quantity } of items) {
    if (product.price === undefined) return undefined
    total += product.price * quantity
  }
  return total
}

/** `<product>` of a catalogue. */
export function productNode(network: Network, product: Product): BinaryNode {
  const images = product.images.map((path, index) => {
    const url = network.pictureUrl(path)
    return node('image', {}, [
      textNode('id', `${product.id}${index}`),
      textNode('request_image_url', url),
      textNode('original_image_url', url),
    ])
  })
  return node('product', { is_hidden: String(product.isHidden), availability: 'in stock' }, [
    textNode('id', product.id),
    textNode('name', product.name),
    ...optionalText('description', product.description),
    ...optionalText('url', product.url),
    ...optionalText('retailer_id', product.retailerId),
    node('media', {}, images),
    ...optionalText('currency', product.currency),
    ...optionalText('price', product.price?.toString()),
    node('status_info', {}, [textNode('status', 'APPROVED'), textNode('can_appeal', 'false')]),
  ])
}

/** `<order>` as whoever has the token sees it. */
export function orderNode(network: Network, order: Order): BinaryNode {
  const currency = order.items[0]?.product.currency
  const total = totalOf(order)?.toString()
  const items = order.items.map(({ product, quantity }) =>
    node('product', {}, [
      textNode('id', product.id),
      textNode('name', product.name),
      ...product.images
        .slice(0, 1)
        .map((path) =>
          node('image', {}, [textNode('id', `${product.id}0`), textNode('url', network.pictureUrl(path))]),
        ),
      ...optionalText('price', product.price?.toString()),
      ...optionalText('currency', product.currency),
      textNode('quantity', String(quantity)),
    ]),
  )
  const price = node('price', {}, [
    ...optionalText('subtotal', total),
    ...optionalText('total', total),
    ...optionalText('currency', currency),
    textNode('price_status', 'tax_inclusive'),
  ])
  return node('order', { id: order.id, creation_ts: order.createdAt }, [...items, price])
}

/** `<tag>text</tag>`. */
export function textNode(tag: string, text: string): BinaryNode {
  return node(tag, {}, Buffer.from(text))
}

function optionalText(tag: string, text: string | undefined): BinaryNode[] {
  return text === undefined ? [] : [textNode(tag, text)]
}

/** Ids of products, collections and orders have up to seventeen digits. */
function newId(): string {
  return `${randomInt(1_000_000, 10_000_000)}${randomInt(10_000_000, 100_000_000)}`
}
