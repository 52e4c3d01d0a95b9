import { BlockList, isIPv6 } from 'node:net'
import { embeddedIpv4 } from './embedded-ipv4.ts'
import { neverReached } from './never-reached.ts'

/** Which networks a request may reach: `public` the internet only, `any` private and loopback addresses too. */
export type Networks = 'public' | 'any'

/** Whether a request to this IP address must not be made. */
export function isRefusedAddress(address: string, networks: Networks): boolean {
  const plain = address.replace(/%.*$/, '')
  if (!isIPv6(plain)) return matches(plain, 'ipv4', networks)
  const leadsTo = embeddedIpv4(plain)
  return matches(plain, 'ipv6', networks) || leadsTo.some((address) => matches(address, 'ipv4', networks))
}

function matches(address: string, family: 'ipv4' | 'ipv6', networks: Networks): boolean {
  return never.check(address, family) || (networks === 'public' && notPublic.check(address, family))
}

const never = blockList(neverReached.map(({ range }) => range))

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
