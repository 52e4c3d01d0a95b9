import type { GroupDetails } from '../../events/event-parts.ts'
import { ApiError } from '../../lib/errors.ts'
import { newMessageId } from '../../lib/ids.ts'
import { isGroupJid } from '../../lib/jid.ts'
import { groupDetails } from '../../whatsapp/inbound/parse/group-details.ts'
import { type BinaryNode, proto } from '../../whatsapp/library/engine.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'
import { child, children, childrenOf } from '../../whatsapp/wire/node.ts'
import { answered, ask, element } from '../ask.ts'

/** The service that lists, creates and joins groups, as against one group. */
const SERVICE = '@g.us'

const INVITE_LINK = 'https://chat.whatsapp.com/'

/** Every group the account is in. */
export async function joinedGroups(session: LiveSession): Promise<GroupDetails[]> {
  const details = [element('participants'), element('description')]
  const answer = await query(session, 'get', SERVICE, element('participating', {}, details))
  const groups = child(answer, 'groups')
  return groups ? children(groups).map(groupDetails) : []
}

/** One group the account is in. */
export async function groupInfo(session: LiveSession, group: string): Promise<GroupDetails> {
  return readGroup(await query(session, 'get', group, element('query', { request: 'interactive' })))
}

/** What an invitation leads to, without joining. */
export async function inviteInfo(session: LiveSession, codeOrLink: string): Promise<GroupDetails> {
  return readGroup(await query(session, 'get', SERVICE, inviteOf(codeOrLink)))
}

/** Joins by invitation; where admins decide, asks to be let in. Resolves with the JID of the group. */
export async function joinGroup(session: LiveSession, codeOrLink: string): Promise<string> {
  const answer = await query(session, 'set', SERVICE, inviteOf(codeOrLink))
  const joined = child(answer, 'group') ?? child(answer, 'membership_approval_request')
  return joined?.attrs.jid ?? ''
}

/** Which link is wanted: the present one, or a new one in its place. */
export interface InviteRequest {
  group: string
  renew: boolean
}

/** The link that lets people join. */
export async function inviteLink(session: LiveSession, { group, renew }: InviteRequest): Promise<string> {
  const answer = await query(session, renew ? 'set' : 'get', group, element('invite'))
  return `${INVITE_LINK}${answered(answer, 'invite').attrs.code ?? ''}`
}

/** A group to be. */
export interface NewGroup {
  name: string
  /** JIDs of the first members, without the account itself. */
  participants: string[]
  /** Only admins may write. */
  announce?: boolean
  /** Only admins may change the group's name, photo and description. */
  locked?: boolean
  /** Admins decide who may join by link. */
  joinApproval?: boolean
  /** After how many seconds messages disappear; 0 = never. */
  disappearingSeconds?: number
}

/** Creates a group; people who could not be added carry an `error` in the answer. */
export async function createGroup(
  session: LiveSession,
  { name, participants, ...settings }: NewGroup,
): Promise<GroupDetails> {
  const attrs = { subject: name, key: newMessageId() }
  const content = [...participants.map(member), ...settingsOf(settings)]
  return readGroup(await query(session, 'set', SERVICE, element('create', attrs, content)))
}

function settingsOf({
  announce,
  locked,
  joinApproval,
  disappearingSeconds = 0,
}: Omit<NewGroup, 'name' | 'participants'>): BinaryNode[] {
  return [
    ...(announce ? [element('announcement')] : []),
    ...(locked ? [element('locked')] : []),
    ...(joinApproval
      ? [element('membership_approval_mode', {}, [element('group_join', { state: 'on' })])]
      : []),
    ...(disappearingSeconds > 0 ? [element('ephemeral', { expiration: String(disappearingSeconds) })] : []),
  ]
}

/** Leaves a group. Throws `upstream_refused` when the account is not in it. */
export async function leaveGroup(session: LiveSession, group: string): Promise<void> {
  const leave = element('leave', {}, [element('group', { id: group })])
  const answer = await query(session, 'set', SERVICE, leave)
  const error = child(child(answer, 'leave'), 'group')?.attrs.error
  if (error) throw partRefused(error, `info query returned status ${error}`)
}

/** Gives a group another name. */
export function renameGroup(
  session: LiveSession,
  { group, name }: { group: string; name: string },
): Promise<void> {
  return change(session, group, element('subject', {}, Buffer.from(name)))
}

/** Gives a group another description; '' removes it. The library looks up the one it replaces, as WhatsApp demands. */
export function setGroupTopic(
  session: LiveSession,
  { group, topic }: { group: string; topic: string },
): Promise<void> {
  return session.call((socket) => socket.groupUpdateDescription(group, topic))
}

/** Whether only admins may write. */
export function setAnnounce(
  session: LiveSession,
  { group, on }: { group: string; on: boolean },
): Promise<void> {
  return change(session, group, element(on ? 'announcement' : 'not_announcement'))
}

/** Whether only admins may change the group's name, photo and description. */
export function setLocked(
  session: LiveSession,
  { group, on }: { group: string; on: boolean },
): Promise<void> {
  return change(session, group, element(on ? 'locked' : 'unlocked'))
}

/** Whether admins decide who may join by link. */
export function setJoinApproval(
  session: LiveSession,
  { group, on }: { group: string; on: boolean },
): Promise<void> {
  const state = element('group_join', { state: on ? 'on' : 'off' })
  return change(session, group, element('membership_approval_mode', {}, [state]))
}

/** Who may add members: admins, or everybody in the group. */
export type MemberAddMode = 'admin_add' | 'all_member_add'

/** Says who may add members. */
export function setMemberAddMode(
  session: LiveSession,
  { group, mode }: { group: string; mode: MemberAddMode },
): Promise<void> {
  return change(session, group, element('member_add_mode', {}, Buffer.from(mode)))
}

/** After how many seconds messages of a chat disappear; 0 = never. */
export interface DisappearingTimer {
  /** A group, or a person: a JID or a bare number. */
  chat: string
  seconds: number
}

/** Sets the timer of a group or of a chat with one person, who is told by message. */
export async function setDisappearingTimer(
  session: LiveSession,
  { chat, seconds }: DisappearingTimer,
): Promise<void> {
  if (isGroupJid(chat)) {
    const timer =
      seconds > 0 ? element('ephemeral', { expiration: String(seconds) }) : element('not_ephemeral')
    return change(session, chat, timer)
  }
  const type = proto.Message.ProtocolMessage.Type.EPHEMERAL_SETTING
  const to = await session.resolve(chat)
  await session.send({ to, message: { protocolMessage: { type, ephemeralExpiration: seconds } } })
}

/** What happens to members of a group. */
export interface MemberChange {
  group: string
  /** JIDs of people. */
  members: string[]
  action: 'add' | 'remove' | 'promote' | 'demote'
}

/** What became of one person in a change that was asked for. */
export interface MemberOutcome {
  /** The phone number where WhatsApp says it. */
  jid: string
  /** 200, or WhatsApp's code for why not (403, 404, 409, ...). */
  code: number
}

/** Adds, removes or ranks members. Somebody for whom it failed does not keep the others from being changed. */
export async function changeMembers(
  session: LiveSession,
  { group, members, action }: MemberChange,
): Promise<MemberOutcome[]> {
  const answer = await query(session, 'set', group, element(action, {}, members.map(member)))
  return outcomes(child(answer, action))
}

/** Somebody who wants to be let in. */
export interface JoinRequest {
  jid: string
  /** The phone-number JID, '' where WhatsApp does not say it. */
  phone: string
  /** Unix seconds, 0 = unknown. */
  requestedAt: number
}

/** Who asks to be let in. */
export async function joinRequests(session: LiveSession, group: string): Promise<JoinRequest[]> {
  const answer = await query(session, 'get', group, element('membership_approval_requests'))
  const requests = child(answer, 'membership_approval_requests')
  return (requests ? children(requests) : []).map(({ attrs }) => ({
    jid: attrs.jid ?? '',
    phone: attrs.phone_number ?? '',
    requestedAt: Number(attrs.request_time ?? 0),
  }))
}

/** A decision about people who ask to be let in. */
export interface JoinDecision {
  group: string
  members: string[]
  action: 'approve' | 'reject'
}

/** Lets people in or turns them away. */
export async function answerJoinRequests(
  session: LiveSession,
  { group, members, action }: JoinDecision,
): Promise<MemberOutcome[]> {
  const decision = element(action, {}, members.map(member))
  const answer = await query(session, 'set', group, element('membership_requests_action', {}, [decision]))
  return outcomes(child(child(answer, 'membership_requests_action'), action))
}

/** Lets in or turns away whoever asks at the moment. */
export async function answerAllJoinRequests(
  session: LiveSession,
  { group, action }: Omit<JoinDecision, 'members'>,
): Promise<MemberOutcome[]> {
  const members = (await joinRequests(session, group)).map(({ jid }) => jid)
  return members.length > 0 ? answerJoinRequests(session, { group, members, action }) : []
}

/** A refusal of one part of a query that as a whole succeeds, with WhatsApp's own code for it. */
export function partRefused(code: string, text: string): ApiError {
  return new ApiError('upstream_refused', { text, refusal: { by: 'iq', code: Number(code) } })
}

/** A query of the group service; also for the communities built on it. */
export function query(
  session: LiveSession,
  type: 'get' | 'set',
  to: string,
  content: BinaryNode,
): Promise<BinaryNode> {
  return ask(session, { xmlns: 'w:g2', type, to }, content)
}

/** The group an answer holds. */
export function readGroup(answer: BinaryNode): GroupDetails {
  return groupDetails(answered(answer, 'group'))
}

async function change(session: LiveSession, group: string, content: BinaryNode): Promise<void> {
  await query(session, 'set', group, content)
}

/** How a query names a person. */
export function member(jid: string): BinaryNode {
  return element('participant', { jid })
}

function outcomes(changed: BinaryNode | undefined): MemberOutcome[] {
  return childrenOf(changed, 'participant').map(({ attrs: { jid = '', phone_number: phone, error } }) => ({
    jid: phone ?? jid,
    code: Number(error ?? 200),
  }))
}

/** `https://chat.whatsapp.com/CODE?mode=…` or the bare code. */
function inviteOf(codeOrLink: string): BinaryNode {
  const code = /^(?:https?:\/\/)?chat\.whatsapp\.com\/(?:invite\/)?([^/?#]+)/i.exec(codeOrLink)?.[1]
  return element('invite', { code: code ?? codeOrLink })
}
