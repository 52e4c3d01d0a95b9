import type { Account, Device } from '../world/account.ts'
import type { Group } from '../world/group.ts'
import type { Network } from '../world/network.ts'
import { node } from '../world/node.ts'
import { groupNode, memberChange, notifyGroup, participantNode, senderAttributes } from './group-changes.ts'

/** People who come into a group or go, and who did it. */
export interface Movement {
  network: Network
  author: Device
  group: Group
  accounts: Account[]
  /** The word the service has for how they came. */
  reason?: string
}

/** Makes accounts members. They are told about the group as a whole, the others who came. */
export function enter({ network, author, group, accounts, reason }: Movement): void {
  if (accounts.length === 0) return
  for (const account of accounts) network.join(group, account)
  const attrs = senderAttributes(group, author)
  const others = [...group.members.keys()].filter((member) => !accounts.includes(member))
  const named = accounts.map((account) => participantNode(group, account))
  network.notify(others, attrs, [memberChange(group, 'add', named, reason)])
  network.notify(accounts, attrs, [node('create', { reason }, [groupNode(group)])])
}

/**
 * Takes members out. Whoever goes by themselves is the author of their own removal: that is how clients tell the two
 * apart (whatsmeow 2026-09-21 and Baileys know no other).
 */
export function expel({ network, author, group, accounts }: Movement): void {
  const named = accounts.map((account) => participantNode(group, account))
  if (named.length === 0) return
  for (const account of accounts) network.leave(group, account)
  notifyGroup(network, group, { author, change: memberChange(group, 'remove', named), alsoTo: accounts })
}
