import { randomBytes } from 'node:crypto'
import type { BinaryNode } from '../../whatsapp/library/engine.ts'
import type { CallSignal } from '../peer/actions.ts'
import { addressServer, type Device } from '../world/account.ts'
import type { Network } from '../world/network.ts'
import { type Attributes, child, children, node, unixSeconds } from '../world/node.ts'

/** What a caller's program is, as the service writes it beside the signal; the versions are those of September 2026. */
export function program(from: Device): { platform: string; version: string } {
  if (from.id === 0) return { platform: 'android', version: '2.26.38.75' }
  return { platform: 'web', version: '2.3000.1047769893' }
}

/**
 * Call signalling. Links are made by the service (`to="@call"`); calls with sound are its own affair; whatever else is said
 * of a call goes to the other side's devices. A stanza without an id is dropped without a word.
 */
export function relayCall(network: Network, from: Device, stanza: BinaryNode): void {
  const { id, to = '' } = stanza.attrs
  const signal = children(stanza)[0]
  if (signal?.tag === 'link_create') {
    const token = randomBytes(16).toString('base64url')
    from.deliver(node('call', { id, from: to }, [node('link_create', { ...signal.attrs, token })]))
    return
  }
  if (!id) return
  if (signal && network.calls.takes(signal)) network.calls.receive(from, stanza, signal)
  else relaySignal(network, from, stanza)
}

/** Passes on what belongs to no call with sound: what a program says of a call that only phones have, or none has. */
function relaySignal(network: Network, from: Device, stanza: BinaryNode): void {
  const { id, to = '' } = stanza.attrs
  from.deliver(node('ack', { class: 'call', id, from: to, type: children(stanza)[0]?.tag }))
  const account = network.findAccount(to)
  if (!account || account.blocklist.has(from.account)) return
  const server = addressServer(to)
  const relayed = node(
    'call',
    {
      id,
      from: from.account.address(server, from.id),
      t: unixSeconds(),
      notify: from.account.name || undefined,
      ...program(from),
    },
    stanza.content,
  )
  for (const device of account.devices.values()) device.deliver(relayed)
}

/** Says something about a call that has no sound: `offer` rings, `terminate` hangs up. Gives the id of the call. */
export function sendSignal(network: Network, from: Device, chat: string, signal: CallSignal): string {
  const { kind, video, reason, callId = randomBytes(16).toString('hex').toUpperCase() } = signal
  const attrs = { 'call-id': callId, ...creatorIn(from, chat), reason }
  const media = kind === 'offer' ? [node('audio', { enc: 'opus', rate: 16_000 })] : []
  if (kind === 'offer' && video) media.push(node('video', { enc: 'vp8' }))
  const id = randomBytes(8).toString('hex')
  network.receive(from, node('call', { id, to: chat }, [node(kind, attrs, media)]))
  return callId
}

/** Who began a call, in the address family of its chat. */
function creatorIn({ account }: Device, chat: string): Attributes {
  if (addressServer(chat) !== 'lid') return { 'call-creator': account.jid() }
  return { 'call-creator': account.lidJid(), caller_pn: account.numberJid }
}

/** Whether an offer carries a key, and so means to have sound. */
export function hasKey(offer: BinaryNode): boolean {
  return child(offer, 'enc') !== undefined || child(offer, 'destination') !== undefined
}
