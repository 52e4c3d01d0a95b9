import { z } from 'zod'
import { type Endpoint, post, reply } from '../../../http/endpoint/endpoint.ts'
import { text } from '../../../http/endpoint/fields.ts'
import { ApiError } from '../../../lib/errors.ts'
import { limits } from '../../../lib/limits.ts'
import { catalog, type Product, product } from '../../../operations/business/catalog.ts'
import { type Order, type OrderItem, orderDetails } from '../../../operations/business/orders.ts'
import {
  createProduct,
  deleteProduct,
  editProduct,
  setProductVisibility,
} from '../../../operations/business/product-changes.ts'
import { ifGiven } from '../../shared/address-fields.ts'
import { missing, person, required } from '../shapes/fields.ts'
import { pictureFailures } from '../shapes/picture.ts'
import { factsOf, productDetails, productFields, productShape } from '../shapes/product.ts'
import { done } from '../shapes/replies.ts'

const one = reply(z.object({ Product: productShape }), (found: Product) => ({
  Product: productFields(found),
}))
const whose = ifGiven(person('Jid')).describe('JID of the business; the account itself when empty')
const productId = required('Id', limits.retailerId).describe('Id of the product, as the catalogue has it')
const named = z.object({ Id: productId })

/** Shows a product to everybody, or to the business alone. */
function visibility(path: string, summary: string, { isHidden }: { isHidden: boolean }): Endpoint {
  return post(path, {
    summary,
    body: named,
    run: setProductVisibility,
    input: ({ body }) => ({ id: body.Id, isHidden }),
    reply: done(isHidden ? 'Product hidden' : 'Product visible'),
  })
}

const orderShape = z.object({
  Order: z.object({
    id: z.string(),
    price: z.object({ total: z.string(), subtotal: z.string(), currency: z.string() }),
    products: z.array(productShape.extend({ quantity: z.int() })),
  }),
})

function amount(value: number | null): string {
  return value === null ? '' : String(value)
}

function itemFields({ id, name, price, currency, quantity, imageUrl }: OrderItem) {
  const images = imageUrl === '' ? [] : [{ id: '', url: imageUrl, previewUrl: imageUrl }]
  const rest = {
    retailerId: '',
    description: '',
    url: '',
    isHidden: false,
    availability: '',
    reviewStatus: '',
  }
  return { ...productFields({ ...rest, id, name, price, currency, images }), quantity }
}

export const catalogEndpoints: Endpoint[] = [
  post('/business/catalog/create', {
    summary: 'Add a product to the own catalogue',
    body: productDetails.extend({
      Id: text(limits.retailerId).describe("The business's own number of it"),
      Name: required('Name', limits.productName),
    }),
    run: createProduct,
    input: ({ body }) => {
      if (body.Images.length === 0) throw new ApiError('missing_field', { text: missing('Images') })
      return { ...factsOf(body), name: body.Name, images: body.Images, retailerId: body.Id }
    },
    reply: one,
    failure: pictureFailures,
  }),

  post('/business/catalog/edit', {
    summary: 'Change a product; what is left out stays',
    body: productDetails.extend({ Id: productId }),
    run: editProduct,
    input: ({ body }) => ({ ...factsOf(body), id: body.Id }),
    reply: one,
    failure: pictureFailures,
  }),

  post('/business/catalog/list', {
    summary: 'List the products of a business',
    body: z.object({ Jid: whose }),
    power: 'read',
    run: catalog,
    input: ({ body }) => body.Jid ?? '',
    reply: reply(z.object({ Products: z.array(productShape) }), (found: Product[]) => ({
      Products: found.map(productFields),
    })),
  }),

  post('/business/catalog/info', {
    summary: 'Show one product of a business',
    body: z.object({ Jid: whose, Id: productId }),
    power: 'read',
    run: product,
    input: ({ body }) => ({ jid: body.Jid ?? '', id: body.Id }),
    reply: one,
  }),

  post('/business/catalog/delete', {
    summary: 'Take a product out of the own catalogue',
    body: named,
    run: deleteProduct,
    input: ({ body }) => body.Id,
    reply: done('Product deleted'),
  }),

  visibility('/business/catalog/show', 'Show a product to everybody', { isHidden: false }),
  visibility('/business/catalog/hide', 'Hide a product from everybody else', { isHidden: true }),

  post('/business/order/details', {
    summary: 'List what an order holds',
    body: z.object({
      OrderId: required('OrderId', limits.messageId).describe('As the message of the order has it'),
      Token: required('Token', limits.secret).describe('As the message of the order has it'),
    }),
    power: 'read',
    run: orderDetails,
    input: ({ body }) => ({ orderId: body.OrderId, token: body.Token }),
    reply: reply(orderShape, ({ id, total, subtotal, currency, items }: Order) => ({
      Order: {
        id,
        price: { total: amount(total), subtotal: amount(subtotal), currency },
        products: items.map(itemFields),
      },
    })),
  }),
]
