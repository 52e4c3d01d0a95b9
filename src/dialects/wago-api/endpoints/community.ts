import { z } from 'zod'
import type { GroupDetails, GroupLink } from '../../../events/event-parts.ts'
import { type Endpoint, post } from '../../../http/endpoint/endpoint.ts'
import { text } from '../../../http/endpoint/fields.ts'
import { limits } from '../../../lib/limits.ts'
import {
  communityMembers,
  createCommunity,
  linkGroup,
  subGroups,
  unlinkGroup,
} from '../../../operations/groups/communities.ts'
import { setJoinApproval, setMemberAddMode } from '../../../operations/groups/groups.ts'
import { ifGiven } from '../../shared/address-fields.ts'
import { oneOf } from '../shapes/aliases.ts'
import { group, peopleIfAny, required } from '../shapes/fields.ts'
import { groupFields, groupShape } from '../shapes/group-shape.ts'
import { done, result } from '../shapes/replies.ts'

const named = z.object({ communityId: group('communityId').describe('JID of the community') })
const pair = named.extend({ groupId: group('groupId').describe('JID of the group') })

/** What also works on a single group takes its name as well. */
const either = z.object({
  communityId: ifGiven(group('communityId')).describe('JID of the community'),
  chatId: ifGiven(group('chatId')).describe('JID of a group, instead'),
})

export const communityEndpoints: Endpoint[] = [
  post('/community/create/{id}', {
    summary: 'Create a community',
    body: z.object({
      name: ifGiven(required('name', limits.groupSubject)),
      title: ifGiven(required('title', limits.groupSubject)).describe('Another word for name'),
      description: text(limits.groupDescription),
      participants: peopleIfAny('participants').describe('JIDs or phone numbers'),
    }),
    run: createCommunity,
    input: ({ body: { name, title, description, participants } }) => ({
      name: oneOf('name', name, title),
      description,
      participants,
    }),
    reply: result(groupShape.extend({ isParent: z.boolean() }), (community: GroupDetails) => ({
      ...groupFields(community),
      isParent: community.isParent,
    })),
  }),

  post('/community/linkGroup/{id}', {
    summary: 'Put a group into a community',
    body: pair,
    run: linkGroup,
    input: ({ body }) => ({ community: body.communityId, group: body.groupId }),
    reply: done,
  }),

  post('/community/unlinkGroup/{id}', {
    summary: 'Take a group out of a community',
    body: pair,
    run: unlinkGroup,
    input: ({ body }) => ({ community: body.communityId, group: body.groupId }),
    reply: done,
  }),

  post('/community/getSubGroups/{id}', {
    summary: 'List the groups of a community',
    body: named,
    power: 'read',
    run: subGroups,
    input: ({ body }) => body.communityId,
    reply: result(
      z.array(
        z.object({
          jid: z.string(),
          name: z.string(),
          isDefaultSubGroup: z.boolean().describe('The group for announcements, which everybody is in'),
        }),
      ),
      (groups: GroupLink['group'][]) =>
        groups.map(({ jid, name, isDefaultSubGroup }) => ({ jid, name, isDefaultSubGroup })),
    ),
  }),

  post('/community/getParticipants/{id}', {
    summary: 'List the members of all groups of a community',
    body: named,
    power: 'read',
    run: communityMembers,
    input: ({ body }) => body.communityId,
    reply: result(z.array(z.string().describe('JID')), (jids: string[]) => jids),
  }),

  post('/community/setJoinApprovalMode/{id}', {
    summary: 'Let admins decide who joins, or nobody',
    body: either.extend({
      enabled: z.boolean().optional(),
      mode: z.boolean().optional().describe('Another word for enabled'),
    }),
    run: setJoinApproval,
    input: ({ body: { communityId, chatId, enabled, mode } }) => ({
      group: oneOf('communityId', communityId, chatId),
      on: oneOf('enabled', enabled, mode),
    }),
    reply: done,
  }),

  post('/community/setMemberAddMode/{id}', {
    summary: 'Say who may add members',
    body: either.extend({
      mode: z.enum(['admin_add', 'all_member_add'], 'mode must be admin_add or all_member_add'),
    }),
    run: setMemberAddMode,
    input: ({ body }) => ({
      group: oneOf('communityId', body.communityId, body.chatId),
      mode: body.mode,
    }),
    reply: done,
  }),
]
