import { randomBytes } from 'node:crypto'
import type { BinaryNode } from '../library/engine.ts'
import { capabilityOf, OPUS_SETTINGS, type SpokenCodec } from './capability.ts'

/** What names a call in every step. */
export interface CallNames {
  callId: string
  /** LID of the device that calls, as the offer has it. */
  creator: string
}

/** A relay, and how long it takes to answer. */
export interface RelayLatency {
  name: string
  /** IPv4. */
  address: string
  port: number
  latencyMs: number
}

/** Why a device is told that a call is over for it. */
export type TerminateReason = 'timeout' | 'accepted_elsewhere' | 'rejected_elsewhere'

/** A step of a call but its offer. */
export type StepToSend =
  /** It rings here. */
  | { tag: 'preaccept' }
  /** It is taken here. */
  | { tag: 'accept' }
  | { tag: 'reject' }
  /** `activeMs`: how long both ends could speak. */
  | { tag: 'terminate'; reason?: TerminateReason; activeMs?: number }
  /** `type` 0 follows a preaccept, 1 an accept. */
  | { tag: 'transport'; type: number; round: number }
  | { tag: 'mute_v2'; muted: boolean }
  | { tag: 'relaylatency'; relay: RelayLatency }

/** An encrypted call key for one device, as the library makes it: a `<to>` with an `<enc>`. */
export type SealedKey = BinaryNode

/** What an offer is made of. */
export interface OfferParts {
  codec: SpokenCodec
  /** One for each device of the other end for which there are keys. */
  keys: SealedKey[]
  /** How many devices the other end has, whether or not there are keys for them. */
  deviceCount: number
  /** The device's identity, signed by its account; needed where a key opens a session. */
  identity?: Uint8Array
  /** The token by which the other end trusts this account. */
  trust?: Uint8Array
}

/** Sound goes over relays, which are called medium 3 in an offer and 2 afterwards. */
const OFFER_MEDIUM = '3'
const MEDIUM = '2'
/** A latency is told with this flag. */
const LATENCY_FLAG = 0x2000000

/** The stanza around a step. Without an id of its own the service drops it without a word. */
export function callStanza(to: string, step: BinaryNode, id = newStanzaId()): BinaryNode {
  return { tag: 'call', attrs: { to, id }, content: [step] }
}

/** An id for a stanza of calls. */
function newStanzaId(): string {
  return randomBytes(8).toString('hex').toUpperCase()
}

/**
 * The offer of a call. The order of its children is enforced: the service answers any other with error 439. The key stands
 * in it directly only where the other end has a single device.
 */
export function writeOffer(names: CallNames, offer: OfferParts): BinaryNode {
  const { codec, keys, deviceCount, identity, trust } = offer
  const [only] = keys
  const inline = deviceCount === 1 && Array.isArray(only?.content) ? only.content : undefined
  return element('offer', namesIn(names), [
    ...(trust ? [element('privacy', {}, trust)] : []),
    audio(),
    element('net', { medium: OFFER_MEDIUM }),
    capability('offer', codec),
    ...(inline ?? [element('destination', {}, keys)]),
    encryption(),
    ...(identity ? [element('device-identity', {}, identity)] : []),
  ])
}

/** Any other step. */
export function writeStep(names: CallNames, step: StepToSend, codec: SpokenCodec): BinaryNode {
  const attrs = namesIn(names)
  switch (step.tag) {
    case 'preaccept':
      return element('preaccept', attrs, [audio(), encryption(), capability('preaccept', codec)])
    case 'accept':
      return element('accept', attrs, [
        audio(),
        element('net', { medium: MEDIUM }),
        encryption(),
        capability('accept', codec),
        ...(codec === 'opus'
          ? [element('voip_settings', { uncompressed: '1' }, Buffer.from(OPUS_SETTINGS))]
          : []),
      ])
    case 'reject':
      return element('reject', { ...attrs, count: '0' })
    case 'terminate':
      return element('terminate', {
        ...attrs,
        ...(step.reason && { reason: step.reason }),
        ...(step.activeMs !== undefined && {
          duration: String(step.activeMs),
          audio_duration: String(step.activeMs),
        }),
      })
    case 'transport':
      return element(
        'transport',
        { ...attrs, 'transport-message-type': String(step.type), 'p2p-cand-round': String(step.round) },
        [element('net', { medium: MEDIUM, protocol: '0' })],
      )
    case 'mute_v2':
      return element('mute_v2', { ...attrs, 'mute-state': step.muted ? '1' : '0' })
    case 'relaylatency':
      return element('relaylatency', attrs, [latency(step.relay)])
  }
}

/** Tells the device that called, or accepted, that its step has arrived; the library acknowledges the stanza itself. */
export function writeReceipt(
  names: CallNames,
  {
    step,
    to,
    stanzaId,
    ownDevice,
  }: { step: 'offer' | 'accept'; to: string; stanzaId: string; ownDevice: string },
): BinaryNode {
  const attrs = { to, id: stanzaId, from: ownDevice }
  return { tag: 'receipt', attrs, content: [element(step, namesIn(names))] }
}

function namesIn({ callId, creator }: CallNames): BinaryNode['attrs'] {
  return { 'call-id': callId, 'call-creator': creator }
}

function audio(): BinaryNode {
  return element('audio', { enc: 'opus', rate: '16000' })
}

function encryption(): BinaryNode {
  return element('encopt', { keygen: '2' })
}

function capability(step: 'offer' | 'preaccept' | 'accept', codec: SpokenCodec): BinaryNode {
  return element('capability', { ver: '1' }, capabilityOf(step, codec))
}

function latency({ name, address, port, latencyMs }: RelayLatency): BinaryNode {
  const place = Buffer.alloc(6)
  place.set(address.split('.').map(Number))
  place.writeUInt16BE(port, 4)
  const value = String(LATENCY_FLAG + Math.max(0, Math.round(latencyMs)))
  return element('te', { latency: value, relay_name: name }, place)
}

function element(tag: string, attrs: BinaryNode['attrs'], content?: BinaryNode['content']): BinaryNode {
  return content === undefined ? { tag, attrs } : { tag, attrs, content }
}
