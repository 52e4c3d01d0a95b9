import type { BinaryNode } from '../../whatsapp/library/engine.ts'
import type { Group } from '../world/group.ts'
import { node } from '../world/node.ts'
import { groupsIn } from './community-members.ts'
import { notifyGroup } from './group-changes.ts'
import type { Query } from './query.ts'

/** Tells of a group that has come into a community: the community, the group, and the groups beside it. */
export function tellOfLink(query: Query, community: Group, group: Group): void {
  tell(query, community, group, (link_type, other) => node('link', { link_type }, [other]))
}

/** Tells the same of a group that was taken out. */
export function tellOfUnlink(query: Query, community: Group, group: Group): void {
  tell(query, community, group, (unlink_type, other) =>
    node('unlink', { unlink_type, unlink_reason: 'unlink_group' }, [other]),
  )
}

/** Each learns of another: the community of its group, the group of the community, the others of a group beside them (WhatsApp Web). */
function tell(
  { network, from: author }: Query,
  community: Group,
  group: Group,
  change: (kind: 'sub_group' | 'parent_group' | 'sibling_group', other: BinaryNode) => BinaryNode,
): void {
  notifyGroup(network, community, { author, change: change('sub_group', linkedGroup(group)) })
  notifyGroup(network, group, { author, change: change('parent_group', linkedGroup(community)) })
  for (const sibling of groupsIn(network, community)) {
    if (sibling === group || sibling.isCommunityAnnouncements) continue
    notifyGroup(network, sibling, { author, change: change('sibling_group', linkedGroup(group)) })
  }
}

function linkedGroup(group: Group): BinaryNode {
  const attrs = { jid: group.jid, subject: group.subject || undefined, s_t: group.subjectSetAt }
  return node('group', attrs, group.isCommunityAnnouncements ? [node('default_sub_group')] : undefined)
}
