import type { BinaryNode } from '../../whatsapp/library/engine.ts'
import type { Account, Device } from '../world/account.ts'
import type { Group } from '../world/group.ts'
import type { Network } from '../world/network.ts'
import { node } from '../world/node.ts'

/** Tells every device of every member, the author's own included, and of those who have just been removed. */
export function notifyGroup(
  network: Network,
  group: Group,
  options: { author: Device; change: BinaryNode; type?: string; alsoTo?: Account[] },
): void {
  const { author, change, type = 'w:gp2', alsoTo = [] } = options
  const { account } = author
  const isLid = group.addressing === 'lid'
  network.notify(
    new Set([...group.members.keys(), ...alsoTo]),
    {
      from: group.jid,
      type,
      participant: account.address(group.addressing),
      participant_pn: isLid ? account.jid() : undefined,
      participant_lid: isLid ? undefined : account.lidJid(),
      addressing_mode: isLid ? 'lid' : 'pn',
      notify: account.name || undefined,
    },
    [change],
  )
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
    ...(group.addressing === 'lid' ? { phone_number: account.jid() } : { lid: account.lidJid() }),
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
          participant_pn: isLid ? description.author.jid() : undefined,
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
  if (group.isCommunity) parts.push(node('parent'))
  if (group.isCommunityAnnouncements) parts.push(node('default_sub_group'))
  if (group.community) parts.push(node('linked_parent', { jid: group.community.jid }))
  for (const member of group.members.keys()) parts.push(participantNode(group, member))

  return node(
    'group',
    {
      id: group.id,
      subject: group.subject,
      s_t: group.subjectSetAt,
      s_o: group.subjectOwner.address(group.addressing),
      s_o_pn: isLid ? group.subjectOwner.jid() : undefined,
      creation: group.createdAt,
      creator: group.creator.address(group.addressing),
      creator_pn: isLid ? group.creator.jid() : undefined,
      size: group.members.size,
      addressing_mode: isLid ? 'lid' : 'pn',
      p_v_id: group.createdAt,
    },
    parts,
  )
}
