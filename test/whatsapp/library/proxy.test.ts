import { request } from 'node:https'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SocketConfig } from '../../../src/whatsapp/library/engine.ts'
import { throughProxy } from '../../../src/whatsapp/library/proxy.ts'
import { TestApp, type TestUser } from '../../helpers/app.ts'
import { startHttpProxy, startSocksProxy, type TestProxy } from '../../helpers/proxies.ts'
import { type Receiver, startReceiver } from '../../helpers/receiver.ts'

const kinds = [
  ['an HTTP proxy', startHttpProxy],
  ['a SOCKS5 proxy', startSocksProxy],
] as const

describe.each(kinds)('a session behind %s', (_name, start) => {
  let app: TestApp
  let proxy: TestProxy
  let receiver: Receiver
  let user: TestUser

  beforeAll(async () => {
    app = await TestApp.start()
    proxy = await start({ credentials: 'me:secret' })
    receiver = await startReceiver()
    user = await app.createUser({ webhook: receiver.url, events: 'PairSuccess' })
    await app.post('/session/proxy', user.token, { proxy_url: proxy.url, enable: true })
  })
  afterAll(async () => {
    await app.close()
    await receiver.close()
    await proxy.close()
  })

  const toWhatsApp = () =>
    proxy.targets.filter((target) => !target.includes(`:${new URL(receiver.url).port}`))

  test('reaches WhatsApp through it alone', async () => {
    await app.link(user)

    expect(toWhatsApp()).not.toEqual([])
    expect(new Set(toWhatsApp()).size).toBe(1)
  })

  test('calls its webhook through it', async () => {
    await receiver.next('PairSuccess')

    const port = new URL(receiver.url).port
    expect(proxy.targets).toContainEqual(expect.stringContaining(`127.0.0.1:${port}`))
  })

  test('calls its webhook directly when told so', async () => {
    const before = proxy.targets.length
    await app.post('/session/disconnect', user.token)
    await app.post('/session/proxy', user.token, {
      proxy_url: proxy.url,
      enable: true,
      webhook_use_proxy: false,
    })
    await app.request('PUT', `/admin/users/${user.id}`, { admin: true, body: { events: 'Connected' } })

    await app.post('/session/connect', user.token, { Immediate: true })
    await receiver.next('Connected')

    const port = new URL(receiver.url).port
    expect(proxy.targets.slice(before)).not.toContainEqual(expect.stringContaining(`127.0.0.1:${port}`))
    expect(proxy.targets.length).toBeGreaterThan(before)
  })

  test('does not connect at all while the proxy is gone', async () => {
    await app.post('/session/disconnect', user.token)
    await proxy.close()

    const answer = await app.post('/session/connect', user.token, { Immediate: true })
    const session = app.parley.services.sessions.find(user.id)
    await app.waitFor('an attempt to fail', () => session?.status.state === 'retrying')

    expect(answer.status).toBe(200)
    expect(session?.status.connected).toBe(false)
    proxy = await start()
  })
})

test('a session whose proxy cannot be used stays offline', async () => {
  const app = await TestApp.start()
  const user = await app.createUser({ proxyConfig: { enabled: true, proxyURL: 'ftp://127.0.0.1' } })

  await app.post('/session/connect', user.token, { Immediate: true })

  const session = app.parley.services.sessions.find(user.id)
  await app.waitFor('an attempt to fail', () => session?.status.state === 'retrying')
  await app.close()
})

describe('media', () => {
  test.each(kinds)('of an account behind %s take the same way', async (_name, start) => {
    const media = await startReceiver()
    const proxy = await start()
    const port = Number(new URL(media.url).port)
    const network = { simulated: true, socketOptions: {}, mediaHost: { host: '127.0.0.1', port } }
    const { socketOptions } = await throughProxy(network, proxy.url, 'any')
    const { fetchAgent, options } = socketOptions as SocketConfig

    const status = await new Promise((resolve, reject) => {
      const upload = request('https://mmg.whatsapp.net/mms/image', { method: 'POST', agent: fetchAgent })
      upload.on('response', (response) => resolve(response.statusCode)).on('error', reject)
      upload.end('file')
    })
    const download = await fetch('https://mmg.whatsapp.net/v/file', options)

    expect(status).toBe(200)
    expect(await download.text()).toBe('ok')
    expect(media.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /mms/image',
      'GET /v/file',
    ])
    expect(proxy.targets).toHaveLength(2)
    await media.close()
    await proxy.close()
  })
})
