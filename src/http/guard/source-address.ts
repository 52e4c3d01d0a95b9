import { isIPv4, isIPv6 } from 'node:net'
import ipaddr from 'ipaddr.js'

/**
 * Who is limited as one: an IPv4 address, or the network of an IPv6 one, since whoever has one of those has the 2^64
 * addresses of its network. Some proxies write the client's port behind its address: one client must not be a new
 * source with every connection.
 */
export function sourceOf(address: string): string {
  const plain = withoutPort(address.trim()).replace(/%.*$/, '')
  if (!isIPv6(plain)) return plain
  // An IPv4 address is one also where an IPv6 socket shows it, as `::ffff:1.2.3.4`.
  const read = ipaddr.process(plain)
  if (read instanceof ipaddr.IPv4) return read.toString()
  const network = read.parts.slice(0, 4)
  return network.map((part) => part.toString(16)).join(':')
}

function withoutPort(address: string): string {
  const bracketed = /^\[(.+)\](?::\d+)?$/.exec(address)?.[1]
  if (bracketed !== undefined) return bracketed
  const withPort = /^([\d.]+):\d+$/.exec(address)?.[1]
  return withPort !== undefined && isIPv4(withPort) ? withPort : address
}
