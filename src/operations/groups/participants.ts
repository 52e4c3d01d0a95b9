import type { GroupDetails, GroupParticipant } from '../../events/event-parts.ts'
import { ApiError } from '../../lib/errors.ts'
import type { BareBase64 } from '../../lib/file-input.ts'
import { groupParticipant } from '../../whatsapp/inbound/parse/group-details.ts'
import type { BinaryNode } from '../../whatsapp/library/engine.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'
import { child, childrenOf } from '../../whatsapp/wire/node.ts'
import { setGroupPhoto } from '../account/profile.ts'
import { profileJpeg } from '../account/profile-jpeg.ts'
import { element } from '../ask.ts'
import {
  createGroup,
  inviteInfo,
  type JoinDecision,
  joinGroup,
  type MemberAddMode,
  type MemberChange,
  member,
  query,
  setAnnounce,
  setGroupTopic,
  setJoinApproval,
  setLocked,
  setMemberAddMode,
} from './groups.ts'

/**
 * Adds, removes or ranks members and describes each of them as the group names them then; whoever could not be changed
 * has an `error`. Nobody is asked about for an empty list.
 */
export async function changeParticipants(
  session: LiveSession,
  { group, members, action }: MemberChange,
): Promise<GroupParticipant[]> {
  if (members.length === 0) return []
  const answer = await query(session, 'set', group, element(action, {}, members.map(member)))
  return participantsIn(child(answer, action))
}

/** Lets people in or turns them away, and describes each of them; whoever did not ask has an `error`. */
export async function decideRequests(
  session: LiveSession,
  { group, members, action }: JoinDecision,
): Promise<GroupParticipant[]> {
  if (members.length === 0) return []
  const decision = element(action, {}, members.map(member))
  const answer = await query(session, 'set', group, element('membership_requests_action', {}, [decision]))
  return participantsIn(child(child(answer, 'membership_requests_action'), action))
}

function participantsIn(changed: BinaryNode | undefined): GroupParticipant[] {
  return childrenOf(changed, 'participant').map(groupParticipant)
}

/** A group to be, with what it shows. */
export interface DescribedGroup {
  name: string
  /** JIDs of the first members, without the account itself. */
  participants: string[]
  /** '' for none. */
  description: string
  /** Any picture that `profileJpeg` takes; undefined for none. */
  picture?: BareBase64
}

/** A group that was created, and what could not be done with it afterwards. */
export interface CreatedGroup {
  group: GroupDetails
  /** Sentences; empty when all was done. */
  problems: string[]
}

/**
 * Creates a group, then describes it and gives it a picture. What fails after it exists is told with it, because asking
 * again would create another one. Throws as `profileJpeg` does before anything is created.
 */
export async function createDescribedGroup(
  session: LiveSession,
  { name, participants, description, picture }: DescribedGroup,
): Promise<CreatedGroup> {
  const jpeg = picture && (await profileJpeg(session, picture))
  const group = await createGroup(session, { name, participants })
  const problems: string[] = []
  const attempt = async (what: string, work: () => Promise<unknown>) => {
    await work().catch((error: unknown) => {
      if (!(error instanceof ApiError)) throw error
      problems.push(`${what}: ${error.message}`)
    })
  }
  if (description !== '')
    await attempt('description', () => setGroupTopic(session, { group: group.jid, topic: description }))
  if (jpeg) await attempt('photo', () => setGroupPhoto(session, { group: group.jid, jpeg }))
  return { group, problems }
}

/** An invitation for the account itself, as it comes in a message. */
export interface PersonalInvitation {
  group: string
  code: string
  /** JID of whoever sent it. */
  inviter: string
  /** Unix seconds. */
  expiration: number
}

/** Joins a group by an invitation that was sent to the account. */
export async function acceptInvitation(
  session: LiveSession,
  { group, code, inviter, expiration }: PersonalInvitation,
): Promise<void> {
  const attrs = { code, expiration: String(expiration), admin: inviter }
  await query(session, 'set', group, element('accept', attrs))
}

/** Joins one certain group by the code of its link. Throws `invalid_field` when the link leads to another group. */
export async function joinByLink(
  session: LiveSession,
  { group, code }: { group: string; code: string },
): Promise<void> {
  const { jid } = await inviteInfo(session, code)
  if (jid !== group)
    throw new ApiError('invalid_field', { text: 'this invite code belongs to another group' })
  await joinGroup(session, code)
}

/** What is to be different in a group; what is left out stays. */
export interface GroupSettings {
  group: string
  /** Only admins may write. */
  announce?: boolean
  /** Only admins may change the group's details. */
  locked?: boolean
  memberAddMode?: MemberAddMode
  /** Admins decide who may join by link. */
  joinApproval?: boolean
}

/** Changes settings of a group one after the other: WhatsApp takes one at a time. */
export async function changeGroupSettings(
  session: LiveSession,
  { group, announce, locked, memberAddMode, joinApproval }: GroupSettings,
): Promise<void> {
  await session.ready()
  if (announce !== undefined) await setAnnounce(session, { group, on: announce })
  if (locked !== undefined) await setLocked(session, { group, on: locked })
  if (memberAddMode !== undefined) await setMemberAddMode(session, { group, mode: memberAddMode })
  if (joinApproval !== undefined) await setJoinApproval(session, { group, on: joinApproval })
}
