import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { AgentPool } from '../../src/media/fetch/proxy-agents.ts'
import { openProxyDispatcher } from '../../src/media/fetch/proxy-dispatcher.ts'
import { safeFetch } from '../../src/media/fetch/safe-fetch.ts'
import { parseProxy } from '../../src/media/fetch/tunnel.ts'
import { selfSignedCertificate } from '../../src/sandbox/server/self-signed.ts'
import { startHttpProxy, startSocksProxy, type TestProxy } from '../helpers/proxies.ts'
import { type Receiver, startReceiver } from '../helpers/receiver.ts'

// Only the proxies know this name: whoever connects directly fails.
const hidden = 'hidden.example'
const names = { [hidden]: '127.0.0.1' }

const kinds = [
  ['an HTTP proxy', startHttpProxy],
  ['a SOCKS5 proxy', startSocksProxy],
] as const

describe.each(kinds)('through %s', (_name, start) => {
  let proxy: TestProxy
  let receiver: Receiver
  let secure: Server
  let pool: AgentPool

  beforeEach(async () => {
    proxy = await start({ names, credentials: 'me:secret' })
    receiver = await startReceiver()
    secure = createServer(selfSignedCertificate([hidden]), (_request, response) => response.end('secret'))
    await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve))
    pool = new AgentPool({ networks: 'any', verifyTls: false })
  })
  afterEach(async () => {
    pool.close()
    await receiver.close()
    secure.closeAllConnections()
    await new Promise((resolve) => secure.close(resolve))
    await proxy.close()
  })

  const securePort = () => (secure.address() as AddressInfo).port

  test('plain requests arrive, body and all', async () => {
    const address = receiver.url.replace('127.0.0.1', hidden)

    const answer = await safeFetch(address, {
      method: 'POST',
      body: '{"type":"x"}',
      agents: pool.through(proxy.url),
    })

    expect(answer.status).toBe(200)
    expect(receiver.requests[0]).toMatchObject({ path: '/webhook', event: { type: 'x' } })
    expect(proxy.targets).toEqual([expect.stringContaining(hidden)])
  })

  test('encrypted requests arrive', async () => {
    const answer = await safeFetch(`https://${hidden}:${securePort()}/`, { agents: pool.through(proxy.url) })

    expect(answer.body.toString()).toBe('secret')
    expect(proxy.targets).toEqual([expect.stringContaining(`${hidden}:${securePort()}`)])
  })

  test('`fetch` works as well', async () => {
    const dispatcher = await openProxyDispatcher(parseProxy(proxy.url, 'any'))
    const address = receiver.url.replace('127.0.0.1', hidden)

    // The types of `fetch` name the dispatcher of Node's own copy of undici.
    const answer = await fetch(address, { dispatcher } as object)

    expect(await answer.text()).toBe('ok')
    expect(proxy.targets).toHaveLength(1)
    await dispatcher.close()
  })

  test.each([
    ['that ends nowhere', 'me:50%'],
    ['that begins no escape', 'me%zz:100%!'],
    ['that is escaped', 'me:%25&secret', 'me:%&secret'],
  ])('credentials may hold a percent sign %s', async (_what, written, meant = written) => {
    const other = await start({ names, credentials: meant })
    const url = other.url.replace(meant, written)

    const plainly = await safeFetch(receiver.url.replace('127.0.0.1', hidden), { agents: pool.through(url) })
    const secretly = await safeFetch(`https://${hidden}:${securePort()}/`, { agents: pool.through(url) })

    expect([plainly.status, secretly.status]).toEqual([200, 200])
    await other.close()
  })

  test('wrong credentials are refused, and nothing arrives', async () => {
    const wrong = proxy.url.replace('me:', 'you:')

    await expect(
      safeFetch(`https://${hidden}:${securePort()}/`, { agents: pool.through(wrong) }),
    ).rejects.toThrow('the proxy failed')
  })

  test('a proxy that is gone is not replaced by a direct connection', async () => {
    const { url } = proxy
    await proxy.close()

    await expect(
      safeFetch(receiver.url, { method: 'POST', body: '{}', agents: pool.through(url) }),
    ).rejects.toMatchObject({ name: 'FetchError', reason: 'unreachable' })

    expect(receiver.requests).toEqual([])
    proxy = await start()
  })
})

test('names that do not fit into the protocol of SOCKS are refused before anything is asked', async () => {
  const proxy = await startSocksProxy({ credentials: 'me:secret' })
  const pool = new AgentPool({ networks: 'any' })
  const long = 'n'.repeat(300)

  const user = safeFetch('http://127.0.0.1/', { agents: pool.through(proxy.url.replace('me:', `${long}:`)) })
  const host = safeFetch(`http://${long}.example/`, { agents: pool.through(proxy.url) })

  await expect(user).rejects.toMatchObject({ reason: 'bad_address' })
  await expect(host).rejects.toMatchObject({ reason: 'bad_address' })
  expect(proxy.targets).toEqual([])
  pool.close()
  await proxy.close()
})

describe('a proxy is refused', () => {
  test.each([
    ['that is not an address', 'proxy', 'any', 'bad_address'],
    ['of another kind', 'ftp://127.0.0.1', 'any', 'bad_address'],
    ['at a metadata service', 'http://169.254.169.254:80', 'any', 'forbidden_address'],
    [
      'at a private address where only public ones are allowed',
      'socks5://10.0.0.1',
      'public',
      'forbidden_address',
    ],
  ] as const)('%s', (_what, url, networks, reason) => {
    const pool = new AgentPool({ networks })

    expect(() => pool.through(url)).toThrow(expect.objectContaining({ reason }))

    pool.close()
  })

  test('whose name leads to a private address where only public ones are allowed', async () => {
    const pool = new AgentPool({ networks: 'public' })

    await expect(
      safeFetch('https://example.com/', { agents: pool.through('socks5://localhost:1') }),
    ).rejects.toThrow('not in a network')

    pool.close()
  })
})
