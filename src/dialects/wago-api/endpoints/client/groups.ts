import { z } from 'zod'
import type { GroupDetails } from '../../../../events/event-parts.ts'
import { type Endpoint, post, reply } from '../../../../http/endpoint/endpoint.ts'
import { bool, integer, optional, text } from '../../../../http/endpoint/fields.ts'
import { limits } from '../../../../lib/limits.ts'
import { createGroup, inviteInfo, joinGroup } from '../../../../operations/groups/groups.ts'
import { oneOf } from '../../shapes/aliases.ts'
import { peopleIfAny, required } from '../../shapes/fields.ts'
import { groupFields, groupShape } from '../../shapes/group-shape.ts'

const invitation = z.object({
  inviteCode: required('inviteCode', limits.url).describe('The code, or the whole link'),
})

export const clientGroupEndpoints: Endpoint[] = [
  post('/client/acceptInvite/{id}', {
    summary: 'Join a group by invitation; where admins decide, ask to be let in',
    body: invitation,
    run: joinGroup,
    input: ({ body }) => body.inviteCode,
    reply: reply(z.object({ acceptInvite: z.string().describe('JID of the group') }), (jid: string) => ({
      acceptInvite: jid,
    })),
  }),

  post('/client/getInviteInfo/{id}', {
    summary: 'Describe the group that an invitation leads to',
    body: invitation,
    power: 'read',
    run: inviteInfo,
    input: ({ body }) => body.inviteCode,
    reply: reply(z.object({ inviteInfo: groupShape }), (group: GroupDetails) => ({
      inviteInfo: groupFields(group),
    })),
  }),

  post('/client/createGroup/{id}', {
    summary: 'Create a group',
    body: z.object({
      title: optional(text(limits.groupSubject)).describe('The name; `name` and `subject` are the same'),
      name: optional(text(limits.groupSubject)),
      subject: optional(text(limits.groupSubject)),
      participants: peopleIfAny('participants').describe('JIDs or phone numbers of the first members'),
      options: z
        .object({
          isAnnounce: bool().describe('Only admins write'),
          isRestrict: bool().describe('Only admins change the details'),
          membershipApprovalMode: bool().describe('Admins decide who joins'),
          messageTimer: integer().describe('Seconds after which messages disappear, 0 = never'),
        })
        .prefault({}),
    }),
    run: createGroup,
    input: ({ body: { title, name, subject, participants, options } }) => ({
      name: oneOf('title', title || undefined, name || undefined, subject || undefined),
      participants,
      announce: options.isAnnounce,
      locked: options.isRestrict,
      joinApproval: options.membershipApprovalMode,
      disappearingSeconds: options.messageTimer,
    }),
    reply: reply(z.object({ response: groupShape }), (group: GroupDetails) => ({
      response: groupFields(group),
    })),
  }),
]
