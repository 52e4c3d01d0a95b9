import type { Account } from '../world/account.ts'
import type { Group } from '../world/group.ts'
import type { Network } from '../world/network.ts'
import { enter, type Movement } from './group-members.ts'

/** How those are said to have come who are in a community because they are in one of its groups (WhatsApp Web). */
const BY_ITSELF = 'auto_add'

/** Makes accounts members of a group, and of the community that the group is in or is. */
export function admit(movement: Movement): void {
  enter(movement)
  joinCommunity(movement)
}

/** Whoever is in a group of a community is in the community and in its group for announcements. */
export function joinCommunity({ network, author, group, accounts }: Movement): void {
  for (const place of everybodysGroups(network, group)) {
    const newcomers = accounts.filter((account) => !place.members.has(account))
    enter({ network, author, group: place, accounts: newcomers, reason: BY_ITSELF })
  }
}

/** The groups a community holds, its announcements included. */
export function groupsIn(network: Network, community: Group): Group[] {
  return [...network.groups.values()].filter((group) => group.community === community)
}

/** Of the community that a group is in or is: itself and its announcements. */
export function everybodysGroups(network: Network, group: Group): Group[] {
  const community = group.isCommunity ? group : group.community
  if (!community) return []
  return [
    community,
    ...groupsIn(network, community).filter(({ isCommunityAnnouncements }) => isCommunityAnnouncements),
  ]
}

/** Those of a group's members who are in no other group of the community and do not manage it. */
export function orphansOf(network: Network, community: Group, group: Group): Account[] {
  const others = groupsIn(network, community).filter(
    (other) => other !== group && !other.isCommunityAnnouncements,
  )
  return [...group.members.keys()].filter(
    (account) => !community.isAdmin(account) && !others.some(({ members }) => members.has(account)),
  )
}
