import { ApiError } from '../../lib/errors.ts'
import type { BinaryNode } from '../../whatsapp/library/engine.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'
import { child, childrenOf, textOf } from '../../whatsapp/wire/node.ts'
import { answered, element, refusalCode, textElement } from '../ask.ts'
import { askShop, PREVIEW_SIZE } from './catalog-query.ts'
import { ownJid } from './own-business.ts'

/** A product of a catalogue; '' for what it leaves out. */
export interface Product {
  id: string
  /** The business's own number of it. */
  retailerId: string
  name: string
  description: string
  /** In thousandths of `currency`, WhatsApp's own unit: 100000 INR are a hundred rupees. Null when it has none. */
  price: number | null
  /** ISO 4217: `INR`. */
  currency: string
  /** Where it is offered elsewhere. */
  url: string
  /** Only the business itself sees it. */
  isHidden: boolean
  /** WhatsApp's own word: `in stock`, `out of stock`. */
  availability: string
  /** What WhatsApp's review says: `APPROVED`, `PENDING`, `REJECTED`, ... */
  reviewStatus: string
  /** The first is the one that is shown in lists. */
  images: ProductImage[]
}

/** Where a picture of a product can be fetched, by anybody. */
export interface ProductImage {
  id: string
  url: string
  /** A small one. */
  previewUrl: string
}

const NOT_FOUND = 404

// Businesses can have 500 products in the app; a longer catalogue is cut off, and so is one that never ends.
const MAX_PRODUCTS = 500
const PRODUCTS_PER_PAGE = 50
const MAX_PAGES = 50

/**
 * The products of a business, '' = of the account itself, which also sees what it has hidden: at most 500. An account
 * without a catalogue has none. Throws `upstream_timeout` where WhatsApp does not answer, see `askShop`.
 */
export async function catalog(session: LiveSession, whose: string): Promise<Product[]> {
  const jid = whose || ownJid(session)
  const products: Product[] = []
  let cursor = ''
  for (let pages = 0; pages < MAX_PAGES && products.length < MAX_PRODUCTS; pages++) {
    const page = await catalogPage(session, jid, cursor)
    products.push(...page.products)
    if (!page.next || page.next === cursor) break
    cursor = page.next
  }
  return products.slice(0, MAX_PRODUCTS)
}

async function catalogPage(session: LiveSession, jid: string, cursor: string) {
  const wanted = element('product_catalog', { jid, allow_shop_source: 'true' }, [
    textElement('limit', String(PRODUCTS_PER_PAGE)),
    ...PREVIEW_SIZE,
    ...(cursor ? [textElement('after', cursor)] : []),
  ])
  try {
    const answer = await askShop(session, { xmlns: 'w:biz:catalog', type: 'get' }, wanted)
    const page = answered(answer, 'product_catalog')
    const products = childrenOf(page, 'product').flatMap((node) => readProduct(node) ?? [])
    return { products, next: textOf(child(child(page, 'paging'), 'after')) }
  } catch (error) {
    if (refusalCode(error) === NOT_FOUND) return { products: [], next: '' }
    throw error
  }
}

/** A product of somebody. */
export interface ProductName {
  /** The business; '' = the account itself. */
  jid: string
  id: string
}

/** One product of a business. Throws `not_found`, and as `catalog` does. */
export async function product(session: LiveSession, name: ProductName): Promise<Product> {
  return (await fetchProduct(session, name)).product
}

/** A product, and all that WhatsApp said of it. */
export async function fetchProduct(
  session: LiveSession,
  { jid, id }: ProductName,
): Promise<{ product: Product; node: BinaryNode }> {
  const wanted = element('product_list', { jid: jid || ownJid(session) }, [
    element('product', {}, [textElement('id', id)]),
    ...PREVIEW_SIZE,
  ])
  const question = { xmlns: 'w:biz:catalog', type: 'get', smaxId: '21' } as const
  const answer = await askShop(session, question, wanted).catch(noProduct)
  for (const node of childrenOf(answered(answer, 'product_list'), 'product')) {
    const found = readProduct(node)
    if (found?.id === id) return { product: found, node }
  }
  return noProduct()
}

/** Says that there is no such product, unless `cause` is something else. */
export function noProduct(cause?: unknown): never {
  if (cause !== undefined && refusalCode(cause) !== NOT_FOUND) throw cause
  throw new ApiError('not_found', { text: 'there is no such product in this catalogue' }, { cause })
}

/** A product as WhatsApp writes it; undefined for the mark of one that does not exist: an id and a status. */
export function readProduct(node: BinaryNode): Product | undefined {
  const text = (tag: string) => textOf(child(node, tag))
  const [id, name] = [text('id'), text('name')]
  if (!id || !name) return undefined
  return {
    id,
    retailerId: text('retailer_id'),
    name,
    description: text('description'),
    price: amountOf(text('price')),
    currency: text('currency'),
    url: text('url'),
    isHidden: node.attrs.is_hidden === 'true',
    availability: node.attrs.availability ?? '',
    reviewStatus: textOf(child(child(node, 'status_info'), 'status')),
    images: childrenOf(child(node, 'media'), 'image').map((image) => ({
      id: textOf(child(image, 'id')),
      url: textOf(child(image, 'original_image_url')),
      previewUrl: textOf(child(image, 'request_image_url')),
    })),
  }
}

/** An amount in thousandths; null when there is none. */
export function amountOf(text: string): number | null {
  const amount = Number(text)
  return text !== '' && Number.isSafeInteger(amount) ? amount : null
}
