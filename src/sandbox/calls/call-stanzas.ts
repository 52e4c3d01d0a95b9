import { randomBytes, randomUUID } from 'node:crypto'
import type { BinaryNode } from '../../whatsapp/library/engine.ts'
import { child, children, node } from '../world/node.ts'
import type { RelaySite } from './relay-site.ts'

/** What stands in an offer, in this order; anything else is refused with 439. */
const OFFER = /^(privacy )?(audio ){1,2}(video )?net capability (enc|destination) encopt( device-identity)?$/

/** What a call's devices are told of its relays. */
export interface ToldRelays {
  /** JIDs of the two sides. */
  participants: readonly string[]
  sites: readonly RelaySite[]
  key: string
  /** The token of the device that is told. */
  token: Buffer
  /** 30 bytes, the same for both. */
  hbhKey: Buffer
}

/** Whether an offer is made as the service demands it, for a callee with so many devices. */
export function isWellFormed(offer: BinaryNode, devices: number): boolean {
  const order = children(offer)
    .map(({ tag }) => tag)
    .join(' ')
  const keys = ciphertexts(offer)
  const opensSession = keys.some(({ attrs }) => attrs.type === 'pkmsg')
  const isInline = child(offer, 'enc') !== undefined
  return (
    OFFER.test(order) &&
    keys.length > 0 &&
    keys.every(({ attrs }) => attrs.v === '2' && attrs.count === '0') &&
    isInline === (devices === 1) &&
    opensSession === (child(offer, 'device-identity') !== undefined) &&
    child(offer, 'encopt')?.attrs.keygen === '2' &&
    child(offer, 'net')?.attrs.medium === '3'
  )
}

function ciphertexts(offer: BinaryNode): BinaryNode[] {
  const listed = children(child(offer, 'destination')).flatMap(children)
  const inline = child(offer, 'enc')
  return inline ? [inline] : listed
}

/** The relay block of one device. Beside what a client can use it holds what it cannot: IPv6, and TCP. */
export function relayBlock({ participants, sites, key, token, hbhKey }: ToldRelays): BinaryNode {
  const attrs = { relay_name: 'v6', token_id: 0, auth_token_id: 0, protocol: 0, relay_id: 90 }
  return node('relay', { uuid: randomUUID(), self_pid: 1, peer_pid: 2 }, [
    ...participants.map((jid) => node('participant', { jid })),
    node('token', { id: 0 }, token),
    node('auth_token', { id: 0 }, randomBytes(token.length)),
    node('key', {}, Buffer.from(key)),
    node('hbh_key', {}, hbhKey),
    node('te2', attrs, Buffer.alloc(18, 1)),
    ...sites.flatMap((site, at) => {
      const told = { relay_id: at, relay_name: site.name, token_id: 0, auth_token_id: 0, c2r_rtt: 10 + at }
      return [
        node('te2', { ...told, protocol: 1 }, place(site)),
        node('te2', { ...told, protocol: 0 }, place(site)),
      ]
    }),
  ])
}

/** IPv4 address and port in six bytes. */
function place({ address, port }: { address: string; port: number }): Buffer {
  const bytes = Buffer.alloc(6)
  bytes.set(address.split('.').map(Number))
  bytes.writeUInt16BE(port, 4)
  return bytes
}

/** The settings that the service gives both ends. */
export function serviceSettings(usesMlow: boolean, ringMs: number): BinaryNode {
  const settings = {
    encode: { use_mlow_codec_v1: String(usesMlow) },
    options: { caller_timeout: String(Math.ceil(ringMs / 1000)) },
  }
  return node('voip_settings', { uncompressed: 1 }, Buffer.from(JSON.stringify(settings)))
}
