import { z } from 'zod'
import { type Reply, reply } from '../../../http/endpoint/endpoint.ts'
import { ownMember } from '../../../lib/own-member.ts'
import type { MemberOutcome } from '../../../operations/groups/groups.ts'

const DONE = 200

/** What WhatsApp means by the code of one person in a change that as a whole succeeds. */
const REASONS: Record<string, string> = {
  401: 'this account may not do that to them',
  403: 'their privacy settings let only others add them; send an invitation',
  404: 'not on WhatsApp, not in the group, or has not asked to be let in',
  406: 'cannot be changed',
  408: 'has left the group lately; send an invitation',
  409: 'is a member already',
  419: 'the group is full',
  500: 'the group is full, or WhatsApp had an internal error',
}

/**
 * Answer of a change of several people: the original's sentence, which it says whatever became of them, and beside it what
 * became of each of them where it did not succeed for all.
 */
export function changed(sentence: string): Reply<MemberOutcome[]> {
  return reply(
    z.object({
      Details: z.string(),
      Participants: z
        .array(
          z.object({
            JID: z.string(),
            Error: z.int().describe("0, or WhatsApp's code for why this person was not changed"),
            Reason: z.string().describe('What the code means; empty where there is none'),
          }),
        )
        .optional()
        .describe('Everybody who was to be changed; absent when all were'),
    }),
    (outcomes: MemberOutcome[]) => ({
      Details: sentence,
      ...(outcomes.some(({ code }) => code !== DONE) && { Participants: outcomes.map(outcome) }),
    }),
  )
}

function outcome({ jid, code }: MemberOutcome) {
  if (code === DONE) return { JID: jid, Error: 0, Reason: '' }
  return { JID: jid, Error: code, Reason: ownMember(REASONS, String(code)) ?? 'refused by WhatsApp' }
}
