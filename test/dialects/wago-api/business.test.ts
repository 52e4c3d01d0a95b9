import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { failure, Wago } from './wago.ts'

const shop = '5511988887777'
const shopJid = `${shop}@s.whatsapp.net`

let wago: Wago
beforeAll(async () => {
  wago = await Wago.start()
  await wago.app.createUser({ name: 'idle' })
  await wago.app.contact(shop, { name: 'Padaria' })
  await wago.app.sandbox('POST', `/contacts/${shop}/business`, {
    name: 'Padaria Verified',
    description: 'Bread',
    email: 'a@example.com',
    website: 'https://example.com',
    address: 'Rua 1',
    category: 'Bakery',
    hours: { mon: { open: 480, close: 1080 } },
    options: { cart_enabled: 'true' },
    link: { code: 'ABCDEF', message: 'Two rolls, please' },
  })
})
afterAll(() => wago.stop())

async function call(route: string, body: unknown = {}, session = 'main'): Promise<unknown[]> {
  const { status, json } = await wago.call(`/business/${route}/${session}`, body)
  return [status, json]
}

async function bots(session = 'main'): Promise<unknown[]> {
  const { status, json } = await wago.get(`/bot/list/${session}`)
  return [status, json]
}

/** Lets WhatsApp refuse the next query of that kind. */
function refuse(xmlns: string) {
  return wago.app.sandbox('POST', '/faults', {
    kind: 'refuse-query',
    xmlns,
    code: 503,
    text: 'service-unavailable',
    times: 1,
  })
}

const refused = [500, failure('info query returned status 503: service-unavailable')]

describe('the profile of a business', () => {
  test.each([shopJid, shop, `${shop}@c.us`])('is read by %s', async (contactId) => {
    expect(await call('getProfile', { contactId })).toEqual([
      200,
      {
        success: true,
        result: {
          jid: shopJid,
          description: 'Bread',
          address: 'Rua 1',
          email: 'a@example.com',
          websites: ['https://example.com'],
          categories: [{ id: '1', name: 'Bakery' }],
          businessHoursTimeZone: 'America/Sao_Paulo',
          businessHours: [{ dayOfWeek: 'mon', mode: 'specific_hours', openTime: '480', closeTime: '1080' }],
          profileOptions: { cart_enabled: 'true' },
        },
      },
    ])
  })

  test('is not found for a person', async () => {
    expect(await call('getProfile', { contactId: wago.contactJid })).toEqual([
      404,
      failure('this account is not a business'),
    ])
  })

  test.each([
    [{}, 'contactId is required'],
    [{ contactId: 'Padaria' }, 'contactId is not a valid id: use number@s.whatsapp.net'],
    [{ contactId: 5 }, 'Invalid request body'],
  ])('is refused for %j', async (body, sentence) => {
    expect(await call('getProfile', body)).toEqual([400, failure(sentence)])
  })

  test('that WhatsApp refuses is reported with its code', async () => {
    await refuse('w:biz')

    expect(await call('getProfile', { contactId: shop })).toEqual(refused)
  })
})

describe('the link of a business', () => {
  test.each(['ABCDEF', 'https://wa.me/message/ABCDEF', 'https://api.whatsapp.com/message/ABCDEF?autoload=1'])(
    '%s is resolved',
    async (code) => {
      expect(await call('resolveLink', { code })).toEqual([
        200,
        {
          success: true,
          result: {
            jid: shopJid,
            pushName: 'Padaria',
            verifiedName: 'Padaria Verified',
            isSigned: true,
            verifiedLevel: 'high',
            message: 'Two rolls, please',
          },
        },
      ])
    },
  )

  test('that leads nowhere is not found', async () => {
    expect(await call('resolveLink', { code: 'NOBODY' })).toEqual([
      404,
      failure('business message link not found'),
    ])
  })

  test.each([
    [{}, 'code is required'],
    [{ code: '' }, 'code is required'],
    [{ code: ['ABCDEF'] }, 'Invalid request body'],
  ])('is refused in %j', async (body, sentence) => {
    expect(await call('resolveLink', body)).toEqual([400, failure(sentence)])
  })

  test('that WhatsApp does not resolve is reported with its code', async () => {
    await refuse('w:qr')

    expect(await call('resolveLink', { code: 'ABCDEF' })).toEqual(refused)
  })
})

describe('the bots', () => {
  test('are listed with what they say about themselves', async () => {
    expect(await bots()).toEqual([
      200,
      {
        success: true,
        result: [
          {
            jid: '867051314767696@bot',
            personaId: '867051314767696$760019659443059',
            name: 'Meta AI',
            description: 'Your assistant',
            category: 'assistant',
            commands: [{ name: 'imagine', description: 'Draws a picture' }],
            prompts: ['🍝 What shall I cook?'],
          },
          {
            jid: '253140951037123@bot',
            personaId: '253140951037123$101',
            name: '',
            description: '',
            category: '',
            commands: [],
            prompts: [],
          },
        ],
      },
    ])
  })

  test.each(['bot', 'usync'])('are not listed when WhatsApp refuses %s', async (xmlns) => {
    await refuse(xmlns)

    expect(await bots()).toEqual(refused)
  })
})

test('every route needs a connected session', async () => {
  const idle = [404, failure('session_not_connected')]
  const unknown = [404, failure('session_not_found')]

  expect(await call('getProfile', '{', 'idle')).toEqual(idle)
  expect(await call('resolveLink', '{', 'idle')).toEqual(idle)
  expect(await bots('idle')).toEqual(idle)
  expect(await call('getProfile', '{', 'nobody')).toEqual(unknown)
  expect(await call('resolveLink', '{', 'nobody')).toEqual(unknown)
  expect(await bots('nobody')).toEqual(unknown)
})
