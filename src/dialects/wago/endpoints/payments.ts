import { z } from 'zod'
import { type Endpoint, post } from '../../../http/endpoint/endpoint.ts'
import { listUpTo, text } from '../../../http/endpoint/fields.ts'
import { ApiError } from '../../../lib/errors.ts'
import { limits } from '../../../lib/limits.ts'
import {
  type OrderMessage,
  PIX_KEY_TYPES,
  type PixInput,
  sendPixButton,
  sendReviewAndPay,
} from '../../../operations/messages/send-payments.ts'
import { missing, required } from '../shapes/fields.ts'
import { addressed, id, phone } from '../shapes/message-fields.ts'
import { sent } from '../shapes/replies.ts'

const pix = {
  PixKey: required('PixKey', limits.pixKey),
  MerchantName: text(limits.merchantName).describe('The name of the account when empty'),
  PixType: text(limits.name)
    .transform((type) => type.toUpperCase())
    .pipe(z.enum([...PIX_KEY_TYPES, ''], `PixType must be one of ${PIX_KEY_TYPES.join(', ')}`))
    .describe(`${PIX_KEY_TYPES.join(', ')}; told by the key when empty`),
}

const item = z.object({
  Name: text(limits.productName),
  Amount: z.int('Amount must be a whole number').optional().describe('Price of one, in minor units'),
  Price: z.int().optional().describe('Another word for it'),
  Quantity: z.int().default(1),
  RetailerID: text(limits.retailerId).describe('What the seller calls it'),
  ProductID: text(limits.retailerId).describe('What the catalogue calls it'),
})

const order = z.object({
  Phone: phone,
  Title: text(limits.buttonText),
  Body: required('Body'),
  Caption: text().describe('Below the heading'),
  Footer: text(),
  ...pix,
  Currency: text(limits.currency).describe('BRL when empty'),
  ReferenceID: text(limits.orderReference).describe('What the seller calls the order; a new name when empty'),
  TotalValue: z.int().optional().describe('In minor units: 15000 with the offset 100 are 150.00'),
  TotalOffset: z.int().default(100),
  Items: listUpTo(limits.orderItems, z.array(item)).default([]),
  Id: id,
})

function pixOf(body: { PixKey: string; MerchantName: string; PixType: PixInput['keyType'] | '' }): PixInput {
  return { key: body.PixKey, merchantName: body.MerchantName, keyType: body.PixType || undefined }
}

/** Throws `missing_field` for an item without a price: what costs nothing says so. */
function orderOf(body: z.infer<typeof order>): OrderMessage {
  return {
    ...addressed(body),
    title: body.Title,
    subtitle: body.Caption,
    body: body.Body,
    footer: body.Footer,
    pix: pixOf(body),
    currency: body.Currency,
    referenceId: body.ReferenceID,
    total: body.TotalValue,
    offset: body.TotalOffset,
    items: body.Items.map(({ Name, Amount, Price, Quantity, RetailerID, ProductID }) => ({
      name: Name,
      amount: Amount ?? Price ?? missingAmount(),
      quantity: Quantity,
      retailerId: RetailerID,
      ...(ProductID !== '' && { productId: ProductID }),
    })),
  }
}

function missingAmount(): never {
  throw new ApiError('missing_field', { text: missing('Amount') })
}

export const paymentEndpoints: Endpoint[] = [
  post('/send/pixbutton', {
    summary: 'Send a PIX key with a button that copies it',
    body: z.object({
      Phone: phone,
      Title: text(limits.buttonText),
      Body: required('Body'),
      Footer: text(),
      ...pix,
      Id: id,
    }),
    run: sendPixButton,
    repeatable: 'message',
    input: ({ body }) => ({
      ...addressed(body),
      title: body.Title,
      body: body.Body,
      footer: body.Footer,
      pix: pixOf(body),
    }),
    reply: sent,
  }),

  post('/send/reviewpay', {
    summary: 'Send an order with a button to review and pay it',
    body: order,
    run: sendReviewAndPay,
    repeatable: 'message',
    input: ({ body }) => orderOf(body),
    reply: sent,
  }),
]
