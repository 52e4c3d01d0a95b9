type Groups = string[]

interface Embedding {
  /** Whether an IPv6 address is of this kind, by its eight groups. */
  isOne(groups: Groups): boolean
  /** Which of the sixteen bytes are the IPv4 address; more than one choice where it cannot be known. */
  at: [number, number, number, number][]
  source: string
}

const LAST: [number, number, number, number] = [12, 13, 14, 15]

/** Every kind of IPv6 address that carries packets to an IPv4 address written inside it. */
const embeddings: Embedding[] = [
  { isOne: startsWith('0:0:0:0:0:ffff'), at: [LAST], source: 'mapped: RFC 4291, section 2.5.5.2' },
  { isOne: startsWith('0:0:0:0:ffff:0'), at: [LAST], source: 'translated: RFC 2765, section 2.1' },
  { isOne: startsWith('0:0:0:0:0:0'), at: [LAST], source: 'compatible: RFC 4291, section 2.5.5.1' },
  { isOne: startsWith('64:ff9b:0:0:0:0'), at: [LAST], source: 'NAT64: RFC 6052, section 2.1' },
  {
    // The network is divided as its operator likes, and where the IPv4 address stands follows from that: behind a
    // prefix of 48, 56, 64 or 96 bits, without the byte from the 64th bit (RFC 6052, section 2.2).
    isOne: startsWith('64:ff9b:1'),
    at: [[6, 7, 9, 10], [7, 9, 10, 11], [9, 10, 11, 12], LAST],
    source: 'local NAT64: RFC 8215',
  },
  { isOne: startsWith('2002'), at: [[2, 3, 4, 5]], source: '6to4: RFC 3056, section 2' },
  {
    isOne: (groups) => ['0', '200'].includes(groups[4] ?? '') && groups[5] === '5efe',
    at: [LAST],
    source: 'ISATAP, behind any prefix: RFC 5214, section 6.1',
  },
]

/** The IPv4 addresses that an IPv6 address may lead to. */
export function embeddedIpv4(address: string): string[] {
  const groups = ipv6Groups(address)
  const bytes = Buffer.from(groups.map((group) => group.padStart(4, '0')).join(''), 'hex')
  return embeddings
    .filter(({ isOne }) => isOne(groups))
    .flatMap(({ at }) => at.map((places) => places.map((place) => bytes[place]).join('.')))
}

function startsWith(prefix: string): (groups: Groups) => boolean {
  return (groups) => `${groups.join(':')}:`.startsWith(`${prefix}:`)
}

/** The eight groups in lower-case hex without leading zeros. */
function ipv6Groups(address: string): Groups {
  // The URL parser rewrites a dotted tail as two groups and shortens every group.
  const normal = new URL(`http://[${address}]`).hostname.slice(1, -1)
  const [head = '', tail] = normal.split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  return [...before, ...Array(8 - before.length - after.length).fill('0'), ...after]
}
