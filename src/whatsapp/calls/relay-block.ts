import type { CallRelay } from '../../calls/relay-link.ts'
import { isRefusedAddress, type Networks } from '../../media/fetch/address-rules.ts'
import type { BinaryNode } from '../library/engine.ts'
import { bytesOf, child, children, childrenOf, numberAttr, textOf } from '../wire/node.ts'

/** What the service tells a device of the relays of a call; all of it is secret but names and addresses. */
export interface RelayBlock {
  /** The text it came as: its bytes are the key. */
  key: string
  /** The best first. */
  relays: CallRelay[]
  /** Bytes of a packet's tag, where the service says so. */
  tagBytes?: number
}

/** Bounds that other clients have, too. */
const MAX_TOKENS = 64
const MAX_TAG_BYTES = 20
const MAX_TOKEN_BYTES = 512
const MAX_KEY_CHARACTERS = 256
const MAX_RELAYS = 64
/** An IPv4 address and a port; IPv6 has 18 bytes and is passed over. */
const IPV4_BYTES = 6
const MAX_DEPTH = 4

/**
 * The relay block of an offer or of the answer to one, wherever it stands in it; undefined where none can be used. Whoever calls
 * could have written it: relays are on the internet, and those of a simulated network alone may be elsewhere.
 */
export function readRelayBlock(stanza: BinaryNode, networks: Networks): RelayBlock | undefined {
  const block = findBlock(stanza)
  const key = textOf(child(block, 'key'))
  if (!block || key === '' || key.length > MAX_KEY_CHARACTERS) return undefined
  const tokens = tokensOf(block)
  const relays = childrenOf(block, 'te2')
    .slice(0, MAX_RELAYS)
    .flatMap((endpoint) => relayOf(endpoint, tokens) ?? [])
    .filter(({ relay }) => !isRefusedAddress(relay.address, networks))
    .sort((a, b) => a.rank - b.rank)
    .map(({ relay }) => relay)
  return relays.length > 0 ? { key, relays, tagBytes: tagBytesOf(block) } : undefined
}

function findBlock(node: BinaryNode, depth = 0): BinaryNode | undefined {
  if (node.tag === 'relay' && child(node, 'te2')) return node
  if (depth === MAX_DEPTH) return undefined
  for (const inner of children(node)) {
    const found = findBlock(inner, depth + 1)
    if (found) return found
  }
  return undefined
}

function tokensOf(block: BinaryNode): Map<number, Buffer> {
  const tokens = new Map<number, Buffer>()
  for (const token of childrenOf(block, 'token')) {
    const [id, bytes] = [numberAttr(token, 'id'), bytesOf(token)]
    if (bytes && bytes.length <= MAX_TOKEN_BYTES && id >= 0 && id < MAX_TOKENS)
      tokens.set(id, Buffer.from(bytes))
  }
  return tokens
}

/** A relay that is reached by IPv4 and UDP. Those that carry the caller's media come first, then the nearest. */
function relayOf(
  endpoint: BinaryNode,
  tokens: Map<number, Buffer>,
): { relay: CallRelay; rank: number } | undefined {
  const place = bytesOf(endpoint)
  const token = tokens.get(numberAttr(endpoint, 'token_id'))
  if (place?.length !== IPV4_BYTES || numberAttr(endpoint, 'protocol') !== 0 || !token) return undefined
  const { relay_name: name = '', is_fna: carriesCaller } = endpoint.attrs
  const [a, b, c, d, high = 0, low = 0] = place
  const relay = { name: name.slice(0, 64), address: [a, b, c, d].join('.'), port: (high << 8) | low, token }
  return { relay, rank: (carriesCaller === '1' ? 0 : 1_000_000) + numberAttr(endpoint, 'c2r_rtt') }
}

function tagBytesOf(block: BinaryNode): number | undefined {
  const bytes = numberAttr(block, 'warp_mi_tag_len') || Number(textOf(child(block, 'warp_mi_tag_len')))
  return Number.isInteger(bytes) && bytes >= 1 && bytes <= MAX_TAG_BYTES ? bytes : undefined
}
