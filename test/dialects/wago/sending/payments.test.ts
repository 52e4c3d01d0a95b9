import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { refused, type Wago } from '../wago.ts'
import { Screen } from './screen.ts'
import { buttonsOf, shows } from './shows.ts'

let screen: Screen
let wago: Wago
beforeAll(async () => {
  screen = await Screen.open('sqlite')
  wago = screen.wago
})
afterAll(() => screen.close())

const pix = { PixKey: '+5511999999999', MerchantName: 'My Store', PixType: 'PHONE' }

/** The one key that a button says to pay to. */
function codeOf([button]: unknown[]) {
  return button && Object(button).payment_settings[0].pix_static_code
}

describe('/send/pixbutton', () => {
  const body = {
    Title: 'Payment Request',
    Body: 'Please complete your payment using the PIX button below',
    Footer: 'Thank you!',
  }

  test('shows a key to copy', async () => {
    const { interactiveMessage } = await shows(wago, '/send/pixbutton', { ...body, ...pix })

    expect(interactiveMessage).toMatchObject({
      header: { title: body.Title },
      body: { text: body.Body },
      footer: { text: body.Footer },
    })
    expect(buttonsOf(interactiveMessage)).toEqual([
      expect.objectContaining({ name: 'payment_info', currency: 'BRL', reference_id: expect.any(String) }),
    ])
    expect(codeOf(buttonsOf(interactiveMessage))).toEqual({
      merchant_name: 'My Store',
      key: '+5511999999999',
      key_type: 'PHONE',
    })
  })

  test.each([
    ['+5511999999999', '', '+5511999999999', 'PHONE'],
    ['pix@example.com', 'email', 'pix@example.com', 'EMAIL'],
    ['529.982.247-25', 'CPF', '52998224725', 'CPF'],
    ['11.222.333/0001-81', '', '11222333000181', 'CNPJ'],
    ['123e4567-e89b-12d3-a456-426614174000', 'Evp', '123e4567-e89b-12d3-a456-426614174000', 'EVP'],
  ])('shows the key %j of the kind %j', async (PixKey, PixType, key, key_type) => {
    const { interactiveMessage } = await shows(wago, '/send/pixbutton', { Body: 'Pay', PixKey, PixType })

    expect(codeOf(buttonsOf(interactiveMessage))).toMatchObject({ key, key_type })
  })

  test('goes by the name of the account unless another is given', async () => {
    const { interactiveMessage } = await shows(wago, '/send/pixbutton', { Body: 'Pay', PixKey: 'a@b.c' })

    expect(codeOf(buttonsOf(interactiveMessage)).merchant_name).toBe('Own phone')
  })

  test.each([
    [{ PixKey: 'secret key' }, 'the PIX key is none of PHONE (+55…), EMAIL, CPF, CNPJ and EVP'],
    [{ PixKey: '11999999999' }, 'the PIX key is none of PHONE (+55…), EMAIL, CPF, CNPJ and EVP'],
    [{ PixKey: '529.982.247-52', PixType: 'CPF' }, 'the PIX key is not of the kind CPF'],
    [{ PixKey: 'a@b.c', PixType: 'CPF' }, 'the PIX key is not of the kind CPF'],
    [{ PixKey: 'a@b.c', PixType: 'IBAN' }, 'PixType must be one of PHONE, EMAIL, CPF, CNPJ, EVP'],
    [{ PixKey: `${'x'.repeat(77)}@b.c` }, 'PixKey is too long: at most 77 characters'],
    [{ PixKey: 'a@b.c', MerchantName: 'x'.repeat(256) }, 'MerchantName is too long: at most 255 characters'],
    [{ PixKey: '' }, 'missing PixKey in payload'],
  ])('refuses %j', async (change, sentence) => {
    await screen.refuses('/send/pixbutton', { Body: 'Pay', ...change }, refused(sentence))
  })
})

describe('/send/reviewpay', () => {
  const printed = {
    Title: 'Order Summary',
    Body: 'Please review your order and complete the payment',
    Caption: 'Your order details',
    Footer: 'Thank you for your purchase!',
    ...pix,
    Currency: 'BRL',
    ReferenceID: 'ORDER-12345',
    TotalValue: 15_000,
    TotalOffset: 100,
    Items: [],
  }
  const plain = { Body: 'Your order', ...pix }

  test('shows what is printed in the document, as one item of the whole amount', async () => {
    const { interactiveMessage } = await shows(wago, '/send/reviewpay', printed)

    const total = { value: 15_000, offset: 100 }
    expect(interactiveMessage).toMatchObject({
      header: { title: printed.Title, subtitle: printed.Caption },
      body: { text: printed.Body },
      footer: { text: printed.Footer },
    })
    expect(buttonsOf(interactiveMessage)).toEqual([
      expect.objectContaining({
        name: 'review_and_pay',
        currency: 'BRL',
        reference_id: 'ORDER-12345',
        total_amount: total,
        order: expect.objectContaining({
          items: [expect.objectContaining({ name: 'Order Summary', amount: total, quantity: 1 })],
        }),
      }),
    ])
    expect(codeOf(buttonsOf(interactiveMessage))).toMatchObject({ key: pix.PixKey, key_type: 'PHONE' })
  })

  test('shows its items, whose prices are in the units of the total', async () => {
    const { interactiveMessage } = await shows(wago, '/send/reviewpay', {
      ...plain,
      TotalValue: 15_000,
      TotalOffset: 1_000,
      Items: [
        { Name: 'Tea', Amount: 5_000, Quantity: 1, RetailerID: 'T1', ProductID: '98' },
        { Name: 'Cake', Price: 5_000, Quantity: 2 },
      ],
    })

    const [button] = buttonsOf(interactiveMessage)
    expect(button).toMatchObject({
      total_amount: { value: 15_000, offset: 1_000 },
      order: {
        items: [
          { name: 'Tea', amount: { value: 5_000, offset: 1_000 }, retailer_id: 'T1', product_id: '98' },
          { name: 'Cake', amount: { value: 5_000, offset: 1_000 }, quantity: 2, retailer_id: '2' },
        ],
      },
    })
  })

  test('adds the items up where there is no total', async () => {
    const Items = [
      { Name: 'Tea', Amount: 350, Quantity: 3 },
      { Name: 'Cake', Amount: 100 },
    ]

    const { interactiveMessage } = await shows(wago, '/send/reviewpay', { ...plain, Items })

    expect(buttonsOf(interactiveMessage)).toEqual([
      expect.objectContaining({ total_amount: { value: 1_150, offset: 100 }, currency: 'BRL' }),
    ])
  })

  test('adds them up in the units that are named without a total', async () => {
    const order = { ...plain, TotalOffset: 1_000, Items: [{ Name: 'Tea', Amount: 15_000 }] }

    const { interactiveMessage } = await shows(wago, '/send/reviewpay', order)

    const money = { value: 15_000, offset: 1_000 }
    expect(buttonsOf(interactiveMessage)).toEqual([
      expect.objectContaining({
        total_amount: money,
        order: expect.objectContaining({ items: [expect.objectContaining({ amount: money })] }),
      }),
    ])
  })

  test.each([1, 10, 100, 1_000])('takes an offset of %i', async (TotalOffset) => {
    const order = { ...plain, TotalValue: 900, TotalOffset }

    const { interactiveMessage } = await shows(wago, '/send/reviewpay', order)

    expect(buttonsOf(interactiveMessage)).toEqual([
      expect.objectContaining({ total_amount: { value: 900, offset: TotalOffset } }),
    ])
  })

  test('costs nothing where that is said', async () => {
    const { interactiveMessage } = await shows(wago, '/send/reviewpay', { ...plain, TotalValue: 0 })

    expect(buttonsOf(interactiveMessage)).toEqual([
      expect.objectContaining({ total_amount: { value: 0, offset: 100 } }),
    ])
  })

  test.each([
    [{}, 'an order needs a total or items'],
    [{ Items: [] }, 'an order needs a total or items'],
    [{ TotalValue: -1 }, 'the total is a whole number of minor units'],
    [{ TotalValue: 1, TotalOffset: 7 }, 'the offset of an amount is 1, 10, 100 or 1000'],
    [{ TotalValue: 1, TotalOffset: 0 }, 'the offset of an amount is 1, 10, 100 or 1000'],
    [{ TotalValue: 1, Currency: 'brl' }, 'a currency has three capital letters, such as BRL'],
    [{ TotalValue: 1, ReferenceID: 'a b' }, 'a reference has at most 35 letters, digits, dots, - and _'],
    [{ TotalValue: 1, ReferenceID: 'x'.repeat(36) }, 'ReferenceID is too long: at most 35 characters'],
    [{ TotalValue: 1, PixType: 'EMAIL' }, 'the PIX key is not of the kind EMAIL'],
    [{ Items: [{ Amount: 1 }] }, 'item 1 has no name'],
    [{ Items: [{ Name: 'Tea' }] }, 'missing Amount in payload'],
    [
      { TotalValue: 1, Items: [{ Name: 'Tea', Amount: -1 }] },
      'the price of item 1 is no whole number of minor units',
    ],
    [
      { TotalValue: 1, Items: [{ Name: 'Tea', Amount: 1, Quantity: 0 }] },
      'the quantity of item 1 is no whole number',
    ],
    [{ Items: Array(101).fill({ Name: 'Tea', Amount: 1 }) }, 'Items has too many entries: at most 100'],
    [{ TotalValue: 'much' }, 'could not decode payload'],
    [{ TotalValue: 1, Items: { Name: 'Tea' } }, 'could not decode payload'],
  ])('refuses %j', async (change, sentence) => {
    await screen.refuses('/send/reviewpay', { ...plain, ...change }, refused(sentence))
  })
})

const requests: [string, object][] = [
  ['/send/pixbutton', { Body: 'Pay', PixKey: 'a@b.c' }],
  ['/send/reviewpay', { Body: 'Pay', PixKey: 'a@b.c', TotalValue: 1 }],
]
test.each(requests)('%s of a repeated request is one message', (path, body) => screen.sendsOnce(path, body))

test.each(requests)('%s takes the id of its message', async (path, body) => {
  const Id = `CUSTOM${crypto.randomUUID().slice(0, 8).toUpperCase()}`

  expect((await wago.arrives(path, { ...body, Id })).id).toBe(Id)
})
