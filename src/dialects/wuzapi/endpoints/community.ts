import { z } from 'zod'
import type { GroupLink } from '../../../events/event-parts.ts'
import { type Endpoint, get, post, reply } from '../../../http/endpoint/endpoint.ts'
import { text } from '../../../http/endpoint/fields.ts'
import { ApiError } from '../../../lib/errors.ts'
import { limits } from '../../../lib/limits.ts'
import {
  type CommunityGroup,
  createCommunity,
  linkGroup,
  subGroups,
  unlinkGroup,
} from '../../../operations/groups/communities.ts'
import { groupReply } from '../../shared/whatsmeow/group-replies.ts'
import { linkedGroup } from '../../shared/whatsmeow/group-structs.ts'
import { required } from '../shapes/fields.ts'
import { requireGroup } from '../shapes/group-input.ts'
import { requireJid } from '../shapes/jid.ts'

const pair = z.object({
  communityJID: text(limits.address).describe('JID of the community'),
  groupJID: text(limits.address).describe('JID of the group'),
})

const subGroup = z.object({
  IsDefaultSubGroup: z.boolean().describe('The group for announcements, which everybody is in'),
  JID: z.string(),
  Name: z.string(),
  NameSetAt: z.string(),
  NameSetBy: z.string(),
  NameSetByPN: z.string(),
})

function pairOf(body: z.infer<typeof pair>, profile: string): CommunityGroup {
  return {
    community: requireJid(body.communityJID, 'Community JID', profile),
    group: requireGroup(body.groupJID, profile),
  }
}

export const communityEndpoints: Endpoint[] = [
  post('/community/create', {
    summary: 'Create a community',
    body: z.object({ Name: required('Name', limits.groupSubject) }),
    run: createCommunity,
    input: ({ body }) => ({ name: body.Name }),
    reply: groupReply,
  }),

  post('/community/link', {
    summary: 'Put a group into a community',
    body: pair,
    run: linkGroup,
    input: ({ body }, { profile }) => pairOf(body, profile),
    reply: reply<void>(z.object({ linked: z.boolean() }), () => ({ linked: true })),
  }),

  post('/community/unlink', {
    summary: 'Take a group out of a community',
    body: pair,
    run: unlinkGroup,
    input: ({ body }, { profile }) => pairOf(body, profile),
    reply: reply<void>(z.object({ unlinked: z.boolean() }), () => ({ unlinked: true })),
  }),

  get('/community/subgroups', {
    summary: 'List the groups of a community',
    query: z.object({ communityJID: text(limits.address).describe('JID of the community') }),
    run: subGroups,
    input: ({ query }, { profile }) => {
      if (query.communityJID === '')
        throw new ApiError('missing_field', { text: 'missing communityJID parameter' })
      return requireJid(query.communityJID, 'Community JID', profile)
    },
    reply: reply(
      z.object({ Groups: z.array(subGroup).nullable() }),
      (groups: GroupLink['group'][], { timeZone }) => ({
        Groups: groups.length > 0 ? groups.map((group) => linkedGroup(group, timeZone)) : null,
      }),
    ),
  }),
]
