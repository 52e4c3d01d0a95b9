import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databaseKinds } from '../../helpers/database.ts'
import { failure, Wago } from './wago.ts'

describe.each(databaseKinds)('sessions on %s', (database) => {
  let wago: Wago
  let count = 0
  beforeAll(async () => {
    wago = await Wago.start({ database })
  })
  afterAll(() => wago.stop())

  /** A name that no session has. */
  function freshName(): string {
    count += 1
    return `shop-${count}`
  }

  /** A session that shows a QR code. */
  async function pairing(): Promise<string> {
    const name = freshName()
    await wago.get(`/session/start/${name}`)
    await wago.app.waitFor('a QR code', async () => (await wago.get(`/session/qr/${name}`)).json.success)
    return name
  }

  /** A session whose phone is linked. */
  async function linked(): Promise<string> {
    const name = await pairing()
    const { qr } = (await wago.get(`/session/qr/${name}`)).json
    await wago.app.sandbox('POST', '/scan', { qr, phone: `49151${String(++count).padStart(6, '0')}` })
    await wago.app.waitFor('the session to open', async () => isConnected(name))
    return name
  }

  async function isConnected(name: string): Promise<boolean> {
    return (await wago.get(`/session/status/${name}`)).json.success
  }

  async function sessions(): Promise<string[]> {
    return (await wago.get('/session/getSessions')).json.result
  }

  test('a server that lives answers a ping without a key', async () => {
    const { status, json } = await wago.get('/ping', '')

    expect([status, json]).toEqual([200, { success: true, message: 'pong' }])
  })

  test('all sessions are listed by what they are called in paths', async () => {
    const { id } = await wago.app.createUser({ name: 'Two words' })

    const { status, json } = await wago.get('/session/getSessions')

    expect([status, json.success]).toEqual([200, true])
    expect(json.result).toEqual(expect.arrayContaining(['main', id]))
  })

  test('sessions of one name are listed by their ids', async () => {
    const twins = [await wago.app.createUser({ name: 'twin' }), await wago.app.createUser({ name: 'twin' })]

    const listed = await sessions()
    const { status } = await wago.get('/session/status/twin')

    expect(listed).toEqual(expect.arrayContaining(twins.map(({ id }) => id)))
    expect(listed).not.toContain('twin')
    expect(status).toBe(409)
  })

  test('a session that got the id of another one as its name leads nobody to the wrong one', async () => {
    const owner = await wago.app.createUser({ name: freshName() })
    const namesake = await wago.app.createUser({ name: freshName() })
    // As an earlier release allowed it.
    await wago.app.parley.services.db('users').where('id', namesake.id).update({ name: owner.id })

    const byKeeper = await wago.get(`/session/status/${owner.id}`)
    const byOwner = await wago.get(`/session/status/${owner.id}`, owner.token)
    const byNamesake = await wago.get(`/session/status/${owner.id}`, namesake.token)
    const listed = await sessions()
    await wago.get(`/session/terminate/${namesake.id}`)

    expect([byKeeper.status, byOwner.status, byNamesake.status]).toEqual([409, 200, 200])
    expect(byKeeper.json.error).toContain('is the name of one session and the id of another')
    expect(listed).toContain(namesake.id)
    expect(listed).not.toContain(owner.id)
    expect(
      (await wago.app.request('GET', `/admin/users/${owner.id}`, { admin: true })).json.data,
    ).toHaveLength(1)
  })

  test('starting a session that does not exist creates it and shows a QR code', async () => {
    const name = freshName()

    const { status, json } = await wago.get(`/session/start/${name}`)

    expect([status, json]).toEqual([200, { success: true, message: 'Session initiated successfully' }])
    expect(await sessions()).toContain(name)
    expect((await wago.get(`/session/qr/${name}`)).json.qr).toMatch(/^2@|,/)
  })

  test('the picture of a code that is about to come is waited for', async () => {
    const name = freshName()
    await wago.get(`/session/start/${name}`)

    const { status, headers } = await wago.get(`/session/qr/${name}/image`)

    expect([status, headers.get('content-type')]).toEqual([200, 'image/png'])
  })

  test('a stopped session has no code to wait for', async () => {
    const name = await pairing()
    await wago.get(`/session/stop/${name}`)

    const { json } = await wago.get(`/session/qr/${name}`)

    expect(json).toEqual({ success: false, message: 'qr code not ready or already scanned' })
  })

  test('starting one session many times at once creates one', async () => {
    const name = freshName()

    await Promise.all(Array.from({ length: 8 }, () => wago.get(`/session/start/${name}`)))

    expect((await sessions()).filter((listed) => listed === name)).toEqual([name])
  })

  test('starting a running session is refused', async () => {
    const { status, json } = await wago.get('/session/start/main')

    expect([status, json]).toEqual([422, failure('Session already exists for: main')])
  })

  test.each([
    ['GET', '/session/start/no%20name'],
    ['GET', '/session/status/a.b'],
    ['POST', '/session/requestPairingCode/%C3%A4'],
  ])('%s %s is refused for its session id', async (method, path) => {
    const { status, json } = await wago.request(method, path)

    expect([status, json]).toEqual([422, failure('Session should be alphanumerical or -')])
  })

  test('the status of a connected session', async () => {
    const { status, json } = await wago.get('/session/status/main')

    expect([status, json]).toEqual([200, { success: true, state: 'CONNECTED', message: 'session_connected' }])
  })

  test('the status of a session that waits for its phone, of a stopped one and of none', async () => {
    const name = await pairing()
    const waiting = await wago.get(`/session/status/${name}`)
    await wago.get(`/session/stop/${name}`)

    const stopped = await wago.get(`/session/status/${name}`)
    const unknown = await wago.get('/session/status/nobody')

    expect([waiting.status, waiting.json]).toEqual([
      200,
      { success: false, state: 'UNPAIRED', message: 'session_not_connected' },
    ])
    expect([stopped.status, stopped.json]).toEqual([
      200,
      { success: false, state: null, message: 'session_not_connected' },
    ])
    expect([unknown.status, unknown.json]).toEqual([
      200,
      { success: false, state: null, message: 'session_not_found' },
    ])
  })

  test('the QR code as a picture', async () => {
    const name = await pairing()

    const { status, headers, text } = await wago.get(`/session/qr/${name}/image`)

    expect([status, headers.get('content-type')]).toEqual([200, 'image/png'])
    expect(text.slice(1, 4)).toBe('PNG')
  })

  test.each(['/session/qr/main', '/session/qr/main/image'])('%s: no code while linked', async (path) => {
    const { status, headers, json } = await wago.get(path)

    expect([status, json]).toEqual([200, { success: false, message: 'qr code not ready or already scanned' }])
    expect(headers.get('content-type')).toMatch(/^application\/json/)
  })

  test('a code to type on the phone links the session', async () => {
    const name = await pairing()

    const { status, json } = await wago.call(`/session/requestPairingCode/${name}`, {
      phoneNumber: '491715556667',
      showNotification: true,
    })
    await wago.app.sandbox('POST', '/pair-code', { phone: '491715556667', code: json.result })

    expect([status, json]).toEqual([200, { success: true, result: expect.stringMatching(/^[A-Z0-9]{8}$/) }])
    await wago.app.waitFor('the session to open', () => isConnected(name))
  })

  test('a code needs a number, and a session that runs', async () => {
    const name = await pairing()
    const nameless = await wago.call(`/session/requestPairingCode/${name}`, {})
    await wago.get(`/session/stop/${name}`)

    const stopped = await wago.call(`/session/requestPairingCode/${name}`, { phoneNumber: '491715556668' })

    expect([nameless.status, nameless.json]).toEqual([400, failure('phoneNumber is required')])
    expect([stopped.status, stopped.json]).toEqual([404, failure('session_not_connected')])
  })

  test('a stopped session stays linked and connects again without a code', async () => {
    const name = await linked()

    const { status, json } = await wago.get(`/session/stop/${name}`)
    const whileStopped = await isConnected(name)
    await wago.get(`/session/start/${name}`)

    expect([status, json]).toEqual([200, { success: true, message: 'Session stopped successfully' }])
    expect(whileStopped).toBe(false)
    await wago.app.waitFor('the session to open', () => isConnected(name))
  })

  test('stopping a session that does not exist', async () => {
    const { status, json } = await wago.get('/session/stop/nobody')

    expect([status, json]).toEqual([404, failure('session_not_found')])
  })

  test('a restarted session is connected again', async () => {
    const name = await linked()

    const { status, json } = await wago.get(`/session/restart/${name}`)

    expect([status, json]).toEqual([200, { success: true, message: 'Restarted successfully' }])
    await wago.app.waitFor('the session to open', () => isConnected(name))
  })

  test('a terminated session is unlinked and gone', async () => {
    const name = await linked()

    const { status, json } = await wago.get(`/session/terminate/${name}`)

    expect([status, json]).toEqual([
      200,
      { success: true, message: 'Logged out successfully', unlinked: 'yes' },
    ])
    expect(await sessions()).not.toContain(name)
  })

  test.each(['restart', 'terminate', 'qr'])('%s of a session that does not exist', async (verb) => {
    const { status, json } = await wago.get(`/session/${verb}/nobody`)

    expect([status, json]).toEqual([200, { success: false, message: 'session_not_found' }])
  })

  test('inactive sessions are deleted, connected ones stay', async () => {
    const stopped = await linked()
    await wago.get(`/session/stop/${stopped}`)
    const waiting = await pairing()
    const connected = await linked()

    const { status, json } = await wago.get('/session/terminateInactive')

    const left = await sessions()
    expect([status, json]).toEqual([200, { success: true, message: 'Flush completed successfully' }])
    expect(left).toEqual(expect.arrayContaining(['main', connected]))
    expect(left).not.toContain(stopped)
    expect(left).not.toContain(waiting)
  })

  test('a session that is banned for a while is not inactive', async () => {
    const name = await linked()
    const jid = `49151${String(count).padStart(6, '0')}@s.whatsapp.net`
    await wago.app.sandbox('POST', '/faults', { kind: 'refuse-login', reason: 402, jid, times: 1 })
    await wago.get(`/session/restart/${name}`)
    const { db, sessions: running } = wago.app.parley.services
    const { id } = await db('users').where({ name }).first()
    await wago.app.waitFor('the ban', () => running.find(id)?.status.state === 'blocked')

    await wago.get('/session/terminateInactive')

    expect(await sessions()).toContain(name)
  })

  test('all sessions are deleted at once', async () => {
    const { status, json } = await wago.get('/session/terminateAll')

    expect([status, json]).toEqual([200, { success: true, message: 'Flush completed successfully' }])
    expect(await sessions()).toEqual([])
  })
})
