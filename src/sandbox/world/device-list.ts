import { createHash } from 'node:crypto'
import type { BinaryNode } from '../../whatsapp/library/engine.ts'
import type { Account, AddressServer, Device } from './account.ts'
import { BotAccount } from './account.ts'
import type { Network } from './network.ts'
import { child, node } from './node.ts'

/** Bytes of the digest that are shown. */
const HASH_BYTES = 6

/**
 * What stands for all devices of these accounts: `2:`, then the beginning of the SHA-256 over their sorted names, in
 * base64 without padding. The service and clients compare it to see whether they know the same devices (whatsmeow
 * 2026-09-21, `participantListHashV2`).
 */
export function deviceListHash(accounts: Iterable<Account>, server: AddressServer): string {
  const names = [...accounts].flatMap((account) => {
    const user = server === 'lid' ? account.lid : account.phone
    return [...account.devices.keys()].map((id) => `${user}.0:${id}@${server}`)
  })
  const digest = createHash('sha256').update(names.sort().join('')).digest()
  return `2:${digest.subarray(0, HASH_BYTES).toString('base64').replace(/=+$/, '')}`
}

/**
 * The hash of everybody a message of two was for, which its ack holds: the devices of both, the sending one included.
 * There is none for messages to one device (copies, requests to the own phone); what the service says of notes to oneself
 * and of messages to bots, which have no devices, is not known.
 */
export function partnersHash(
  network: Network,
  from: Device,
  stanza: BinaryNode,
  server: AddressServer,
): string | undefined {
  const { to = '', category } = stanza.attrs
  const partner = network.findAccount(to)
  if (!partner || partner === from.account || partner instanceof BotAccount) return undefined
  if (category === 'peer' || !child(stanza, 'participants')) return undefined
  return deviceListHash([from.account, partner], server)
}

/** Tells everybody who knows the account's device list that a device came or went, and its own devices the whole list. */
export function announceDevice(network: Network, change: 'add' | 'remove', device: Device): void {
  tellOwnDevices(network, device)
  tellReaders(network, change, device)
}

/** Own devices get the complete list; they derive the one under the LID from it. */
function tellOwnDevices(network: Network, { account, id }: Device): void {
  const others = [...account.devices.values()].filter((own) => own.id !== id)
  const list = [...account.devices.values()].map((own) =>
    node('device', { jid: account.jid(own.id), 'key-index': own.keyIndex }),
  )
  network.notifyDevices(others, { from: account.jid(), type: 'account_sync' }, [
    node('devices', { dhash: deviceListHash([account], 's.whatsapp.net') }, list),
  ])
}

/**
 * Others are told what changed, under the address they know the account by: a client looks for a list under the sender of
 * the notification and ignores it when it has none there (whatsmeow 2026-09-21), so that one from the number would be
 * lost on clients that address everybody by LID. Whether WhatsApp sends the form from the LID is not known.
 */
function tellReaders(network: Network, change: 'add' | 'remove', { account, id, keyIndex }: Device): void {
  const hashes = {
    device_hash: deviceListHash([account], 's.whatsapp.net'),
    device_lid_hash: deviceListHash([account], 'lid'),
  }
  const devicesOf = (server: AddressServer) =>
    [...account.deviceListReadersBy[server]]
      .filter((reader) => reader !== account)
      .flatMap((reader) => [...reader.devices.values()])

  const byNumber = { jid: account.jid(id), lid: account.lidJid(id), 'key-index': keyIndex }
  network.notifyDevices(
    devicesOf('s.whatsapp.net'),
    { from: account.jid(), type: 'devices', lid: account.lidJid() },
    [node(change, hashes, [node('device', byNumber)])],
  )
  const byLid = { jid: account.lidJid(id), 'key-index': keyIndex }
  network.notifyDevices(devicesOf('lid'), { from: account.lidJid(), type: 'devices' }, [
    node(change, { device_hash: hashes.device_lid_hash }, [node('device', byLid)]),
  ])
}
