import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TestUser } from '../../helpers/app.ts'
import { databaseKinds } from '../../helpers/database.ts'
import { done, failure, refused, success, Wago } from './wago.ts'

describe.each(databaseKinds)('on %s', (database) => {
  let wago: Wago
  beforeAll(async () => {
    wago = await Wago.start({ database })
  })
  afterAll(() => wago.close())

  const status = async (token: string) => (await wago.get('/session/status', token)).json
  const sessionOf = ({ id }: TestUser) => wago.app.parley.services.sessions.find(id)

  async function subscribedTo(Subscribe: string): Promise<TestUser> {
    const user = await wago.app.link(await wago.unlinked())
    await wago.post('/session/disconnect', undefined, user.token)
    await wago.post('/session/connect', { Subscribe }, user.token)
    await wago.app.waitFor('the session', () => sessionOf(user)?.status.loggedIn)
    return user
  }

  async function init(body: object): Promise<[number, ReturnType<typeof JSON.parse>]> {
    const { status: code, json } = await wago.admin('POST', '/session/init', { body })
    return [code, json]
  }

  async function listed(path: string, method = 'GET') {
    return (await wago.admin(method, path)).json.data
  }

  describe('/session/init', () => {
    test('creates a session that its token opens', async () => {
      const answer = await init({ Name: 'JohnDoe', Token: 'veryhardtoken', Os: 'Chrome' })

      expect(answer).toEqual([
        200,
        success({
          details: 'user created successfully',
          name: 'JohnDoe',
          token: 'veryhardtoken',
          osName: 'Chrome',
        }),
      ])
      expect((await wago.get('/webhook', 'veryhardtoken')).json).toEqual(
        success({ subscribe: [], webhook: '' }),
      )
      expect(await listed('/session/all')).toContainEqual({
        Id: expect.any(String),
        Name: 'JohnDoe',
        Token: 'veryhardtoken',
        Webhook: '',
        Jid: '',
        Events: '',
      })
    })

    test('removes spaces from the token', async () => {
      const [, { data }] = await init({ name: 'Spaced', token: ' a very\thard token ', os: 'Chrome' })

      expect(data.token).toBe('averyhardtoken')
      expect((await wago.get('/webhook', 'averyhardtoken')).status).toBe(200)
    })

    test.each([
      [{ Name: 'Once', Token: 'another-token-1', Os: 'Chrome' }, 'user with this name already exists'],
      [{ Name: 'Twice', Token: 'once-token', Os: 'Chrome' }, 'user with this token already exists'],
      [{ Name: 'Twice', Token: ' once-token ', Os: 'Chrome' }, 'user with this token already exists'],
    ])('refuses %j, which is taken', async (body, sentence) => {
      await init({ Name: 'Once', Token: 'once-token', Os: 'Chrome' })
      const before = await listed('/session/all')

      expect(await init(body)).toEqual([500, failure(500, sentence)])
      expect(await listed('/session/all')).toEqual(before)
    })

    test('refuses a token of spaces only', async () => {
      expect(await init({ Name: 'Blank', Token: '  ', Os: 'Chrome' })).toEqual(
        refused('missing Token in payload'),
      )
    })
  })

  describe('/session/connect', () => {
    test('starts a session whose code a phone scans', async () => {
      const user = await wago.unlinked()
      const body = { Subscribe: ['Message', 'Nonsense', 'ChatPresence', 'Message'], Immediate: true }

      const [code, json] = await wago.call('/session/connect', body, user.token)

      expect([code, json]).toEqual([
        200,
        success({ details: 'Connected!', events: 'Message,ChatPresence', jid: '', webhook: '' }),
      ])
      const qr = await wago.app.waitFor('a code', () => sessionOf(user)?.status.qr)
      const shown = await wago.get('/session/qr', user.token)
      expect(shown.json).toEqual(success({ QRCode: expect.stringMatching(/^data:image\/png;base64,/) }))
      expect(await status(user.token)).toEqual(
        success({
          Connected: true,
          LoggedIn: false,
          Jid: { User: '', Server: '' },
          Events: 'Message,ChatPresence',
        }),
      )

      await wago.app.sandbox('POST', '/scan', { qr, phone: '5511900000001', name: 'John' })

      await wago.app.waitFor('the phone', () => sessionOf(user)?.status.loggedIn)
      expect(await status(user.token)).toEqual(
        success({
          Connected: true,
          LoggedIn: true,
          Jid: { User: '5511900000001', Server: 's.whatsapp.net' },
          Events: 'Message,ChatPresence',
        }),
      )
      expect((await wago.get('/session/qr', user.token)).json).toEqual(failure(500, expect.any(String)))
    })

    test.each([
      [{ Subscribe: 'Message,ReadReceipt' }, 'Message,ReadReceipt'],
      [{ Subscribe: 'Message' }, 'Message'],
      [{ Subscribe: [] }, 'All'],
      [{ Subscribe: '' }, 'All'],
      [{ Subscribe: ['Nonsense'] }, 'All'],
      [{}, 'All'],
    ])('subscribes a new session to what %j says', async (body, events) => {
      const { token } = await wago.unlinked()

      const [, { data }] = await wago.call('/session/connect', { ...body, Immediate: true }, token)

      expect(data.events).toBe(events)
      expect((await wago.get('/webhook', token)).json.data.subscribe).toEqual(events.split(','))
    })

    test('keeps what a session is subscribed to unless told otherwise', async () => {
      const user = await wago.app.link(await wago.unlinked())
      await wago.post('/session/disconnect', undefined, user.token)
      await wago.post('/session/connect', { Subscribe: ['Call'] }, user.token)
      await wago.post('/session/disconnect', undefined, user.token)

      const [, { data }] = await wago.call('/session/connect', {}, user.token)

      expect(data).toMatchObject({ events: 'Call', jid: expect.stringContaining(user.phone) })
    })

    test('refuses a session that is connected', async () => {
      expect(await wago.call('/session/connect', {})).toEqual([500, failure(500, 'Already Connected')])
    })

    test('gives a code to type where a phone is named', async () => {
      const { token } = await wago.unlinked()

      const [, { data }] = await wago.call('/session/connect', { Phone: '5511900000002' }, token)

      expect(data).toMatchObject({
        details: 'Connected!',
        LinkingCode: expect.stringMatching(/^\w{4}-\w{4}$/),
      })
    })
  })

  describe('/session/pair', () => {
    test('gives a code that links the phone it is typed on', async () => {
      const user = await wago.unlinked()
      const body = { Phone: '+5511900000003', Subscribe: ['Message'], Immediate: true }

      const [code, { data }] = await wago.call('/session/pair', body, user.token)

      expect([code, data]).toEqual([200, { LinkingCode: expect.stringMatching(/^\w{4}-\w{4}$/) }])
      await wago.app.sandbox('POST', '/pair-code', { phone: '5511900000003', code: data.LinkingCode })
      await wago.app.waitFor('the phone', () => sessionOf(user)?.status.loggedIn)
      expect((await status(user.token)).data).toMatchObject({ LoggedIn: true, Events: 'Message' })
    })

    test.each([
      ['123', 'phone number too short'],
      ['01172345678', 'international phone number required (must not start with 0)'],
      ['Maria', 'phone number too short'],
    ])('refuses %s before anything is done', async (Phone, sentence) => {
      const user = await wago.unlinked()

      for (const path of ['/session/pair', '/session/connect'])
        expect(await wago.call(path, { Phone, Subscribe: ['Call'] }, user.token)).toEqual(refused(sentence))

      expect(sessionOf(user)).toBeUndefined()
      expect((await wago.get('/webhook', user.token)).json.data.subscribe).toEqual([])
    })

    test('refuses a session that has a phone, and leaves its classes alone', async () => {
      const user = await subscribedTo('Message')

      for (const path of ['/session/pair', '/session/connect'])
        expect(await wago.call(path, { Phone: '5511900000004', Subscribe: ['Call'] }, user.token)).toEqual([
          500,
          failure(500, 'already paired'),
        ])

      expect((await status(user.token)).data.Events).toBe('Message')
    })
  })

  describe('/session/disconnect', () => {
    test('keeps the phone, so that the next connection needs no code', async () => {
      const user = await wago.app.link(await wago.unlinked())

      expect(await wago.call('/session/disconnect', undefined, user.token)).toEqual(done('Disconnected'))

      expect((await status(user.token)).data).toMatchObject({
        Connected: false,
        LoggedIn: false,
        Jid: { User: user.phone },
      })
      await wago.post('/session/connect', {}, user.token)
      await wago.app.waitFor('the session', () => sessionOf(user)?.status.loggedIn)
    })

    test('has nothing to do for a session that never ran', async () => {
      const { token } = await wago.unlinked()

      expect(await wago.call('/session/disconnect', undefined, token)).toEqual([
        500,
        failure(500, 'No session'),
      ])
    })
  })

  describe('/session/logout', () => {
    test('unlinks the phone', async () => {
      const user = await wago.app.link(await wago.unlinked())

      expect(await wago.call('/session/logout', undefined, user.token)).toEqual(done('Logged out'))

      const { accounts } = await wago.app.sandbox('GET', '/state')
      expect(accounts.find(({ phone }: { phone: string }) => phone === user.phone).devices).toEqual([])
      expect((await status(user.token)).data).toMatchObject({ LoggedIn: false })
    })

    test.each([
      ['never ran', () => wago.unlinked(), 'No session'],
      ['waits for a phone', () => wago.waiting(), 'not logged in'],
    ])('says why it cannot unlink a session that %s', async (_state, session, sentence) => {
      const { token } = await session()

      expect(await wago.call('/session/logout', undefined, token)).toEqual([500, failure(500, sentence)])
    })
  })

  describe('/session/status', () => {
    test('of a session that never ran is "No session"', async () => {
      expect(await status((await wago.unlinked()).token)).toEqual(failure(500, 'No session'))
    })

    test('is not told of another session', async () => {
      const other = await wago.waiting()

      expect((await status(other.token)).data.Jid).toEqual({ User: '', Server: '' })
      expect((await status(wago.user.token)).data.Jid.User).toBe(wago.user.phone)
    })
  })

  test('/session/qr of a session that never ran is "No session"', async () => {
    expect((await wago.get('/session/qr', (await wago.unlinked()).token)).json).toEqual(
      failure(500, 'No session'),
    )
  })

  test('/session/scanned lists whom a phone is linked to, and nobody else', async () => {
    const idle = await wago.unlinked()

    const scanned = await listed('/session/scanned', 'POST')

    expect(scanned).toContainEqual({ Name: 'Main', Token: wago.user.token, Jid: wago.ownJid })
    expect(scanned.map(({ Token }: { Token: string }) => Token)).not.toContain(idle.token)
  })

  describe('/session/delete', () => {
    test('unlinks the session and forgets it with all that is kept', async () => {
      const user = await wago.app.link(await wago.unlinked())

      const { status: code, json } = await wago.admin('POST', '/session/delete', { token: user.token })

      expect([code, json]).toEqual(done('token deleted'))
      expect((await wago.get('/webhook', user.token)).json).toEqual(failure(401, 'invalid token'))
      const { accounts } = await wago.app.sandbox('GET', '/state')
      expect(accounts.find(({ phone }: { phone: string }) => phone === user.phone).devices).toEqual([])
      const { db } = wago.app.parley.services
      expect(await db('users').where('id', user.id)).toEqual([])
    })

    test.each(['', 'nobodys-token'])('deletes nothing for the token %j', async (token) => {
      const before = await listed('/session/all')

      const { status: code, json } = await wago.admin('POST', '/session/delete', { token })

      expect([code, json]).toEqual([401, failure(401, 'invalid token')])
      expect(await listed('/session/all')).toEqual(before)
    })
  })

  describe('/webhook', () => {
    test('is empty before it is set, and says what it was set to', async () => {
      const { token } = await wago.unlinked()
      const url = 'http://server/webhook'

      expect(await wago.call('/webhook', { WebhookURL: url }, token)).toEqual([
        200,
        success({ webhook: url }),
      ])
      // Nobody has said yet what the session wants to be told.
      expect((await wago.get('/webhook', token)).json).toEqual(success({ subscribe: ['All'], webhook: url }))
      expect(await wago.call('/webhook', { webhookurl: '' }, token)).toEqual([200, success({ webhook: '' })])
    })

    test('keeps the classes when the address changes, and the address when the classes do', async () => {
      const { token } = await wago.unlinked()
      await wago.post('/webhook', { WebhookURL: 'http://server/1' }, token)
      await wago.post('/session/connect', { Subscribe: ['Message', 'Call'], Immediate: true }, token)
      await wago.post('/webhook', { WebhookURL: 'http://server/2' }, token)

      expect((await wago.get('/webhook', token)).json.data).toEqual({
        subscribe: ['Message', 'Call'],
        webhook: 'http://server/2',
      })
    })

    test.each(['server', 'ftp://server/', 'http://', 'javascript:alert(1)'])(
      'refuses %j',
      async (WebhookURL) => {
        expect(await wago.call('/webhook', { WebhookURL })).toEqual(
          refused('WebhookURL must be an http or https address'),
        )
      },
    )

    test('is neither that of another session nor that of another dialect', async () => {
      const [one, other] = [await wago.unlinked(), await wago.unlinked()]
      await wago.post('/webhook', { WebhookURL: 'http://server/one' }, one.token)
      await wago.post('/webhook', { WebhookURL: 'http://server/other' }, other.token)
      await wago.app.post('/wuzapi/webhook', one.token, { webhookURL: 'http://server/wuzapi' })

      expect((await wago.get('/webhook', one.token)).json.data.webhook).toBe('http://server/one')
      expect((await wago.get('/webhook', other.token)).json.data.webhook).toBe('http://server/other')
    })
  })

  test('/server/license and /server/update say what is the case', async () => {
    expect((await wago.admin('POST', '/server/license')).json).toEqual(
      success({ license: { valid: true, type: 'MIT', limits: null } }),
    )
    expect((await wago.admin('GET', '/server/update')).json).toEqual(
      success({ details: expect.stringContaining('does not update itself') }),
    )
  })
})
