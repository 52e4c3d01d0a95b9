import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { failure, Multisession, success } from './messaging.ts'

let server: Multisession
beforeAll(async () => {
  server = await Multisession.start()
})
afterAll(() => server.close())

const NOT_VALID = failure(500, 'WhatsApp Client is not Valid')
const UNREADABLE = failure(400, 'Failed parse body request')

describe('POST /chats/{chat_jid}/presence', () => {
  const done = success('Success send presence')

  test.each([
    [{ State: 'composing' }, 'composing'],
    [{ presence_type: 'composing' }, 'composing'],
    [{ State: 'composing', Media: 'audio' }, 'composing'],
    [{ state: 'paused' }, 'paused'],
  ])('shows the contact %j', async (body, state) => {
    expect(await server.call('POST /chats/15550003003/presence', body)).toEqual(done)

    await server.observed(({ tag, children }) => tag === 'chatstate' && children.includes(state))
  })

  test('never fails for what nobody can be shown', async () => {
    expect(await server.call('POST /chats/15550003003/presence', { State: 'dancing' })).toEqual(done)
    expect(await server.call('POST /chats/carol/presence', { State: 'composing' })).toEqual(done)
    expect(
      await server.call(
        'POST /chats/15550003003/presence',
        { State: 'composing' },
        { jwt: await server.unlinked() },
      ),
    ).toEqual(done)
    expect(await server.call('POST /chats/15550003003/presence', { State: 5 })).toEqual(UNREADABLE)
  })
})

describe('POST /presence/status', () => {
  const done = success('Success update presence status')

  test.each(['available', 'busy'])('%s is taken', async (status) => {
    expect(await server.call('POST /presence/status', { status })).toEqual(done)
  })

  test('never fails but for a body that cannot be read', async () => {
    const jwt = await server.unlinked()

    expect(await server.call('POST /presence/status', { status: 'available' }, { jwt })).toEqual(done)
    expect(await server.call('POST /presence/status', { status: 5 })).toEqual(UNREADABLE)
  })
})

describe('POST /presence/subscribe', () => {
  test.each(['15550003003', '15550003003@s.whatsapp.net'])('takes %s', async (jid) => {
    expect(await server.call('POST /presence/subscribe', { jid })).toEqual(
      success('Successfully subscribed to presence updates'),
    )
  })

  test('refuses what is nobody', async () => {
    const subscribe = (body: object, jwt?: string) => server.call('POST /presence/subscribe', body, { jwt })

    expect(await subscribe({})).toEqual(failure(400, 'jid is required'))
    expect(await subscribe({ jid: 5 })).toEqual(UNREADABLE)
    expect(await subscribe({ jid: 'carol' })).toEqual(
      failure(400, 'Phone number must be digits only and at least 6 characters'),
    )
    expect(await subscribe({ jid: '120363000000000001@g.us' })).toEqual(
      failure(400, 'jid must name a person'),
    )
    expect(await subscribe({ jid: '15550003003' }, await server.unlinked())).toEqual(NOT_VALID)
  })
})

describe('disappearing messages', () => {
  test.each([
    ['15550003003@s.whatsapp.net', '24h', 86_400],
    ['15550003003', '7d', 604_800],
  ])('of a chat: %s %s', async (chat, timer, seconds) => {
    expect(await server.call(`PATCH /chats/${chat}/disappearing-timer`, { timer })).toEqual(
      success('Success set disappearing timer'),
    )

    await server.change(({ protocolMessage }) => protocolMessage?.ephemeralExpiration === seconds)
  })

  test('of a group', async () => {
    const group = await server.newGroup()

    const [status] = await server.call(`PATCH /chats/${group}/disappearing-timer`, { timer: '90d' })

    expect(status).toBe(200)
  })

  test.each(['off', '24h', '7d', '90d'])('of new chats: %s', async (timer) => {
    expect(await server.call('PATCH /users/me/disappearing-timer', { timer })).toEqual(
      success('Success set default disappearing timer'),
    )
  })

  test.each(['0', '86400', '7D', '', undefined])('not for %j', async (timer) => {
    const refusal = failure(400, 'Invalid timer value')

    expect(await server.call('PATCH /users/me/disappearing-timer', { timer })).toEqual(refusal)
    expect(await server.call('PATCH /chats/15550003003/disappearing-timer', { timer })).toEqual(refusal)
  })

  test('not for what has none', async () => {
    const jwt = await server.unlinked()

    expect(await server.call('PATCH /chats/carol/disappearing-timer', { timer: '24h' })).toEqual(
      failure(400, "can't set disappearing time in a carol chat"),
    )
    expect(await server.call('PATCH /users/me/disappearing-timer', { timer: 5 })).toEqual(UNREADABLE)
    expect(await server.call('PATCH /users/me/disappearing-timer', { timer: '7d' }, { jwt })).toEqual(
      NOT_VALID,
    )
  })
})

describe('POST /calls/reject', () => {
  const done = success('Call rejected successfully')

  test.each(['15550003003@s.whatsapp.net', '15550003003'])('rejects a call of %s', async (call_from) => {
    const { id } = await server.app.sandbox('POST', `/contacts/${server.contact}/call`, {
      to: server.device.user.phone,
    })

    expect(await server.call('POST /calls/reject', { call_from, call_id: id ?? 'CALL1' })).toEqual(done)

    await server.observed(({ tag, children }) => tag === 'call' && children.includes('reject'))
  })

  test.each([
    [{ call_id: 'X' }, 'call_from and call_id are required'],
    [{ call_from: '15550003003' }, 'call_from and call_id are required'],
    [{ call_from: 5, call_id: 'X' }, 'Failed parse body request'],
    [
      { call_from: 'carol', call_id: 'X' },
      'invalid call from JID: Phone number must be digits only and at least 6 characters',
    ],
  ])('refuses %j', async (body, sentence) => {
    expect(await server.call('POST /calls/reject', body)).toEqual(failure(400, sentence))
  })

  test('is for linked devices', async () => {
    const body = { call_from: '15550003003', call_id: 'X' }

    expect(await server.call('POST /calls/reject', body, { jwt: await server.unlinked() })).toEqual(NOT_VALID)
  })
})
