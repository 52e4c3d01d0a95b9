import { randomBytes } from 'node:crypto'
import type { BinaryNode } from '../../whatsapp/library/engine.ts'
import { addressServer, type Device } from './account.ts'
import type { Network } from './network.ts'
import { children, node, unixSeconds } from './node.ts'

/** What a caller's program is, as the service writes it beside the signal; the versions are those of September 2026. */
function program(from: Device): { platform: string; version: string } {
  if (from.id === 0) return { platform: 'android', version: '2.26.38.75' }
  return { platform: 'web', version: '2.3000.1047769893' }
}

/** Call signalling. Links are made by the service (`to="@call"`); everything else goes to the other side's devices. */
export function relayCall(network: Network, from: Device, stanza: BinaryNode): void {
  const { id, to = '' } = stanza.attrs
  const signal = children(stanza)[0]
  if (signal?.tag === 'link_create') {
    const token = randomBytes(16).toString('base64url')
    from.deliver(node('call', { id, from: to }, [node('link_create', { ...signal.attrs, token })]))
    return
  }

  from.deliver(node('ack', { class: 'call', id, from: to, type: signal?.tag }))
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
