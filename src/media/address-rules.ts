import { BlockList, isIPv6 } from 'node:net'

/** Which networks a request may reach: `public` the internet only, `any` private and loopback addresses too. */
export type Networks = 'public' | 'any'

/** Whether a request to this IP address must not be made. */
export function isRefusedAddress(address: string, networks: Networks): boolean {
  const plain = address.replace(/%.*$/, '')
  if (!isIPv6(plain)) return matches(plain, 'ipv4', networks)
  const embedded = embeddedIpv4(plain)
  return matches(plain, 'ipv6', networks) || (embedded !== undefined && matches(embedded, 'ipv4', networks))
}

function matches(address: string, family: 'ipv4' | 'ipv6', networks: Networks): boolean {
  return neverReached.check(address, family) || (networks === 'public' && notPublic.check(address, family))
}

/**
 * Link-local addresses carry the metadata services of clouds (credentials for whoever asks); the single addresses
 * are those services of clouds that put them elsewhere. The rest is multicast, reserved or a tunnel.
 */
const neverReached = blockList([
  '169.254.0.0/16',
  '100.100.100.200/32',
  '168.63.129.16/32',
  '192.0.0.192/32',
  '224.0.0.0/4',
  '240.0.0.0/4',
  'fe80::/10',
  'fd00:ec2::254/128',
  'ff00::/8',
  '2001::/32',
])

/** The special-purpose registries of IANA that do not lead to the internet. */
const notPublic = blockList([
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '::/128',
  '::1/128',
  '64:ff9b:1::/48',
  '100::/64',
  '2001:db8::/32',
  '3fff::/20',
  '5f00::/16',
  'fc00::/7',
  'fec0::/10',
])

function blockList(ranges: string[]): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [address = '', bits] = range.split('/')
    list.addSubnet(address, Number(bits), isIPv6(address) ? 'ipv6' : 'ipv4')
  }
  return list
}

/** The first six groups of mapped (::ffff:0:0/96), translated (::ffff:0:0:0/96), compatible and NAT64 addresses. */
const EMBEDDING = new Set(['0:0:0:0:0:ffff', '0:0:0:0:ffff:0', '0:0:0:0:0:0', '64:ff9b:0:0:0:0'])

/** The IPv4 address inside a mapped, translated, compatible, NAT64 or 6to4 (2002::/16) one. */
function embeddedIpv4(address: string): string | undefined {
  const groups = ipv6Groups(address)
  const prefix = groups.slice(0, 6).join(':')
  if (EMBEDDING.has(prefix)) return dotted(groups[6], groups[7])
  if (groups[0] === '2002') return dotted(groups[1], groups[2])
  return undefined
}

/** The eight groups in lower-case hex without leading zeros. */
function ipv6Groups(address: string): string[] {
  // The URL parser rewrites a dotted tail as two groups and shortens every group.
  const normal = new URL(`http://[${address}]`).hostname.slice(1, -1)
  const [head = '', tail] = normal.split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  return [...before, ...Array(8 - before.length - after.length).fill('0'), ...after]
}

function dotted(high = '0', low = '0'): string {
  const [first, second] = [Number.parseInt(high, 16), Number.parseInt(low, 16)]
  return [first >> 8, first & 255, second >> 8, second & 255].join('.')
}
