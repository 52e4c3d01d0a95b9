import ipaddr from 'ipaddr.js'

interface Embedding {
  isOne(address: ipaddr.IPv6): boolean
  /** Which of the sixteen bytes are the IPv4 address; more than one choice where it cannot be known. */
  at: [number, number, number, number][]
  source: string
}

const LAST: [number, number, number, number] = [12, 13, 14, 15]

/**
 * Every kind of IPv6 address that carries packets to an IPv4 address written inside it. The library has names for some of
 * them, but does not know ISATAP, nor where the IPv4 address is.
 */
const embeddings: Embedding[] = [
  { isOne: within('::ffff:0:0/96'), at: [LAST], source: 'mapped: RFC 4291, section 2.5.5.2' },
  { isOne: within('::ffff:0:0:0/96'), at: [LAST], source: 'translated: RFC 2765, section 2.1' },
  { isOne: within('::/96'), at: [LAST], source: 'compatible: RFC 4291, section 2.5.5.1' },
  { isOne: within('64:ff9b::/96'), at: [LAST], source: 'NAT64: RFC 6052, section 2.1' },
  {
    // The network is divided as its operator likes, and where the IPv4 address stands follows from that: behind a
    // prefix of 48, 56, 64 or 96 bits, without the byte from the 64th bit (RFC 6052, section 2.2).
    isOne: within('64:ff9b:1::/48'),
    at: [[6, 7, 9, 10], [7, 9, 10, 11], [9, 10, 11, 12], LAST],
    source: 'local NAT64: RFC 8215',
  },
  { isOne: within('2002::/16'), at: [[2, 3, 4, 5]], source: '6to4: RFC 3056, section 2' },
  {
    isOne: ({ parts }) => (parts[4] === 0 || parts[4] === 0x200) && parts[5] === 0x5efe,
    at: [LAST],
    source: 'ISATAP, behind any prefix: RFC 5214, section 6.1',
  },
]

/** The IPv4 addresses that an IPv6 address may lead to. */
export function embeddedIpv4(address: ipaddr.IPv6): ipaddr.IPv4[] {
  const bytes = address.toByteArray()
  return embeddings
    .filter(({ isOne }) => isOne(address))
    .flatMap(({ at }) => at.map((places) => new ipaddr.IPv4(places.map((place) => bytes[place] ?? 0))))
}

function within(network: string): Embedding['isOne'] {
  const range = ipaddr.IPv6.parseCIDR(network)
  return (address) => address.match(range)
}
