import type { GroupChangedEvent, GroupJoinedEvent } from '../../../src/events/event.ts'
import type { GroupName } from '../../../src/events/event-parts.ts'

function named(name: string): GroupName {
  return { name, setAt: 0, setBy: '', setByPn: '' }
}

/** A change of a group: what is not given did not change. */
export function groupChange({
  name,
  ...given
}: Omit<Partial<GroupChangedEvent>, 'name'> & { name?: string }): GroupChangedEvent {
  return {
    type: 'group.changed',
    chat: '',
    notify: '',
    sender: null,
    senderPn: null,
    timestamp: 0,
    name: name === undefined ? null : named(name),
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
    ...given,
  }
}

/** The account came into a group. */
export function groupJoin(given: {
  chat: string
  reason: string
  name: string
  sender: string
}): GroupJoinedEvent {
  const { chat, reason, name, sender } = given
  return {
    type: 'group.joined',
    chat,
    reason,
    joinType: '',
    createKey: '',
    sender,
    senderPn: null,
    notify: '',
    group: {
      jid: chat,
      owner: '',
      ownerPn: '',
      name: named(name),
      topic: { topic: '', id: '', setAt: 0, setBy: '', setByPn: '', deleted: false },
      isLocked: false,
      isAnnounce: false,
      announceVersionId: '',
      isEphemeral: false,
      disappearingTimerSeconds: 0,
      isIncognito: false,
      isParent: false,
      defaultMembershipApprovalMode: '',
      linkedParent: '',
      isDefaultSubGroup: false,
      isJoinApprovalRequired: false,
      addressingMode: '',
      createdAt: 0,
      creatorCountryCode: '',
      participantVersionId: '',
      participants: [],
      participantCount: 0,
      memberAddMode: '',
      suspended: false,
    },
  }
}
