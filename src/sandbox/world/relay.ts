import { type BinaryNode, jidDecode } from '../../whatsapp/library/engine.ts'
import { type Account, type AddressServer, addressServer, type Device } from './account.ts'
import { verifiedName } from './business.ts'
import { deviceListHash, partnersHash } from './device-list.ts'
import type { Group } from './group.ts'
import { interactiveRefusal } from './interactive.ts'
import type { Network } from './network.ts'
import { takeNewsletterMessage } from './newsletter-relay.ts'
import { type Attributes, child, children, node, unixSeconds } from './node.ts'

/** What the service keeps to itself: the fan-out list, anti-abuse tokens, and the parts replaced per recipient. */
const NOT_RELAYED = new Set(['participants', 'enc', 'plaintext', 'tctoken', 'cstoken', 'reporting'])

/** Ack error for a message the sender may not write to that chat. */
const FORBIDDEN = '403'
/** Ack error for a stanza the service does not understand (smax-invalid). */
const REJECTED = '479'

/** One device's ciphertext, as the sender listed it under `<participants>`. */
interface Copy {
  device: Device
  /** The address the sender used, which decides how the sender is named to the recipient. */
  server: AddressServer
  encrypted: BinaryNode[]
}

/**
 * Takes a message from a device, acknowledges it and hands each addressed device its own ciphertext, with the
 * attributes rewritten from "to whom" to "from whom". The ack comes first, as from the real service.
 */
export function relayMessage(network: Network, from: Device, stanza: BinaryNode): void {
  const to = stanza.attrs.to ?? ''
  const server = jidDecode(to)?.server
  const refusal = network.faults.take('refuse-message', from.account)

  const error = refusal
    ? String(refusal.code)
    : (interactiveRefusal(stanza) ?? refusalReason(network, from, to, server))
  if (!error && server === 'newsletter') {
    const { refused, serverId } = takeNewsletterMessage(network, from, stanza)
    acknowledge(from, stanza, { error: refused, server_id: serverId })
    return
  }
  acknowledge(from, stanza, { error, phash: error ? undefined : recipientsHash(network, from, stanza) })
  if (error) return

  if (server === 'g.us')
    relayToGroup(network, from, stanza, network.findGroup(to) as Group) // checked by refusalReason
  else if (to === 'status@broadcast') relayStatus(network, from, stanza)
  else if (server === 's.whatsapp.net' || server === 'lid') relayToUser(network, from, stanza, to, server)
  // A bot has one address and no number.
  else if (server === 'bot') relayToUser(network, from, stanza, to, 's.whatsapp.net')
}

function refusalReason(
  network: Network,
  from: Device,
  to: string,
  server: string | undefined,
): string | undefined {
  if (server !== 'g.us') return server === undefined ? REJECTED : undefined

  const group = network.findGroup(to)
  if (!group?.members.has(from.account)) return FORBIDDEN
  return group.announcement && !group.isAdmin(from.account) ? FORBIDDEN : undefined
}

function acknowledge(from: Device, stanza: BinaryNode, result: Attributes): void {
  const { id, to, participant } = stanza.attrs
  from.deliver(node('ack', { class: 'message', id, from: to, participant, t: unixSeconds(), ...result }))
}

/**
 * The hash of the devices a message should have gone to: a client that knows others fetches the list again. Whether the
 * service sends it always or only when it differs from the client's is not known.
 */
function recipientsHash(network: Network, from: Device, stanza: BinaryNode): string | undefined {
  const { to = '', participant } = stanza.attrs
  const server = jidDecode(to)?.server
  if (server === 's.whatsapp.net' || server === 'lid') return partnersHash(network, from, stanza, server)
  const group = network.findGroup(to)
  // A repeated message is for one device.
  return server === 'g.us' && group && !participant
    ? deviceListHash(group.members.keys(), group.addressing)
    : undefined
}

/** Chats of two: a copy for each device of the recipient, and one for each other device of the sender. */
function relayToUser(
  network: Network,
  from: Device,
  stanza: BinaryNode,
  to: string,
  server: AddressServer,
): void {
  const shared = sharedAttributes(from, stanza)
  const rest = relayedChildren(from, stanza)
  const copies = listedCopies(network, stanza)

  const direct = ownCiphertext(stanza)
  const addressed = direct.length > 0 ? network.findDevice(to) : undefined
  if (addressed) copies.push({ device: addressed, server, encrypted: direct })

  for (const { device, server: addressing, encrypted } of copies) {
    if (device === from) continue
    const attrs =
      device.account === from.account
        ? ownCopyAttributes(network, from, stanza, to, addressing)
        : {
            from: from.account.address(addressing, from.id),
            ...otherAddress('sender', from.account, addressing),
          }
    if (device.account.blocklist.has(from.account)) continue
    device.deliver(node('message', { ...shared, ...attrs }, [...encrypted, ...rest]))
  }
}

/** Another device of the sender learns the chat from `recipient`; without it the message is for the device itself. */
function ownCopyAttributes(
  network: Network,
  from: Device,
  stanza: BinaryNode,
  to: string,
  server: AddressServer,
): Attributes {
  const self = from.account.address(server, from.id)
  // Requests to the own phone and its answers carry no recipient: they belong to no chat.
  if (stanza.attrs.category === 'peer') return { from: from.account.address(server, from.id) }

  // A repeated copy is addressed to the device and names the chat itself.
  const chat = stanza.attrs.recipient ?? to
  const account = network.findAccount(chat)
  const chatServer = addressServer(chat)
  if (!account) return { from: self, recipient: chat }
  return {
    from: self,
    recipient: account.address(chatServer),
    ...otherAddress('peer_recipient', account, chatServer),
  }
}

/** Groups: the shared ciphertext for every device of every member, plus the sender key for those who lack it. */
function relayToGroup(network: Network, from: Device, stanza: BinaryNode, group: Group): void {
  const attrs = {
    ...sharedAttributes(from, stanza),
    from: group.jid,
    participant: from.account.address(group.addressing, from.id),
    addressing_mode: group.addressing === 'lid' ? 'lid' : 'pn',
    ...otherAddress('participant', from.account, group.addressing),
  }
  const rest = relayedChildren(from, stanza)
  const encrypted = ownCiphertext(stanza)

  // A repeated message goes to the one device that asked for it.
  if (stanza.attrs.participant) {
    network.findDevice(stanza.attrs.participant)?.deliver(node('message', attrs, [...encrypted, ...rest]))
    return
  }

  const pairwise = new Map(listedCopies(network, stanza).map((copy) => [copy.device, copy.encrypted]))
  const withoutKey = node('message', attrs, [...encrypted, ...rest])
  for (const member of group.members.keys()) {
    for (const device of member.devices.values()) {
      if (device === from) continue
      const key = pairwise.get(device)
      device.deliver(key ? node('message', attrs, [...key, ...encrypted, ...rest]) : withoutKey)
    }
  }
}

/** Statuses reach the devices the sender listed; authors are named by LID. */
function relayStatus(network: Network, from: Device, stanza: BinaryNode): void {
  const attrs = {
    ...sharedAttributes(from, stanza),
    from: 'status@broadcast',
    participant: from.account.lidJid(from.id),
    addressing_mode: 'lid',
    ...otherAddress('participant', from.account, 'lid'),
  }
  const rest = relayedChildren(from, stanza)
  const encrypted = ownCiphertext(stanza)

  if (stanza.attrs.participant) {
    network.findDevice(stanza.attrs.participant)?.deliver(node('message', attrs, [...encrypted, ...rest]))
    return
  }
  for (const { device, encrypted: key } of listedCopies(network, stanza)) {
    if (device === from || device.account.blocklist.has(from.account)) continue
    device.deliver(node('message', attrs, [...key, ...encrypted, ...rest]))
  }
}

function sharedAttributes(from: Device, { attrs }: BinaryNode): Record<string, string | number | undefined> {
  return {
    id: attrs.id,
    t: unixSeconds(),
    type: attrs.type,
    edit: attrs.edit,
    category: attrs.category,
    notify: from.account.name || undefined,
    verified_name: from.account.business ? '1' : undefined,
  }
}

/** `<prefix>_pn` or `<prefix>_lid`: the address that the main attribute does not show. */
function otherAddress(prefix: string, account: Account, shown: AddressServer): Attributes {
  return shown === 'lid' || account.hidesNumber
    ? { [`${prefix}_pn`]: account.numberJid }
    : { [`${prefix}_lid`]: account.lidJid() }
}

function listedCopies(network: Network, stanza: BinaryNode): Copy[] {
  const copies: Copy[] = []
  for (const entry of children(child(stanza, 'participants'))) {
    const jid = entry.attrs.jid ?? ''
    const device = network.findDevice(jid)
    if (!device) continue
    const server = addressServer(jid)
    copies.push({ device, server, encrypted: children(entry) })
  }
  return copies
}

function ownCiphertext(stanza: BinaryNode): BinaryNode[] {
  return children(stanza).filter(({ tag }) => tag === 'enc' || tag === 'plaintext')
}

/** What everybody gets: the sender's other parts, and the certificate of the name if the sender is a business. */
function relayedChildren(from: Device, stanza: BinaryNode): BinaryNode[] {
  const parts = children(stanza).filter(({ tag }) => !NOT_RELAYED.has(tag))
  const { business } = from.account
  return business ? [...parts, verifiedName(business)] : parts
}
