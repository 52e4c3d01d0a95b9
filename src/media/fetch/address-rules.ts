import ipaddr from 'ipaddr.js'
import { embeddedIpv4 } from './embedded-ipv4.ts'
import { neverReached } from './never-reached.ts'

/** Which networks a request may reach: `public` the internet only, `any` private and loopback addresses too. */
export type Networks = 'public' | 'any'

/** Whether a request to this IP address must not be made. */
export function isRefusedAddress(address: string, networks: Networks): boolean {
  const written = ipaddr.parse(address.replace(/%.*$/, ''))
  const reached = written instanceof ipaddr.IPv6 ? [written, ...embeddedIpv4(written)] : [written]
  return reached.some((one) => isNever(one) || (networks === 'public' && !isPublic(one)))
}

function isNever(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  return ipaddr.subnetMatch(address, { never }, 'elsewhere') === 'never'
}

const never = neverReached.map(({ range }) => ipaddr.parseCIDR(range))

function isPublic(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  return PUBLIC.includes(address.range()) && ipaddr.subnetMatch(address, { local: localNat64 }, '') === ''
}

/**
 * What the library calls the addresses that lead to the internet, or to the IPv4 address inside, which is looked at as
 * well. Whatever else has a name in its list, the registries of IANA, does not: a new name is refused.
 */
const PUBLIC: string[] = ['unicast', 'amt', 'as112', 'as112v6', 'ipv4Mapped', 'rfc6145', 'rfc6052', '6to4']

/** Which has one name for both networks of NAT64; this one is of whoever runs it (RFC 8215). */
const localNat64 = ipaddr.parseCIDR('64:ff9b:1::/48')
