import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TestApp, type TestUser } from '../../helpers/app.ts'
import { failure } from './contract/target.ts'

let app: TestApp
beforeAll(async () => {
  app = await TestApp.start({ env: { WUZAPI_PROFILE: 'current' } })
})
afterAll(() => app.close())

const done = (data: object) => ({ code: 200, data, success: true })

/** A user whose session waits for a scan. */
async function unlinkedUser(): Promise<TestUser> {
  const user = await app.createUser()
  await app.post('/session/connect', user.token, { Immediate: false })
  await app.waitFor('a QR code', async () => (await app.get('/session/qr', user.token)).json.data?.QRCode)
  return user
}

describe('/session/connect', () => {
  test('starts a session and tells the settings it has', async () => {
    const user = await app.createUser({ webhook: 'https://some.site/webhook', events: 'Message' })

    const { status, json } = await app.post('/session/connect', user.token, { Immediate: true })

    expect([status, json]).toEqual([
      200,
      done({ details: 'Connected!', events: 'Message', jid: '', webhook: 'https://some.site/webhook' }),
    ])
  })

  test('with Immediate:false answers when there is something to scan', async () => {
    const user = await app.createUser()

    await app.post('/session/connect', user.token, { Immediate: false })

    const { json } = await app.get('/session/qr', user.token)
    expect(json.data.QRCode).toMatch(/^data:image\/png;base64,/)
    expect(json.data).toMatchObject({ passkeyPending: false, publicKey: null })
  })

  test.each([
    [[], 'All'],
    [['Message', 'Bogus'], 'Message'],
    [['Message', 'ReadReceipt', 'Message'], 'Message,ReadReceipt'],
    [['Bogus'], 'All'],
  ])('with Subscribe %j makes the subscriptions %j', async (Subscribe, events) => {
    const user = await app.createUser({ events: 'All' })

    const { json } = await app.post('/session/connect', user.token, { Subscribe, Immediate: true })

    expect(json.data.events).toBe(events)
    expect((await app.get('/webhook', user.token)).json.data.subscribe).toEqual(events.split(','))
  })

  test.each(['', '[1]', '{"Subscribe":"Message"}', '{"Immediate":"yes"}'])(
    'cannot decode %j',
    async (body) => {
      const user = await app.createUser()

      const { status, json } = await app.post('/session/connect', user.token, body)

      expect([status, json]).toEqual([400, failure(400, 'could not decode Payload')])
    },
  )

  test('of a connected session is a conflict', async () => {
    const user = await unlinkedUser()

    const { status, json } = await app.post('/session/connect', user.token, {})

    expect([status, json]).toEqual([409, failure(409, 'already connected')])
  })
})

describe('before a phone is linked', () => {
  test('the status shows a connection, no login and the QR code', async () => {
    const user = await unlinkedUser()

    const { json } = await app.get('/session/status', user.token)

    expect(json.data).toMatchObject({ connected: true, loggedIn: false, jid: '' })
    expect(json.data.qrcode).toMatch(/^data:image\/png;base64,/)
  })

  test('logout is refused', async () => {
    const user = await unlinkedUser()

    const { status, json } = await app.post('/session/logout', user.token)

    expect([status, json]).toEqual([500, failure(500, 'could not logout as it was not logged in')])
  })

  test('the proxy cannot be changed, whatever the body', async () => {
    const user = await unlinkedUser()

    const { status, json } = await app.post('/session/proxy', user.token, '{{{')

    expect([status, json]).toEqual([
      400,
      failure(400, 'cannot set proxy while connected. Please disconnect first'),
    ])
  })

  test('sending fails in the words of the endpoint', async () => {
    const user = await unlinkedUser()

    const { status, json } = await app.post('/chat/send/text', user.token, {
      Phone: '447900000100',
      Body: 'x',
    })

    expect([status, json]).toEqual([
      500,
      failure(500, "error sending message: the store doesn't contain a device JID"),
    ])
  })

  test('disconnecting ends the session', async () => {
    const user = await unlinkedUser()

    const { json } = await app.post('/session/disconnect', user.token)

    expect(json).toEqual(done({ Details: 'Disconnected' }))
    expect((await app.get('/session/qr', user.token)).json).toEqual(failure(500, 'no session'))
  })

  test('a phone number gives a code to type, with which the phone links', async () => {
    const user = await unlinkedUser()

    const { json } = await app.post('/session/pairphone', user.token, { Phone: '+44 7700 900123' })
    expect(json.data.LinkingCode).toMatch(/^[0-9A-Z]{4}-[0-9A-Z]{4}$/)

    await app.sandbox('POST', '/pair-code', { phone: '447700900123', code: json.data.LinkingCode })
    await app.waitFor(
      'the login',
      async () => (await app.get('/session/status', user.token)).json.data.loggedIn,
    )
  })

  test.each([
    [{ Phone: 7 }, 'could not decode Payload'],
    [{}, 'missing Phone in Payload'],
    [{ Phone: '12-34' }, 'phone number too short'],
    [{ Phone: '07700900123' }, 'international phone number required (must not start with 0)'],
  ])('pairing with %j is refused', async (body, sentence) => {
    const user = await unlinkedUser()

    const { status, json } = await app.post('/session/pairphone', user.token, body)

    expect([status, json]).toEqual([400, failure(400, sentence)])
  })
})

describe('with a linked phone', () => {
  test('the status shows the account', async () => {
    const user = await app.linkedUser()

    const { json } = await app.get('/session/status', user.token)

    expect(json.data).toMatchObject({
      connected: true,
      loggedIn: true,
      jid: `${user.phone}@s.whatsapp.net`,
      qrcode: '',
    })
    expect(json.data).not.toHaveProperty('Connected')
  })

  test('the admin sees the same', async () => {
    const user = await app.linkedUser()

    const { json } = await app.request('GET', `/admin/users/${user.id}`, { admin: true })

    expect(json.data[0]).toMatchObject({
      connected: true,
      loggedIn: true,
      jid: `${user.phone}@s.whatsapp.net`,
    })
  })

  test('there is no QR code and no pairing code', async () => {
    const user = await app.linkedUser()

    const qr = await app.get('/session/qr', user.token)
    const code = await app.post('/session/pairphone', user.token, { Phone: '447700900123' })

    expect(qr.json).toEqual(failure(500, 'already logged in'))
    expect([code.status, code.json]).toEqual([400, failure(400, 'already paired')])
  })

  test('disconnect keeps the link and the subscriptions; connect needs no code', async () => {
    const user = await app.linkedUser()

    await app.post('/session/disconnect', user.token)
    const between = await app.get('/session/status', user.token)
    const { json } = await app.post('/session/connect', user.token, { Immediate: false })

    expect(between.json.data).toMatchObject({ connected: false, loggedIn: false, events: 'All' })
    expect(json.data.jid).toBe(`${user.phone}@s.whatsapp.net`)
    expect((await app.get('/session/status', user.token)).json.data.loggedIn).toBe(true)
  })

  test('disconnect with clear=true drops the subscriptions', async () => {
    const user = await app.linkedUser()

    await app.post('/session/disconnect?clear=true', user.token)

    expect((await app.get('/webhook', user.token)).json.data.subscribe).toEqual([''])
  })

  test('logout unlinks; the next connection shows a code again', async () => {
    const user = await app.linkedUser()

    const { json } = await app.post('/session/logout', user.token)
    expect(json).toEqual(done({ Details: 'Logged out' }))
    expect((await app.post('/session/logout', user.token)).json).toEqual(failure(500, 'no session'))

    await app.post('/session/connect', user.token, { Immediate: false })
    expect((await app.get('/session/qr', user.token)).json.data.QRCode).toMatch(/^data:image/)
  })

  test.each(['', '/full'])('DELETE /admin/users/{id}%s ends the session and unlinks', async (suffix) => {
    const user = await app.linkedUser()

    const { status } = await app.request('DELETE', `/admin/users/${user.id}${suffix}`, { admin: true })

    expect(status).toBe(200)
    expect((await app.get('/session/status', user.token)).status).toBe(401)
    const { accounts } = await app.sandbox('GET', '/state')
    expect(accounts.find(({ phone }: { phone: string }) => phone === user.phone).devices).toEqual([])
  })

  test("another user's token does not reach it", async () => {
    await app.linkedUser()
    const other = await app.createUser()

    const { json } = await app.post('/chat/send/text', other.token, { Phone: '447900000100', Body: 'x' })

    expect(json).toEqual(failure(500, 'no session'))
  })
})
