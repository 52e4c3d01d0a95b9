import { z } from 'zod'
import { reply } from '../../../http/endpoint/endpoint.ts'
import { ApiError } from '../../../lib/errors.ts'
import type { MemberOutcome } from '../../../operations/groups/groups.ts'

/** What became of the members that were to be changed; a failure when it was none of them. */
export const memberOutcomes = reply(
  z.object({
    'Group Updated': z
      .object({ Tag: z.string(), Attrs: z.record(z.string(), z.string()), Content: z.null() })
      .describe("The library's own answer, whose content is never told"),
    Participants: z
      .array(z.object({ JID: z.string(), Code: z.int() }))
      .describe("200, or WhatsApp's code for why this person was not changed"),
  }),
  (outcomes: MemberOutcome[]) => {
    const [first] = outcomes
    if (first && outcomes.every(({ code }) => code !== DONE))
      throw new ApiError('upstream_refused', { text: `WhatsApp changed nobody (status ${first.code})` })
    return {
      'Group Updated': { Tag: 'iq', Attrs: {}, Content: null },
      Participants: outcomes.map(({ jid, code }) => ({ JID: jid, Code: code })),
    }
  },
)

const DONE = 200
