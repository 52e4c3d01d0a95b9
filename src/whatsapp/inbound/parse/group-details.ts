import type { GroupDetails, GroupParticipant, GroupTopic } from '../../../events/event-parts.ts'
import { canonical, serverOf } from '../../../lib/jid.ts'
import type { BinaryNode } from '../../library/engine.ts'
import { child, childrenOf, numberAttr, textOf } from '../../wire/node.ts'

/** Everything a `<group>` (or `<community>`) element says, as it comes in notifications and in answers to queries. */
export function groupDetails(node: BinaryNode): GroupDetails {
  const { attrs } = node
  const has = (tag: string) => child(node, tag) !== undefined
  const parent = child(node, 'parent')
  const ephemeral = child(node, 'ephemeral')
  const approval = child(node, 'membership_approval_mode')
  const mode = attrs.addressing_mode
  return {
    jid: toGroupJid(attrs.id),
    owner: canonical(attrs.creator),
    ownerPn: canonical(attrs.creator_pn),
    name: {
      name: attrs.subject ?? '',
      setAt: numberAttr(node, 's_t'),
      setBy: canonical(attrs.s_o),
      setByPn: canonical(attrs.s_o_pn),
    },
    topic: groupTopic(child(node, 'description')),
    isLocked: has('locked'),
    isAnnounce: has('announcement'),
    announceVersionId: attrs.a_v_id ?? '',
    isEphemeral: ephemeral !== undefined,
    disappearingTimerSeconds: numberAttr(ephemeral, 'expiration'),
    isIncognito: has('incognito'),
    isParent: parent !== undefined || node.tag === 'community',
    defaultMembershipApprovalMode: parent?.attrs.default_membership_approval_mode ?? '',
    linkedParent: canonical(child(node, 'linked_parent')?.attrs.jid),
    isDefaultSubGroup: has('default_sub_group'),
    isJoinApprovalRequired: approval !== undefined && isApprovalRequired(approval),
    addressingMode: mode === 'pn' || mode === 'lid' ? mode : '',
    createdAt: numberAttr(node, 'creation'),
    creatorCountryCode: attrs.creator_country_code ?? '',
    participantVersionId: attrs.p_v_id ?? '',
    participants: childrenOf(node, 'participant').map(groupParticipant),
    participantCount: numberAttr(node, 'size'),
    memberAddMode: textOf(child(node, 'member_add_mode')),
    suspended: has('suspended'),
  }
}

/** `1203` -> `1203@g.us`; ids that are JIDs already stay as they are. */
export function toGroupJid(id: string | undefined): string {
  return !id || id.includes('@') ? canonical(id) : `${id}@g.us`
}

/** The element is there also when approval was turned off: `<group_join state="off"/>`. */
export function isApprovalRequired(node: BinaryNode): boolean {
  return child(node, 'group_join')?.attrs.state !== 'off'
}

function groupTopic(description: BinaryNode | undefined): GroupTopic {
  const body = child(description, 'body')
  if (!description || !body) return { topic: '', id: '', setAt: 0, setBy: '', setByPn: '', deleted: false }
  return {
    topic: textOf(body),
    id: description.attrs.id ?? '',
    setAt: numberAttr(description, 't'),
    setBy: canonical(description.attrs.participant),
    setByPn: canonical(description.attrs.participant_pn),
    deleted: false,
  }
}

/** What a `<participant>` element says about a member, or about somebody who could not be made one. */
export function groupParticipant(node: BinaryNode): GroupParticipant {
  const { attrs } = node
  const jid = canonical(attrs.jid)
  const isLid = serverOf(jid) === 'lid'
  const error = numberAttr(node, 'error')
  const request = error ? child(node, 'add_request') : undefined
  return {
    jid,
    phoneNumber: isLid ? canonical(attrs.phone_number) : jid,
    lid: isLid ? jid : canonical(attrs.lid),
    isAdmin: attrs.type === 'admin' || attrs.type === 'superadmin',
    isSuperAdmin: attrs.type === 'superadmin',
    displayName: attrs.display_name ?? '',
    error,
    addRequest: request
      ? { code: request.attrs.code ?? '', expiration: numberAttr(request, 'expiration') }
      : null,
  }
}
