import { ApiError } from '../../lib/errors.ts'
import type { FileInput } from '../../lib/file-input.ts'
import { TurnsByKey } from '../../lib/flow/turns-by-key.ts'
import type { BinaryNode } from '../../whatsapp/library/engine.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'
import { child } from '../../whatsapp/wire/node.ts'
import { answered, element, refusalCode, textElement } from '../ask.ts'
import { fetchProduct, noProduct, type Product, readProduct } from './catalog.ts'
import { askShop, PREVIEW_SIZE } from './catalog-query.ts'
import { requireBusiness } from './own-business.ts'
import { checkImageCount, uploadProductImages } from './product-images.ts'

// The library's own calls lose the second picture and the link of a product, write pictures without limit into the
// system's temporary folder, and upload each before it is written: nothing but the last step, the upload, is used here.

/** What a business says about a product. */
export interface ProductFacts {
  name: string
  description: string
  /** In thousandths of `currency`, as `Product` has it: an integer, 0 or more. It needs a currency. */
  price: number | null
  /** ISO 4217: three capital letters. */
  currency: string
  url: string
  retailerId: string
  isHidden: boolean
}

/** A product to be: it needs a name and an image. */
export interface NewProduct extends Partial<ProductFacts> {
  name: string
  /** One to ten. */
  images: FileInput[]
}

/** What to change of a product; what is left out stays, and so do the images when none are given. '' and null take away. */
export interface ProductEdit extends Partial<ProductFacts> {
  id: string
  images?: FileInput[]
}

const NOTHING: Omit<ProductFacts, 'name'> = {
  description: '',
  price: null,
  currency: '',
  url: '',
  retailerId: '',
  isHidden: false,
}

const NOT_FOUND = 404

/**
 * Adds a product to the account's own catalogue, which comes into being with the first one. Throws `invalid_field` before
 * anything is sent, `forbidden` for an account that is no business, and as `uploadProductImages` and `askShop` do.
 */
export async function createProduct(
  session: LiveSession,
  { images, ...given }: NewProduct,
): Promise<Product> {
  const facts = { ...NOTHING, ...withoutUndefined(given) }
  checkFacts(facts)
  checkImageCount(images)
  if (images.length === 0) throw needsImage()
  await requireBusiness(session)
  const urls = await uploadProductImages(session, { images, existing: [] })
  const product = productElement(facts, { urls })
  return change(session, 'product_catalog_add', product).catch(async (error: unknown) => {
    if (refusalCode(error) !== NOT_FOUND) throw error
    await askShop(
      session,
      { xmlns: 'w:biz:catalog', type: 'set' },
      element('product_catalog_create', { version: '1' }),
    )
    return change(session, 'product_catalog_add', product)
  })
}

/** A change that is written over what another one has just read would take that one back. */
const turns = new TurnsByKey()

/**
 * Changes a product of the account's own catalogue. WhatsApp replaces the whole product, so it is read first; changes of
 * one product are made one after the other. Throws `not_found`, and as `createProduct` does.
 */
export async function editProduct(session: LiveSession, edit: ProductEdit): Promise<Product> {
  const { id, images = [], ...given } = edit
  checkImageCount(images)
  const wanted = withoutUndefined(given)
  checkFacts(wanted)
  await requireBusiness(session)
  return turns.run(`${session.user.id}/${id}`, () => replaceProduct(session, { id, images, wanted }))
}

async function replaceProduct(
  session: LiveSession,
  { id, images, wanted }: { id: string; images: FileInput[]; wanted: Partial<ProductFacts> },
): Promise<Product> {
  const { product, node } = await fetchProduct(session, { jid: '', id })
  const facts = { ...product, ...wanted }
  checkFacts(facts)
  const existing = product.images
  const urls =
    images.length > 0
      ? await uploadProductImages(session, { images, existing })
      : existing.map(({ url }) => url)
  if (urls.length === 0) throw needsImage()
  return change(session, 'product_catalog_edit', productElement(facts, { id, urls, before: node })).catch(
    noProduct,
  )
}

/** Lets everybody see a product of the account's own catalogue, or nobody else. Throws as `editProduct` does. */
export function setProductVisibility(
  session: LiveSession,
  { id, isHidden }: { id: string; isHidden: boolean },
): Promise<Product> {
  return editProduct(session, { id, isHidden })
}

/** Removes a product from the account's own catalogue. Throws `not_found`, and as `createProduct` does. */
export async function deleteProduct(session: LiveSession, id: string): Promise<void> {
  await requireBusiness(session)
  const named = element('product', {}, [textElement('id', id)])
  const answer = await askShop(
    session,
    { xmlns: 'w:biz:catalog', type: 'set' },
    element('product_catalog_delete', { v: '1' }, [named]),
  ).catch(noProduct)
  if (Number(answered(answer, 'product_catalog_delete').attrs.deleted_count) < 1) noProduct()
}

async function change(session: LiveSession, tag: string, product: BinaryNode): Promise<Product> {
  const wanted = element(tag, { v: '1' }, [product, ...PREVIEW_SIZE])
  const answer = await askShop(session, { xmlns: 'w:biz:catalog', type: 'set' }, wanted)
  const changed = readProduct(answered(answered(answer, tag), 'product'))
  if (!changed) throw new ApiError('upstream_refused', { text: 'unexpected answer from WhatsApp' })
  return changed
}

/** `<product>` as WhatsApp's own client writes it. What the law asks of a product is taken over from `before`. */
function productElement(
  facts: ProductFacts,
  { id, urls, before }: { id?: string; urls: readonly string[]; before?: BinaryNode },
): BinaryNode {
  const optional = (tag: string, text: string) => (text ? [textElement(tag, text)] : [])
  const images = urls.map((url) => element('image', {}, [textElement('url', url)]))
  const compliance = child(before, 'compliance_info')
  const category = before?.attrs.compliance_category
  return element(
    'product',
    { is_hidden: String(facts.isHidden), ...(category && { compliance_category: category }) },
    [
      ...optional('id', id ?? ''),
      textElement('name', facts.name),
      ...optional('description', facts.description),
      ...optional('url', facts.url),
      ...optional('retailer_id', facts.retailerId),
      element('media', {}, images),
      ...(facts.price === null
        ? []
        : [textElement('price', String(facts.price)), textElement('currency', facts.currency)]),
      ...(compliance ? [compliance] : []),
    ],
  )
}

/** Of a product, or of what is to be different in one. */
function checkFacts({ name, price, currency }: Partial<ProductFacts>): void {
  if (name !== undefined && !name.trim()) throw invalid('a product needs a name')
  if (price !== undefined && price !== null && !(Number.isSafeInteger(price) && price >= 0))
    throw invalid('the price must be a whole number of thousandths of the currency')
  if (currency && !/^[A-Z]{3}$/.test(currency))
    throw invalid('the currency must be three capital letters, as in ISO 4217')
  if (typeof price === 'number' && currency === '') throw invalid('a price needs a currency')
}

function needsImage(): ApiError {
  return invalid('a product needs an image')
}

function invalid(text: string): ApiError {
  return new ApiError('invalid_field', { text })
}

/** Without the members that are there but undefined: spread over others they would take these away. */
function withoutUndefined<Facts extends object>(facts: Facts): Facts {
  // What is left has the same type: every member that may be undefined may be absent.
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined)) as Facts
}
