import type { BinaryNode } from '../../whatsapp/library/engine.ts'
import type { Group } from '../world/group.ts'
import { child, children, node, text, unixSeconds } from '../world/node.ts'
import { groupNode, notifyGroup } from './group-changes.ts'
import { groups } from './groups.ts'
import { type Answer, type Query, type QueryFamily, refusals } from './query.ts'

/** Queries to one community. */
const COMMUNITY_QUERIES: Record<string, (query: Query, community: Group) => Answer> = {
  'get sub_groups': ({ network }, community) => [
    node('sub_groups', {}, [...network.groups.values()].filter(isIn(community)).map(subGroupNode)),
  ],
  'get linked_groups_participants': ({ network }, community) => {
    const groups = [...network.groups.values()].filter(isIn(community))
    const people = new Set(groups.flatMap(({ members }) => [...members.keys()]))
    const named = [...people].map((account) =>
      node('participant', { jid: account.address(community.addressing), phone_number: account.jid() }),
    )
    return [node('linked_groups_participants', {}, named)]
  },
  'set links': link,
  'set unlink': unlink,
}

/** `w:g2` again: communities, which are groups that hold groups. What is not about them goes to the groups. */
export const communities: Record<string, QueryFamily> = {
  'w:g2'(query) {
    const { network, request, what } = query
    const to = request.attrs.to ?? ''
    if (to === '@g.us' && what.tag === 'create' && child(what, 'parent')) return create(query)
    const answer = COMMUNITY_QUERIES[`${request.attrs.type} ${what.tag}`]
    if (!answer) return groups['w:g2']?.(query)

    const community = network.findGroup(to)
    if (!community?.isCommunity) throw refusals.notFound()
    if (request.attrs.type === 'set' && !community.isAdmin(query.from.account)) throw refusals.forbidden()
    return answer(query, community)
  },
}

/** A community comes with the group in which its admins announce things. */
function create({ network, from, what }: Query): Answer {
  const subject = what.attrs.subject ?? ''
  if (subject === '') throw refusals.notAcceptable()
  const community = network.createGroup({ subject, creator: from.account })
  community.isCommunity = true
  community.joinApproval =
    child(what, 'parent')?.attrs.default_membership_approval_mode === 'request_required'
  const { id } = child(what, 'description')?.attrs ?? {}
  const words = text(child(child(what, 'description'), 'body'))
  if (id && words) community.description = { id, text: words, author: from.account, setAt: unixSeconds() }
  const announcements = network.createGroup({ subject, creator: from.account })
  announcements.isCommunityAnnouncements = true
  announcements.announcement = true
  announcements.community = community

  const described = groupNode(community)
  const change = node('create', { type: 'new', key: what.attrs.key }, [described])
  notifyGroup(network, community, { author: from, change })
  return [described]
}

function link(query: Query, community: Group): Answer {
  const links = children(query.what).map((asked) => {
    const linked = children(asked).map(({ attrs }) => {
      const group = ownGroup(query, attrs.jid ?? '')
      if (!group || group.isCommunity) return node('group', { jid: attrs.jid, error: 404 })
      group.community = community
      tell(query, community, node('link', { link_type: 'sub_group' }, [subGroupNode(group)]))
      return node('group', { jid: group.jid })
    })
    return node('link', { link_type: asked.attrs.link_type }, linked)
  })
  return [node('links', {}, links)]
}

function unlink(query: Query, community: Group): Answer {
  const unlinked = children(query.what).map(({ attrs }) => {
    const group = ownGroup(query, attrs.jid ?? '')
    if (group?.community !== community) return node('group', { jid: attrs.jid, error: 404 })
    group.community = undefined
    const change = { unlink_type: 'sub_group', unlink_reason: 'unlink_group' }
    tell(query, community, node('unlink', change, [subGroupNode(group)]))
    return node('group', { jid: group.jid })
  })
  return [node('unlink', { unlink_type: 'sub_group' }, unlinked)]
}

/** Only an admin of a group can move it. */
function ownGroup({ network, from }: Query, jid: string): Group | undefined {
  const group = network.findGroup(jid)
  return group?.isAdmin(from.account) ? group : undefined
}

function tell({ network, from }: Query, community: Group, change: BinaryNode): void {
  notifyGroup(network, community, { author: from, change })
}

function isIn(community: Group): (group: Group) => boolean {
  return (group) => group.community === community
}

function subGroupNode(group: Group): BinaryNode {
  const isLid = group.addressing === 'lid'
  const attrs = {
    id: group.id,
    subject: group.subject,
    s_t: group.subjectSetAt,
    s_o: group.subjectOwner.address(group.addressing),
    s_o_pn: isLid ? group.subjectOwner.jid() : undefined,
    size: group.members.size,
  }
  return node('group', attrs, group.isCommunityAnnouncements ? [node('default_sub_group')] : [])
}
