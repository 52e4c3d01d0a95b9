import { randomBytes } from 'node:crypto'
import type { CallRelay } from '../../calls/relay-link.ts'
import type { BinaryNode } from '../../whatsapp/library/engine.ts'
import { bytes, child, children, node, text } from '../world/node.ts'

/** The stanzas of a phone's calls, written and read by code of its own. */
export interface PhoneCallNames {
  callId: string
  creator: string
}

const CAPABILITY = { offer: '0105f709e0bb13', preaccept: '0105f709e0bb07' }

export function phoneStep(
  { callId, creator }: PhoneCallNames,
  tag: string,
  attrs: Record<string, string | number | undefined> = {},
  content?: BinaryNode[],
): BinaryNode {
  return node(tag, { 'call-id': callId, 'call-creator': creator, ...attrs }, content)
}

/** An offer with keys for the callee's devices. */
export function phoneOffer(names: PhoneCallNames, keys: BinaryNode[], deviceCount: number): BinaryNode {
  const [only] = keys
  const opensSession = keys.some((to) => child(to, 'enc')?.attrs.type === 'pkmsg')
  return phoneStep(names, 'offer', {}, [
    audio(),
    node('net', { medium: 3 }),
    capability('offer'),
    ...(deviceCount === 1 ? children(only) : [node('destination', {}, keys)]),
    node('encopt', { keygen: 2 }),
    ...(opensSession ? [node('device-identity', {}, randomBytes(64))] : []),
  ])
}

export function phonePreaccept(names: PhoneCallNames): BinaryNode {
  return phoneStep(names, 'preaccept', {}, [audio(), node('encopt', { keygen: 2 }), capability('preaccept')])
}

export function phoneAccept(names: PhoneCallNames): BinaryNode {
  return phoneStep(names, 'accept', {}, [
    audio(),
    node('net', { medium: 2 }),
    node('encopt', { keygen: 2 }),
    capability('offer'),
  ])
}

/** Measures one relay. */
export function phoneLatency(names: PhoneCallNames, { name, address, port }: CallRelay): BinaryNode {
  const place = Buffer.alloc(6)
  place.set(address.split('.').map(Number))
  place.writeUInt16BE(port, 4)
  const te = node('te', { latency: 0x2000000 + 12, relay_name: name }, place)
  return phoneStep(names, 'relaylatency', {}, [te])
}

/** What a device is told of relays; undefined where there are none. */
export function readPhoneRelays(holder: BinaryNode): { key: string; relays: CallRelay[] } | undefined {
  const block = child(holder, 'relay')
  const key = text(child(block, 'key'))
  if (!block || !key) return undefined
  const relays = children(block).flatMap((part) => {
    const at = part.tag === 'te2' && part.attrs.protocol === '0' ? bytes(part) : undefined
    if (at?.length !== 6) return []
    const held = children(block).find(({ tag, attrs }) => tag === 'token' && attrs.id === part.attrs.token_id)
    return {
      name: part.attrs.relay_name ?? '',
      address: [...at.subarray(0, 4)].join('.'),
      port: at.readUInt16BE(4),
      token: bytes(held) ?? Buffer.alloc(0),
    }
  })
  return { key, relays }
}

/** Whether a device says that it speaks MLow. */
export function showsMlow(step: BinaryNode): boolean {
  return ((bytes(child(step, 'capability'))?.[5] ?? 0x80) & 0x80) !== 0
}

/** Whether a device asks to be heard as Opus. */
export function asksForOpus(step: BinaryNode): boolean {
  const settings = text(child(step, 'voip_settings'))
  return settings?.includes('"use_mlow_codec_v1":"false"') ?? false
}

function audio(): BinaryNode {
  return node('audio', { enc: 'opus', rate: 16_000 })
}

function capability(step: keyof typeof CAPABILITY): BinaryNode {
  return node('capability', { ver: 1 }, Buffer.from(CAPABILITY[step], 'hex'))
}
