import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LinkedUser, TestApp } from '../../../helpers/app.ts'
import { failure } from './target.ts'

// What differs in the profile `reference`; everything else is tested with `current`.
let app: TestApp
let user: LinkedUser
const contact = '447900000301'
beforeAll(async () => {
  app = await TestApp.start({ env: { TZ: 'America/Sao_Paulo' } })
  user = await app.linkedUser()
  await app.contact(contact)
})
afterAll(() => app.close())

describe('the reference document', () => {
  test('prints the time of a message with its zone offset', async () => {
    const Id = '90B2F8B13FAC8A9CF6B06E99C7834DC5'

    const { json } = await app.post('/chat/send/text', user.token, {
      Phone: contact,
      Body: 'Hellow Meow',
      Id,
    })

    expect(json).toEqual({
      code: 200,
      data: {
        Details: 'Sent',
        Id,
        Timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d-03:00$/),
      },
      success: true,
    })
  })

  test('has Connected and LoggedIn in the status, beside what today has', async () => {
    const { json } = await app.get('/session/status', user.token)

    expect(json.data).toMatchObject({ Connected: true, LoggedIn: true, connected: true, loggedIn: true })
  })

  test('lists numbers that are not on WhatsApp', async () => {
    const { json } = await app.post('/user/check', user.token, { Phone: [contact, '5491155554444'] })

    expect(json.data.Users).toEqual([
      { IsInWhatsapp: true, JID: `${contact}@s.whatsapp.net`, Query: contact, VerifiedName: '' },
      {
        IsInWhatsapp: false,
        JID: '5491155554444@s.whatsapp.net',
        Query: '5491155554444',
        VerifiedName: '',
      },
    ])
  })

  test('does not wait when Immediate is left out', async () => {
    const fresh = await app.createUser()

    const { json } = await app.post('/session/connect', fresh.token, { Subscribe: ['Message'] })

    expect(json.data).toEqual({ details: 'Connected!', events: 'Message', jid: '', webhook: '' })
  })

  test('subscribes a user without subscriptions to everything', async () => {
    const fresh = await app.createUser({ events: '' })

    const { json } = await app.post('/session/connect', fresh.token, {})

    expect(json.data.events).toBe('All')
  })
})

describe('a user', () => {
  test('may be pinned to the other profile by an administrator', async () => {
    const pinned = await app.createUser({ profile: 'current' })

    expect((await app.get('/session/qr', pinned.token)).json).toEqual(failure(500, 'no session'))
    await app.request('PUT', `/admin/users/${pinned.id}`, { admin: true, body: { profile: 'reference' } })
    expect((await app.get('/session/qr', pinned.token)).json).toEqual(failure(500, 'No session'))
  })

  test('cannot be pinned to a profile that does not exist', async () => {
    const { json } = await app.request('POST', '/admin/users', { admin: true, body: { profile: 'old' } })

    expect(json).toEqual(failure(400, "Profile must be 'reference' or 'current'"))
  })
})

describe('failures begin with a capital', () => {
  test('without a token and without a session', async () => {
    const fresh = await app.createUser()

    expect((await app.get('/session/status', 'unknown')).json).toEqual(failure(401, 'Unauthorized'))
    expect((await app.get('/session/qr', fresh.token)).json).toEqual(failure(500, 'No session'))
  })

  test('of a second connect, with status 500', async () => {
    const { status, json } = await app.post('/session/connect', user.token, {})

    expect([status, json]).toEqual([500, failure(500, 'Already Connected')])
  })

  test.each([
    ['/chat/send/text', '{', 'Could not decode Payload'],
    ['/chat/send/text', {}, 'Missing Phone in Payload'],
    ['/chat/send/text', { Phone: 'abc', Body: 'x' }, 'Could not parse Phone'],
    [
      '/chat/send/text',
      { Phone: contact, Body: 'x', ContextInfo: { Participant: 'x' } },
      'Missing StanzaId in ContextInfo',
    ],
    ['/chat/markread', { Id: ['A'] }, 'Missing Chat in Payload'],
    ['/chat/react', { Phone: 'a.b.c@g.us', Body: 'x', Id: 'A' }, 'Could not parse Group JID'],
    ['/webhook', { webhookURL: 7 }, 'Could not decode Payload'],
  ])('%s %j', async (path, body, sentence) => {
    const { status, json } = await app.post(path, user.token, body)

    expect([status, json]).toEqual([400, failure(400, sentence)])
  })
})
