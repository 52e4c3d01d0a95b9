import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databaseKinds } from '../../helpers/database.ts'
import { failure, Target } from './contract/target.ts'

describe.each(databaseKinds)('on %s', (database) => {
  let target: Target
  beforeAll(async () => {
    target = await Target.start('current', database)
  })
  afterAll(() => target.stop())

  const eventFailure = (name: string) => ({
    ...failure(400, 'invalid event type'),
    details: `invalid event: ${name}`,
  })

  describe('POST /admin/users', () => {
    test('creates a user from nothing but an empty object', async () => {
      const { status, headers, json } = await target.admin('POST', '', {})

      expect(status).toBe(201)
      expect(headers.get('content-type')).toBe('application/json; charset=utf-8')
      expect(json).toEqual({
        code: 201,
        data: {
          days_to_sync_history: 0,
          events: '',
          expiration: 0,
          history: 0,
          hmac_key: false,
          id: expect.stringMatching(/^[0-9a-f]{32}$/),
          name: '',
          proxy_config: { enabled: false, proxy_url: '', webhook_use_proxy: true },
          s3_config: {
            access_key: '***',
            bucket: '',
            enabled: false,
            endpoint: '',
            media_delivery: 'base64',
            path_style: true,
            public_url: '',
            region: '',
            retention_days: 30,
          },
          token: '',
          webhook: '',
        },
        success: true,
      })
    })

    test('stores every setting, whatever the case of its name', async () => {
      const { json } = await target.admin('POST', '', {
        NAME: 'John',
        token: crypto.randomUUID(),
        Webhook: 'https://example.net/hook',
        events: 'Message, ReadReceipt',
        expiration: 7,
        history: 20,
        days_to_sync_history: 30,
        hmacKey: 'k'.repeat(32),
        proxyConfig: { proxyurl: 'socks5://proxy:1080', webhookUseProxy: false },
        s3Config: { enabled: true, endpoint: 'https://s3.example', accessKey: 'a', mediaDelivery: 'both' },
      })

      expect(json.data).toMatchObject({
        name: 'John',
        webhook: 'https://example.net/hook',
        events: 'Message,ReadReceipt',
        expiration: 7,
        history: 20,
        days_to_sync_history: 30,
        hmac_key: true,
        proxy_config: { enabled: true, proxy_url: 'socks5://proxy:1080', webhook_use_proxy: false },
        s3_config: {
          enabled: true,
          endpoint: 'https://s3.example',
          media_delivery: 'both',
          path_style: false,
          retention_days: 0,
        },
      })
    })

    test.each(['', 'x', '[]', '{"name":7}', '{"expiration":"7"}', '{"history":1.5}'])(
      'cannot decode %j',
      async (body) => {
        const { status, json } = await target.admin('POST', '', body)

        expect([status, json]).toEqual([400, failure(400, 'invalid request payload')])
      },
    )

    test('checks the days, then the key, then the token, then the events', async () => {
      const { token } = await target.createUser()
      const wrong = { days_to_sync_history: 366, hmacKey: 'short', token, events: 'Bogus' }
      const create = async (fields: object) => (await target.admin('POST', '', fields)).json

      expect(await create(wrong)).toEqual(failure(400, 'days_to_sync_history must be between 0 and 365'))
      expect(await create({ ...wrong, days_to_sync_history: 365 })).toEqual(
        failure(400, 'HMAC key must be at least 32 characters long'),
      )
      expect(await create({ token, events: 'Bogus' })).toEqual(
        failure(409, 'user with this token already exists'),
      )
      expect(await create({ token: crypto.randomUUID(), events: 'Message, Bogus' })).toEqual(
        eventFailure('Bogus'),
      )
    })
  })

  describe('GET /admin/users', () => {
    test('lists users with the live state of their sessions', async () => {
      const { id, token } = await target.createUser({ events: 'All', webhook: 'https://some.domain/webhook' })

      const { status, json } = await target.admin('GET', '')

      expect(status).toBe(200)
      const listed = json.data.find((user: { id: string }) => user.id === id)
      expect(listed).toEqual({
        connected: false,
        days_to_sync_history: 0,
        events: 'All',
        expiration: 0,
        history: 0,
        id,
        jid: '',
        loggedIn: false,
        name: 'Test',
        proxy_config: { enabled: false, proxy_url: '', webhook_use_proxy: true },
        proxy_url: '',
        qrcode: '',
        s3_config: expect.objectContaining({ access_key: '***' }),
        token,
        webhook: 'https://some.domain/webhook',
      })
    })

    test('of one user is a list of one, of an unknown one an empty list', async () => {
      const { id } = await target.createUser()

      const one = await target.admin('GET', `/${id}`)
      const none = await target.admin('GET', '/unknown')

      expect(one.json.data.map((user: { id: string }) => user.id)).toEqual([id])
      expect([none.status, none.json]).toEqual([200, { code: 200, data: [], success: true }])
    })
  })

  describe('PUT /admin/users/{id}', () => {
    const shown = async (id: string) => (await target.admin('GET', `/${id}`)).json.data[0]

    test('changes what is given and keeps the rest', async () => {
      const { id, token } = await target.createUser({ events: 'All', webhook: 'https://a.example/' })

      const { status, json } = await target.admin('PUT', `/${id}`, { name: 'New', webhook: '', history: 0 })

      expect([status, json]).toEqual([
        200,
        { code: 200, message: 'user updated successfully', success: true },
      ])
      expect(await shown(id)).toMatchObject({
        name: 'New',
        token,
        webhook: 'https://a.example/',
        events: 'All',
      })
    })

    test('replaces the token at once: the old one stops working', async () => {
      const { id, token } = await target.createUser()
      const renewed = crypto.randomUUID()

      await target.admin('PUT', `/${id}`, { token: renewed })

      expect((await target.call('GET', '/session/status', { token })).status).toBe(401)
      expect((await target.call('GET', '/session/status', { token: renewed })).json.data.id).toBe(id)
    })

    test('sets the proxy when enabled and removes it when not', async () => {
      const { id } = await target.createUser()

      await target.admin('PUT', `/${id}`, { proxyConfig: { enabled: true, proxyURL: 'http://proxy:3128' } })
      const set = await shown(id)
      await target.admin('PUT', `/${id}`, { proxyConfig: { proxyURL: 'http://proxy:3128' } })
      const removed = await shown(id)

      expect([set.proxy_url, removed.proxy_url]).toEqual(['http://proxy:3128', ''])
    })

    test('can set the days of history to zero', async () => {
      const { id } = await target.createUser({ days_to_sync_history: 7 })

      await target.admin('PUT', `/${id}`, { days_to_sync_history: 0 })

      expect((await shown(id)).days_to_sync_history).toBe(0)
    })

    test('checks the body, the days, the user, the events, then whether anything changes', async () => {
      const { id } = await target.createUser()
      const edit = async (path: string, body: unknown) => (await target.admin('PUT', path, body)).json
      const unknownUser = {
        ...failure(404, 'user not found'),
        details: 'No user found with ID: unknown',
      }

      expect(await edit('/unknown', '{"name":1}')).toEqual(failure(400, 'invalid request payload'))
      expect(await edit('/unknown', { days_to_sync_history: -1 })).toEqual(
        failure(400, 'days_to_sync_history must be between 0 and 365'),
      )
      expect(await edit('/unknown', { events: 'Bogus' })).toEqual(unknownUser)
      expect(await edit(`/${id}`, { events: 'Bogus' })).toEqual(eventFailure('Bogus'))
      expect(await edit(`/${id}`, {})).toEqual(failure(400, 'no fields to update'))
    })

    test('refuses the token of another user', async () => {
      const ann = await target.createUser()
      const bob = await target.createUser()

      const { json } = await target.admin('PUT', `/${bob.id}`, { token: ann.token })

      expect(json).toEqual(failure(409, 'user with this token already exists'))
    })
  })

  describe('DELETE /admin/users/{id}', () => {
    test('removes the user, whose token stops working', async () => {
      const { id, token } = await target.createUser()

      const { status, json } = await target.admin('DELETE', `/${id}`)

      expect([status, json]).toEqual([
        200,
        {
          code: 200,
          data: { id },
          details: 'user deleted successfully',
          success: true,
          unlinked: 'not_linked',
        },
      ])
      expect((await target.call('GET', '/session/status', { token })).status).toBe(401)
    })

    test('with /full tells whom it removed', async () => {
      const { id, token } = await target.createUser({ name: 'Gone' })

      const { status, json } = await target.admin('DELETE', `/${id}/full`)

      expect([status, json]).toEqual([
        200,
        {
          code: 200,
          data: { id, jid: '', name: 'Gone' },
          details: 'user instance removed completely',
          success: true,
          unlinked: 'not_linked',
        },
      ])
      expect((await target.call('GET', '/session/status', { token })).status).toBe(401)
    })

    test.each(['/unknown', '/unknown/full'])('%s does not exist', async (path) => {
      const { status, json } = await target.admin('DELETE', path)

      expect([status, json]).toEqual([
        404,
        { ...failure(404, 'user not found'), details: 'No user found with ID: unknown' },
      ])
    })
  })
})
