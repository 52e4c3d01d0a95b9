import { ownMember } from '../../lib/own-member.ts'
import { jidDecode, jidNormalizedUser } from '../../whatsapp/library/engine.ts'
import type { Account } from '../world/account.ts'
import { type Group, newInviteCode } from '../world/group.ts'
import { bytes, child, children, node, text, unixSeconds } from '../world/node.ts'
import { admit, groupsIn } from './community-members.ts'
import { groupNode, memberChange, notifyGroup, participantNode } from './group-changes.ts'
import { checkedSubject, createGroup, mayBeAdded } from './group-creation.ts'
import {
  acceptPersonalInvite,
  answerJoinRequests,
  joinByInvite,
  listJoinRequests,
  personalInvite,
  showPersonalInvite,
} from './group-joining.ts'
import { expel } from './group-members.ts'
import { type Answer, type Query, type QueryFamily, refusals } from './query.ts'

type GroupQuery = (query: Query, group: Group) => Answer

/** The group service, as a JID without a user (Baileys, whatsmeow) or as the bare name of the server (other clients). */
export function isGroupService(jid: string): boolean {
  return jid === '@g.us' || jid === 'g.us'
}

/** Queries to the group service itself. */
const SERVICE_QUERIES: Record<string, QueryFamily> = {
  'get participating': ({ network, from }) => [
    node('groups', {}, network.groupsOf(from.account).map(groupNode)),
  ],
  'get invite': ({ network, what }) => [groupNode(network.groupByInvite(what.attrs.code ?? ''))],
  'set invite': joinByInvite,
  'set create': createGroup,
  'set leave': leave,
}

/** Queries to one group, by type and first child. Everyone who asks is a member unless the entry says otherwise. */
const GROUP_QUERIES: Record<string, GroupQuery> = {
  'get query': (_query, group) => [groupNode(group)],
  'get invite': forAdmins((_query, group) => [node('invite', { code: group.inviteCode })]),
  'get membership_approval_requests': forAdmins(listJoinRequests),
  'set membership_requests_action': forAdmins(answerJoinRequests),
  'set invite': forAdmins(renewInvite),
  'set add': addMembers,
  'set remove': forAdmins(removeMembers),
  'set promote': forAdmins(changeRank('promote')),
  'set demote': forAdmins(changeRank('demote')),
  'set subject': forEditors(changeSubject),
  'set description': forEditors(changeDescription),
  'set announcement': forAdmins(changeAnnouncement(true)),
  'set not_announcement': forAdmins(changeAnnouncement(false)),
  'set locked': setting((group) => (group.locked = true)),
  'set unlocked': setting((group) => (group.locked = false)),
  'set ephemeral': setting((group, what) => (group.ephemeralSeconds = Number(what.attrs.expiration ?? 0))),
  'set not_ephemeral': setting((group) => (group.ephemeralSeconds = 0)),
  'set member_add_mode': setting((group, what) => {
    group.memberAddMode = text(what) === 'admin_add' ? 'admin_add' : 'all_member_add'
  }),
  'set membership_approval_mode': setting((group, what) => {
    group.joinApproval = child(what, 'group_join')?.attrs.state === 'on'
  }),
  'set revoke': forAdmins(revokePersonalInvites),
}

/** Queries about an invitation that came as a message, which members may ask as well; with the first child of the first child. */
const INVITATION_QUERIES: Record<string, GroupQuery> = {
  'get query add_request': showPersonalInvite,
  'set accept': acceptPersonalInvite,
}

/** `w:g2`: groups. Changes are told to all members, the author's devices included. */
export const groups: Record<string, QueryFamily> = {
  'w:g2'(query) {
    const { network, from, request, what } = query
    const to = request.attrs.to ?? ''
    const wanted = `${request.attrs.type} ${what.tag}`
    if (isGroupService(to)) {
      const answer = ownMember(SERVICE_QUERIES, wanted)
      if (!answer) network.noteUnknownQuery(`w:g2 ${wanted}`)
      return answer?.(query)
    }

    const group = jidDecode(to)?.server === 'g.us' ? network.findGroup(to) : undefined
    if (!group) throw refusals.notFound()
    // All that a stranger may do is to look at an invitation and to accept it.
    const invitation = ownMember(INVITATION_QUERIES, `${wanted} ${children(what)[0]?.tag ?? ''}`.trim())
    if (invitation) return invitation(query, group)
    if (!group.members.has(from.account)) throw refusals.forbidden()
    const answer = ownMember(GROUP_QUERIES, wanted)
    if (!answer) network.noteUnknownQuery(`w:g2 ${wanted}`)
    return answer?.(query, group)
  },
}

function forAdmins(answer: GroupQuery): GroupQuery {
  return (query, group) => {
    if (!group.isAdmin(query.from.account)) throw refusals.forbidden()
    return answer(query, group)
  }
}

/** Any member may edit a group's details unless it is locked. */
function forEditors(answer: GroupQuery): GroupQuery {
  return (query, group) => (group.locked ? forAdmins(answer)(query, group) : answer(query, group))
}

/** A setting: applied, then announced with the very node that asked for it. */
function setting(apply: (group: Group, what: Query['what']) => void): GroupQuery {
  return forAdmins(({ network, from, what }, group) => {
    apply(group, what)
    notifyGroup(network, group, { author: from, change: what })
    return undefined
  })
}

function leave({ network, from, what }: Query): Answer {
  const { account } = from
  const answers = children(what).map(({ tag, attrs }) => {
    const group = network.findGroup(attrs.id ?? attrs.parent_group_jid ?? '')
    if (!group?.members.has(account)) return node(tag, { ...attrs, error: 404 })
    // Whoever leaves a community leaves everything in it.
    const places = group.isCommunity ? [...groupsIn(network, group), group] : [group]
    for (const place of places) {
      if (place.members.has(account)) expel({ network, author: from, group: place, accounts: [account] })
    }
    return node(tag, attrs)
  })
  return [node('leave', {}, answers)]
}

/** Who may write has a version of its own, which clients ask for (whatsmeow 2026-09-21). */
function changeAnnouncement(isOn: boolean): GroupQuery {
  return ({ network, from, what }, group) => {
    group.announcement = isOn
    notifyGroup(network, group, { author: from, change: node(what.tag, { ...group.changeAnnouncement() }) })
    return undefined
  }
}

function addMembers({ network, from, what }: Query, group: Group): Answer {
  if (group.memberAddMode === 'admin_add' && !group.isAdmin(from.account)) throw refusals.forbidden()

  const added: Account[] = []
  const answers = children(what).map(({ attrs: { jid = '' } }) => {
    const account = network.findAccount(jid)
    if (!account) return node('participant', { jid, error: 404 })
    if (group.members.has(account) || added.includes(account)) return node('participant', { jid, error: 409 })
    if (!mayBeAdded(account)) {
      // Whoever does not want to be added gets an invitation instead; the client sends it as a message.
      return node('participant', { jid, error: 403 }, [personalInvite(group, account)])
    }
    added.push(account)
    return participantNode(group, account)
  })
  admit({ network, author: from, group, accounts: added })
  return [node('add', {}, answers)]
}

function removeMembers({ network, from, what }: Query, group: Group): Answer {
  const removed: Account[] = []
  const answers = members({ network, what }, group, (account, jid) => {
    if (group.members.get(account) === 'superadmin') return node('participant', { jid, error: 406 })
    removed.push(account)
    return participantNode(group, account)
  })
  expel({ network, author: from, group, accounts: removed })
  if (group.isCommunity && what.attrs.linked_groups === 'true') {
    for (const place of groupsIn(network, group)) {
      const members = removed.filter((account) => place.members.has(account))
      expel({ network, author: from, group: place, accounts: members })
    }
  }
  return [node('remove', {}, answers)]
}

function changeRank(change: 'promote' | 'demote'): GroupQuery {
  return ({ network, from, what }, group) => {
    const changed: Account[] = []
    const answers = members({ network, what }, group, (account, jid) => {
      if (group.members.get(account) === 'superadmin') return node('participant', { jid, error: 406 })
      group.members.set(account, change === 'promote' ? 'admin' : 'member')
      changed.push(account)
      return participantNode(group, account)
    })
    if (changed.length > 0) {
      const named = changed.map((account) => participantNode(group, account))
      notifyGroup(network, group, { author: from, change: memberChange(group, change, named) })
    }
    return [node(change, {}, answers)]
  }
}

/** Answers for each named participant; those who are not members get a 404 of their own. */
function members(
  { network, what }: Pick<Query, 'network' | 'what'>,
  group: Group,
  answer: (account: Account, jid: string) => ReturnType<typeof node>,
) {
  return children(what).map(({ attrs: { jid = '' } }) => {
    const account = network.findAccount(jidNormalizedUser(jid))
    if (!account || !group.members.has(account)) return node('participant', { jid, error: 404 })
    return answer(account, jid)
  })
}

function changeSubject({ network, from, what }: Query, group: Group): Answer {
  const subject = checkedSubject(text(what) ?? '')
  group.subject = subject
  group.subjectOwner = from.account
  group.subjectSetAt = unixSeconds()
  const owner = from.account.address(group.addressing)
  const ownerPn = group.addressing === 'lid' ? from.account.numberJid : undefined
  notifyGroup(network, group, {
    author: from,
    change: node('subject', { subject, s_o: owner, s_o_pn: ownerPn, s_t: group.subjectSetAt }),
  })
  return undefined
}

function changeDescription({ network, from, what }: Query, group: Group): Answer {
  const { id, prev, delete: isDelete } = what.attrs
  // Two people editing at once: the second has to look again.
  if (group.description && prev !== group.description.id) throw refusals.conflict()
  const words = bytes(child(what, 'body'))?.toString('utf8')
  const isEmptied = isDelete === 'true' || words === undefined || id === undefined
  group.description = isEmptied ? undefined : { id, text: words, author: from.account, setAt: unixSeconds() }
  // A child says that it is empty now; the attribute is only in the query (whatsmeow 2026-09-21, WhatsApp Web).
  const change = isEmptied ? node('description', { id: id ?? prev }, [node('delete')]) : what
  notifyGroup(network, group, { author: from, change })
  return undefined
}

function renewInvite({ network, from }: Query, group: Group): Answer {
  network.renewInvite(group, newInviteCode())
  const invite = node('invite', { code: group.inviteCode })
  notifyGroup(network, group, { author: from, change: invite })
  return [invite]
}

function revokePersonalInvites({ network, what }: Query, group: Group): Answer {
  for (const { attrs } of children(what)) {
    const account = network.findAccount(attrs.jid ?? '')
    if (account) group.personalInvites.delete(account)
  }
  return undefined
}
