import type { GroupDetails } from '../../events/event-parts.ts'
import { ApiError } from '../../lib/errors.ts'
import { withTimeout } from '../../lib/flow/with-timeout.ts'
import { bare, isGroupJid } from '../../lib/jid.ts'
import { keepChatNames } from '../../store/messages/chats.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'
import { groupInfo, joinedGroups } from '../groups/groups.ts'
import type { UserScope } from '../services.ts'
import { cut } from './message-parts.ts'
import { loadPeople, ownAddresses } from './people.ts'
import { folded } from './search.ts'

/** A group in a list. */
export interface GroupLine {
  jid: string
  name: string
  participants: number
  /** Whether the account is one of its admins. */
  isAdmin: boolean
  /** Only admins may write. */
  isAnnounce: boolean
  /** It holds other groups. */
  isCommunity: boolean
}

/** A member of a group. */
export interface GroupMember {
  /** By phone number where it is known. */
  jid: string
  /** With `+`; absent where it is not known. */
  phone?: string
  name: string
  rank: 'admin' | 'superadmin' | ''
  fromMe: boolean
}

/** A group with its members. */
export interface GroupView extends GroupLine {
  topic: string
  members: GroupMember[]
}

/** The groups of an account, by name. Throws `no_session`, and as WhatsApp answers. */
export async function listGroups(
  scope: UserScope,
  { search = '' }: { search?: string },
): Promise<GroupLine[]> {
  const groups = await joinedGroups(scope.services.sessions.live(scope.user.id))
  await keepNames(scope, groups)
  const needle = folded(search.trim())
  return groups
    .map((group) => lineOf(scope, group))
    .filter(({ name }) => folded(name).includes(needle))
    .sort((one, other) => folded(one.name).localeCompare(folded(other.name)))
}

/** One group with its members. Throws `invalid_jid`, `no_session`, and as WhatsApp answers. */
export async function showGroup(scope: UserScope, jid: string): Promise<GroupView> {
  if (!isGroupJid(jid)) throw new ApiError('invalid_jid', { text: 'group must be the JID of a group' })
  const group = await groupInfo(scope.services.sessions.live(scope.user.id), jid)
  await keepNames(scope, [group])
  const { participants } = group
  const people = await loadPeople(
    scope,
    participants.map((one) => one.phoneNumber || one.jid),
  )
  const own = ownAddresses(scope)
  return {
    ...lineOf(scope, group),
    topic: group.topic.topic,
    members: participants.map((one) => {
      const address = people.addressOf(one.phoneNumber || one.jid)
      const number = /^(\d+)@s\.whatsapp\.net$/.exec(address)?.[1]
      return {
        jid: address,
        ...(number && { phone: `+${number}` }),
        name: people.nameOf(address) || cut(one.displayName),
        rank: one.isSuperAdmin ? 'superadmin' : one.isAdmin ? 'admin' : '',
        fromMe: address === own.pn || bare(one.jid) === own.lid,
      }
    }),
  }
}

/** How long a list of chats waits for the names of its groups, and how often a session asks for them. */
const PATIENCE_MS = 1_500
const ASKED_AGAIN_MS = 10 * 60_000

/** When a session last asked for the names of all its groups, by the monotonic clock. */
const askedAt = new WeakMap<LiveSession, number>()

/** Learns what the groups of an account are called, if it has not just tried; true where it may have. */
export async function learnGroupNames(scope: UserScope): Promise<boolean> {
  const { user, services } = scope
  const session = services.sessions.find(user.id)
  if (!session?.status.loggedIn) return false
  const now = performance.now()
  if (now - (askedAt.get(session) ?? Number.NEGATIVE_INFINITY) < ASKED_AGAIN_MS) return false
  askedAt.set(session, now)
  const learning = joinedGroups(session).then((groups) => keepNames(scope, groups))
  try {
    await withTimeout(learning, PATIENCE_MS)
    return true
  } catch (error) {
    // The list does without; what comes later is there the next time.
    learning.catch(() => {})
    services.log.debug({ err: error, session: user.id }, 'could not learn the names of groups')
    return false
  }
}

function keepNames({ user, services }: UserScope, groups: GroupDetails[]): Promise<void> {
  const names = groups.map(({ jid, name }) => ({ chat: jid, name: name.name }))
  return keepChatNames(services.db, user.id, names)
}

function lineOf(scope: UserScope, group: GroupDetails): GroupLine {
  const own = ownAddresses(scope)
  const isOwn = (jid: string) => jid !== '' && (bare(jid) === own.pn || bare(jid) === own.lid)
  const self = group.participants.find(({ jid, phoneNumber, lid }) => [jid, phoneNumber, lid].some(isOwn))
  return {
    jid: group.jid,
    name: group.name.name,
    participants: group.participants.length || group.participantCount,
    isAdmin: self?.isAdmin === true || self?.isSuperAdmin === true,
    isAnnounce: group.isAnnounce,
    isCommunity: group.isParent,
  }
}
