import { ApiError } from '../../lib/errors.ts'
import { newMessageId } from '../../lib/ids.ts'
import {
  type Money,
  type OrderContent,
  type OrderItem,
  orderContent,
  PIX_KEY_TYPES,
  type PixAccount,
  type PixContent,
  type PixKeyType,
  pixContent,
} from '../../whatsapp/content/payment.ts'
import type { Sent } from '../../whatsapp/outbound/outgoing.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'
import type { Addressed } from './addressed.ts'
import { deliver } from './send.ts'

export { PIX_KEY_TYPES }

/** The account to pay to as a caller gives it. */
export interface PixInput extends Pick<PixAccount, 'key'> {
  /** Told by the form of the key when absent. */
  keyType?: PixKeyType
  /** The name of the WhatsApp account when empty. */
  merchantName?: string
}

export interface PixMessage extends Addressed, Omit<PixContent, 'pix' | 'currency' | 'referenceId'> {
  pix: PixInput
}

/** The one currency that these keys are for. */
const REAL = 'BRL'

/** Sends a key for instant payments of Brazil with a button that copies it. Throws `invalid_field` for a key that is none. */
export async function sendPixButton(session: LiveSession, message: PixMessage): Promise<Sent> {
  const { pix, ...content } = message
  const account = await pixAccount(session, pix)
  const payment = { ...content, pix: account, currency: REAL, referenceId: newMessageId() }
  return deliver(session, payment, pixContent)
}

/** Something that is bought, as a caller gives it. */
export interface ItemInput extends Omit<OrderItem, 'amount' | 'retailerId'> {
  /** Price of one, in the units of the total. */
  amount: number
  /** Its number in the order when empty. */
  retailerId?: string
}

export interface OrderMessage
  extends Addressed,
    Omit<OrderContent, 'pix' | 'currency' | 'referenceId' | 'total' | 'items'> {
  pix: PixInput
  /** ISO 4217; BRL when empty. */
  currency?: string
  /** What the seller calls the order; a new name when empty. */
  referenceId?: string
  /** Minor units; the sum of the items when absent. */
  total?: number
  /** What amounts are divided by for people to read them: 100 for cents, which is what is meant when absent. */
  offset?: number
  /** One item of the whole amount when empty. */
  items?: ItemInput[]
}

const CENTS = 100

/**
 * Sends what somebody has to pay for what, with a button that shows it and how to pay. It is not reserved for business
 * accounts, though WhatsApp refuses it from some. Throws `invalid_field` for a key, a currency or an amount that is none, and `missing_field` without an amount.
 */
export async function sendReviewAndPay(session: LiveSession, message: OrderMessage): Promise<Sent> {
  const { pix, currency, referenceId, total, offset = CENTS, items = [], ...content } = message
  const account = await pixAccount(session, pix)
  const money: Money = { value: total ?? sumOf(items), offset }
  check(Number.isSafeInteger(money.value) && money.value >= 0, 'the total is a whole number of minor units')
  check([1, 10, 100, 1_000].includes(money.offset), 'the offset of an amount is 1, 10, 100 or 1000')
  check(/^[A-Z]{3}$/.test(currency || REAL), 'a currency has three capital letters, such as BRL')
  check(/^[\w.-]{0,35}$/.test(referenceId ?? ''), 'a reference has at most 35 letters, digits, dots, - and _')
  const order = {
    ...content,
    pix: account,
    currency: currency || REAL,
    referenceId: referenceId || newMessageId(),
    total: money,
    items: orderItems(items, money, content.title || content.body),
  }
  return deliver(session, order, orderContent)
}

function orderItems(items: ItemInput[], total: Money, name: string): OrderItem[] {
  if (items.length === 0) return [{ name, amount: total, quantity: 1, retailerId: '1' }]
  return items.map(({ amount, retailerId, ...item }, index) => {
    const number = index + 1
    check(item.name !== '', `item ${number} has no name`)
    check(
      Number.isSafeInteger(amount) && amount >= 0,
      `the price of item ${number} is no whole number of minor units`,
    )
    check(
      Number.isSafeInteger(item.quantity) && item.quantity > 0,
      `the quantity of item ${number} is no whole number`,
    )
    return {
      ...item,
      amount: { value: amount, offset: total.offset },
      retailerId: retailerId || String(number),
    }
  })
}

function sumOf(items: ItemInput[]): number {
  if (items.length === 0) throw new ApiError('missing_field', { text: 'an order needs a total or items' })
  return items.reduce((sum, { amount, quantity }) => sum + amount * quantity, 0)
}

/** What a key of each kind looks like, by the manual of the central bank. */
const KEY_FORMS: Record<PixKeyType, RegExp> = {
  PHONE: /^\+[1-9]\d{1,14}$/,
  EMAIL: /^[^\s@]+@[^\s@]+$/,
  CPF: /^\d{11}$/,
  CNPJ: /^[\dA-Z]{12}\d{2}$/,
  EVP: /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i,
}

function isOfKind(type: PixKeyType, key: string): boolean {
  return KEY_FORMS[type].test(key) && (type !== 'CPF' || hasCheckDigits(key))
}

/**
 * Whether the last two digits of a taxpayer's number are those that follow from the others. A mobile number without `+55`
 * has eleven digits, too: taken for somebody's number, it would be paid to a stranger.
 */
function hasCheckDigits(cpf: string): boolean {
  const digits = Array.from(cpf, Number)
  return [9, 10].every((place) => {
    const sum = digits.slice(0, place).reduce((all, digit, index) => all + digit * (place + 1 - index), 0)
    return ((sum * 10) % 11) % 10 === digits[place]
  })
}

// An error does not repeat the key: it may be the number of somebody's identity card.
async function pixAccount(
  session: LiveSession,
  { key, keyType, merchantName }: PixInput,
): Promise<PixAccount> {
  // People write the numbers of taxpayers with dots and dashes, which are no part of them.
  const bare = /^[\d./-]+$/.test(key) ? key.replace(/[./-]/g, '') : key
  const type = keyType ?? typeOf(bare)
  check(isOfKind(type, bare), `the PIX key is not of the kind ${type}`)
  const ownName = async () => (await session.ready()).authState.creds.me?.name
  return { key: bare, keyType: type, merchantName: merchantName || (await ownName()) || bare }
}

function typeOf(key: string): PixKeyType {
  const type = PIX_KEY_TYPES.find((one) => isOfKind(one, key))
  check(type !== undefined, 'the PIX key is none of PHONE (+55…), EMAIL, CPF, CNPJ and EVP')
  return type
}

function check(isRight: boolean, text: string): asserts isRight {
  if (!isRight) throw new ApiError('invalid_field', { text })
}
