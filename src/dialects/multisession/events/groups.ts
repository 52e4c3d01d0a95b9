import type { EventOf } from '../../../events/event.ts'
import type { User } from '../../../store/users/users.ts'
import { isOwn, type Telling, tellFacts } from './telling.ts'

/** A group that the account is in now. */
export function groupJoinedTellings(event: EventOf<'group.joined'>): Telling[] {
  return [
    tellFacts('group.join', {
      group_jid: event.chat,
      reason: event.reason,
      type: event.joinType,
      sender: event.sender,
      sender_pn: event.senderPn,
    }),
  ]
}

/** A change of a group; of its members once more, and of the account's own leave as well. */
export function groupChangedTellings(event: EventOf<'group.changed'>, user: User): Telling[] {
  const { chat, sender, timestamp, join, leave, promote, demote } = event
  const members = { join, leave, promote, demote }
  const hasMembers = Object.values(members).some((list) => list !== null)
  const hasLeft = (leave ?? []).some((jid) => isOwn(event, jid, user))
  return [
    tellFacts('group.info_update', { group_jid: chat, sender, timestamp, ...members }),
    ...(hasMembers ? [tellFacts('group.participant_update', { group_jid: chat, ...members })] : []),
    ...(hasLeft ? [tellFacts('group.leave', { group_jid: chat, reason: event.joinReason })] : []),
  ]
}
