import { ownMember } from '../../lib/own-member.ts'
import { jidNormalizedUser } from '../../whatsapp/library/engine.ts'
import type { Account, Device } from '../world/account.ts'
import { type Group, newInviteCode } from '../world/group.ts'
import { bytes, child, children, node, text, unixSeconds } from '../world/node.ts'
import { groupNode, notifyGroup, participantNode } from './group-changes.ts'
import {
  acceptPersonalInvite,
  answerJoinRequests,
  joinByInvite,
  listJoinRequests,
  personalInvite,
} from './group-joining.ts'
import { type Answer, type Query, type QueryFamily, refusals } from './query.ts'

type GroupQuery = (query: Query, group: Group) => Answer

/** Queries to the group service itself (`@g.us`). */
const SERVICE_QUERIES: Record<string, QueryFamily> = {
  'get participating': ({ network, from }) => [
    node('groups', {}, network.groupsOf(from.account).map(groupNode)),
  ],
  'get invite': ({ network, what }) => [groupNode(network.groupByInvite(what.attrs.code ?? ''))],
  'set invite': joinByInvite,
  'set create': create,
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
  'set promote': forAdmins(changeRank('admin')),
  'set demote': forAdmins(changeRank('member')),
  'set subject': forEditors(changeSubject),
  'set description': forEditors(changeDescription),
  'set announcement': setting((group) => (group.announcement = true)),
  'set not_announcement': setting((group) => (group.announcement = false)),
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

/** `w:g2`: groups. Changes are told to all members, the author's devices included. */
export const groups: Record<string, QueryFamily> = {
  'w:g2'(query) {
    const { network, from, request, what } = query
    const to = request.attrs.to ?? ''
    const wanted = `${request.attrs.type} ${what.tag}`
    if (to === '@g.us') {
      const answer = ownMember(SERVICE_QUERIES, wanted)
      if (!answer) network.noteUnknownQuery(`w:g2 ${wanted}`)
      return answer?.(query)
    }

    const group = network.findGroup(to)
    if (!group) throw refusals.notFound()
    // The only thing a stranger may do is to accept an invitation.
    if (wanted === 'set accept') return acceptPersonalInvite(query, group)
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

function create({ network, from, what }: Query): Answer {
  const subject = what.attrs.subject ?? ''
  if (subject === '') throw refusals.notAcceptable()
  const group = network.createGroup({ subject, creator: from.account })
  group.announcement = child(what, 'announcement') !== undefined
  group.locked = child(what, 'locked') !== undefined
  group.joinApproval = child(what, 'membership_approval_mode') !== undefined
  group.ephemeralSeconds = Number(child(what, 'ephemeral')?.attrs.expiration ?? 0)

  const strangers = []
  for (const { tag, attrs } of children(what)) {
    if (tag !== 'participant') continue
    const account = network.findAccount(attrs.jid ?? '')
    if (account) network.join(group, account)
    else strangers.push(node('participant', { jid: attrs.jid, error: 404 }))
  }
  const described = groupNode(group)
  notifyGroup(network, group, {
    author: from,
    change: node('create', { type: 'new', key: what.attrs.key }, [described]),
  })
  return [{ ...described, content: [...children(described), ...strangers] }]
}

function leave({ network, from, what }: Query): Answer {
  const answers = children(what).map(({ attrs }) => {
    const group = network.findGroup(attrs.id ?? '')
    if (!group?.members.has(from.account)) return node('group', { id: attrs.id, error: 404 })
    const leaver = participantNode(group, from.account)
    network.leave(group, from.account)
    notifyGroup(network, group, { author: from, change: node('leave', {}, [leaver]), alsoTo: [from.account] })
    return node('group', { id: attrs.id })
  })
  return [node('leave', {}, answers)]
}

function addMembers({ network, from, what }: Query, group: Group): Answer {
  if (group.memberAddMode === 'admin_add' && !group.isAdmin(from.account)) throw refusals.forbidden()

  const added: Account[] = []
  const answers = children(what).map(({ attrs: { jid = '' } }) => {
    const account = network.findAccount(jid)
    if (!account) return node('participant', { jid, error: 404 })
    if (group.members.has(account)) return node('participant', { jid, error: 409 })
    if (account.privacy.get('groupadd') !== 'all') {
      // Whoever does not want to be added gets an invitation instead; the client sends it as a message.
      return node('participant', { jid, error: 403 }, [personalInvite(group, account)])
    }
    network.join(group, account)
    added.push(account)
    return participantNode(group, account)
  })
  announceMembers({ network, author: from, group, added })
  return [node('add', {}, answers)]
}

/** New members are told about the group as a whole, the others who came. */
export function announceMembers(options: {
  network: Query['network']
  author: Device
  group: Group
  added: Account[]
  reason?: string
}): void {
  const { network, author, group, added, reason } = options
  if (added.length === 0) return
  const isLid = group.addressing === 'lid'
  const attrs = {
    from: group.jid,
    type: 'w:gp2',
    participant: author.account.address(group.addressing),
    participant_pn: isLid ? author.account.jid() : undefined,
    addressing_mode: isLid ? 'lid' : 'pn',
    notify: author.account.name || undefined,
  }
  const others = [...group.members.keys()].filter((member) => !added.includes(member))
  network.notify(others, attrs, [
    node(
      'add',
      { reason },
      added.map((account) => participantNode(group, account)),
    ),
  ])
  network.notify(added, attrs, [node('create', { reason }, [groupNode(group)])])
}

function removeMembers({ network, from, what }: Query, group: Group): Answer {
  const removed: Account[] = []
  const answers = members({ network, what }, group, (account, jid) => {
    if (group.members.get(account) === 'superadmin') return node('participant', { jid, error: 406 })
    removed.push(account)
    return participantNode(group, account)
  })
  const gone = removed.map((account) => participantNode(group, account))
  for (const account of removed) network.leave(group, account)
  if (gone.length > 0) {
    notifyGroup(network, group, { author: from, change: node('remove', {}, gone), alsoTo: removed })
  }
  return [node('remove', {}, answers)]
}

function changeRank(rank: 'admin' | 'member'): GroupQuery {
  return ({ network, from, what }, group) => {
    const changed: Account[] = []
    const answers = members({ network, what }, group, (account, jid) => {
      if (group.members.get(account) === 'superadmin') return node('participant', { jid, error: 406 })
      group.members.set(account, rank)
      changed.push(account)
      return participantNode(group, account)
    })
    if (changed.length > 0) {
      const named = changed.map((account) => participantNode(group, account))
      notifyGroup(network, group, { author: from, change: node(what.tag, {}, named) })
    }
    return [node(what.tag, {}, answers)]
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
  const subject = text(what) ?? ''
  if (subject === '') throw refusals.notAcceptable()
  group.subject = subject
  group.subjectOwner = from.account
  group.subjectSetAt = unixSeconds()
  const owner = from.account.address(group.addressing)
  notifyGroup(network, group, {
    author: from,
    change: node('subject', { subject, s_o: owner, s_t: group.subjectSetAt }),
  })
  return undefined
}

function changeDescription({ network, from, what }: Query, group: Group): Answer {
  const { id, prev, delete: isDelete } = what.attrs
  // Two people editing at once: the second has to look again.
  if (group.description && prev !== group.description.id) throw refusals.conflict()
  const words = bytes(child(what, 'body'))?.toString('utf8')
  group.description =
    isDelete === 'true' || words === undefined || id === undefined
      ? undefined
      : { id, text: words, author: from.account, setAt: unixSeconds() }
  notifyGroup(network, group, { author: from, change: what })
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
