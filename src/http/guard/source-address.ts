import { isIPv4, isIPv6 } from 'node:net'

/**
 * Who is limited as one: an IPv4 address, or the network of an IPv6 one, since whoever has one of those has the 2^64
 * addresses of its network. Some proxies write the client's port behind its address: one client must not be a new
 * source with every connection.
 */
export function sourceOf(address: string): string {
  const plain = withoutPort(address.trim()).replace(/%.*$/, '')
  if (!isIPv6(plain)) return plain
  const groups = groupsOf(plain)
  return mappedIPv4(groups) ?? groups.slice(0, 4).join(':')
}

function withoutPort(address: string): string {
  const bracketed = /^\[(.+)\](?::\d+)?$/.exec(address)?.[1]
  if (bracketed !== undefined) return bracketed
  const withPort = /^([\d.]+):\d+$/.exec(address)?.[1]
  return withPort !== undefined && isIPv4(withPort) ? withPort : address
}

/** The eight groups of an IPv6 address, in lower-case hex without leading zeros. */
function groupsOf(address: string): string[] {
  const [head = '', tail = ''] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === '' ? [] : tail.split(':')
  const zeros = Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0')
  return [...before, ...zeros, ...after]
}

/** The IPv4 address that an IPv6 socket shows as `::ffff:1.2.3.4` (RFC 4291, 2.5.5.2). */
function mappedIPv4(groups: string[]): string | undefined {
  if (groups.slice(0, 6).join(':') !== '0:0:0:0:0:ffff') return undefined
  return groups
    .slice(6)
    .map((group) => Number.parseInt(group, 16))
    .flatMap((pair) => [pair >> 8, pair & 0xff])
    .join('.')
}
