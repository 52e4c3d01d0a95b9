import { z } from 'zod'
import type { GroupParticipant } from '../../../../events/event-parts.ts'
import { del, type Endpoint, get, post } from '../../../../http/endpoint/endpoint.ts'
import {
  type JoinDecision,
  type JoinRequest,
  joinRequests,
  type MemberChange,
} from '../../../../operations/groups/groups.ts'
import { changeParticipants, decideRequests } from '../../../../operations/groups/participants.ts'
import { goTime } from '../../../shared/go/time.ts'
import { answer } from '../../envelope.ts'
import { group, members } from '../../shapes/addresses.ts'
import { asked } from '../../shapes/asked.ts'
import { participantFields, participantShape } from '../../shapes/group-shapes.ts'

const named = z.object({ group_jid: group })
const participants = z.object({ participants: members().describe('Phone numbers or JIDs') })
const users = z.object({ users: members().describe('Phone numbers or JIDs') })

type Named = z.infer<typeof named>

function change(
  action: MemberChange['action'],
  { group_jid: group }: Named,
  members: string[],
): MemberChange {
  return { group, members, action }
}

function decision(
  action: JoinDecision['action'],
  { group_jid: group }: Named,
  members: string[],
): JoinDecision {
  return { group, members, action }
}

/** What became of everybody who was to be changed. */
function outcome(message: string) {
  return answer(message, z.array(participantShape), (people: GroupParticipant[]) => participantFields(people))
}

export const memberEndpoints: Endpoint[] = [
  post('/groups/{group_jid}/participants', {
    summary: 'Add members; whoever could not be added carries an `Error`',
    needs: 'stored',
    params: named,
    body: participants,
    run: asked(changeParticipants),
    input: ({ params, body }) => change('add', params, body.participants),
    reply: outcome('Success add participants'),
  }),

  del('/groups/{group_jid}/participants', {
    summary: 'Remove members',
    needs: 'stored',
    params: named,
    body: participants,
    run: asked(changeParticipants),
    input: ({ params, body }) => change('remove', params, body.participants),
    reply: outcome('Success remove participants'),
  }),

  post('/groups/{group_jid}/admins', {
    summary: 'Make members admins',
    needs: 'stored',
    params: named,
    body: users,
    run: asked(changeParticipants),
    input: ({ params, body }) => change('promote', params, body.users),
    reply: outcome('Success promote admins'),
  }),

  del('/groups/{group_jid}/admins', {
    summary: 'Make admins members again',
    needs: 'stored',
    params: named,
    body: users,
    run: asked(changeParticipants),
    input: ({ params, body }) => change('demote', params, body.users),
    reply: outcome('Success demote admins'),
  }),

  get('/groups/{group_jid}/participant-requests', {
    summary: 'List who asks to be let in',
    needs: 'stored',
    params: named,
    run: asked(joinRequests),
    input: ({ params }) => params.group_jid,
    reply: answer(
      'Success get participant requests',
      z.array(z.object({ JID: z.string(), RequestedAt: z.string() })),
      (requests: JoinRequest[]) =>
        requests.map(({ jid, requestedAt }) => ({ JID: jid, RequestedAt: goTime(requestedAt, '') })),
    ),
  }),

  post('/groups/{group_jid}/requests/approve', {
    summary: 'Let people in who asked',
    needs: 'stored',
    params: named,
    body: users,
    run: asked(decideRequests),
    input: ({ params, body }) => decision('approve', params, body.users),
    reply: outcome('Success approve join requests'),
  }),

  post('/groups/{group_jid}/requests/reject', {
    summary: 'Turn people away who asked',
    needs: 'stored',
    params: named,
    body: users,
    run: asked(decideRequests),
    input: ({ params, body }) => decision('reject', params, body.users),
    reply: outcome('Success reject join requests'),
  }),
]
