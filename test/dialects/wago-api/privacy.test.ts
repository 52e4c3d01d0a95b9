import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { failure, Wago } from './wago.ts'

const done = [200, { success: true, result: true }]

let wago: Wago
beforeAll(async () => {
  wago = await Wago.start()
  await wago.app.createUser({ name: 'idle' })
})
afterAll(() => wago.stop())

async function call(route: string, body: unknown = {}, session = 'main'): Promise<unknown[]> {
  const { status, json } = await wago.call(`/privacy/${route}/${session}`, body)
  return [status, json]
}

/** What the network knows about the session's account. */
function account() {
  return wago.app.sandbox('GET', `/contacts/${wago.user.phone}/account`)
}

describe('a setting', () => {
  test.each([
    ['groupadd', 'contacts', 'groupAdd'],
    ['last', 'contact_blacklist', 'lastSeen'],
    ['status', 'none', 'status'],
    ['profile', 'contacts', 'profile'],
    ['readreceipts', 'none', 'readReceipts'],
    ['online', 'match_last_seen', 'online'],
    ['calladd', 'known', 'callAdd'],
    ['messages', 'contacts', 'messages'],
    ['defense', 'on_standard', 'defense'],
    ['stickers', 'contact_allowlist', 'stickers'],
  ])('%s becomes %s', async (setting, value, member) => {
    const [status, body] = await call('setSetting', { setting, value })

    expect(status).toBe(200)
    expect(body).toMatchObject({ success: true, result: { [member]: value } })
    expect((await account()).privacy[setting]).toBe(value)
  })

  test('may be called name', async () => {
    expect((await call('setSetting', { setting: '', name: 'last', value: 'all' }))[0]).toBe(200)
    expect((await account()).privacy.last).toBe('all')
  })

  test.each([
    [{}, 'value is required'],
    [{ setting: 'last' }, 'value is required'],
    [{ value: 'all' }, 'setting is required'],
    [{ setting: '', value: 'all' }, 'setting is required'],
    [
      { setting: 'shoes', value: 'all' },
      'setting must be one of groupadd, last, status, profile, readreceipts, online, calladd, messages, defense, stickers',
    ],
    [{ setting: 'toString', value: 'all' }, expect.stringMatching(/^setting must be one of/)],
    [{ setting: 'online', value: 'none' }, 'value of online must be one of all, match_last_seen'],
    [{ setting: 'last', value: 1 }, 'Invalid request body'],
  ])('is refused in %j', async (body, error) => {
    expect(await call('setSetting', body)).toEqual([400, { success: false, error }])
  })

  test('that WhatsApp refuses is reported with its code', async () => {
    await wago.app.sandbox('POST', '/faults', {
      kind: 'refuse-query',
      xmlns: 'privacy',
      code: 429,
      text: 'rate-overlimit',
      times: 1,
    })

    expect(await call('setSetting', { setting: 'last', value: 'all' })).toEqual([
      500,
      failure('info query returned status 429: rate-overlimit'),
    ])
  })
})

describe('the timer of new chats', () => {
  test.each([
    ['24h', 86_400],
    ['7d', 604_800],
    ['90d', 7_776_000],
    [3600, 3600],
    ['3600', 3600],
    ['off', 0],
  ])('is set to %s', async (timer, disappearingSeconds) => {
    expect(await call('setDefaultDisappearingTimer', { timer })).toEqual(done)
    expect(await account()).toMatchObject({ disappearingSeconds })
  })

  test('that WhatsApp refuses is reported with its code', async () => {
    await wago.app.sandbox('POST', '/faults', {
      kind: 'refuse-query',
      xmlns: 'disappearing_mode',
      code: 400,
      text: 'bad-request',
      times: 1,
    })

    expect(await call('setDefaultDisappearingTimer', { timer: 7 })).toEqual([
      500,
      failure('info query returned status 400: bad-request'),
    ])
  })
})

describe('the timer of a chat', () => {
  test('is told to a person by message', async () => {
    expect(await call('setDisappearingTimer', { chatId: wago.contactJid, timer: '24h' })).toEqual(done)

    const setting = await wago.app.waitFor('the setting', async () =>
      (await wago.app.received(wago.contact)).find(({ message }) => message.protocolMessage),
    )
    expect(setting.message.protocolMessage).toMatchObject({ ephemeralExpiration: 86_400 })
  })

  test('takes a bare number', async () => {
    expect(await call('setDisappearingTimer', { chatId: wago.contact, timer: '90d' })).toEqual(done)

    const timers = () => wago.app.received(wago.contact)
    await wago.app.waitFor('the setting', async () =>
      (await timers()).some(({ message }) => message.protocolMessage?.ephemeralExpiration === 7_776_000),
    )
  })

  test('is a setting of a group', async () => {
    const { jid } = await wago.app.sandbox('POST', '/groups', {
      subject: 'Crew',
      creator: wago.user.phone,
      participants: [wago.contact],
    })

    expect(await call('setDisappearingTimer', { chatId: jid, timer: '7d' })).toEqual(done)
    expect(await wago.app.sandbox('GET', `/groups/${jid}`)).toMatchObject({ ephemeralSeconds: 604_800 })
    expect(await call('setDisappearingTimer', { chatId: jid, timer: 0 })).toEqual(done)
    expect(await wago.app.sandbox('GET', `/groups/${jid}`)).toMatchObject({ ephemeralSeconds: 0 })
  })

  test('of a group that does not exist is refused by WhatsApp', async () => {
    expect(await call('setDisappearingTimer', { chatId: '120363999999999999@g.us', timer: 'off' })).toEqual([
      500,
      failure('info query returned status 404: item-not-found'),
    ])
  })

  test.each([
    [{ timer: '24h' }, 'chatId is required'],
    [{ chatId: 'a@b@c', timer: '24h' }, 'chatId is not a valid id: use number@s.whatsapp.net'],
    [{ chatId: true, timer: '24h' }, 'Invalid request body'],
  ])('is refused in %j', async (body, sentence) => {
    expect(await call('setDisappearingTimer', body)).toEqual([400, failure(sentence)])
  })
})

describe.each(['setDefaultDisappearingTimer', 'setDisappearingTimer'])('%s', (route) => {
  test.each([
    [{}, 'timer is required'],
    [{ timer: 'tomorrow' }, 'timer must be off, 24h, 7d, 90d or a number of seconds'],
    [{ timer: '' }, 'timer must be off, 24h, 7d, 90d or a number of seconds'],
    [{ timer: -1 }, 'timer must be off, 24h, 7d, 90d or a number of seconds'],
    [{ timer: 1.5 }, 'Invalid request body'],
    [{ timer: true }, 'Invalid request body'],
  ])('refuses %j', async (body, sentence) => {
    expect(await call(route, { chatId: wago.contactJid, ...body })).toEqual([400, failure(sentence)])
  })
})

test.each(['setSetting', 'setDefaultDisappearingTimer', 'setDisappearingTimer'])(
  '%s needs a connected session',
  async (route) => {
    expect(await call(route, '{', 'idle')).toEqual([404, failure('session_not_connected')])
    expect(await call(route, '{', 'nobody')).toEqual([404, failure('session_not_found')])
    expect(await call(route, '{')).toEqual([400, failure('Invalid request body')])
  },
)
