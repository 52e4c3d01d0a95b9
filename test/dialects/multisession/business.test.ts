import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { LinkedDevices, strangersOf, turnedAway } from './linked-devices.ts'

let devices: LinkedDevices
beforeAll(async () => {
  devices = await LinkedDevices.start()
  const shop = await devices.app.contact('15550006006', { name: 'Corner Shop' })
  await devices.app.sandbox('POST', `/contacts/${shop}/business`, {
    name: 'Corner Shop',
    address: 'Main Street 1',
    email: 'shop@example.com',
    category: 'Shopping',
    hours: { mon: { open: 540, close: 1020 } },
    options: { cart_enabled: 'true' },
    link: { code: 'SHOPLINK123456', message: 'Hi' },
  })
})
afterAll(() => devices.close())

test.each(['/business/15550006006/profile', '/business/link/SHOPLINK123456'])(
  'GET %s wants the token of a linked device',
  async (path) => {
    expect(await strangersOf(devices, (jwt) => devices.call('GET', path, { jwt }))).toEqual(turnedAway)
  },
)

describe('GET /business/{jid}/profile', () => {
  test.each(['15550006006@s.whatsapp.net', '15550006006', '15550006006%40s.whatsapp.net'])(
    'describes the business %s',
    async (jid) => {
      const [status, message, profile] = await devices.call('GET', `/business/${jid}/profile`)

      expect([status, message, profile]).toEqual([
        200,
        'Success get business profile',
        {
          jid: '15550006006@s.whatsapp.net',
          address: 'Main Street 1',
          email: 'shop@example.com',
          categories: [{ id: '1', name: 'Shopping' }],
          profile_options: { cart_enabled: 'true' },
          business_hours: [
            { day_of_week: 'mon', mode: 'specific_hours', open_time: '540', close_time: '1020' },
          ],
          business_hours_timezone: 'America/Sao_Paulo',
        },
      ])
    },
  )

  test.each([
    ['15550003003', 404, 'Business profile not found'],
    ['15559999999', 404, 'Business profile not found'],
    ['carol', 400, "unknown user server 'carol'"],
    ['120363000000000001@g.us', 400, "unknown user server 'g.us'"],
  ])('knows none of %s', async (jid, status, message) => {
    expect(await devices.call('GET', `/business/${jid}/profile`)).toEqual([status, message])
  })
})

describe('GET /business/link/{code}', () => {
  test.each(['SHOPLINK123456', 'https%3A%2F%2Fwa.me%2Fmessage%2FSHOPLINK123456'])(
    'tells where %s leads',
    async (code) => {
      expect(await devices.call('GET', `/business/link/${code}`)).toEqual([
        200,
        'Success resolve business message link',
        {
          jid: '15550006006@s.whatsapp.net',
          push_name: 'Corner Shop',
          verified_name: 'Corner Shop',
          verified_level: 'high',
          is_signed: true,
          message: 'Hi',
        },
      ])
    },
  )

  test('an unknown one leads nowhere', async () => {
    expect(await devices.call('GET', '/business/link/NOSUCH')).toEqual([
      404,
      'that business message link does not exist or has been revoked',
    ])
  })
})
