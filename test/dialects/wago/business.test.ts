import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { LinkedUser } from '../../helpers/app.ts'
import { failure, refused, success, Wago } from './wago.ts'

const OTHER_SHOP = '123456789'
const NO_BUSINESS =
  'this account is not a business: only a phone with WhatsApp Business has a profile and a catalogue to change'

let wago: Wago
let person: LinkedUser
beforeAll(async () => {
  wago = await Wago.start()
  person = await wago.app.linkedUser({ events: '' })
  await wago.app.contact(OTHER_SHOP, { name: 'Padaria' })
  await declare(wago.user.phone, 'Own shop')
  await declare(OTHER_SHOP, 'Padaria')
})
afterAll(() => wago.close())

function declare(phone: string, name: string) {
  return wago.app.sandbox('POST', `/contacts/${phone}/business`, {
    name,
    description: 'Bread',
    email: 'a@example.com',
    website: 'https://example.com',
    address: 'Rua 1',
    category: 'Bakery',
    hours: { mon: { open: 480, close: 1_080 } },
  })
}

async function ownProfile() {
  const [, { data }] = await wago.call('/business/get/profile', {})
  return data
}

describe('/business/get/profile', () => {
  test.each([
    ['a number', { Jid: OTHER_SHOP }],
    ['a JID', { Jid: `${OTHER_SHOP}@s.whatsapp.net` }],
    ['a key in lower case', { jid: OTHER_SHOP }],
  ])('describes another business by %s', async (_what, body) => {
    expect(await wago.call('/business/get/profile', body)).toEqual([
      200,
      success({
        JID: `${OTHER_SHOP}@s.whatsapp.net`,
        Description: 'Bread',
        Address: 'Rua 1',
        Email: 'a@example.com',
        Websites: ['https://example.com'],
        Categories: [{ ID: '1', Name: 'Bakery' }],
        ProfileOptions: expect.any(Object),
        BusinessHoursTimeZone: expect.any(String),
        BusinessHours: [{ DayOfWeek: 'mon', Mode: expect.any(String), OpenTime: '480', CloseTime: '1080' }],
      }),
    ])
  })

  test.each([[{}], [{ Jid: '' }], [{ Jid: null }]])('describes the own business with %j', async (body) => {
    const [status, json] = await wago.call('/business/get/profile', body)

    expect([status, json.data.JID]).toEqual([200, wago.ownJid])
  })

  test.each([
    [{ Jid: 'Maria' }, 'could not parse Jid'],
    [{ Jid: '120363000000000000@g.us' }, 'Jid is not a person'],
    [{ Jid: 7 }, 'could not decode payload'],
  ])('refuses %j', async (body, sentence) => {
    expect(await wago.call('/business/get/profile', body)).toEqual(refused(sentence))
  })

  test('finds no profile of a person', async () => {
    const noBusiness = [404, failure(404, 'this account is not a business')]

    expect(await wago.call('/business/get/profile', { Jid: wago.contact })).toEqual(noBusiness)
    expect(await wago.call('/business/get/profile', {}, person.token)).toEqual(noBusiness)
  })
})

describe('/business/get/categories', () => {
  test('lists what a business can choose from', async () => {
    const { status, json } = await wago.get('/business/get/categories')

    expect([status, json]).toEqual([200, success({ Categories: expect.any(Array) })])
    expect(json.data.Categories).toContainEqual({ Id: '273819889375819', Name: 'Restaurant' })
  })

  test('says what WhatsApp says when it tells none', async () => {
    const fault = { kind: 'refuse-query', xmlns: 'fb:thrift_iq', code: 503, times: 1 }
    await wago.app.sandbox('POST', '/faults', fault)

    const { status, json } = await wago.get('/business/get/categories')

    expect([status, json]).toEqual([500, failure(500, expect.stringContaining('503'))])
  })
})

describe.each([
  ['/business/update/desc', 'Desc', 'Description', 'This is my business description', 512],
  ['/business/update/address', 'Address', 'Address', 'This is my business address', 256],
  ['/business/update/email', 'Email', 'Email', 'shop@example.com', 128],
] as const)('%s', (path, field, shown, value, max) => {
  const updated = [200, success({ Details: 'Business profile updated' })]

  test('changes this and nothing else', async () => {
    const before = await ownProfile()

    expect(await wago.call(path, { [field]: value })).toEqual(updated)

    expect(await ownProfile()).toEqual({ ...before, [shown]: value })
  })

  test('clears it', async () => {
    expect(await wago.call(path, { [field]: '' })).toEqual(updated)

    expect((await ownProfile())[shown]).toBe('')
  })

  test.each([
    [{}, `missing ${field} in payload`],
    [{ [field]: null }, `missing ${field} in payload`],
    [{ [field]: 7 }, 'could not decode payload'],
    [{ [field]: 'x'.repeat(max + 1) }, `${field} is too long: at most ${max} characters`],
  ])('refuses %j', async (body, sentence) => {
    const before = await ownProfile()

    expect(await wago.call(path, body)).toEqual(refused(sentence))
    expect(await ownProfile()).toEqual(before)
  })

  test('is for businesses', async () => {
    expect(await wago.call(path, { [field]: value }, person.token)).toEqual([403, failure(403, NO_BUSINESS)])
  })
})
