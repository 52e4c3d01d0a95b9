import { z } from 'zod'
import { listUpTo, text, textUpTo } from '../../../http/endpoint/fields.ts'
import { limits } from '../../../lib/limits.ts'
import type { Product } from '../../../operations/business/catalog.ts'
import type { ProductFacts } from '../../../operations/business/product-changes.ts'
import { ifGiven } from '../../shared/address-fields.ts'

/** A product as answers show it. */
export const productShape = z
  .object({
    id: z.string(),
    retailer_id: z.string().describe("The business's own number of it"),
    name: z.string(),
    description: z.string(),
    price: z.string().describe('In thousandths of the currency; empty when it has none'),
    currency: z.string(),
    url: z.string(),
    is_hidden: z.boolean(),
    images: z.array(z.object({ id: z.string(), url: z.string(), preview_url: z.string() })),
  })
  .meta({ title: 'Product' })

/** A product in that shape. */
export function productFields(product: Product): z.infer<typeof productShape> {
  return {
    id: product.id,
    retailer_id: product.retailerId,
    name: product.name,
    description: product.description,
    price: product.price === null ? '' : String(product.price),
    currency: product.currency,
    url: product.url,
    is_hidden: product.isHidden,
    images: product.images.map(({ id, url, previewUrl }) => ({ id, url, preview_url: previewUrl })),
  }
}

/** A whole number written as a text, or the number itself. */
const price = z
  .union([z.string(), z.number()])
  .transform((given, issues) => {
    const written = String(given)
    if (/^\d{1,15}$/.test(written)) return Number(written)
    issues.addIssue({
      code: 'custom',
      message: 'Price must be a whole number, in thousandths of the currency',
    })
    return z.NEVER
  })
  .describe("In thousandths of the currency, WhatsApp's own unit: `100000` INR are a hundred rupees")

/** What may be said of a product, beside its id. */
export const productDetails = z.object({
  Name: ifGiven(textUpTo(limits.productName, z.string())),
  Images: listUpTo(limits.productImages, z.array(text(limits.picture)))
    .default([])
    .describe('JPEG, PNG or WebP as data URLs or https URLs; the first one is shown in lists'),
  Description: ifGiven(textUpTo(limits.productDescription, z.string())),
  Price: ifGiven(price),
  Currency: ifGiven(z.string().regex(/^[A-Z]{3}$/, 'Currency must have three capital letters: INR')),
  Url: ifGiven(textUpTo(limits.url, z.string())),
  IsHidden: z.boolean().optional().describe('Only the business itself sees it'),
})

/** What the operations are told of it: only what was given. */
export function factsOf(body: z.infer<typeof productDetails>): Partial<ProductFacts> {
  return {
    name: body.Name,
    ...(body.Images.length > 0 && { images: body.Images }),
    description: body.Description,
    price: body.Price,
    currency: body.Currency,
    url: body.Url,
    isHidden: body.IsHidden,
  }
}
