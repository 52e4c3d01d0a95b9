import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LinkedUser, TestApp } from '../../helpers/app.ts'

// Whatever whatsmeow refuses to send to: WhatsApp itself takes such messages, for nobody but the own phone.
let app: TestApp
let user: LinkedUser
const contact = '447900000451'
beforeAll(async () => {
  app = await TestApp.start({ env: { WUZAPI_PROFILE: 'current' } })
  user = await app.linkedUser()
  await app.contact(contact)
})
afterAll(() => app.close())

const device = 'message recipient must be a user JID with no device part'
const server = (name: string) => `can't send message to unknown server ${name}`

describe.each([
  [`${contact}@c.us`, server('c.us')],
  [`${contact}@foo`, server('foo')],
  [`${contact}@hosted`, server('hosted')],
  [`${contact}:3@s.whatsapp.net`, device],
  [`${contact}.1:3@s.whatsapp.net`, device],
])('%s', (Phone, reason) => {
  test.each([
    ['/chat/send/text', { Body: 'x', Id: 'NOWHERE' }],
    ['/chat/send/location', { Latitude: 1, Longitude: 2, Id: 'NOWHERE' }],
    ['/chat/send/edit', { Body: 'x', Id: 'NOWHERE' }],
    ['/chat/delete', { Id: 'NOWHERE' }],
    ['/chat/react', { Body: '👍', Id: 'NOWHERE' }],
  ])('is sent nothing by %s', async (path, body) => {
    const { status, json } = await app.post(path, user.token, { Phone, ...body })

    expect([status, json.error]).toEqual([500, expect.stringMatching(new RegExp(`${reason}$`))])
    expect((await app.get('/parley/me/messages/NOWHERE', user.token)).status).toBe(404)
  })
})

test('a device that is none, as in the JID of a phone itself, is passed over', async () => {
  const { status } = await app.post('/chat/send/text', user.token, {
    Phone: `${contact}:0@s.whatsapp.net`,
    Body: 'to the phone',
  })

  expect(status).toBe(200)
})
