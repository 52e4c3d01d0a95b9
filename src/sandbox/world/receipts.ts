import { type BinaryNode, jidDecode } from '../../whatsapp/library/engine.ts'
import { addressServer, type Device } from './account.ts'
import type { Network } from './network.ts'
import { noteViews } from './newsletter-relay.ts'
import { node, unixSeconds } from './node.ts'

/** Receipts about a single device's copy: they go to that device alone. */
const FOR_ONE_DEVICE = new Set(['retry', 'sender', 'peer_msg', 'hist_sync', 'server-error'])
/** Receipts that the reader's other devices see too, so that they mark the chat as read. */
const ALSO_FOR_READER = new Set(['read', 'played'])
/** Receipts that only the reader's own devices see: the account hides its reading from others. */
const ONLY_FOR_READER = new Set(['read-self', 'played-self'])

/**
 * Acknowledges a receipt and routes it to the author of the message. `to` names the chat (and for a single
 * device's matters the device), `participant` the author inside a group.
 */
export function relayReceipt(network: Network, from: Device, stanza: BinaryNode): void {
  const { id, to = '', type, participant, recipient, category } = stanza.attrs
  from.deliver(node('ack', { class: 'receipt', id, from: to, participant, recipient, type }))
  if (type === 'retry') network.retryRequests.note(from, stanza)
  if (type === 'view') {
    noteViews(network, from, stanza)
    return
  }

  const chat = jidDecode(to)
  const author = participant ?? to
  const server = addressServer(author)
  const self = from.account.address(server, from.id)
  const isShared = chat?.server === 'g.us' || chat?.server === 'broadcast'

  const attrs = { id, type, category, t: unixSeconds() }
  const toAuthor = isShared ? { ...attrs, from: to, participant: self } : { ...attrs, from: self, recipient }
  const toReader = isShared
    ? { ...attrs, from: to, participant: self, recipient: participant }
    : { ...attrs, from: self, recipient: to }

  if (type !== undefined && FOR_ONE_DEVICE.has(type)) {
    network.findDevice(author)?.deliver(node('receipt', toAuthor, stanza.content))
    return
  }
  if (type === undefined || !ONLY_FOR_READER.has(type)) {
    for (const device of network.findAccount(author)?.devices.values() ?? []) {
      if (device.account !== from.account) device.deliver(node('receipt', toAuthor, stanza.content))
    }
  }
  if (type !== undefined && (ALSO_FOR_READER.has(type) || ONLY_FOR_READER.has(type))) {
    for (const device of from.account.devices.values()) {
      if (device !== from) device.deliver(node('receipt', toReader, stanza.content))
    }
  }
}
