import { z } from 'zod'
import type { GroupDetails } from '../../../../events/event-parts.ts'
import { type Endpoint, get, post } from '../../../../http/endpoint/endpoint.ts'
import { integer, text } from '../../../../http/endpoint/fields.ts'
import { ApiError } from '../../../../lib/errors.ts'
import { limits } from '../../../../lib/limits.ts'
import { inviteInfo } from '../../../../operations/groups/groups.ts'
import {
  acceptInvitation,
  joinByLink,
  type PersonalInvitation,
} from '../../../../operations/groups/participants.ts'
import type { LiveSession } from '../../../../whatsapp/session/session.ts'
import { groupShape } from '../../../shared/whatsmeow/group-shape.ts'
import { answer, done } from '../../envelope.ts'
import { group, person } from '../../shapes/addresses.ts'
import { asked } from '../../shapes/asked.ts'
import { wholeGroup } from '../../shapes/group-shapes.ts'

/** WhatsApp has one code for what never was an invitation and another for what is none any more. */
const INVALID = 'that group invite link is not valid'
const invalid = { 400: INVALID, 404: INVALID }

/** With an inviter it is an invitation that came in a message, without one the code of a link. */
type Invitation = Pick<PersonalInvitation, 'group' | 'code'> &
  Partial<Pick<PersonalInvitation, 'inviter' | 'expiration'>>

function joinByInvitation(session: LiveSession, { group, code, inviter, expiration = 0 }: Invitation) {
  if (inviter === undefined) return joinByLink(session, { group, code })
  return acceptInvitation(session, { group, code, inviter, expiration })
}

const invitation = z.object({
  invite_code: text(limits.url).describe('Code of a link or of an invitation in a message'),
  InviteCode: text(limits.url),
  inviter: text(limits.address).describe('Who sent the invitation; left out for the code of a link'),
  expiration: integer().describe('When the invitation ends, in Unix seconds'),
})

function invitationOf(group: string, body: z.infer<typeof invitation>): Invitation {
  const code = body.invite_code || body.InviteCode
  if (code.trim() === '') throw new ApiError('missing_field', { text: 'invite_code is required' })
  if (body.inviter === '') return { group, code }
  const inviter = person.safeParse(body.inviter)
  if (!inviter.success)
    throw new ApiError('invalid_field', { text: 'inviter is neither a phone number nor a JID' })
  return { group, code, inviter: inviter.data, expiration: body.expiration }
}

export const invitationEndpoints: Endpoint[] = [
  get('/groups/invite/{invite_code}', {
    summary: 'Describe the group that an invitation leads to: its code, or the whole link percent-encoded',
    needs: 'stored',
    params: z.object({ invite_code: text(limits.url) }),
    run: asked(inviteInfo, invalid),
    input: ({ params }) => params.invite_code,
    reply: answer('Success get group info', groupShape, (found: GroupDetails) => wholeGroup(found)),
  }),

  post('/groups/{group_jid}/join-invite', {
    summary: 'Join a group by the code of its link, or by an invitation that came in a message',
    needs: 'stored',
    params: z.object({ group_jid: group }),
    body: invitation,
    run: asked(joinByInvitation, invalid),
    input: ({ params, body }) => invitationOf(params.group_jid, body),
    reply: done('Success join group with invite'),
  }),
]
