import { ApiError } from '../../lib/errors.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'
import { child, childrenOf, numberAttr, textOf } from '../../whatsapp/wire/node.ts'
import { answered, element, refusalCode, textElement } from '../ask.ts'
import { amountOf } from './catalog.ts'
import { askShop, PREVIEW_SIZE } from './catalog-query.ts'

/** What the message about an order says of it. */
export interface OrderName {
  orderId: string
  /** Base64, as the message has it; who knows it may read the order. */
  token: string
}

/** What somebody orders. Amounts are in thousandths of the currency, see `Product`; null where WhatsApp names none. */
export interface Order {
  id: string
  total: number | null
  subtotal: number | null
  currency: string
  /** Unix seconds, 0 when not said. */
  createdAt: number
  items: OrderItem[]
}

/** A product of an order. */
export interface OrderItem {
  id: string
  name: string
  price: number | null
  currency: string
  quantity: number
  /** '' when it has none. */
  imageUrl: string
}

const UNAUTHORIZED = 401
const FORBIDDEN = 403
const NOT_FOUND = 404

/**
 * The items of an order that came, or went, as a message. Throws `not_found` for an unknown order, `forbidden` for a token
 * that is not the order's, and `upstream_timeout` where WhatsApp does not answer, see `askShop`.
 */
export async function orderDetails(session: LiveSession, { orderId, token }: OrderName): Promise<Order> {
  const wanted = element('order', { op: 'get', id: orderId }, [
    element('image_dimensions', {}, [...PREVIEW_SIZE]),
    textElement('token', token),
  ])
  const question = { xmlns: 'fb:thrift_iq', type: 'get', smaxId: '5' } as const
  const order = answered(await askShop(session, question, wanted).catch(refused), 'order')
  const price = child(order, 'price')
  return {
    id: order.attrs.id ?? orderId,
    total: amountOf(textOf(child(price, 'total'))),
    subtotal: amountOf(textOf(child(price, 'subtotal'))),
    currency: textOf(child(price, 'currency')),
    createdAt: numberAttr(order, 'creation_ts'),
    items: childrenOf(order, 'product').map((item) => {
      const text = (tag: string) => textOf(child(item, tag))
      return {
        id: text('id'),
        name: text('name'),
        price: amountOf(text('price')),
        currency: text('currency'),
        quantity: amountOf(text('quantity')) ?? 0,
        imageUrl: textOf(child(child(item, 'image'), 'url')),
      }
    }),
  }
}

function refused(cause: unknown): never {
  const code = refusalCode(cause)
  if (code === NOT_FOUND) throw new ApiError('not_found', { text: 'there is no such order' }, { cause })
  if (code === UNAUTHORIZED || code === FORBIDDEN)
    throw new ApiError('forbidden', { text: 'the token is not the one of this order' }, { cause })
  throw cause
}
