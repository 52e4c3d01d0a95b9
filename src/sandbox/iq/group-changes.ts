import type { BinaryNode } from '../../whatsapp/library/engine.ts'
import type { Account, Device } from '../world/account.ts'
import type { Group } from '../world/group.ts'
import type { Network, NotificationAttributes } from '../world/network.ts'
import { node } from '../world/node.ts'

/** Tells every device of every member, the author's own included, and of those who have just been removed. */
export function notifyGroup(
  network: Network,
  group: Group,
  options: { author: Device; change: BinaryNode; type?: string; alsoTo?: Account[] },
): void {
  const { author, change, type, alsoTo = [] } = options
  const told = new Set([...group.members.keys(), ...alsoTo])
  network.notify(told, senderAttributes(group, author, type), [change])
}

/** Where a notification of a group comes from and who did it. */
export function senderAttributes(group: Group, { account }: Device, type = 'w:gp2'): NotificationAttributes {
  const isLid = group.addressing === 'lid'
  return {
    from: group.jid,
    type,
    participant: account.address(group.addressing),
    participant_pn: isLid ? account.numberJid : undefined,
    participant_lid: isLid ? undefined : account.lidJid(),
    addressing_mode: isLid ? 'lid' : 'pn',
    notify: account.name || undefined,
  }
}

/** A change of who is in a group or of their ranks, with the versions of the list before and after. */
export function memberChange(
  group: Group,
  tag: 'add' | 'remove' | 'promote' | 'demote',
  named: BinaryNode[],
  reason?: string,
): BinaryNode {
  return node(tag, { ...group.changeMembers(), reason }, named)
}

/** `<participant>` as members are named in this group, with the rank of admins and extra attributes. */
export function participantNode(
  group: Group,
  account: Account,
  extra: Record<string, string> = {},
): BinaryNode {
  const rank = group.members.get(account)
  return node('participant', {
    jid: account.address(group.addressing),
    ...(group.addressing === 'lid' ? { phone_number: account.numberJid } : { lid: account.lidJid() }),
    type: rank === 'member' ? undefined : rank,
    ...extra,
  })
}

/** The whole of a group, as metadata queries and invitations show it. */
export function groupNode(group: Group): BinaryNode {
  const isLid = group.addressing === 'lid'
  const parts: BinaryNode[] = []
  const { description } = group
  if (description) {
    parts.push(
      node(
        'description',
        {
          id: description.id,
          t: description.setAt,
          participant: description.author.address(group.addressing),
          participant_pn: isLid ? description.author.numberJid : undefined,
        },
        [node('body', {}, Buffer.from(description.text))],
      ),
    )
  }
  if (group.announcement) parts.push(node('announcement'))
  if (group.locked) parts.push(node('locked'))
  if (group.ephemeralSeconds > 0) parts.push(node('ephemeral', { expiration: group.ephemeralSeconds }))
  parts.push(node('member_add_mode', {}, Buffer.from(group.memberAddMode)))
  if (group.joinApproval) {
    parts.push(node('membership_approval_mode', {}, [node('group_join', { state: 'on' })]))
  }
  if (group.isCommunity) {
    parts.push(node('parent', { default_membership_approval_mode: group.defaultApproval }))
  }
  if (group.isCommunityAnnouncements) parts.push(node('default_sub_group'))
  if (group.community) parts.push(node('linked_parent', { jid: group.community.jid }))
  for (const member of group.members.keys()) parts.push(participantNode(group, member))

  return node(
    'group',
    {
      id: group.id,
      // WhatsApp leaves it out of a group that was made without one (whatsmeow 2026-09-21 reads it as optional).
      subject: group.subject || undefined,
      s_t: group.subjectSetAt,
      s_o: group.subjectOwner.address(group.addressing),
      s_o_pn: isLid ? group.subjectOwner.numberJid : undefined,
      creation: group.createdAt,
      creator: group.creator.address(group.addressing),
      creator_pn: isLid ? group.creator.numberJid : undefined,
      size: group.members.size,
      addressing_mode: isLid ? 'lid' : 'pn',
      p_v_id: group.membersVersion,
      a_v_id: group.announcementVersion,
    },
    parts,
  )
}
