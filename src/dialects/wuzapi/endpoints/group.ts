import { z } from 'zod'
import { type Endpoint, get, post, reply } from '../../../http/endpoint/endpoint.ts'
import { bool, stringArray, text } from '../../../http/endpoint/fields.ts'
import { ApiError } from '../../../lib/errors.ts'
import { limits } from '../../../lib/limits.ts'
import { removeGroupPhoto, setGroupPhoto } from '../../../operations/account/profile.ts'
import {
  answerJoinRequests,
  changeMembers,
  createGroup,
  groupInfo,
  inviteInfo,
  inviteLink,
  type JoinRequest,
  joinedGroups,
  joinGroup,
  joinRequests,
  leaveGroup,
  renameGroup,
  setAnnounce,
  setDisappearingTimer,
  setGroupTopic,
  setJoinApproval,
  setLocked,
} from '../../../operations/groups/groups.ts'
import { goTime } from '../../shared/go/time.ts'
import { groupReply, groupsReply } from '../../shared/whatsmeow/group-replies.ts'
import { demand, required } from '../shapes/fields.ts'
import {
  requireDuration,
  requireFlag,
  requireGroup,
  requireJpeg,
  requirePeople,
  requireWord,
} from '../shapes/group-input.ts'
import { requireJid } from '../shapes/jid.ts'
import { changed } from '../shapes/member-outcomes.ts'
import { done } from '../shapes/replies.ts'

const named = z.object({ GroupJID: text(limits.address).describe('JID of the group: `…@g.us`') })
const invitation = z.object({
  Code: required('Code', limits.url).describe('Code of an invite link, or the whole link'),
})

/** Today a query parameter names the group, in the reference document a member of a body. */
const inQuery = z.object({ groupJID: text(limits.address).describe('JID of the group') })
const inBody = named.optional().describe('Only with the profile `reference`, instead of the query parameter')

/** What the query or, in the reference profile, the body names as the group; not parsed yet. */
function askedGroup(query: z.infer<typeof inQuery>, body: z.infer<typeof inBody>, profile: string): string {
  if (query.groupJID !== '') return query.groupJID
  if (profile !== 'reference') throw new ApiError('missing_field', { text: 'missing groupJID parameter' })
  if (body === undefined) throw new ApiError('invalid_payload')
  return body.GroupJID
}

export const groupEndpoints: Endpoint[] = [
  get('/group/list', {
    summary: 'List the groups the account is in',
    run: joinedGroups,
    reply: groupsReply,
  }),

  get('/group/info', {
    summary: 'Describe a group',
    query: inQuery,
    body: inBody,
    run: groupInfo,
    input: ({ query, body }, { profile }) => requireGroup(askedGroup(query, body, profile), profile),
    reply: groupReply,
  }),

  get('/group/invitelink', {
    summary: 'Get the link that invites to a group',
    query: inQuery.extend({ reset: text().describe('true makes a new link; the old one stops working') }),
    body: inBody,
    power: 'full',
    run: inviteLink,
    input: ({ query, body }, { profile }) => {
      const jid = askedGroup(query, body, profile)
      const renew = requireFlag(query.reset, 'reset')
      return { group: requireGroup(jid, profile), renew }
    },
    reply: reply(z.object({ InviteLink: z.string() }), (link: string) => ({ InviteLink: link })),
  }),

  post('/group/create', {
    summary: 'Create a group',
    body: z.object({
      Name: required('Name', limits.groupSubject),
      Participants: stringArray({ each: limits.address }).describe(
        'Phone numbers or JIDs of the first members',
      ),
    }),
    run: createGroup,
    input: ({ body }, { profile }) => {
      if (body.Participants.length === 0)
        throw new ApiError('missing_field', { text: 'missing Participants in Payload' })
      const participants = body.Participants.map((one) => requireJid(one, 'Participant Phone', profile))
      return { name: body.Name, participants }
    },
    reply: groupReply,
  }),

  post('/group/photo', {
    summary: 'Give a group a photo',
    body: named.extend({
      Image: text(limits.picture).describe('A JPEG as a data URL: `data:image/jpeg;base64,…`'),
    }),
    run: setGroupPhoto,
    input: ({ body }, { profile }) => ({
      group: requireGroup(body.GroupJID, profile),
      jpeg: requireJpeg(body.Image),
    }),
    reply: reply(z.object({ Details: z.string(), PictureID: z.string() }), (id: string) => ({
      Details: 'Group Photo set successfully',
      PictureID: id,
    })),
  }),

  post('/group/photo/remove', {
    summary: 'Remove the photo of a group',
    body: named,
    run: removeGroupPhoto,
    input: ({ body }, { profile }) => requireGroup(body.GroupJID, profile),
    reply: done('Group Photo removed successfully'),
  }),

  post('/group/leave', {
    summary: 'Leave a group',
    body: named,
    run: leaveGroup,
    input: ({ body }, { profile }) => requireGroup(body.GroupJID, profile),
    reply: done('Group left successfully'),
  }),

  post('/group/name', {
    summary: 'Rename a group',
    body: named.extend({ Name: text(limits.groupSubject) }),
    run: renameGroup,
    input: ({ body }, { profile }) => ({
      group: requireGroup(body.GroupJID, profile),
      name: demand(body.Name, 'Name'),
    }),
    reply: done('Group Name set successfully'),
  }),

  post('/group/topic', {
    summary: 'Describe a group anew',
    body: named.extend({ Topic: text(limits.groupDescription) }),
    run: setGroupTopic,
    input: ({ body }, { profile }) => ({
      group: requireGroup(body.GroupJID, profile),
      topic: demand(body.Topic, 'Topic'),
    }),
    reply: done('Group Topic set successfully'),
  }),

  post('/group/announce', {
    summary: 'Let only admins write, or everybody',
    body: named.extend({ Announce: bool() }),
    run: setAnnounce,
    input: ({ body }, { profile }) => ({ group: requireGroup(body.GroupJID, profile), on: body.Announce }),
    reply: done('Group Announce set successfully'),
  }),

  post('/group/locked', {
    summary: 'Let only admins change the details of a group, or everybody',
    body: named.extend({ Locked: bool() }),
    run: setLocked,
    input: ({ body }, { profile }) => ({ group: requireGroup(body.GroupJID, profile), on: body.Locked }),
    reply: done('Group Locked setting updated successfully'),
  }),

  post('/group/ephemeral', {
    summary: 'Let messages disappear',
    body: named.extend({ Duration: text().meta({ enum: ['24h', '7d', '90d', 'off'] }) }),
    run: setDisappearingTimer,
    input: ({ body }, { profile }) => ({
      chat: requireGroup(body.GroupJID, profile),
      seconds: requireDuration(body.Duration),
    }),
    reply: done('Disappearing timer set successfully'),
  }),

  post('/group/join', {
    summary: 'Join a group by invitation',
    body: invitation,
    run: joinGroup,
    input: ({ body }) => body.Code,
    reply: done('Group joined successfully'),
  }),

  post('/group/inviteinfo', {
    summary: 'Describe the group that an invitation leads to',
    body: invitation,
    power: 'read',
    run: inviteInfo,
    input: ({ body }) => body.Code,
    reply: groupReply,
  }),

  post('/group/updateparticipants', {
    summary: 'Add, remove, promote or demote members',
    body: named.extend({
      Phone: stringArray({ each: limits.address }).describe('Phone numbers or JIDs'),
      Action: text().meta({ enum: ['add', 'remove', 'promote', 'demote'] }),
    }),
    run: changeMembers,
    input: ({ body }, { profile }) => ({
      group: requireGroup(body.GroupJID, profile),
      members: requirePeople(body.Phone, profile),
      action: requireWord(body.Action, 'Action', {
        words: ['add', 'remove', 'promote', 'demote'],
        sentence: 'invalid Action in Payload',
      }),
    }),
    reply: changed('Group Participants updated successfully'),
  }),

  get('/group/requestparticipants', {
    summary: 'List who asks to be let in',
    query: inQuery,
    run: joinRequests,
    input: ({ query }, { profile }) => {
      if (query.groupJID === '') throw new ApiError('missing_field', { text: 'missing groupJID parameter' })
      return requireGroup(query.groupJID, profile)
    },
    reply: reply(
      z.array(z.object({ JID: z.string(), RequestedAt: z.string() })),
      (requests: JoinRequest[], { timeZone }) =>
        requests.map(({ jid, requestedAt }) => ({
          JID: jid,
          RequestedAt: goTime(requestedAt, timeZone),
        })),
    ),
    failure: 'Failed to get group request participants: %s',
  }),

  post('/group/updaterequestparticipants', {
    summary: 'Let people in or turn them away',
    body: named.extend({
      Phone: stringArray({ each: limits.address }).describe('Phone numbers or JIDs'),
      Action: text().meta({ enum: ['approve', 'reject'] }),
    }),
    run: answerJoinRequests,
    input: ({ body }, { profile }) => ({
      group: requireGroup(body.GroupJID, profile),
      members: requirePeople(body.Phone, profile),
      action: requireWord(body.Action, 'Action', {
        words: ['approve', 'reject'],
        sentence: 'invalid Action in Payload (must be approve or reject)',
      }),
    }),
    reply: changed('Group request participants updated successfully'),
    failure: 'failed to update group request participants: %s',
  }),

  post('/group/joinapprovalmode', {
    summary: 'Let admins decide who joins, or nobody',
    body: named.extend({ Mode: bool() }),
    run: setJoinApproval,
    input: ({ body }, { profile }) => ({ group: requireGroup(body.GroupJID, profile), on: body.Mode }),
    reply: done('Group join approval mode updated successfully'),
    failure: 'failed to set group join approval mode: %s',
  }),
]
