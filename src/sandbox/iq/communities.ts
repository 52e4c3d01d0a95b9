import type { BinaryNode } from '../../whatsapp/library/engine.ts'
import type { Group } from '../world/group.ts'
import { child, children, node, text, unixSeconds } from '../world/node.ts'
import { everybodysGroups, groupsIn, joinCommunity, orphansOf } from './community-members.ts'
import { groupNode, notifyGroup } from './group-changes.ts'
import { applySettings, newSubject } from './group-creation.ts'
import { tellOfLink, tellOfUnlink } from './group-links.ts'
import { expel } from './group-members.ts'
import { groups, isGroupService } from './groups.ts'
import { type Answer, type Query, type QueryFamily, refusals } from './query.ts'

/** Queries to one community. */
const COMMUNITY_QUERIES: Record<string, (query: Query, community: Group) => Answer> = {
  'get sub_groups': ({ network }, community) => [
    node('sub_groups', {}, groupsIn(network, community).map(subGroupNode)),
  ],
  'get linked_groups_participants': ({ network }, community) => {
    const people = new Set(groupsIn(network, community).flatMap(({ members }) => [...members.keys()]))
    const named = [...people].map((account) =>
      node('participant', { jid: account.address(community.addressing), phone_number: account.numberJid }),
    )
    return [node('linked_groups_participants', {}, named)]
  },
  'get pictures': showPicture,
  'set links': link,
  'set unlink': unlink,
}

/** `w:g2` again: communities, which are groups that hold groups. What is not about them goes to the groups. */
export const communities: Record<string, QueryFamily> = {
  'w:g2'(query) {
    const { network, request, what } = query
    const to = request.attrs.to ?? ''
    if (isGroupService(to) && what.tag === 'create' && child(what, 'parent')) return create(query)
    const answer = COMMUNITY_QUERIES[`${request.attrs.type} ${what.tag}`]
    if (!answer) return groups['w:g2']?.(query)

    const community = network.findGroup(to)
    if (!community?.isCommunity) throw refusals.notFound()
    const { account } = query.from
    if (!community.members.has(account)) throw refusals.forbidden()
    if (request.attrs.type === 'set' && !community.isAdmin(account)) throw refusals.forbidden()
    return answer(query, community)
  },
}

/** A community comes with the group in which its admins announce things; its creator is told of both. */
function create({ network, from, what }: Query): Answer {
  const subject = newSubject(what)
  const community = network.createGroup({ subject, creator: from.account })
  applySettings(community, what)
  community.isCommunity = true
  community.defaultApproval = child(what, 'parent')?.attrs.default_membership_approval_mode
  // Since 2026 clients say both; before, the one meant the other as well.
  if (!child(what, 'membership_approval_mode')) {
    community.joinApproval = community.defaultApproval === 'request_required'
  }
  const { id } = child(what, 'description')?.attrs ?? {}
  const words = text(child(child(what, 'description'), 'body'))
  if (id && words) community.description = { id, text: words, author: from.account, setAt: unixSeconds() }
  const announcements = network.createGroup({ subject, creator: from.account })
  announcements.isCommunityAnnouncements = true
  announcements.announcement = true
  announcements.community = community

  for (const group of [community, announcements]) {
    const change = node('create', { type: 'new', key: what.attrs.key }, [groupNode(group)])
    notifyGroup(network, group, { author: from, change })
  }
  return [groupNode(community)]
}

function link(query: Query, community: Group): Answer {
  const { network, from } = query
  const links = children(query.what).map((asked) => {
    const linked = children(asked).map(({ attrs }) => {
      const group = ownGroup(query, attrs.jid ?? '')
      if (!group || group.isCommunity) return node('group', { jid: attrs.jid, error: 404 })
      if (group.community === community) return node('group', { jid: group.jid })
      if (group.community) return node('group', { jid: attrs.jid, error: 409 })
      group.community = community
      tellOfLink(query, community, group)
      joinCommunity({ network, author: from, group, accounts: [...group.members.keys()] })
      return node('group', { jid: group.jid })
    })
    return node('link', { link_type: asked.attrs.link_type }, linked)
  })
  return [node('links', {}, links)]
}

function unlink(query: Query, community: Group): Answer {
  const { network, from } = query
  const unlinked = children(query.what).map(({ attrs }) => {
    const group = ownGroup(query, attrs.jid ?? '')
    if (!group || group.community !== community) return node('group', { jid: attrs.jid, error: 404 })
    const orphans = attrs.remove_orphaned_members === 'true' ? orphansOf(network, community, group) : []
    tellOfUnlink(query, community, group)
    for (const place of everybodysGroups(network, community)) {
      expel({ network, author: from, group: place, accounts: orphans })
    }
    group.community = undefined
    return node('group', { ...attrs, jid: group.jid })
  })
  return [node('unlink', { unlink_type: 'sub_group' }, unlinked)]
}

/**
 * The picture of a community, which clients ask for here and not under `w:profile:picture`; 204 says that there is none,
 * 304 that it is the one the client knows (whatsmeow 2026-09-21).
 */
function showPicture({ network, what }: Query, { picture }: Group): Answer {
  const pictures = children(what).map(({ attrs: { id, type = 'image', parent_group_jid } }) => {
    const asked = { type, parent_group_jid }
    if (!picture) return node('picture', { ...asked, status: 204 })
    if (picture.id === id) return node('picture', { ...asked, status: 304 })
    const { directPath } = network.media.put(picture.jpeg)
    const url = network.pictureUrl(directPath)
    return node('picture', { ...asked, id: picture.id, url, direct_path: directPath })
  })
  return [node('pictures', {}, pictures)]
}

/** Only an admin of a group can move it. */
function ownGroup({ network, from }: Query, jid: string): Group | undefined {
  const group = network.findGroup(jid)
  return group?.isAdmin(from.account) ? group : undefined
}

function subGroupNode(group: Group): BinaryNode {
  const isLid = group.addressing === 'lid'
  const attrs = {
    id: group.id,
    subject: group.subject || undefined,
    s_t: group.subjectSetAt,
    s_o: group.subjectOwner.address(group.addressing),
    s_o_pn: isLid ? group.subjectOwner.numberJid : undefined,
    size: group.members.size,
  }
  return node('group', attrs, group.isCommunityAnnouncements ? [node('default_sub_group')] : [])
}
