import type { GroupDetails, GroupLink } from '../../events/event-parts.ts'
import { newMessageId } from '../../lib/ids.ts'
import { groupDetails } from '../../whatsapp/inbound/parse/group-details.ts'
import type { BinaryNode } from '../../whatsapp/library/engine.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'
import { child, children, childrenOf } from '../../whatsapp/wire/node.ts'
import { answered, element } from '../ask.ts'
import { changeMembers, partRefused, query, readGroup } from './groups.ts'

/** A community to be. */
export interface NewCommunity {
  name: string
  description?: string
  /** JIDs of the first members, without the account itself. */
  participants?: string[]
}

/**
 * Creates a community, in which people ask to be let in. Members come in by its group for announcements, which everybody
 * is in; those who could not be added are left out.
 */
export async function createCommunity(
  session: LiveSession,
  { name, description = '', participants = [] }: NewCommunity,
): Promise<GroupDetails> {
  const parent = element('parent', { default_membership_approval_mode: 'request_required' })
  const body = element('body', {}, Buffer.from(description))
  const described = description ? [element('description', { id: newMessageId() }, [body])] : []
  const create = element('create', { subject: name, key: newMessageId() }, [...described, parent])
  const community = readGroup(await query(session, 'set', '@g.us', create))
  if (participants.length > 0) await addToCommunity(session, community.jid, participants)
  return community
}

async function addToCommunity(session: LiveSession, community: string, members: string[]): Promise<void> {
  const group = (await subGroups(session, community)).find(({ isDefaultSubGroup }) => isDefaultSubGroup)?.jid
  if (group) await changeMembers(session, { group, members, action: 'add' })
}

/** A group and the community it is put into or taken out of. */
export interface CommunityGroup {
  community: string
  group: string
}

/** Groups and the community they are put into or taken out of. */
export interface CommunityGroups {
  community: string
  groups: string[]
}

/** Puts a group into a community. The account must be an admin of both. */
export function linkGroup(session: LiveSession, { community, group }: CommunityGroup): Promise<void> {
  return linkGroups(session, { community, groups: [group] })
}

/** Takes a group out of a community. */
export function unlinkGroup(session: LiveSession, { community, group }: CommunityGroup): Promise<void> {
  return unlinkGroups(session, { community, groups: [group] })
}

/** Puts groups into a community. Throws `upstream_refused` with the groups that could not be moved; the others were. */
export async function linkGroups(
  session: LiveSession,
  { community, groups }: CommunityGroups,
): Promise<void> {
  const link = element('link', { link_type: 'sub_group' }, groups.map(groupElement))
  const answer = await query(session, 'set', community, element('links', {}, [link]))
  requireMoved(child(child(answer, 'links'), 'link'))
}

/** Takes groups out of a community. Throws `upstream_refused` as `linkGroups`. */
export async function unlinkGroups(
  session: LiveSession,
  { community, groups }: CommunityGroups,
): Promise<void> {
  const unlink = element('unlink', { unlink_type: 'sub_group' }, groups.map(groupElement))
  requireMoved(child(await query(session, 'set', community, unlink), 'unlink'))
}

function groupElement(jid: string): BinaryNode {
  return element('group', { jid })
}

/** The groups of a community, among them the one for announcements. */
export async function subGroups(session: LiveSession, community: string): Promise<GroupLink['group'][]> {
  const answer = child(await query(session, 'get', community, element('sub_groups')), 'sub_groups')
  return (answer ? children(answer) : []).map((node) => {
    const { jid, name, isDefaultSubGroup } = groupDetails(node)
    return {
      jid,
      name: name.name,
      nameSetAt: name.setAt,
      nameSetBy: name.setBy,
      nameSetByPn: name.setByPn,
      isDefaultSubGroup,
    }
  })
}

/** JIDs of everybody who is in a group of the community; the phone number where WhatsApp says it. */
export async function communityMembers(session: LiveSession, community: string): Promise<string[]> {
  return (await linkedMembers(session, community)).map(({ jid, phone }) => phone || jid)
}

/** Somebody who is in a group of a community. */
export interface LinkedMember {
  /** As WhatsApp names the person there: a LID in today's communities. */
  jid: string
  /** The phone-number JID, '' where WhatsApp does not say it. */
  phone: string
}

/** Everybody who is in a group of the community. */
export async function linkedMembers(session: LiveSession, community: string): Promise<LinkedMember[]> {
  const wanted = element('linked_groups_participants')
  const members = answered(await query(session, 'get', community, wanted), 'linked_groups_participants')
  return childrenOf(members, 'participant').map(({ attrs: { jid = '', phone_number: phone = '' } }) => ({
    jid,
    phone,
  }))
}

/** The query as a whole succeeds even when groups could not be moved. */
function requireMoved(moved: BinaryNode | undefined): void {
  const failed = (moved ? children(moved) : []).filter(({ attrs }) => attrs.error)
  const [first] = failed
  if (!first) return
  const named = failed.map(({ attrs }) => `${attrs.jid} (${attrs.error})`).join(', ')
  const single = `info query returned status ${first.attrs.error}`
  throw partRefused(
    first.attrs.error ?? '',
    moved?.content?.length === 1 ? single : `these groups could not be moved: ${named}`,
  )
}
