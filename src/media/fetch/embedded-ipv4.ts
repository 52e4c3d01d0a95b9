type Groups = string[]

interface Embedding {
  /** Whether an IPv6 address is of this kind, by its eight groups. */
  isOne(groups: Groups): boolean
  /** Where the 16-bit halves of the IPv4 address begin, counted in bits; more than one place where it cannot be known. */
  at: [high: number, low: number][]
  source: string
}

const LAST: [number, number] = [96, 112]

/** Every kind of IPv6 address that carries packets to an IPv4 address written inside it. */
const embeddings: Embedding[] = [
  { isOne: startsWith('0:0:0:0:0:ffff'), at: [LAST], source: 'mapped: RFC 4291, section 2.5.5.2' },
  { isOne: startsWith('0:0:0:0:ffff:0'), at: [LAST], source: 'translated: RFC 2765, section 2.1' },
  { isOne: startsWith('0:0:0:0:0:0'), at: [LAST], source: 'compatible: RFC 4291, section 2.5.5.1' },
  { isOne: startsWith('64:ff9b:0:0:0:0'), at: [LAST], source: 'NAT64: RFC 6052, section 2.1' },
  {
    // The network is divided as its operator likes, and where the IPv4 address stands follows from that: behind a
    // prefix of 48, 56, 64 or 96 bits, without the eight bits from the 64th (RFC 6052, section 2.2).
    isOne: startsWith('64:ff9b:1'),
    at: [[48, 72], [56, 80], [72, 88], LAST],
    source: 'local NAT64: RFC 8215',
  },
  { isOne: startsWith('2002'), at: [[16, 32]], source: '6to4: RFC 3056, section 2' },
  {
    isOne: (groups) => ['0', '200'].includes(groups[4] ?? '') && groups[5] === '5efe',
    at: [LAST],
    source: 'ISATAP, behind any prefix: RFC 5214, section 6.1',
  },
]

/** The IPv4 addresses that an IPv6 address may lead to. */
export function embeddedIpv4(address: string): string[] {
  const groups = ipv6Groups(address)
  const bits = BigInt(`0x${groups.map((group) => group.padStart(4, '0')).join('')}`)
  return embeddings
    .filter(({ isOne }) => isOne(groups))
    .flatMap(({ at }) => at.map(([high, low]) => dotted(sixteenAt(bits, high), sixteenAt(bits, low))))
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

function sixteenAt(bits: bigint, position: number): number {
  return Number((bits >> BigInt(112 - position)) & 0xffffn)
}

function dotted(high: number, low: number): string {
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}
