import { z } from 'zod'
import { LinkedDevice, savedCompanion } from '../peer/linked-device.ts'
import { savedPhone } from '../peer/saved-phone.ts'
import { Account, BotAccount, savedAccount } from '../world/account.ts'
import { type Order, orderFromJson, savedOrder } from '../world/catalog.ts'
import { Group, savedGroup } from '../world/group.ts'
import { savedMedia } from '../world/media-store.ts'
import { Newsletter, savedNewsletter } from '../world/newsletter.ts'
import type { FindAccount } from './shapes.ts'

/** An account as it is saved, with its devices; a phone that could not be saved is a new one. */
const savedMember = savedAccount.extend({
  device0: savedPhone.optional(),
  companions: z.array(savedCompanion).default([]),
})

type SavedMember = z.output<typeof savedMember>

/** The world as it is saved. What is missing is as in a world where nobody has touched it. */
export const savedNetwork = z.object({
  accounts: z.array(savedMember),
  bots: z.array(savedMember).default([]),
  groups: z.array(savedGroup).default([]),
  revokedInvites: z.array(z.string()).default([]),
  newsletters: z.array(savedNewsletter).default([]),
  orders: z.array(savedOrder).default([]),
  media: savedMedia.optional(),
  lastNotification: z.int().nonnegative().default(0),
  lastGroup: z.int().nonnegative().default(0),
})

/** An account that was saved, and what of it is still to be read: its devices, and what they had not done. */
interface Member {
  account: Account
  saved: SavedMember
}

interface ReadNetwork {
  accounts: Member[]
  bots: Member[]
  groups: Group[]
  newsletters: Newsletter[]
  orders: Order[]
}

export function memberToJson(account: Account): z.input<typeof savedMember> {
  const devices = [...account.devices.values()]
  return {
    ...account.toJson(),
    device0: account.devices.get(0)?.phoneToJson?.(),
    companions: devices.flatMap((device) => (device instanceof LinkedDevice ? [device.toJson()] : [])),
  }
}

/** Everything that was saved but devices. @throws Error when it names what is not in it. */
export function readNetwork(saved: z.output<typeof savedNetwork>): ReadNetwork {
  const accounts = saved.accounts.map((one) => readMember(one, Account))
  const bots = saved.bots.map((one) => readMember(one, BotAccount))
  const members = [...accounts, ...bots]
  const known = new Map(members.map(({ account }) => [account.reference, account]))
  if (known.size < members.length) throw new Error('two of its accounts have the same number')
  const find = (reference: string) => known.get(reference) ?? missing(reference)
  for (const { account, saved: member } of members) account.refer(member, find)
  return {
    accounts,
    bots,
    groups: readGroups(saved.groups, find),
    newsletters: saved.newsletters.map((one) => Newsletter.fromJson(one, find)),
    orders: saved.orders.map((one) => orderFromJson(one, find)),
  }
}

/** Adds the linked devices of an account that has its phone. */
export function addCompanions(account: Account, { companions }: SavedMember): void {
  for (const companion of companions) account.keepCompanion(LinkedDevice.fromJson(account, companion))
}

/** Gives the phone of an account what it had not done when it was saved. */
export function resumeWork(account: Account, { device0 }: SavedMember): void {
  const phone = account.devices.get(0)
  for (const stanza of device0?.waiting ?? []) phone?.deliver(stanza)
  for (const id of device0?.newcomers ?? []) {
    const companion = account.devices.get(id)
    if (companion) phone?.companionReady?.(companion)
  }
}

function readMember(saved: SavedMember, kind: typeof Account): Member {
  return { account: kind.fromJson(saved), saved }
}

function readGroups(saved: z.output<typeof savedGroup>[], find: FindAccount): Group[] {
  const groups = new Map(saved.map((one) => [one.id, Group.fromJson(one, find)]))
  for (const { id, community } of saved) {
    const group = groups.get(id)
    if (group && community !== undefined) group.community = groups.get(community) ?? missing(community)
  }
  return [...groups.values()]
}

function missing(reference: string): never {
  throw new Error(`it names ${reference}, which is not in it`)
}
