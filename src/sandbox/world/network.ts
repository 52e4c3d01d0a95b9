import type { z } from 'zod'
import { ownMember } from '../../lib/own-member.ts'
import { type BinaryNode, jidDecode } from '../../whatsapp/library/engine.ts'
import { CallService } from '../calls/call-service.ts'
import { relayCall } from '../calls/signals.ts'
import { answerQuery, refusals } from '../iq/query.ts'
import type { SavedPhone } from '../peer/saved-phone.ts'
import {
  addCompanions,
  memberToJson,
  readNetwork,
  resumeWork,
  type savedNetwork,
} from '../saved/saved-network.ts'
import { toPlain } from '../saved/shapes.ts'
import { Faults } from '../server/faults.ts'
import { Account, type AddressServer, BotAccount, type Device } from './account.ts'
import { isBot } from './bots.ts'
import { type Order, orderToJson } from './catalog.ts'
import { announceDevice } from './device-list.ts'
import { Group } from './group.ts'
import { MediaStore } from './media-store.ts'
import { Newsletters } from './newsletter.ts'
import { relayNewsletterStatus } from './newsletter-relay.ts'
import { node, unixSeconds } from './node.ts'
import { numberForms } from './phone-number.ts'
import { PresenceBoard, relayChatState } from './presence.ts'
import { relayReceipt } from './receipts.ts'
import { relayMessage } from './relay.ts'
import { RetryRequests } from './retry-requests.ts'
import { TaskQueue } from './task-queue.ts'

/** Makes the endpoint that stands for an account's phone (device 0); it must use `account.identity`. */
export type PhoneFactory = (account: Account, saved?: SavedPhone) => Device

/** A notification's `from` and `type`, and what else its kind needs. */
export type NotificationAttributes = { from: string; type: string } & Record<string, string | undefined>

/** Real ids are 18 digits that start with these. */
const GROUP_PREFIX = '120363'

const RELAYS: Record<string, (network: Network, from: Device, stanza: BinaryNode) => void> = {
  message: relayMessage,
  receipt: relayReceipt,
  presence: (network, from, stanza) => network.presence.receive(network, from, stanza),
  chatstate: relayChatState,
  call: relayCall,
  status: relayNewsletterStatus,
}

/** The simulated world and its relay. It never sees a plaintext: it moves ciphertext, key bundles and device lists. */
export class Network {
  /** By phone number (digits). */
  readonly accounts = new Map<string, Account>()
  /** By the user part of the group's JID. */
  readonly groups = new Map<string, Group>()
  /** Groups by current invite code. */
  readonly invites = new Map<string, Group>()
  readonly newsletters = new Newsletters()
  /** By id. */
  readonly orders = new Map<string, Order>()
  readonly presence = new PresenceBoard()
  readonly media = new MediaStore()
  readonly calls = new CallService(this)
  readonly faults = new Faults()
  readonly retryRequests = new RetryRequests()
  /** Queries nobody answers properly, with how often they came: what to add next. */
  readonly unknownQueries = new Map<string, number>()
  /** Where people can look at profile pictures with a browser; empty = only through the client. */
  pictureBase = ''
  readonly #bots = new Map<string, Account>()
  readonly #revokedInvites = new Set<string>()
  readonly #byLid = new Map<string, Account>()
  readonly #groupsOf = new Map<Account, Set<Group>>()
  readonly #makePhone: PhoneFactory
  /** Two of them at a time would wait for each other's phones. */
  readonly #saving = new TaskQueue()
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
    this.#add(account)
    account.devices.set(0, this.#makePhone(account))
    return account
  }

  #add(account: Account): void {
    this.accounts.set(account.phone, account)
    this.#byLid.set(account.lid, account)
  }

  /** The world at one moment as plain JSON, for which all phones pause between two pieces of their work. */
  save(): Promise<object> {
    return this.#saving.run(async () => {
      const goOn = new Map<Device, (() => void) | undefined>()
      try {
        for (;;) {
          // While some are waited for, others may have come.
          const everybody = [...this.accounts.values(), ...this.#bots.values()]
          const phones = everybody.flatMap(({ devices }) => devices.get(0) ?? [])
          const busy = phones.filter((phone) => !goOn.has(phone))
          // Before they go on: most of it is what they work with.
          if (busy.length === 0) return toPlain(this.#toJson())
          await Promise.all(busy.map(async (phone) => goOn.set(phone, await phone.pause?.())))
        }
      } finally {
        for (const resume of goOn.values()) resume?.()
      }
    })
  }

  #toJson(): z.input<typeof savedNetwork> {
    return {
      accounts: [...this.accounts.values()].map(memberToJson),
      bots: [...this.#bots.values()].map(memberToJson),
      groups: [...this.groups.values()].map((group) => group.toJson()),
      revokedInvites: [...this.#revokedInvites],
      newsletters: this.newsletters.toJson(),
      orders: [...this.orders.values()].map(orderToJson),
      media: this.media.toJson(),
      lastNotification: this.#lastNotification,
      lastGroup: this.#lastGroup,
    }
  }

  /**
   * Takes over what was saved.
   * @throws Error when somebody is there already, or it names somebody who is not in it; then nothing has changed.
   */
  load(saved: z.output<typeof savedNetwork>): void {
    if (this.accounts.size > 0) throw new Error('somebody is there already')
    const { accounts, bots, groups, newsletters, orders } = readNetwork(saved)
    for (const { account } of accounts) this.#add(account)
    for (const { account } of bots) this.#bots.set(account.phone, account)
    for (const group of groups) this.#addGroup(group)
    for (const newsletter of newsletters) this.newsletters.add(newsletter)
    for (const order of orders) this.orders.set(order.id, order)
    for (const code of saved.revokedInvites) this.#revokedInvites.add(code)
    if (saved.media) this.media.load(saved.media)
    this.#lastNotification = saved.lastNotification
    const numbers = groups.map(({ id }) => Number(id.slice(GROUP_PREFIX.length)))
    this.#lastGroup = Math.max(saved.lastGroup, ...numbers)

    const members = [...accounts, ...bots]
    for (const { account, saved: member } of members) {
      account.devices.set(0, this.#makePhone(account, member.device0))
      addCompanions(account, member)
    }
    // Last, when everybody can be reached.
    for (const { account, saved: member } of members) resumeWork(account, member)
  }

  /**
   * Finds by digits, `+digits`, phone-number JID, LID JID or the JID of a bot, with or without a device. Whoever hides the
   * number has no JID made of it.
   */
  findAccount(jidOrPhone: string): Account | undefined {
    const jid = jidDecode(jidOrPhone)
    if (!jid) return this.accounts.get(jidOrPhone.replace(/\D/g, ''))
    if (jid.server === 'bot') return this.#findBot(jid.user)
    if (jid.server === 'lid') return this.#byLid.get(jid.user)
    const account = this.accounts.get(jid.user)
    return account?.hidesNumber ? undefined : account
  }

  /** Who has a number, in whichever form it is written. Other forms name nobody but in such a question. */
  findNumber(number: string): Account | undefined {
    const [found] = numberForms(number).flatMap((form) => this.accounts.get(form) ?? [])
    return found?.hidesNumber ? undefined : found
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
      id: `${GROUP_PREFIX}${String(this.#lastGroup).padStart(12, '0')}`,
      creator: options.creator,
      subject: options.subject,
      addressing: options.addressing ?? 'lid',
    })
    this.#addGroup(group)
    for (const member of options.members ?? []) this.join(group, member)
    return group
  }

  #addGroup(group: Group): void {
    this.groups.set(group.id, group)
    this.invites.set(group.inviteCode, group)
    for (const member of group.members.keys()) this.#remember(member, group)
  }

  findGroup(jid: string): Group | undefined {
    return this.groups.get(jidDecode(jid)?.user ?? jid)
  }

  /** Throws what the service answers: "gone" for a code that was renewed, "not acceptable" for an unknown one. */
  groupByInvite(code: string): Group {
    const group = this.invites.get(code)
    if (group) return group
    throw this.#revokedInvites.has(code) ? refusals.gone() : refusals.notAcceptable()
  }

  renewInvite(group: Group, code: string): void {
    this.invites.delete(group.inviteCode)
    this.#revokedInvites.add(group.inviteCode)
    group.inviteCode = code
    this.invites.set(code, group)
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

  /** Takes a stanza (message, receipt, presence, chatstate, call) from any device and relays it; others change nothing. */
  receive(from: Device, stanza: BinaryNode): void {
    ownMember(RELAYS, stanza.tag)?.(this, from, stanza)
  }

  /** Answers a query of any family; the reply carries the id of the request. */
  iq(from: Device, request: BinaryNode): Promise<BinaryNode> {
    return answerQuery(this, from, request)
  }

  /** The address of a picture that is for everybody: a browser can look at it where the network has an address for that. */
  pictureUrl(directPath: string): string {
    return `${this.pictureBase || `https://${this.media.hostname}`}${directPath}`
  }

  noteUnknownQuery(name: string): void {
    this.unknownQueries.set(name, (this.unknownQueries.get(name) ?? 0) + 1)
  }

  /** Sends a notification with a fresh id to every device of the accounts. */
  notify(accounts: Iterable<Account>, attrs: NotificationAttributes, content: BinaryNode[]): void {
    const devices = [...accounts].flatMap((account) => [...account.devices.values()])
    this.notifyDevices(devices, attrs, content)
  }

  /** Sends a notification with a fresh id to those devices. */
  notifyDevices(devices: Iterable<Device>, attrs: NotificationAttributes, content: BinaryNode[]): void {
    this.#lastNotification += 1
    const stanza = node(
      'notification',
      { id: String(1_000_000_000 + this.#lastNotification), t: unixSeconds(), ...attrs },
      content,
    )
    for (const device of devices) device.deliver(stanza)
  }

  /** Adds a companion and tells everybody who knows the account's device list. */
  addDevice(device: Device): void {
    device.account.devices.set(device.id, device)
    announceDevice(this, 'add', device)
  }

  /** Forgets a companion for good. */
  removeDevice(device: Device): void {
    const { account } = device
    if (account.devices.get(device.id) !== device) return
    account.devices.delete(device.id)
    this.presence.gone(device)
    announceDevice(this, 'remove', device)
  }

  /** A bot listens from the first moment somebody writes to it. */
  #findBot(user: string): Account | undefined {
    const known = this.#bots.get(user)
    if (known || !isBot(`${user}@bot`)) return known
    const bot = new BotAccount(user, user)
    this.#bots.set(user, bot)
    bot.devices.set(0, this.#makePhone(bot))
    return bot
  }

  #remember(account: Account, group: Group): void {
    const groups = this.#groupsOf.get(account)
    if (groups) groups.add(group)
    else this.#groupsOf.set(account, new Set([group]))
  }
}
