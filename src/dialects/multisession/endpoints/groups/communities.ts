import { z } from 'zod'
import type { GroupLink } from '../../../../events/event-parts.ts'
import { del, type Endpoint, get, post } from '../../../../http/endpoint/endpoint.ts'
import {
  type LinkedMember,
  linkedMembers,
  linkGroup,
  subGroups,
  unlinkGroup,
} from '../../../../operations/groups/communities.ts'
import { linkedGroup } from '../../../shared/whatsmeow/group-structs.ts'
import { answer, done } from '../../envelope.ts'
import { group } from '../../shapes/addresses.ts'
import { asked } from '../../shapes/asked.ts'

const community = z.object({ community_jid: group })

export const communityEndpoints: Endpoint[] = [
  post('/groups/{parent_group_jid}/link/{group_jid}', {
    summary: 'Put a group into a community',
    needs: 'stored',
    params: z.object({ parent_group_jid: group, group_jid: group }),
    run: asked(linkGroup),
    input: ({ params }) => ({ community: params.parent_group_jid, group: params.group_jid }),
    reply: done('Success link groups'),
  }),

  del('/groups/{parent_jid}/link/{child_jid}', {
    summary: 'Take a group out of a community',
    needs: 'stored',
    params: z.object({ parent_jid: group, child_jid: group }),
    run: asked(unlinkGroup),
    input: ({ params }) => ({ community: params.parent_jid, group: params.child_jid }),
    reply: done('Success unlink subgroup from community'),
  }),

  get('/groups/{community_jid}/linked-participants', {
    summary: 'List everybody who is in a group of a community',
    needs: 'stored',
    params: community,
    run: asked(linkedMembers),
    input: ({ params }) => params.community_jid,
    reply: answer('Success get linked participants', z.array(z.string()), (people: LinkedMember[]) =>
      people.map(({ jid }) => jid),
    ),
  }),

  get('/groups/{community_jid}/subgroups', {
    summary: 'List the groups of a community',
    needs: 'stored',
    params: community,
    run: asked(subGroups),
    input: ({ params }) => params.community_jid,
    reply: answer(
      'Success get sub groups',
      z.array(
        z.object({
          JID: z.string(),
          Name: z.string(),
          NameSetAt: z.string(),
          NameSetBy: z.string(),
          NameSetByPN: z.string(),
          IsDefaultSubGroup: z.boolean(),
        }),
      ),
      (groups: GroupLink['group'][]) => groups.map((one) => linkedGroup(one, '')),
    ),
  }),
]
