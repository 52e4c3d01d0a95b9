import { z } from 'zod'
import { type Endpoint, post } from '../../../http/endpoint/endpoint.ts'
import { limits } from '../../../lib/limits.ts'
import { createCommunity, linkGroups, unlinkGroups } from '../../../operations/groups/communities.ts'
import { groupReply } from '../../shared/whatsmeow/group-replies.ts'
import { group, groups, required } from '../shapes/fields.ts'
import { done } from '../shapes/replies.ts'

const pair = z.object({
  CommunityJID: group('CommunityJID').describe('JID of the community'),
  GroupJID: groups('GroupJID').describe('JIDs of groups, or one of them'),
})

export const communityEndpoints: Endpoint[] = [
  post('/community/create', {
    summary: 'Create a community',
    body: z.object({ CommunityName: required('CommunityName', limits.groupSubject) }),
    run: createCommunity,
    input: ({ body }) => ({ name: body.CommunityName }),
    reply: groupReply,
  }),

  post('/community/add', {
    summary: 'Put groups into a community',
    body: pair,
    run: linkGroups,
    input: ({ body }) => ({ community: body.CommunityJID, groups: body.GroupJID }),
    reply: done('Groups linked'),
  }),

  post('/community/remove', {
    summary: 'Take groups out of a community',
    body: pair,
    run: unlinkGroups,
    input: ({ body }) => ({ community: body.CommunityJID, groups: body.GroupJID }),
    reply: done('Groups unlinked'),
  }),
]
