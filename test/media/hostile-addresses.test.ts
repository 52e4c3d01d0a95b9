import { once } from 'node:events'
import { Agent, createServer, type Server } from 'node:http'
import type { AddressInfo, LookupFunction } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { postWebhook } from '../../src/delivery/webhook.ts'
import { Buckets } from '../../src/media/bucket/s3.ts'
import { isRefusedAddress } from '../../src/media/fetch/address-rules.ts'
import { AgentPool } from '../../src/media/fetch/proxy-agents.ts'
import {
  type Agents,
  guardedLookup,
  openAgents,
  type ResolveName,
  safeFetch,
} from '../../src/media/fetch/safe-fetch.ts'
import { LinkPreviews } from '../../src/media/link-preview.ts'
import { withScratch } from '../../src/media/scratch.ts'
import { openSource } from '../../src/media/source.ts'
import { noS3 } from '../../src/operations/admin/admin.ts'

/** Ways to write an address of this machine, its network or its cloud; PORT is where a server listens. */
const HOSTS: [way: string, hosts: string[]][] = [
  [
    'plain',
    ['127.0.0.1', '127.255.255.254', '0.0.0.0', '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1'],
  ],
  ['a name of this machine', ['localhost', 'LOCALHOST', 'localhost.']],
  ['carrier-grade NAT and benchmarks', ['100.64.0.1', '100.127.255.255', '198.18.0.1', '192.88.99.1']],
  [
    'documentation, multicast, broadcast',
    ['192.0.2.1', '203.0.113.9', '224.0.0.1', '239.1.1.1', '255.255.255.255'],
  ],
  ['one number', ['2130706433', '0x7f000001', '017700000001', '0', '3232235777']],
  [
    'octal, hexadecimal, shortened',
    ['0177.0.0.1', '0x7f.0x0.0x0.0x1', '127.1', '127.0.1', '0x7f.1', '0300.0250.1.1'],
  ],
  [
    'other digits and dots',
    ['①②⑦.⓪.⓪.①', '１２７.０.０.１', '127。0。0。1', '127．0．0．1', '%31%32%37.0.0.1'],
  ],
  ['a trailing dot', ['127.0.0.1.', '0x7f.1.']],
  [
    'IPv6',
    [
      '[::1]',
      '[0:0:0:0:0:0:0:1]',
      '[::]',
      '[fc00::1]',
      '[fd12:3456::1]',
      '[fec0::1]',
      '[ff02::1]',
      '[2001:db8::1]',
    ],
  ],
  [
    'IPv4 in IPv6',
    ['[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[::127.0.0.1]', '[::ffff:0:127.0.0.1]', '[::ffff:10.0.0.1]'],
  ],
  [
    'NAT64, 6to4, Teredo',
    ['[64:ff9b::127.0.0.1]', '[64:ff9b:1::1]', '[2002:7f00:1::]', '[2002:c0a8:101::1]', '[2001::1]'],
  ],
  [
    'user names in front',
    ['example.com@127.0.0.1', 'example.com:80@127.0.0.1', 'a:b@[::1]', '127.0.0.1@localhost'],
  ],
]

/** Never reached, not even where private networks are allowed. */
const METADATA = [
  '169.254.169.254',
  '2852039166',
  '0xa9fea9fe',
  '0251.0376.0251.0376',
  '169.254.43518',
  '[fe80::1]',
  '[::ffff:169.254.169.254]',
  '[64:ff9b::a9fe:a9fe]',
  '[2002:a9fe:a9fe::]',
  '[64:ff9b:1:a9fe:a9:fe00::]',
  '[64:ff9b:1:a9:fe:a9fe::]',
  '[64:ff9b:1:64:64:64c8::]',
  '[64:ff9b:1:a8:3f:8110::]',
  '[64:ff9b:1:7:a9:fea9:fe00::]',
  '[64:ff9b:1::a9fe:a9fe]',
  '[64:ff9b::6464:64c8]',
  '[::6464:64c8]',
  '[2002:6464:64c8:1::1]',
  '[2001:0:a9fe:a9fe::1]',
  '[2001:470:1::5efe:169.254.169.254]',
  '[fd12:3456::200:5efe:a9fe:a9fe]',
  '[fd00:ec2::254]',
  '[fd00:ec2:0:0::0254]',
  '[fd00:ec2::23]',
  '[fd20:ce::254]',
  '[fd20:00ce::0254]',
  '[fd00:c1::a9fe:a9fe]',
  '[fd00:42::42]',
  '[fd00:a9fe:a9fe::1]',
  '[fd00:100::100:200]',
  '100.100.100.200',
  '168.63.129.16',
  '192.0.0.192',
]

/** Not addresses of the web, or not addresses at all. */
const NO_ADDRESSES = [
  'file:///etc/passwd',
  'gopher://127.0.0.1:PORT/_GET',
  'data:text/html,hello',
  'ftp://127.0.0.1:PORT/',
  'dict://127.0.0.1:PORT/info',
  'ldap://127.0.0.1:PORT/',
  'javascript:alert(1)',
  'blob:http://127.0.0.1:PORT/1',
  'ws://127.0.0.1:PORT/',
  'jar:http://127.0.0.1:PORT!/',
  'http://',
  'http://127.0.0.1:99999/',
  'http://[::1',
  'http://a b/',
  'http://127.0.0.1%00.example.com/',
  '//127.0.0.1/',
]

const hostile = [...HOSTS.flatMap(([, hosts]) => hosts), ...METADATA]
/** Spellings that a careless check might read differently from the client. */
const SPELLINGS = [
  'http:\\\\HOST',
  'http:HOST',
  'http:///HOST',
  '\thttp://HOST/',
  'ht\ntp://HOST/',
  'HTTP://HOST/#@example.com',
]

let trap: Server
let port: number
let connections = 0
const publicWebhooks = openAgents({ networks: 'public' })
const anyNetwork = openAgents({ networks: 'any' })
const pool = new AgentPool({ networks: 'public' })
const buckets = new Buckets({ networks: 'public' })

beforeAll(async () => {
  trap = createServer((_request, response) => response.end('<title>secret</title>'))
  trap.on('connection', () => connections++)
  trap.listen(0, '127.0.0.1')
  await once(trap, 'listening')
  // A server that listens on TCP has an address object.
  port = (trap.address() as AddressInfo).port
})

afterAll(async () => {
  publicWebhooks.close()
  anyNetwork.close()
  pool.close()
  buckets.close()
  trap.close()
  await once(trap, 'close')
})

/** Everything that fetches what somebody else may name; each resolves only when it got something. */
const fetches: Record<string, (address: string) => Promise<unknown>> = {
  'a plain fetch': (address) => safeFetch(address),
  'a file to be sent': (address) =>
    withScratch((scratch) => openSource(address, { scratch, maxBytes: 1000 })),
  'a link preview': async (address) => {
    const preview = await new LinkPreviews().find(`see ${address}`)
    if (!preview) throw new Error('no preview')
  },
  'a webhook': (address) => delivered(address, publicWebhooks),
  'a bucket': (endpoint) =>
    buckets.open({ ...noS3, enabled: true, endpoint, bucket: 'b', pathStyle: true }).check(),
  'a proxy': async (address) => safeFetch('http://example.com/', { agents: pool.through(address) }),
}

describe.each(Object.entries(fetches))('%s reaches none of', (_name, get) => {
  test.each(hostile)('%s', async (host) => {
    await expect(get(`http://${host}:${port}/`)).rejects.toThrow()
    expect(connections).toBe(0)
  })
})

test.each(SPELLINGS)('%j is read as the client reads it', async (spelling) => {
  for (const host of ['127.0.0.1', '[::1]', 'localhost'])
    await expect(safeFetch(spelling.replace('HOST', `${host}:${port}`))).rejects.toMatchObject({
      reason: 'forbidden_address',
    })
  expect(connections).toBe(0)
})

test.each(NO_ADDRESSES)('%s is not fetched', async (written) => {
  const address = written.replace('PORT', String(port))

  await expect(safeFetch(address)).rejects.toMatchObject({ reason: 'bad_address' })
  await expect(delivered(address, anyNetwork)).rejects.toThrow()
  expect(connections).toBe(0)
})

test.each(['fe80::a9fe:a9fe%eth0', 'fe80::1%1', 'fd20:ce::254%lo'])(
  '%s, with a zone, is refused as well',
  (address) => {
    expect(isRefusedAddress(address, 'any')).toBe(true)
  },
)

test.each([
  'fd00:ec3::254',
  'fd20:ce::255',
  '64:ff9b:1::a00:1',
  '2002:a00:1::',
  'fd12::200:5efe:a00:1',
  '10.0.0.1',
  '::1',
])('%s, which is only private, is reached where that is allowed', (address) => {
  expect(isRefusedAddress(address, 'any')).toBe(false)
  expect(isRefusedAddress(address, 'public')).toBe(true)
})

test.each(['2001:2::1', '2001:10::1', '3fff::1', '5f00::1', '100::1', '192.88.99.1', '192.0.0.1', '0.1.2.3'])(
  '%s, which is for a special purpose, is not taken for a public one',
  (address) => {
    expect(isRefusedAddress(address, 'any')).toBe(false)
    expect(isRefusedAddress(address, 'public')).toBe(true)
  },
)

test.each(['2606:4700::1111', '64:ff9b::808:808', '2002:808:808::1', '2606:4700::5efe:808:808', '8.8.8.8'])(
  '%s, which is public, is reached',
  (address) => {
    expect(isRefusedAddress(address, 'public')).toBe(false)
  },
)

test.each(METADATA)('%s is refused even where private networks are allowed', async (host) => {
  const address = `http://${host}/latest/meta-data`

  await expect(safeFetch(address, { agents: anyNetwork })).rejects.toMatchObject({
    reason: 'forbidden_address',
  })
  await expect(delivered(address, anyNetwork)).rejects.toThrow('not in a network')
})

describe('where the internet is one address of this machine', () => {
  const internet: ResolveName = (hostname, options, done) => {
    const found: Record<string, string[]> = {
      'public.test': ['93.184.216.34'],
      'private.test': ['10.0.0.1', '::1'],
      'metadata.test': ['169.254.169.254'],
      'both.test': ['127.0.0.1', '93.184.216.34', 'fe80::1'],
    }
    if (hostname === 'nowhere.test') return done(Object.assign(new Error(), { code: 'ENOTFOUND' }), [])
    done(
      null,
      (found[hostname] ?? []).map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )
    expect(options.all).toBe(true)
  }

  test.each([
    ['public.test', ['93.184.216.34']],
    ['both.test', ['93.184.216.34']],
    ['private.test', 'private.test is not in a network this server may reach'],
    ['metadata.test', 'metadata.test is not in a network this server may reach'],
    ['empty.test', 'empty.test is not in a network this server may reach'],
  ])('the name %s leads to %j', async (name, expected) => {
    const answer = await new Promise((resolve) => {
      guardedLookup('public', internet)(name, { all: true }, (error, found) => {
        resolve(error ? error.message : [found].flat().map((each) => Object(each).address))
      })
    })

    expect(answer).toEqual(expected)
  })

  test('a redirect from there to any of these is not followed', async () => {
    const server = createServer((request, response) => {
      // Header fields are bytes: what is not ASCII goes out as UTF-8.
      const location = Buffer.from(decodeURIComponent(String(request.url).slice(1))).toString('latin1')
      response.writeHead(302, { location }).end()
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port: from } = server.address() as AddressInfo
    const agents: Agents = { ...publicWebhooks, http: new Agent({ lookup: oneName }) }
    const targets = hostile.map((host) => `http://${host}:${port}/`)

    for (const target of [
      ...targets,
      'file:///etc/passwd',
      'data:text/html,hello',
      `gopher://127.0.0.1:${port}/`,
    ])
      await expect(
        safeFetch(`http://one.test:${from}/${encodeURIComponent(target)}`, { agents }),
        target,
      ).rejects.toMatchObject({
        reason: expect.stringMatching(/^(forbidden_address|bad_address|unreachable)$/),
      })

    expect(connections).toBe(0)
    server.closeAllConnections()
    server.close()
  })

  /** One name stands for the internet; all others are looked up as usual. */
  const oneName: LookupFunction = (hostname, options, done) => {
    if (hostname !== 'one.test') return guardedLookup('public')(hostname, options, done)
    if (options.all) done(null, [{ address: '127.0.0.1', family: 4 }])
    else done(null, '127.0.0.1', 4)
  }
})

async function delivered(url: string, agents: Agents): Promise<void> {
  const request = { url, id: 'id', at: 0, encoded: { body: '{}', headers: {} } }
  const outcome = await postWebhook(request, {
    agents: () => agents,
    timeoutMs: 2_000,
    signal: new AbortController().signal,
  })
  if (outcome.kind !== 'delivered') throw new Error(outcome.kind === 'failed' ? outcome.answer : outcome.kind)
}
