import type { GroupChangedEvent, GroupJoinedEvent } from '../../../events/event.ts'
import type { GroupDetails, GroupLink, GroupName, GroupTopic } from '../../../events/event-parts.ts'
import type { GoValue } from '../go/proto.ts'
import { goTime } from '../go/time.ts'
import { goNode } from './message-info.ts'

type GoObject = { [key: string]: GoValue }

/** The `GroupInfo` event: what changed in a group, null for what did not. */
export function groupInfo(event: GroupChangedEvent, timeZone: string): GoObject {
  return {
    JID: event.chat,
    Notify: event.notify,
    Sender: event.sender,
    SenderPN: event.senderPn,
    Timestamp: goTime(event.timestamp, timeZone),
    Name: event.name && groupName(event.name, timeZone),
    Topic: event.topic && groupTopic(event.topic, timeZone),
    Locked: event.locked === null ? null : { IsLocked: event.locked },
    Announce: event.announce && {
      IsAnnounce: event.announce.isAnnounce,
      AnnounceVersionID: event.announce.versionId,
    },
    Ephemeral: event.ephemeral && {
      IsEphemeral: event.ephemeral.isEphemeral,
      DisappearingTimer: event.ephemeral.timerSeconds,
    },
    MembershipApprovalMode:
      event.joinApprovalRequired === null ? null : { IsJoinApprovalRequired: event.joinApprovalRequired },
    Delete: event.deleted && { Deleted: true, DeleteReason: event.deleted.reason },
    Link: event.link && groupLink(event.link, timeZone),
    Unlink: event.unlink && groupLink(event.unlink, timeZone),
    NewInviteLink: event.newInviteLink,
    PrevParticipantVersionID: event.prevParticipantVersionId,
    ParticipantVersionID: event.participantVersionId,
    JoinReason: event.joinReason,
    Join: event.join,
    Leave: event.leave,
    Promote: event.promote,
    Demote: event.demote,
    Suspended: event.suspended,
    Unsuspended: event.unsuspended,
    UnknownChanges: event.unknown?.map(goNode) ?? null,
  }
}

/** The `JoinedGroup` event: how the account came in, then the whole group. */
export function joinedGroup(event: GroupJoinedEvent, timeZone: string): GoObject {
  return {
    Reason: event.reason,
    Type: event.joinType,
    CreateKey: event.createKey,
    Sender: event.sender,
    SenderPN: event.senderPn,
    Notify: event.notify,
    ...groupFields(event.group, timeZone),
  }
}

/** whatsmeow's `GroupInfo` struct, as it also stands in answers to queries. */
export function groupFields(group: GroupDetails, timeZone: string): GoObject {
  return {
    JID: group.jid,
    OwnerJID: group.owner,
    OwnerPN: group.ownerPn,
    ...groupName(group.name, timeZone),
    ...groupTopic(group.topic, timeZone),
    IsLocked: group.isLocked,
    IsAnnounce: group.isAnnounce,
    AnnounceVersionID: group.announceVersionId,
    IsEphemeral: group.isEphemeral,
    DisappearingTimer: group.disappearingTimerSeconds,
    IsIncognito: group.isIncognito,
    IsParent: group.isParent,
    DefaultMembershipApprovalMode: group.defaultMembershipApprovalMode,
    LinkedParentJID: group.linkedParent,
    IsDefaultSubGroup: group.isDefaultSubGroup,
    IsJoinApprovalRequired: group.isJoinApprovalRequired,
    AddressingMode: group.addressingMode,
    GroupCreated: goTime(group.createdAt, timeZone),
    CreatorCountryCode: group.creatorCountryCode,
    ParticipantVersionID: group.participantVersionId,
    // A nil slice: nobody was named.
    Participants: group.participants.length
      ? group.participants.map((one) => ({
          JID: one.jid,
          PhoneNumber: one.phoneNumber,
          LID: one.lid,
          IsAdmin: one.isAdmin,
          IsSuperAdmin: one.isSuperAdmin,
          DisplayName: one.displayName,
          Error: one.error,
          AddRequest: one.addRequest && {
            Code: one.addRequest.code,
            Expiration: goTime(one.addRequest.expiration, timeZone),
          },
        }))
      : null,
    ParticipantCount: group.participantCount,
    MemberAddMode: group.memberAddMode,
    Suspended: group.suspended,
  }
}

function groupName(name: GroupName, timeZone: string): GoObject {
  return {
    Name: name.name,
    NameSetAt: goTime(name.setAt, timeZone),
    NameSetBy: name.setBy,
    NameSetByPN: name.setByPn,
  }
}

function groupTopic(topic: GroupTopic, timeZone: string): GoObject {
  return {
    Topic: topic.topic,
    TopicID: topic.id,
    TopicSetAt: goTime(topic.setAt, timeZone),
    TopicSetBy: topic.setBy,
    TopicSetByPN: topic.setByPn,
    TopicDeleted: topic.deleted,
  }
}

function groupLink(link: GroupLink, timeZone: string): GoObject {
  return {
    Type: link.linkType,
    UnlinkReason: link.unlinkReason,
    Group: linkedGroup(link.group, timeZone),
  }
}

/** whatsmeow's `GroupLinkTarget`: a group as its community shows it. */
export function linkedGroup(group: GroupLink['group'], timeZone: string): GoObject {
  return {
    JID: group.jid,
    Name: group.name,
    NameSetAt: goTime(group.nameSetAt, timeZone),
    NameSetBy: group.nameSetBy,
    NameSetByPN: group.nameSetByPn,
    IsDefaultSubGroup: group.isDefaultSubGroup,
  }
}
