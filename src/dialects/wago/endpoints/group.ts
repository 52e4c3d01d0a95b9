import { z } from 'zod'
import { type Endpoint, get, post, reply } from '../../../http/endpoint/endpoint.ts'
import { bool, textUpTo } from '../../../http/endpoint/fields.ts'
import { limits } from '../../../lib/limits.ts'
import { setGroupPicture } from '../../../operations/account/profile.ts'
import {
  changeMembers,
  createGroup,
  groupInfo,
  inviteLink,
  joinedGroups,
  joinGroup,
  leaveGroup,
  renameGroup,
  setAnnounce,
  setGroupTopic,
  setLocked,
} from '../../../operations/groups/groups.ts'
import { groupReply, groupsReply } from '../../shared/whatsmeow/group-replies.ts'
import { group, missing, people, required } from '../shapes/fields.ts'
import { memberOutcomes } from '../shapes/member-outcomes.ts'
import { pictureFailures, requiredPicture } from '../shapes/picture.ts'
import { done } from '../shapes/replies.ts'

const ACTIONS = ['add', 'remove', 'promote', 'demote'] as const

const named = z.object({ GroupJID: group('GroupJID').describe('JID of the group: `…@g.us`') })

export const groupEndpoints: Endpoint[] = [
  get('/group/list', {
    summary: 'List the groups the account is in',
    run: joinedGroups,
    reply: groupsReply,
  }),

  get('/group/myall', {
    summary: 'List the groups the account is in, as `/group/list` does',
    run: joinedGroups,
    reply: groupsReply,
  }),

  post('/group/info', {
    summary: 'Describe a group',
    body: named,
    power: 'read',
    run: groupInfo,
    input: ({ body }) => body.GroupJID,
    reply: groupReply,
  }),

  post('/group/invitelink', {
    summary: 'Get the link that invites to a group',
    body: named.extend({ Reset: bool().describe('true makes a new link; the old one stops working') }),
    run: inviteLink,
    input: ({ body }) => ({ group: body.GroupJID, renew: body.Reset }),
    reply: reply(z.object({ InviteLink: z.string() }), (link: string) => ({ InviteLink: link })),
  }),

  post('/group/photo', {
    summary: 'Give a group a photo',
    body: named.extend({ Image: requiredPicture('Image') }),
    run: setGroupPicture,
    input: ({ body }) => ({ group: body.GroupJID, picture: body.Image }),
    reply: reply(z.object({ Details: z.string(), PictureID: z.string() }), (id: string) => ({
      Details: 'Group Photo set successfully',
      PictureID: id,
    })),
    failure: pictureFailures,
  }),

  post('/group/name', {
    summary: 'Rename a group',
    body: named.extend({ Name: required('Name', limits.groupSubject) }),
    run: renameGroup,
    input: ({ body }) => ({ group: body.GroupJID, name: body.Name }),
    reply: done('Group Name set successfully'),
  }),

  post('/group/create', {
    summary: 'Create a group',
    body: z.object({
      GroupName: required('GroupName', limits.groupSubject),
      Participants: people('Participants').describe('Phone numbers or JIDs of the first members'),
    }),
    run: createGroup,
    input: ({ body }) => ({ name: body.GroupName, participants: body.Participants }),
    reply: groupReply,
  }),

  post('/group/update', {
    summary: 'Add, remove, promote or demote members',
    body: named.extend({
      ParticipantJID: people('ParticipantJID').describe('Phone numbers or JIDs'),
      Action: required('Action').pipe(z.enum(ACTIONS, `Action must be one of ${ACTIONS.join(', ')}`)),
    }),
    run: changeMembers,
    input: ({ body }) => ({ group: body.GroupJID, members: body.ParticipantJID, action: body.Action }),
    reply: memberOutcomes,
  }),

  post('/group/join', {
    summary: 'Join a group by invitation',
    body: z.object({
      Code: required('Code', limits.url).describe('Code of an invite link, or the whole link'),
    }),
    run: joinGroup,
    input: ({ body }) => body.Code,
    reply: reply(z.object({ Details: z.string(), JID: z.string() }), (jid: string) => ({
      Details: 'Group joined',
      JID: jid,
    })),
  }),

  post('/group/leave', {
    summary: 'Leave a group',
    body: z.object({ GroupId: group('GroupId') }),
    run: leaveGroup,
    input: ({ body }) => body.GroupId,
    reply: done('Left group'),
  }),

  post('/group/description', {
    summary: 'Describe a group anew',
    body: named.extend({
      Description: textUpTo(limits.groupDescription, z.string(missing('Description'))).describe(
        'Empty for none',
      ),
    }),
    run: setGroupTopic,
    input: ({ body }) => ({ group: body.GroupJID, topic: body.Description }),
    reply: done('Group description updated'),
  }),

  post('/group/lock', {
    summary: 'Let only admins change the details of a group, or everybody',
    body: named.extend({ Lock: bool() }),
    run: setLocked,
    input: ({ body }) => ({ group: body.GroupJID, on: body.Lock }),
    reply: done('Group lock updated'),
  }),

  post('/group/adminonly', {
    summary: 'Let only admins write, or everybody',
    body: named.extend({ AdminOnly: bool() }),
    run: setAnnounce,
    input: ({ body }) => ({ group: body.GroupJID, on: body.AdminOnly }),
    reply: done('Group admin only updated'),
  }),
]
