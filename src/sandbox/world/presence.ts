import { type BinaryNode, jidDecode } from '../../whatsapp/library/engine.ts'
import { type Account, addressServer, type Device } from './account.ts'
import type { Network } from './network.ts'
import { node, unixSeconds } from './node.ts'

/** Who is available, who wants to know, and who is typing. Nothing here is queued for an absent device. */
export class PresenceBoard {
  /** Watching device and the JID it asked for, by watched account. */
  readonly #watchers = new Map<Account, Map<Device, string>>()
  readonly #watched = new Map<Device, Set<Account>>()

  /** `<presence type="available|unavailable|subscribe|unsubscribe">`; other forms only carry the push name. */
  receive(network: Network, from: Device, stanza: BinaryNode): void {
    const { type, to, name } = stanza.attrs
    // '~' is what a client that has no name yet announces itself with.
    if (name && name !== '~') from.account.name = name

    if (type === 'available') this.#setAvailable(from)
    else if (type === 'unavailable') this.#setUnavailable(from)
    else if (type === 'subscribe' && to) this.#watch(network, from, to)
    else if (type === 'unsubscribe' && to) this.#unwatch(from, network.findAccount(to))
  }

  /** The device's connection ended: it is unavailable and watches nobody. */
  gone(device: Device): void {
    this.#setUnavailable(device)
    for (const account of this.#watched.get(device) ?? []) this.#watchers.get(account)?.delete(device)
    this.#watched.delete(device)
  }

  #setAvailable(device: Device): void {
    const { account } = device
    const wasAvailable = account.available.size > 0
    account.available.add(device)
    if (!wasAvailable) this.#announce(account)
  }

  #setUnavailable(device: Device): void {
    const { account } = device
    if (!account.available.delete(device) || account.available.size > 0) return
    account.lastSeen = unixSeconds()
    this.#announce(account)
  }

  #watch(network: Network, device: Device, jid: string): void {
    const account = network.findAccount(jid)
    if (!account) return
    const watchers = this.#watchers.get(account) ?? new Map<Device, string>()
    this.#watchers.set(account, watchers.set(device, jid))
    const watched = this.#watched.get(device) ?? new Set<Account>()
    this.#watched.set(device, watched.add(account))
    device.deliver(presenceOf(account, jid))
  }

  #unwatch(device: Device, account: Account | undefined): void {
    if (!account) return
    this.#watchers.get(account)?.delete(device)
    this.#watched.get(device)?.delete(account)
  }

  #announce(account: Account): void {
    for (const [device, jid] of this.#watchers.get(account) ?? []) device.deliver(presenceOf(account, jid))
  }
}

function presenceOf(account: Account, jid: string): BinaryNode {
  // Somebody who is there has no type (whatsmeow 2026-09-21).
  if (account.available.size > 0) return node('presence', { from: jid })
  const isHidden = account.privacy.get('last') === 'none'
  const last = isHidden ? 'deny' : account.lastSeen
  return node('presence', { from: jid, type: 'unavailable', last })
}

/** Relays "is typing" or "is recording" to every device of the other side, or of a group's members. */
export function relayChatState(network: Network, from: Device, stanza: BinaryNode): void {
  const to = stanza.attrs.to ?? ''
  if (jidDecode(to)?.server === 'g.us') {
    const group = network.findGroup(to)
    if (!group?.members.has(from.account)) return
    const participant = from.account.address(group.addressing, from.id)
    const relayed = node('chatstate', { from: group.jid, participant }, stanza.content)
    for (const member of group.members.keys()) {
      if (member === from.account) continue
      for (const device of member.devices.values()) device.deliver(relayed)
    }
    return
  }

  const account = network.findAccount(to)
  if (!account || account.blocklist.has(from.account)) return
  const relayed = node('chatstate', { from: from.account.address(addressServer(to)) }, stanza.content)
  for (const device of account.devices.values()) device.deliver(relayed)
}
