import type { BinaryNode } from '../../whatsapp/library/engine.ts'
import type { Account } from '../world/account.ts'
import type { Group } from '../world/group.ts'
import { child, children, node, text } from '../world/node.ts'
import { joinCommunity } from './community-members.ts'
import { groupNode, notifyGroup } from './group-changes.ts'
import { personalInvite } from './group-joining.ts'
import { tellOfLink } from './group-links.ts'
import { type Answer, type Query, refusals } from './query.ts'

/** In characters; more of a subject is refused. */
const LONGEST_SUBJECT = 100

/**
 * Creates a group, alone or in a community. The answer is the group with those who could not be added, each with the
 * reason: nobody has the number, or they do not want to be added and get an invitation instead.
 */
export function createGroup(query: Query): Answer {
  const { network, from, what } = query
  const community = communityFor(query)
  const group = network.createGroup({ subject: newSubject(what), creator: from.account })
  applySettings(group, what)
  group.community = community

  const outsiders = children(what).flatMap((asked) =>
    asked.tag === 'participant' ? addFirstMember(query, group, asked) : [],
  )
  const described = groupNode(group)
  const change = node('create', { type: 'new', key: what.attrs.key }, [described])
  notifyGroup(network, group, { author: from, change })
  if (community) {
    tellOfLink(query, community, group)
    joinCommunity({ network, author: from, group, accounts: [...group.members.keys()] })
  }
  return [{ ...described, content: [...children(described), ...outsiders] }]
}

/** What a group is to be called. It may be left out (whatsmeow 2026-09-21 does), but is not empty and not too long. */
export function newSubject({ attrs: { subject } }: BinaryNode): string {
  if (subject === undefined) return ''
  return checkedSubject(subject)
}

/** @throws QueryError where the service does not take the name. */
export function checkedSubject(subject: string): string {
  if (subject === '' || [...subject].length > LONGEST_SUBJECT) throw refusals.notAcceptable()
  return subject
}

/** The settings named by a creation: those of clients before 2026, and all of them since, which say what is off too. */
export function applySettings(group: Group, what: BinaryNode): void {
  group.announcement = child(what, 'announcement') !== undefined
  group.locked = child(what, 'locked') !== undefined
  group.joinApproval = child(child(what, 'membership_approval_mode'), 'group_join')?.attrs.state === 'on'
  group.ephemeralSeconds = Number(child(what, 'ephemeral')?.attrs.expiration ?? 0)
  group.memberAddMode = text(child(what, 'member_add_mode')) === 'admin_add' ? 'admin_add' : 'all_member_add'
}

/** Whether somebody may be put into groups without being asked. */
export function mayBeAdded(account: Account): boolean {
  return account.privacy.get('groupadd') === 'all'
}

/** Adds somebody to a group that is being made; what the answer says of them otherwise. */
function addFirstMember({ network, from }: Query, group: Group, { attrs: { jid = '' } }: BinaryNode) {
  const account = network.findAccount(jid)
  if (!account) return [node('participant', { jid, error: 404 })]
  if (account !== from.account && !mayBeAdded(account)) {
    return [node('participant', { jid, error: 403 }, [personalInvite(group, account)])]
  }
  network.join(group, account)
  return []
}

/** The community that a group is made in; only its admins may. */
function communityFor({ network, from, what }: Query): Group | undefined {
  const parent = child(what, 'linked_parent')
  if (!parent) return undefined
  const community = network.findGroup(parent.attrs.jid ?? '')
  if (!community?.isCommunity) throw refusals.notFound()
  if (!community.isAdmin(from.account)) throw refusals.forbidden()
  return community
}
