import { bare, canonical, isLidJid, isPhoneJid, sameUser } from '../../lib/jid.ts'
import type { Networks } from '../../media/fetch/address-rules.ts'
import type { BinaryNode } from '../library/engine.ts'
import { bytesOf, child, children, childrenOf, numberAttr, textOf } from '../wire/node.ts'
import { speaksMlow } from './capability.ts'
import { type RelayBlock, readRelayBlock } from './relay-block.ts'
import type { CallNames } from './steps.ts'

/** A step of a call that came from the service. */
export interface ReceivedStep extends CallNames {
  tag: string
  /** The device that says it. */
  from: string
  /** Id of its stanza. */
  stanzaId: string
  /** Unix seconds. */
  timestamp: number
  /** It waited for this device to connect. */
  isOffline: boolean
  node: BinaryNode
}

/** An encrypted call key. */
export interface Ciphertext {
  type: 'pkmsg' | 'msg'
  bytes: Uint8Array
}

/** What an offer of a call between two people says. */
export interface ReceivedOffer {
  /** JID of the caller's number, '' where the service does not tell it. */
  callerNumber: string
  ciphertext: Ciphertext | undefined
  relayBlock: RelayBlock | undefined
  speaksMlow: boolean | undefined
  /** Whether the service wants MLow spoken; undefined where it does not say. */
  wantsMlow: boolean | undefined
}

/** A relay as a step of the other end names it. */
export interface NamedRelay {
  address: string
  port: number
}

const MAX_ID_CHARACTERS = 64
const MAX_JID_CHARACTERS = 128
const MAX_SETTINGS_BYTES = 256 * 1024
const MAX_LATENCIES = 64
const CIPHERTEXT_BYTES = 16 * 1024

/** The step of a `<call>`, which is its only child; undefined for what is no step of a call between people. */
export function readStep(stanza: BinaryNode): ReceivedStep | undefined {
  const [node, ...others] = children(stanza)
  const { from, id = '', offline } = stanza.attrs
  const callId = node?.attrs['call-id'] ?? ''
  const creator = node?.attrs['call-creator'] ?? ''
  if (!node || others.length > 0 || !from) return undefined
  if (!isShort(node.tag, MAX_ID_CHARACTERS) || !isShort(callId, MAX_ID_CHARACTERS)) return undefined
  if (!isShort(creator, MAX_JID_CHARACTERS) || !isShort(from, MAX_JID_CHARACTERS)) return undefined
  return {
    tag: node.tag,
    callId,
    creator,
    from: canonical(from),
    stanzaId: id,
    timestamp: numberAttr(stanza, 't'),
    isOffline: offline !== undefined,
    node,
  }
}

function isShort(text: string, limit: number): boolean {
  return text.length > 0 && text.length <= limit
}

/** Whether an offer is for more than the voices of two people: a group, or a picture. */
export function isOtherKindOfCall({ node }: ReceivedStep): boolean {
  return Boolean(node.attrs['group-jid'] || node.attrs.type === 'group' || child(node, 'video'))
}

/** What an offer says to this device, whose LID is given; `networks` are those in which relays may be. */
export function readOffer(
  { node, creator }: ReceivedStep,
  ownLid: string,
  networks: Networks,
): ReceivedOffer {
  const number = canonical(node.attrs.caller_pn)
  return {
    callerNumber: isPhoneJid(number) ? bare(number) : isPhoneJid(creator) ? bare(creator) : '',
    ciphertext: ciphertextFor(node, ownLid),
    relayBlock: readRelayBlock(node, networks),
    speaksMlow: speaksMlow(bytesOf(child(node, 'capability'))),
    wantsMlow: readWantsMlow(node),
  }
}

/** Whether the other end of an accept or preaccept speaks MLow, as far as it says. */
export function readSpeaksMlow({ node }: ReceivedStep): boolean | undefined {
  return readWantsMlow(node) ?? speaksMlow(bytesOf(child(node, 'capability')))
}

/** Whether settings inside an element ask for MLow; undefined where nothing is said. Their values are texts. */
export function readWantsMlow(node: BinaryNode): boolean | undefined {
  const text = textOf(child(node, 'voip_settings'))
  if (text === '' || text.length > MAX_SETTINGS_BYTES) return undefined
  try {
    const settings: unknown = JSON.parse(text)
    const value = (settings as { encode?: { use_mlow_codec_v1?: unknown } } | null)?.encode?.use_mlow_codec_v1
    return value === undefined ? undefined : String(value) === 'true'
  } catch {
    // They may be compressed, which is not understood here.
    return undefined
  }
}

/** The relays that the other end has measured. */
export function readLatencies({ node }: ReceivedStep): NamedRelay[] {
  return childrenOf(node, 'te')
    .slice(0, MAX_LATENCIES)
    .flatMap((endpoint) => {
      const place = bytesOf(endpoint)
      if (place?.length !== 6) return []
      const [a, b, c, d, high = 0, low = 0] = place
      return { address: [a, b, c, d].join('.'), port: (high << 8) | low }
    })
}

/** The key in an offer: directly, or in a list of devices. */
function ciphertextFor(offer: BinaryNode, ownLid: string): Ciphertext | undefined {
  const listed = childrenOf(child(offer, 'destination'), 'to').find(
    ({ attrs }) =>
      isLidJid(attrs.jid) && sameUser(attrs.jid ?? '', ownLid) && canonical(attrs.jid) === ownLid,
  )
  const enc = child(offer, 'enc') ?? child(listed, 'enc')
  const bytes = bytesOf(enc)
  const type = enc?.attrs.type
  if (!bytes || bytes.length > CIPHERTEXT_BYTES || (type !== 'pkmsg' && type !== 'msg')) return undefined
  return { type, bytes }
}
