import { z } from 'zod'
import type { GroupDetails } from '../../../events/event-parts.ts'
import { type Endpoint, post, type Reply, reply } from '../../../http/endpoint/endpoint.ts'
import { bool, text, textUpTo } from '../../../http/endpoint/fields.ts'
import { limits } from '../../../lib/limits.ts'
import { removeGroupPhoto, setGroupPicture } from '../../../operations/account/profile.ts'
import {
  answerAllJoinRequests,
  answerJoinRequests,
  changeMembers,
  groupInfo,
  inviteLink,
  type JoinRequest,
  joinRequests,
  leaveGroup,
  type MemberChange,
  type MemberOutcome,
  renameGroup,
  setAnnounce,
  setGroupTopic,
  setLocked,
} from '../../../operations/groups/groups.ts'
import type { LiveSession } from '../../../whatsapp/session/session.ts'
import { oneOf } from '../shapes/aliases.ts'
import { group, people, required } from '../shapes/fields.ts'
import { groupFields, groupShape } from '../shapes/group-shape.ts'
import { picture, pictureFailures } from '../shapes/picture.ts'
import { done, result } from '../shapes/replies.ts'

const named = z.object({ chatId: group('chatId').describe('JID of the group: `…@g.us`') })

const adminsOnly = named.extend({ adminsOnly: bool().default(true).describe('true when absent') })

const members = named.extend({
  participantIds: people('participantIds').optional().describe('JIDs or phone numbers'),
  contactIds: people('contactIds').optional().describe('The same by its name in wwebjs-api'),
})

const outcomes = result(
  z.array(z.object({ jid: z.string(), code: z.int().describe('200, or why not: 403, 404, 409, …') })),
  (people: MemberOutcome[]) => people,
)

/** An endpoint that changes members in one way. */
function membersEndpoint(verb: string, action: MemberChange['action'], summary: string): Endpoint {
  return post(`/groupChat/${verb}Participants/{id}`, {
    summary,
    body: members,
    run: changeMembers,
    input: ({ body }) => ({
      group: body.chatId,
      members: oneOf('participantIds', body.participantIds, body.contactIds),
      action,
    }),
    reply: outcomes,
  })
}

interface Decision {
  group: string
  /** Everybody who asks, when absent. */
  members: string[] | undefined
  action: 'approve' | 'reject'
}

async function decide(session: LiveSession, { group, members, action }: Decision): Promise<MemberOutcome[]> {
  if (members) return answerJoinRequests(session, { group, members, action })
  return answerAllJoinRequests(session, { group, action })
}

/** An endpoint that answers those who ask to be let in. */
function decisionEndpoint(action: Decision['action'], summary: string): Endpoint {
  return post(`/groupChat/${action}GroupMembershipRequests/{id}`, {
    summary,
    body: members.extend({
      options: z
        .object({ requesterIds: people('requesterIds').describe('Everybody who asks, when absent') })
        .partial()
        .optional(),
    }),
    run: decide,
    input: ({ body }) => ({
      group: body.chatId,
      members: body.options?.requesterIds ?? body.participantIds ?? body.contactIds,
      action,
    }),
    reply: outcomes,
  })
}

const invite: Reply<string> = reply(
  z.object({ inviteCode: z.string().describe('The link: `https://chat.whatsapp.com/…`') }),
  (link: string) => ({ inviteCode: link }),
)

export const groupEndpoints: Endpoint[] = [
  post('/groupChat/getClassInfo/{id}', {
    summary: 'Describe a group',
    body: named,
    power: 'read',
    run: groupInfo,
    input: ({ body }) => body.chatId,
    reply: reply(z.object({ chat: groupShape }), (details: GroupDetails) => ({ chat: groupFields(details) })),
  }),

  post('/groupChat/leave/{id}', {
    summary: 'Leave a group',
    body: named,
    run: leaveGroup,
    input: ({ body }) => body.chatId,
    reply: done,
  }),

  membersEndpoint('add', 'add', 'Add people to a group'),
  membersEndpoint('remove', 'remove', 'Take people out of a group'),
  membersEndpoint('promote', 'promote', 'Make members admins'),
  membersEndpoint('demote', 'demote', 'Make admins ordinary members'),

  post('/groupChat/getInviteCode/{id}', {
    summary: 'Get the link that invites to a group',
    body: named,
    run: inviteLink,
    input: ({ body }) => ({ group: body.chatId, renew: false }),
    reply: invite,
  }),

  post('/groupChat/revokeInvite/{id}', {
    summary: 'Make a new invite link; the old one stops working',
    body: named,
    run: inviteLink,
    input: ({ body }) => ({ group: body.chatId, renew: true }),
    reply: reply(z.object({ result: z.literal(true), inviteCode: z.string() }), (link: string) => ({
      result: true,
      inviteCode: link,
    })),
  }),

  post('/groupChat/setSubject/{id}', {
    summary: 'Rename a group',
    body: named.extend({ subject: required('subject', limits.groupSubject) }),
    run: renameGroup,
    input: ({ body }) => ({ group: body.chatId, name: body.subject }),
    reply: done,
  }),

  post('/groupChat/setDescription/{id}', {
    summary: 'Describe a group anew; an empty description removes it',
    body: named.extend({
      description: textUpTo(limits.groupDescription, z.string('description is required')),
    }),
    run: setGroupTopic,
    input: ({ body }) => ({ group: body.chatId, topic: body.description }),
    reply: done,
  }),

  post('/groupChat/setPicture/{id}', {
    summary: 'Give a group a photo',
    body: named.extend({
      pictureMimeType: text(limits.mimeType).describe('Not needed: the picture itself says what it is'),
      pictureData: picture('pictureData'),
    }),
    run: setGroupPicture,
    input: ({ body }) => ({ group: body.chatId, picture: body.pictureData }),
    reply: done,
    failure: pictureFailures('pictureData'),
  }),

  post('/groupChat/deletePicture/{id}', {
    summary: 'Remove the photo of a group',
    body: named,
    run: removeGroupPhoto,
    input: ({ body }) => body.chatId,
    reply: done,
  }),

  post('/groupChat/setMessagesAdminsOnly/{id}', {
    summary: 'Let only admins write, or everybody',
    body: adminsOnly,
    run: setAnnounce,
    input: ({ body }) => ({ group: body.chatId, on: body.adminsOnly }),
    reply: done,
  }),

  post('/groupChat/setInfoAdminsOnly/{id}', {
    summary: 'Let only admins change the details of a group, or everybody',
    body: adminsOnly,
    run: setLocked,
    input: ({ body }) => ({ group: body.chatId, on: body.adminsOnly }),
    reply: done,
  }),

  post('/groupChat/getGroupMembershipRequests/{id}', {
    summary: 'List who asks to be let in',
    body: named,
    power: 'read',
    run: joinRequests,
    input: ({ body }) => body.chatId,
    reply: result(
      z.array(z.object({ jid: z.string(), requestedAt: z.int().describe('Unix seconds, 0 = unknown') })),
      (requests: JoinRequest[]) =>
        requests.map(({ jid, phone, requestedAt }) => ({ jid: phone || jid, requestedAt })),
    ),
  }),

  decisionEndpoint('approve', 'Let people in'),
  decisionEndpoint('reject', 'Turn people away'),
]
