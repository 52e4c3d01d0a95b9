import type { proto } from '../library/engine.ts'
import type { Content } from './content.ts'
import { type ContextInput, contextInfo } from './context.ts'
import { flowButton, flowOf, type HeaderContent, headerOf, paymentFlowNode } from './native-flow.ts'

/** The kinds of key that Brazil's instant payments know: an account is found by one of them. */
export const PIX_KEY_TYPES = ['PHONE', 'EMAIL', 'CPF', 'CNPJ', 'EVP'] as const
export type PixKeyType = (typeof PIX_KEY_TYPES)[number]

/** Where money goes to. */
export interface PixAccount {
  merchantName: string
  key: string
  keyType: PixKeyType
}

/** An amount of money: `value` divided by `offset` is what people read. */
export interface Money {
  value: number
  offset: number
}

/** Something that is bought. */
export interface OrderItem {
  name: string
  /** The price of one. */
  amount: Money
  quantity: number
  /** What the seller calls it. */
  retailerId: string
  /** What the catalogue of the seller calls it, where it is in one. */
  productId?: string
}

interface PaymentContent extends ContextInput, Omit<HeaderContent, 'media'> {
  body: string
  footer?: string
  pix: PixAccount
  currency: string
  /** What the seller calls the order. */
  referenceId: string
}

/** A key to copy for a payment of any amount. */
export type PixContent = PaymentContent

/** A key with a button that copies it. */
export function pixContent(content: PixContent): Content {
  const nothing: Money = { value: 0, offset: 100 }
  const order = {
    status: 'pending',
    subtotal: nothing,
    order_type: 'ORDER',
    // Phones read the list, and show none of it.
    items: [{ name: '', amount: nothing, quantity: 0, sale_amount: nothing }],
  }
  return {
    message: paymentMessage('payment_info', content, { total_amount: nothing, order }),
    nodes: [paymentFlowNode('payment_info')],
  }
}

/** What somebody has to pay for what. */
export interface OrderContent extends PaymentContent {
  total: Money
  items: OrderItem[]
}

/** An order with a button that shows it and how to pay. */
export function orderContent({ total, items, ...content }: OrderContent): Content {
  const order = {
    status: 'payment_requested',
    subtotal: total,
    order_type: 'ORDER',
    items: items.map(({ name, amount, quantity, retailerId, productId }) => ({
      retailer_id: retailerId,
      ...(productId && { product_id: productId }),
      name,
      amount,
      quantity,
    })),
  }
  return {
    message: paymentMessage('review_and_pay', content, { total_amount: total, order }),
    nodes: [paymentFlowNode('order_details')],
  }
}

function paymentMessage(
  name: 'payment_info' | 'review_and_pay',
  { title, subtitle, body, footer, pix, currency, referenceId, ...context }: PaymentContent,
  parameters: { total_amount: Money; order: Record<string, unknown> },
): proto.IMessage {
  const { merchantName, key, keyType } = pix
  const account = { merchant_name: merchantName, key, key_type: keyType }
  const button = flowButton(name, {
    currency,
    reference_id: referenceId,
    type: 'physical-goods',
    ...parameters,
    payment_settings: [{ type: 'pix_static_code', pix_static_code: account }],
    share_payment_status: false,
  })
  return {
    interactiveMessage: {
      ...headerOf({ title, subtitle }),
      body: { text: body },
      ...(footer && { footer: { text: footer } }),
      ...flowOf([button]),
      ...contextInfo(context),
    },
  }
}
