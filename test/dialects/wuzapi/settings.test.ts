import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databaseKinds } from '../../helpers/database.ts'
import { failure, Target } from './contract/target.ts'

describe.each(databaseKinds)('on %s', (database) => {
  let target: Target
  let token: string
  beforeAll(async () => {
    target = await Target.start('current', database)
    token = (await target.createUser()).token
  })
  afterAll(() => target.stop())

  const done = (data: object) => ({ code: 200, data, success: true })

  describe('/webhook', () => {
    const show = async (user: { token: string }) => (await target.call('GET', '/webhook', user)).json.data

    test('of a new user is empty, with one empty subscription', async () => {
      const user = await target.createUser()

      const { status, json } = await target.call('GET', '/webhook', user)

      expect([status, json]).toEqual([200, done({ subscribe: [''], webhook: '' })])
    })

    test.each(['webhookURL', 'WebhookURL', 'webhookurl', 'WEBHOOKURL'])(
      'is set by POST with %s',
      async (key) => {
        const user = await target.createUser()

        const { status, json } = await target.call('POST', '/webhook', {
          ...user,
          body: { [key]: 'https://some.server/webhook' },
        })

        expect([status, json]).toEqual([200, done({ webhook: 'https://some.server/webhook' })])
        expect((await show(user)).webhook).toBe('https://some.server/webhook')
      },
    )

    test.each([
      [{ webhook: 'https://a.example/' }, 'https://a.example/'],
      [{ webhook: 'https://a.example/', webhookURL: 'https://b.example/' }, 'https://b.example/'],
      [{ webhook: 'https://a.example/', webhookURL: '' }, 'https://a.example/'],
    ])('POST takes the address by either name: %j', async (body, webhook) => {
      const user = await target.createUser()

      const { json } = await target.call('POST', '/webhook', {
        ...user,
        body: { ...body, events: ['Message', 'ReadReceipt'] },
      })

      expect(json).toEqual(done({ webhook }))
      expect(await show(user)).toEqual({ subscribe: ['Message', 'ReadReceipt'], webhook })
    })

    test('POST keeps the events when none are given, and drops unknown names', async () => {
      const user = await target.createUser({ events: 'All' })

      await target.call('POST', '/webhook', { ...user, body: { webhookURL: 'https://a.example/' } })
      const kept = await show(user)
      await target.call('POST', '/webhook', { ...user, body: { events: ['Message', 'Bogus', 'Receipt'] } })
      const changed = await show(user)

      expect(kept).toEqual({ subscribe: ['All'], webhook: 'https://a.example/' })
      expect(changed).toEqual({ subscribe: ['Message', 'Receipt'], webhook: '' })
    })

    test('POST cannot decode a webhook that is not text', async () => {
      const { status, json } = await target.call('POST', '/webhook', { token, body: { webhookURL: 7 } })

      expect([status, json]).toEqual([400, failure(400, 'could not decode payload')])
    })

    test('PUT replaces an active webhook', async () => {
      const user = await target.createUser()

      const { json } = await target.call('PUT', '/webhook', {
        ...user,
        body: { webhook: 'https://a.example/', events: ['Message', 'Bogus'], active: true },
      })

      expect(json).toEqual(done({ active: true, events: ['Message'], webhook: 'https://a.example/' }))
      expect(await show(user)).toEqual({ subscribe: ['Message'], webhook: 'https://a.example/' })
    })

    test('PUT without events keeps them and says null', async () => {
      const user = await target.createUser({ events: 'All' })

      const { json } = await target.call('PUT', '/webhook', {
        ...user,
        body: { webhook: 'https://a.example/', active: true },
      })

      expect(json.data.events).toBeNull()
      expect((await show(user)).subscribe).toEqual(['All'])
    })

    test('PUT empties a webhook that is not active, and its events if any are listed', async () => {
      const user = await target.createUser({ events: 'All', webhook: 'https://a.example/' })

      await target.call('PUT', '/webhook', { ...user, body: { webhook: 'https://b.example/' } })
      const inactive = await show(user)
      const { json } = await target.call('PUT', '/webhook', {
        ...user,
        body: { webhook: 'https://b.example/', events: ['Message'], active: false },
      })

      expect(inactive).toEqual({ subscribe: ['All'], webhook: '' })
      expect(json).toEqual(done({ active: false, events: ['Message'], webhook: '' }))
      expect(await show(user)).toEqual({ subscribe: [''], webhook: '' })
    })

    test('DELETE removes webhook and events', async () => {
      const user = await target.createUser({ events: 'All', webhook: 'https://a.example/' })

      const { json } = await target.call('DELETE', '/webhook', user)

      expect(json).toEqual(done({ Details: 'Webhook and events deleted successfully' }))
      expect(await show(user)).toEqual({ subscribe: [''], webhook: '' })
    })
  })

  describe('/session/status', () => {
    test('answers without a session', async () => {
      const user = await target.createUser({ name: 'John', events: 'All', history: 5 })

      const { status, json } = await target.call('GET', '/session/status', user)

      expect(status).toBe(200)
      expect(json.data).toEqual({
        connected: false,
        days_to_sync_history: 0,
        events: 'All',
        history: '5',
        hmac_configured: false,
        id: user.id,
        jid: '',
        loggedIn: false,
        name: 'John',
        passkeyPending: false,
        proxy_config: { enabled: false, proxy_url: '', webhook_use_proxy: true },
        proxy_url: '',
        publicKey: null,
        qrcode: '',
        s3_config: expect.objectContaining({ access_key: '***', media_delivery: 'base64' }),
        token: user.token,
        webhook: '',
      })
    })
  })

  describe('/session/proxy', () => {
    const set = async (body: unknown) => (await target.call('POST', '/session/proxy', { token, body })).json

    test('stores an address and removes it again', async () => {
      expect(await set({ proxy_url: 'socks5://proxy:1080', enable: true })).toEqual(
        done({
          Details: 'Proxy configured successfully',
          ProxyURL: 'socks5://proxy:1080',
          webhook_use_proxy: true,
        }),
      )
      expect(await set({ proxy_url: 'socks5://proxy:1080' })).toEqual(
        done({ Details: 'Proxy disabled successfully' }),
      )
    })

    test.each([
      [{ enable: 'yes' }, 'could not decode payload'],
      [{ enable: true }, 'missing proxy_url in payload'],
      [{ enable: true, proxy_url: ':// no' }, 'invalid proxy URL format'],
      [{ enable: true, proxy_url: 'ftp://proxy' }, 'only HTTP and SOCKS5 proxies are supported'],
    ])('refuses %j', async (body, sentence) => {
      expect(await set(body)).toEqual(failure(400, sentence))
    })
  })

  describe('/session/history', () => {
    const set = async (body: unknown) => (await target.call('POST', '/session/history', { token, body })).json

    test('stores what is given', async () => {
      await set({ history: 42 })

      expect(await set({ days_to_sync_history: 7 })).toEqual(
        done({
          Details: 'History configured successfully; sync days apply on the next pairing',
          History: 42,
          days_to_sync_history: 7,
        }),
      )
    })

    test.each([
      [{ enabled: true, days: 30 }, 30],
      [{ days: 0 }, 0],
      [{ enabled: false, days: 30 }, 0],
      [{ enabled: false }, 0],
      [{ days: 30, days_to_sync_history: 9 }, 9],
    ])('takes the days by their short name: %j', async (body, days) => {
      await set({ history: 5, days_to_sync_history: 7 })

      expect((await set(body)).data).toMatchObject({ History: 5, days_to_sync_history: days })
    })

    test.each([
      [{ days_to_sync_history: 1.5 }, 'could not decode payload'],
      [{ days: '30' }, 'could not decode payload'],
      [{ enabled: 1, days: 30 }, 'could not decode payload'],
      [{ enabled: true, days: 366 }, 'days_to_sync_history must be between 0 and 365'],
      [{ enabled: true }, 'provide history or days_to_sync_history'],
      [{}, 'provide history or days_to_sync_history'],
      [{ history: null }, 'provide history or days_to_sync_history'],
      [{ history: -1, days_to_sync_history: 366 }, 'history cannot be negative'],
      [{ days_to_sync_history: 366 }, 'days_to_sync_history must be between 0 and 365'],
    ])('refuses %j', async (body, sentence) => {
      expect(await set(body)).toEqual(failure(400, sentence))
    })
  })

  describe('/session/hmac/config', () => {
    const call = (method: string, body?: unknown) =>
      target.call(method, '/session/hmac/config', { token, body })

    test('stores, hides and removes the key, without envelope', async () => {
      const saved = await call('POST', { hmac_key: 'k'.repeat(32) })
      const shown = await call('GET')
      const deleted = await call('DELETE')
      const gone = await call('GET')

      expect([saved.status, saved.text]).toEqual([
        200,
        '{"Details":"HMAC configuration saved successfully"}\n',
      ])
      expect(saved.headers.get('content-type')).toBe('application/json; charset=utf-8')
      expect(shown.json).toEqual({ hmac_key: '***' })
      expect(deleted.json).toEqual({ Details: 'HMAC configuration deleted successfully' })
      expect(gone.json).toEqual({ hmac_key: '' })
    })

    test('refuses a short key with the envelope', async () => {
      const { status, json } = await call('POST', { hmac_key: 'short' })

      expect([status, json]).toEqual([400, failure(400, 'HMAC key must be at least 32 characters long')])
    })
  })

  describe('/session/s3/config', () => {
    const call = async (method: string, body?: unknown) =>
      (await target.call(method, '/session/s3/config', { token, body })).json

    test('overwrites all members, hides the keys and goes back to the defaults', async () => {
      const saved = await call('POST', {
        enabled: true,
        endpoint: 'https://s3.example',
        bucket: 'media',
        access_key: 'a',
        secret_key: 's',
        media_delivery: 'both',
      })
      const shown = await call('GET')
      const deleted = await call('DELETE')
      const reset = await call('GET')

      expect(saved).toEqual(done({ Details: 'S3 configuration saved successfully', Enabled: true }))
      expect(shown.data).toEqual({
        access_key: '***',
        bucket: 'media',
        enabled: true,
        endpoint: 'https://s3.example',
        media_delivery: 'both',
        path_style: false,
        public_url: '',
        region: '',
        retention_days: 0,
      })
      expect(deleted).toEqual(done({ Details: 'S3 configuration deleted successfully' }))
      expect(reset.data).toMatchObject({
        enabled: false,
        media_delivery: 'base64',
        path_style: true,
        retention_days: 30,
      })
    })

    test('refuses an unknown way of delivery', async () => {
      expect(await call('POST', { media_delivery: 'mail' })).toEqual(
        failure(400, "media_delivery must be 'base64', 's3', or 'both'"),
      )
    })
  })

  describe('passkeys', () => {
    test('are never asked for', async () => {
      const { json } = await target.call('GET', '/session/passkey-status', { token })

      expect(json).toEqual(done({ passkeyPending: false, publicKey: null }))
    })

    test.each([
      ['/session/passkey-response', 'no pending passkey request'],
      ['/session/passkey-confirm', 'no pending passkey confirmation'],
    ])('%s says so before looking at the body', async (path, sentence) => {
      const { status, json } = await target.call('POST', path, { token, body: '{{{' })

      expect([status, json]).toEqual([400, failure(400, sentence)])
    })
  })
})
