import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { failure } from './contract/target.ts'
import { ana, anaJid, type People, startPeople, stranger, success } from './people.ts'

let app: People['app']
let user: People['user']
let call: People['call']
let look: People['look']
let refuse: People['refuse']
beforeAll(async () => {
  ;({ app, user, call, look, refuse } = await startPeople())
})
afterAll(() => app.close())

describe('every endpoint', () => {
  test.each([
    'POST /user/info',
    'POST /user/avatar',
    'GET /user/contacts',
    'POST /user/block',
    'POST /user/unblock',
    'GET /user/blocklist',
    `GET /user/lid/${ana}`,
    'GET /user/privacy',
    'POST /user/privacy',
    'POST /status/set/text',
    'POST /call/reject',
    'POST /call/answer',
    'GET /call/active',
  ])('%s wants a token, then a session', async (route) => {
    const [method = '', path = ''] = route.split(' ')
    const unconnected = await app.createUser()

    const anonymous = await app.request(method, path)
    const early = await app.request(method, path, { token: unconnected.token })

    expect([anonymous.status, anonymous.json]).toEqual([401, failure(401, 'unauthorized')])
    expect([early.status, early.json]).toEqual([500, failure(500, 'no session')])
  })

  test.each([
    ['/user/info', { Phone: ana }],
    ['/user/avatar', { Phone: ana, Preview: 'yes' }],
    ['/user/block', { Phone: 7 }],
    ['/user/unblock', { JID: [] }],
    ['/user/privacy', { Name: 1 }],
    ['/status/set/text', { Body: {} }],
    ['/call/reject', { call_from: 1 }],
    ['/user/info', ''],
  ])('%s cannot decode %j', async (path, body) => {
    expect(await call(path, body)).toEqual([400, failure(400, 'could not decode Payload')])
  })
})

describe('/user/contacts', () => {
  const contacts = async () => (await app.get('/user/contacts', user.token)).json.data

  test('has the names of the history and the address book, under the reference names of members', async () => {
    const known = await app.waitFor('Ana', async () => {
      const found = (await contacts())[anaJid]
      return found?.PushName && found.FullName ? found : undefined
    })

    expect(known).toEqual({
      BusinessName: '',
      FirstName: 'Ana',
      Found: true,
      FullName: 'Ana',
      PushName: 'Ana',
      RedactedPhone: '',
    })
  })

  test('learns the name of whoever writes', async () => {
    const bea = await app.contact('447900000602', { name: 'Bea' })

    await app.sandbox('POST', `/contacts/${bea}/send`, { to: user.phone, text: 'ahoy' })

    const known = await app.waitFor('Bea', async () => (await contacts())[`${bea}@s.whatsapp.net`])
    expect(known.PushName).toBe('Bea')
  })
})

describe('the blocklist', () => {
  const empty = { Blocklist: [], DHash: expect.any(String) }

  test('takes people in and lets them go', async () => {
    expect(await look('/user/blocklist')).toEqual([200, success(empty)])

    expect(await call('/user/block', { Phone: ` ${ana} ` })).toEqual([
      200,
      success({ Blocklist: [anaJid], DHash: expect.any(String), Details: 'User blocked', JID: anaJid }),
    ])
    expect(await look('/user/blocklist')).toEqual([
      200,
      success({ Blocklist: [anaJid], DHash: expect.any(String) }),
    ])
    expect(await call('/user/unblock', { Phone: stranger, JID: `${ana}@c.us` })).toEqual([
      200,
      success({ ...empty, Details: 'User unblocked', JID: anaJid }),
    ])
  })

  test('knows people by LID', async () => {
    await app.post('/chat/send/text', user.token, { Phone: ana, Body: 'hello' })
    const { json } = await app.get(`/user/lid/${ana}`, user.token)
    const { lid } = json.data

    const answers = [await call('/user/block', { JID: lid }), await call('/user/unblock', { JID: lid })]

    expect(answers).toEqual([
      [200, success(expect.objectContaining({ JID: anaJid, RequestedJID: lid, Blocklist: [anaJid] }))],
      [200, success(expect.objectContaining({ JID: anaJid, RequestedJID: lid, Blocklist: [] }))],
    ])
  })

  test.each([
    [{}, 400, 'missing Phone or JID in Payload'],
    [{ Phone: '  ' }, 400, 'missing Phone or JID in Payload'],
    [{ JID: '@lid', Phone: ana }, 400, 'could not parse Phone or JID'],
    [{ JID: '1@g.us' }, 500, 'failed to update blocklist: unsupported blocklist JID server "g.us"'],
    [{ JID: '7@lid' }, 500, 'failed to update blocklist: could not resolve phone-number JID for LID 7@lid'],
  ])('refuses %j', async (body, status, sentence) => {
    expect(await call('/user/block', body)).toEqual([status, failure(status, sentence)])
    expect(await call('/user/unblock', body)).toEqual([status, failure(status, sentence)])
  })

  test('says what WhatsApp refuses', async () => {
    await refuse('blocklist')

    expect(await look('/user/blocklist')).toEqual([
      500,
      failure(500, 'failed to get blocklist: info query returned status 403: forbidden'),
    ])
  })
})

describe('/user/privacy', () => {
  const members =
    'CallAdd Defense GroupAdd LastSeen Messages Online Profile ReadReceipts Status Stickers'.split(' ')

  test('has every setting', async () => {
    const { json } = await app.get('/user/privacy', user.token)

    expect(Object.keys(json.data)).toEqual(members)
    expect(json.data).toMatchObject({ LastSeen: 'all', Defense: 'off' })
  })

  test.each([
    ['groupadd', 'contact_blacklist', 'GroupAdd'],
    ['last', 'contacts', 'LastSeen'],
    ['status', 'contacts', 'Status'],
    ['profile', 'none', 'Profile'],
    ['readreceipts', 'none', 'ReadReceipts'],
    ['online', 'match_last_seen', 'Online'],
    ['calladd', 'known', 'CallAdd'],
  ])('%s becomes %s', async (Name, Value, member) => {
    const { json } = await app.post('/user/privacy', user.token, { Name, Value })

    expect(json.data[member]).toBe(Value)
    expect(Object.keys(json.data)).toEqual(members)
  })

  test.each([
    [{}, 'missing Name in Payload'],
    [{ Name: 'last' }, 'missing Value in Payload'],
    [{ Name: 'Last', Value: 'all' }, 'invalid privacy setting name "Last"'],
    [{ Name: 'online', Value: 'none' }, 'invalid value "none" for privacy setting "online"'],
  ])('refuses %j', async (body, sentence) => {
    expect(await call('/user/privacy', body)).toEqual([400, failure(400, sentence)])
  })

  test('says what WhatsApp refuses', async () => {
    const cause = 'info query returned status 403: forbidden'
    await refuse('privacy')
    expect(await look('/user/privacy')).toEqual([
      500,
      failure(500, `failed to get privacy settings: ${cause}`),
    ])

    await refuse('privacy')
    expect(await call('/user/privacy', { Name: 'last', Value: 'all' })).toEqual([
      500,
      failure(500, `failed to set privacy setting: ${cause}`),
    ])
  })
})

describe('/status/set/text', () => {
  test('sets the about text that others see', async () => {
    expect(await call('/status/set/text', { Body: 'Ashore' })).toEqual([200, success({ Details: 'Set' })])

    const { json } = await app.post('/user/info', user.token, { Phone: [user.phone] })
    expect(json.data.Users[`${user.phone}@s.whatsapp.net`].Status).toBe('Ashore')
  })

  test('wants a text', async () => {
    expect(await call('/status/set/text', {})).toEqual([400, failure(400, 'missing Body in Payload')])
  })

  test('says what WhatsApp refuses', async () => {
    await refuse('status')

    expect(await call('/status/set/text', { Body: 'x' })).toEqual([
      500,
      failure(500, 'error sending status message: info query returned status 403: forbidden'),
    ])
  })
})

describe('calls', () => {
  test('are rejected', async () => {
    const { callId } = await app.sandbox('POST', `/contacts/${ana}/call`, { to: user.phone })

    expect(await call('/call/reject', { call_from: anaJid, call_id: callId })).toEqual([
      200,
      success({ CallID: callId, Details: 'Call rejected' }),
    ])
    const seen = await app.waitFor('the rejection', async () => {
      const { observations } = await app.sandbox('GET', `/contacts/${ana}/observations`)
      // The account's phone rings, too, and says so. Calls are addressed by LID.
      return observations.find(({ children = [] }: { children?: string[] }) => children.includes('reject'))
    })
    expect(seen).toMatchObject({
      tag: 'call',
      children: ['reject'],
      attrs: { from: expect.stringMatching(/@lid$/) },
    })
  })

  test.each([
    [{}, 'missing call_from in Payload'],
    [{ call_from: ana }, 'missing call_id in Payload'],
    [{ call_from: 'a.b.c@lid', call_id: 'C1' }, 'could not parse call_from'],
  ])('are not rejected with %j', async (body, sentence) => {
    expect(await call('/call/reject', body)).toEqual([400, failure(400, sentence)])
  })

  test.each([
    ['/call/dial', { phone: ana }, 'phone is required'],
    ['/call/answer', { call_id: 'C1' }, 'call_id is required'],
    ['/call/hangup', { call_id: 'C1' }, 'call_id is required'],
    ['/call/play', { call_id: 'C1', audio_url: 'https://x' }, 'call_id and audio_url are required'],
    ['/call/video/start', { call_id: 'C1' }, 'call_id is required'],
  ])('%s says that voice is not carried', async (path, body, missing) => {
    expect(await call(path, {})).toEqual([400, failure(400, missing)])
    expect(await call(path, '{')).toEqual([400, failure(400, missing)])
    expect(await call(path, body)).toEqual([
      501,
      failure(501, expect.stringContaining('voice calls are experimental and off: set CALLS=on')),
    ])
  })

  test('under way are none', async () => {
    expect(await look('/call/active')).toEqual([200, success({ calls: [] })])
  })
})
