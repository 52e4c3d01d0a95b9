import type { BinaryNode } from '../../whatsapp/library/engine.ts'
import type { Account } from '../world/account.ts'
import { Catalog, type Product, type ProductFacts, productNode, textNode } from '../world/catalog.ts'
import type { Network } from '../world/network.ts'
import { child, children, node, text } from '../world/node.ts'
import { type Answer, type Query, type QueryFamily, refusals } from './query.ts'

// A client may ask for more; it gets the rest with the next page.
const MOST_PER_PAGE = 20
const MOST_IMAGES = 10
const LONGEST_NAME = 150
const LONGEST_DESCRIPTION = 5_000

const CURRENCIES = new Set(Intl.supportedValuesOf('currency'))

/**
 * `w:biz:catalog`: what businesses offer. Everybody reads it, the business alone changes it: it adds the catalogue itself
 * before the first product, and an edit replaces the whole product.
 */
export const catalogs: Record<string, QueryFamily> = {
  'w:biz:catalog'(query) {
    const { network, request, what } = query
    const table = request.attrs.type === 'set' ? CHANGES : READINGS
    const run = table.get(what.tag)
    if (run) return run(query)
    network.noteUnknownQuery(`w:biz:catalog ${what.tag}`)
    throw refusals.badRequest()
  },
}

const READINGS = new Map<string, (query: Query) => Answer>([
  ['product_catalog', listProducts],
  ['product_list', findProducts],
  ['collections', listCollections],
])

const CHANGES = new Map<string, (query: Query) => Answer>([
  ['product_catalog_create', createCatalog],
  ['product_catalog_add', addProduct],
  ['product_catalog_edit', editProduct],
  ['product_catalog_delete', deleteProducts],
])

function listProducts({ network, from, what }: Query): Answer {
  const { owner, catalog } = catalogOf(network, what.attrs.jid)
  const products = catalog.seenBy(from.account, owner)
  const after = text(child(what, 'after'))
  const first = after === undefined ? 0 : products.findIndex(({ id }) => id === after) + 1
  if (after !== undefined && first === 0) throw refusals.badRequest()
  const limit = Math.min(wholeNumber(child(what, 'limit')) ?? 0, MOST_PER_PAGE)
  if (limit === 0) throw refusals.badRequest()
  const page = products.slice(first, first + limit)
  const isLast = first + limit >= products.length
  const paging = node('paging', {}, [
    textNode('before', first > 0 ? (page[0]?.id ?? '') : ''),
    textNode('after', isLast ? '' : (page.at(-1)?.id ?? '')),
  ])
  return [node('product_catalog', {}, [...page.map((product) => productNode(network, product)), paging])]
}

/** Unknown products, and those the reader does not see, are named with a status only. */
function findProducts({ network, from, what }: Query): Answer {
  const { owner, catalog } = catalogOf(network, what.attrs.jid)
  const seen = new Map(catalog.seenBy(from.account, owner).map((product) => [product.id, product]))
  const wanted = idsIn(what)
  if (wanted.length === 0) throw refusals.badRequest()
  const found = wanted.map((id) => {
    const product = seen.get(id)
    if (product) return productNode(network, product)
    return node('product', {}, [textNode('id', id), textNode('status', 'INVALID_PRODUCT')])
  })
  return [node('product_list', {}, found)]
}

function listCollections({ network, from, what }: Query): Answer {
  const { owner, catalog } = catalogOf(network, what.attrs.biz_jid)
  const seen = new Set(catalog.seenBy(from.account, owner))
  const found = catalog.collections.map(({ id, name, products }) =>
    node('collection', {}, [
      textNode('id', id),
      textNode('name', name),
      ...products.filter((product) => seen.has(product)).map((product) => productNode(network, product)),
      node('status_info', {}, [textNode('status', 'APPROVED'), textNode('can_appeal', 'false')]),
    ]),
  )
  return [node('collections', {}, found)]
}

function createCatalog({ from }: Query): Answer {
  const { account } = from
  if (!account.business) throw refusals.forbidden()
  account.catalog ??= new Catalog()
  return [node('product_catalog_create')]
}

function addProduct({ network, from, what }: Query): Answer {
  const catalog = ownCatalog(from.account)
  const product = catalog.put(factsIn(network, child(what, 'product')))
  return [node(what.tag, {}, [productNode(network, product)])]
}

function editProduct({ network, from, what }: Query): Answer {
  const catalog = ownCatalog(from.account)
  const given = child(what, 'product')
  const id = text(child(given, 'id')) ?? ''
  const before = catalog.products.get(id)
  if (!before) throw refusals.notFound()
  const product: Product = catalog.put(factsIn(network, given), id)
  for (const collection of catalog.collections) {
    collection.products = collection.products.map((one) => (one === before ? product : one))
  }
  return [node(what.tag, {}, [productNode(network, product)])]
}

function deleteProducts({ from, what }: Query): Answer {
  const catalog = ownCatalog(from.account)
  const deleted = idsIn(what).filter((id) => catalog.products.delete(id))
  for (const collection of catalog.collections) {
    collection.products = collection.products.filter(({ id }) => catalog.products.has(id))
  }
  return [node('product_catalog_delete', { deleted_count: deleted.length })]
}

function catalogOf(network: Network, jid = ''): { owner: Account; catalog: Catalog } {
  const owner = network.findAccount(jid)
  if (!owner?.catalog) throw refusals.notFound()
  return { owner, catalog: owner.catalog }
}

function ownCatalog(account: Account): Catalog {
  if (!account.business) throw refusals.forbidden()
  if (!account.catalog) throw refusals.notFound()
  return account.catalog
}

function idsIn(what: BinaryNode): string[] {
  return children(what).flatMap((part) => (part.tag === 'product' ? (text(child(part, 'id')) ?? []) : []))
}

/** What a `<product>` says. Everything is said anew: what is missing is gone. */
function factsIn(network: Network, product: BinaryNode | undefined): ProductFacts {
  const [name, description] = [text(child(product, 'name')), text(child(product, 'description'))]
  if (!name?.trim() || name.length > LONGEST_NAME) throw refusals.badRequest()
  if (description && description.length > LONGEST_DESCRIPTION) throw refusals.badRequest()
  const url = text(child(product, 'url'))
  if (url !== undefined && !URL.canParse(url)) throw refusals.badRequest()
  return {
    name,
    description,
    url,
    retailerId: text(child(product, 'retailer_id')),
    ...priceIn(product),
    isHidden: product?.attrs.is_hidden === 'true',
    images: imagesIn(network, child(product, 'media')),
  }
}

function priceIn(product: BinaryNode | undefined): Pick<ProductFacts, 'price' | 'currency'> {
  const currency = text(child(product, 'currency'))
  const price = child(product, 'price')
  if (!price) return {}
  const amount = wholeNumber(price)
  if (amount === undefined || !CURRENCIES.has(currency ?? '')) throw refusals.badRequest()
  return { price: amount, currency }
}

/** Every picture has been uploaded before, and as it is: not encrypted. */
function imagesIn(network: Network, media: BinaryNode | undefined): string[] {
  const images = children(media).map((image) => {
    const url = text(child(image, 'url')) ?? ''
    const address = URL.canParse(url) ? new URL(url) : undefined
    const found = address && network.media.find(address.pathname, address.searchParams)
    if (image.tag !== 'image' || !found || 'refused' in found) throw refusals.badRequest()
    return `${address.pathname}${address.search}`
  })
  if (images.length === 0 || images.length > MOST_IMAGES) throw refusals.badRequest()
  return images
}

function wholeNumber(holder: BinaryNode | undefined): number | undefined {
  const digits = text(holder) ?? ''
  return /^\d{1,15}$/.test(digits) ? Number(digits) : undefined
}
