import type { GroupChangedEvent, GroupJoinedEvent } from '../../../events/event.ts'
import type { GroupLink } from '../../../events/event-parts.ts'
import { canonical } from '../../../lib/jid.ts'
import { ownMember } from '../../../lib/own-member.ts'
import type { BinaryNode } from '../../library/engine.ts'
import { child, children, numberAttr, textOf, xmlNode } from '../../wire/node.ts'
import { groupDetails, isApprovalRequired, toGroupJid } from './group-details.ts'

const INVITE_LINK_PREFIX = 'https://chat.whatsapp.com/'

/** The event of a `<notification type="w:gp2">`: the account joined a group, or a group changed. */
export function groupEvents(node: BinaryNode): (GroupChangedEvent | GroupJoinedEvent)[] {
  const parts = children(node)
  const [first] = parts
  // The server tells about itself which group caches are stale; that is no change of a group.
  if (!first || first.tag === 'groups_dirty') return []
  if (first.tag === 'create' && parts.length === 1) return joined(node, first)
  return [parts.reduce(applyChange, unchanged(node))]
}

function joined(node: BinaryNode, create: BinaryNode): GroupJoinedEvent[] {
  const group = child(create, 'group')
  if (!group) return []
  const details = groupDetails(group)
  return [
    {
      type: 'group.joined',
      chat: details.jid,
      reason: create.attrs.reason ?? '',
      joinType: create.attrs.type ?? '',
      createKey: create.attrs.key ?? '',
      ...who(node),
      notify: node.attrs.notify ?? '',
      group: { ...details, addressingMode: details.addressingMode || modeOf(node) },
    },
  ]
}

function who(node: BinaryNode): { sender: string | null; senderPn: string | null } {
  return {
    sender: canonical(node.attrs.participant) || null,
    senderPn: canonical(node.attrs.participant_pn) || null,
  }
}

function modeOf(node: BinaryNode): '' | 'pn' | 'lid' {
  const mode = node.attrs.addressing_mode
  return mode === 'pn' || mode === 'lid' ? mode : ''
}

function unchanged(node: BinaryNode): GroupChangedEvent {
  return {
    type: 'group.changed',
    chat: canonical(node.attrs.from),
    notify: node.attrs.notify ?? '',
    ...who(node),
    timestamp: numberAttr(node, 't'),
    name: null,
    topic: null,
    locked: null,
    announce: null,
    ephemeral: null,
    joinApprovalRequired: null,
    deleted: null,
    link: null,
    unlink: null,
    newInviteLink: null,
    prevParticipantVersionId: '',
    participantVersionId: '',
    joinReason: '',
    join: null,
    leave: null,
    promote: null,
    demote: null,
    suspended: false,
    unsuspended: false,
    unknown: null,
  }
}

type Change = (part: BinaryNode, event: GroupChangedEvent) => Partial<GroupChangedEvent>

const CHANGES: Record<string, Change> = {
  add: (part) => ({ ...versions(part), joinReason: part.attrs.reason ?? '', join: participants(part) }),
  remove: (part) => ({ ...versions(part), leave: participants(part) }),
  leave: (part) => ({ ...versions(part), leave: participants(part) }),
  promote: (part) => ({ ...versions(part), promote: participants(part) }),
  demote: (part) => ({ ...versions(part), demote: participants(part) }),
  locked: () => ({ locked: true }),
  unlocked: () => ({ locked: false }),
  announcement: (part) => ({ announce: { isAnnounce: true, versionId: part.attrs.v_id ?? '' } }),
  not_announcement: (part) => ({ announce: { isAnnounce: false, versionId: part.attrs.v_id ?? '' } }),
  ephemeral: (part) => ({ ephemeral: { isEphemeral: true, timerSeconds: numberAttr(part, 'expiration') } }),
  not_ephemeral: () => ({ ephemeral: { isEphemeral: false, timerSeconds: 0 } }),
  membership_approval_mode: (part) => ({ joinApprovalRequired: isApprovalRequired(part) }),
  delete: (part) => ({ deleted: { reason: part.attrs.reason ?? '' } }),
  invite: (part) => ({ newInviteLink: INVITE_LINK_PREFIX + (part.attrs.code ?? '') }),
  suspended: () => ({ suspended: true }),
  unsuspended: () => ({ unsuspended: true }),
  subject: (part) => ({
    name: {
      name: part.attrs.subject ?? '',
      setAt: numberAttr(part, 's_t'),
      setBy: canonical(part.attrs.s_o),
      setByPn: canonical(part.attrs.s_o_pn),
    },
  }),
  description: (part, event) => ({
    topic: {
      topic: textOf(child(part, 'body')),
      id: part.attrs.id ?? '',
      setAt: event.timestamp,
      setBy: event.sender ?? '',
      setByPn: event.senderPn ?? '',
      deleted: child(part, 'delete') !== undefined,
    },
  }),
  link: (part) => ({ link: groupLink(part, part.attrs.link_type, '') }),
  unlink: (part) => ({ unlink: groupLink(part, part.attrs.unlink_type, part.attrs.unlink_reason) }),
}

function applyChange(event: GroupChangedEvent, part: BinaryNode): GroupChangedEvent {
  const change = ownMember(CHANGES, part.tag)
  if (!change) return { ...event, unknown: [...(event.unknown ?? []), xmlNode(part)] }
  return { ...event, ...change(part, event) }
}

function versions(part: BinaryNode): Partial<GroupChangedEvent> {
  return {
    prevParticipantVersionId: part.attrs.prev_v_id ?? '',
    participantVersionId: part.attrs.v_id ?? '',
  }
}

function participants(part: BinaryNode): string[] {
  return children(part)
    .filter(({ tag, attrs }) => tag === 'participant' && attrs.jid)
    .map(({ attrs }) => canonical(attrs.jid))
}

function groupLink(
  part: BinaryNode,
  linkType: string | undefined,
  unlinkReason: string | undefined,
): GroupLink | null {
  const group = child(part, 'group')
  if (!group) return null
  return {
    linkType: linkType ?? '',
    unlinkReason: unlinkReason ?? '',
    group: {
      jid: canonical(group.attrs.jid) || toGroupJid(group.attrs.id),
      name: group.attrs.subject ?? '',
      nameSetAt: numberAttr(group, 's_t'),
      nameSetBy: canonical(group.attrs.s_o),
      nameSetByPn: canonical(group.attrs.s_o_pn),
      isDefaultSubGroup: child(group, 'default_sub_group') !== undefined,
    },
  }
}
