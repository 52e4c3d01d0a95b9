import { type BinaryNode, jidDecode, S_WHATSAPP_NET } from '../whatsapp/engine.ts'
import { Account, type AddressServer, type Device } from './account.ts'
import { Group } from './group.ts'
import { answerQuery } from './iq/query.ts'
import { node, unixSeconds } from './node.ts'
import { dropPresence, relayChatState, relayPresence } from './presence.ts'
import { relayReceipt } from './receipts.ts'
import { relayMessage } from './relay.ts'

/** Makes the endpoint that stands for an account's phone (device 0); it must use `account.identity`. */
export type PhoneFactory = (account: Account) => Device

/** The simulated world and its relay. It never sees a plaintext: it moves ciphertext, key bundles and device lists. */
export class Network {
  /** By phone number (digits). */
  readonly accounts = new Map<string, Account>()
  /** By the user part of the group's JID. */
  readonly groups = new Map<string, Group>()
  /** Groups by current invite code. */
  readonly invites = new Map<string, Group>()
  /** `host:port` that `media_conn` names. */
  mediaHost = ''
  readonly #byLid = new Map<string, Account>()
  readonly #groupsOf = new Map<Account, Set<Group>>()
  readonly #makePhone: PhoneFactory
  #lastNotification = 0
  #lastGroup = 0

  constructor(options: { makePhone: PhoneFactory }) {
    this.#makePhone = options.makePhone
  }

  /** Adds an account with its phone, or returns the one that has the number already. */
  createAccount(options: { phone: string; name: string }): Account {
    const phone = options.phone.replace(/\D/g, '')
    const existing = this.accounts.get(phone)
    if (existing) return existing

    const account = new Account(phone, options.name)
    this.accounts.set(phone, account)
    this.#byLid.set(account.lid, account)
    account.devices.set(0, this.#makePhone(account))
    return account
  }

  /** Finds by digits, `+digits`, phone-number JID or LID JID, with or without a device. */
  findAccount(jidOrPhone: string): Account | undefined {
    const jid = jidDecode(jidOrPhone)
    if (!jid) return this.accounts.get(jidOrPhone.replace(/\D/g, ''))
    return jid.server === 'lid' ? this.#byLid.get(jid.user) : this.accounts.get(jid.user)
  }

  /** The device a JID names; no device part means the phone. */
  findDevice(jid: string): Device | undefined {
    return this.findAccount(jid)?.devices.get(jidDecode(jid)?.device ?? 0)
  }

  /** Adds a group silently; use the `w:g2` query to create one as a client would. */
  createGroup(options: {
    subject: string
    creator: Account
    members?: Account[]
    addressing?: AddressServer
  }): Group {
    this.#lastGroup += 1
    const group = new Group({
      // Real ids are 18 digits starting with 120363.
      id: `120363${String(this.#lastGroup).padStart(12, '0')}`,
      creator: options.creator,
      subject: options.subject,
      addressing: options.addressing ?? 'lid',
    })
    this.groups.set(group.id, group)
    this.invites.set(group.inviteCode, group)
    this.#remember(options.creator, group)
    for (const member of options.members ?? []) this.join(group, member)
    return group
  }

  findGroup(jid: string): Group | undefined {
    return this.groups.get(jidDecode(jid)?.user ?? jid)
  }

  groupsOf(account: Account): Group[] {
    return [...(this.#groupsOf.get(account) ?? [])]
  }

  /** Makes the account a member; someone who is already one keeps the rank. */
  join(group: Group, account: Account): void {
    if (!group.members.has(account)) group.members.set(account, 'member')
    group.joinRequests.delete(account)
    this.#remember(account, group)
  }

  leave(group: Group, account: Account): void {
    group.members.delete(account)
    this.#groupsOf.get(account)?.delete(group)
  }

  /** Takes a stanza (message, receipt, presence, chatstate, call) from any device and relays it. Acks of a companion are its own affair. */
  receive(from: Device, stanza: BinaryNode): void {
    switch (stanza.tag) {
      case 'message':
        return relayMessage(this, from, stanza)
      case 'receipt':
        return relayReceipt(this, from, stanza)
      case 'presence':
        return relayPresence(this, from, stanza)
      case 'chatstate':
        return relayChatState(this, from, stanza)
    }
  }

  /** Answers a query of any family; the reply carries the id of the request. */
  iq(from: Device, request: BinaryNode): Promise<BinaryNode> {
    return answerQuery(this, from, request)
  }

  /** Sends a notification with a fresh id to every device of the accounts. */
  notify(accounts: Iterable<Account>, attrs: { from: string; type: string } & Record<string, string | undefined>, content: BinaryNode[]): void {
    this.#lastNotification += 1
    const stanza = node(
      'notification',
      { id: String(1_000_000_000 + this.#lastNotification), t: unixSeconds(), ...attrs },
      content,
    )
    for (const account of accounts) for (const device of account.devices.values()) device.deliver(stanza)
  }

  /** Forgets a companion for good and tells everybody who may have cached the device list. */
  removeDevice(device: Device): void {
    const { account } = device
    if (account.devices.get(device.id) !== device) return
    account.devices.delete(device.id)
    this.deviceGone(device)
  }

  /** A device lost its connection: it is no longer available and watches nobody. */
  deviceGone(device: Device): void {
    dropPresence(this, device)
  }

  #remember(account: Account, group: Group): void {
    const groups = this.#groupsOf.get(account)
    if (groups) groups.add(group)
    else this.#groupsOf.set(account, new Set([group]))
  }
}

/** The service itself as the sender of a stanza. */
export const SERVICE = S_WHATSAPP_NET
