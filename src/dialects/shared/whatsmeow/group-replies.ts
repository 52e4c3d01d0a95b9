import { z } from 'zod'
import type { GroupDetails } from '../../../events/event-parts.ts'
import { type Reply, reply } from '../../../http/endpoint/endpoint.ts'
import { groupShape } from './group-shape.ts'
import { groupFields } from './group-structs.ts'

/** Answers that show one whole group. */
export const groupReply: Reply<GroupDetails> = reply(groupShape, (group: GroupDetails, { timeZone }) =>
  groupFields(group, timeZone),
)

/** Answers that list groups; null for none, as Go prints an empty slice. */
export const groupsReply: Reply<GroupDetails[]> = reply(
  z.object({ Groups: z.array(groupShape).nullable() }),
  (groups: GroupDetails[], { timeZone }) => ({
    Groups: groups.length > 0 ? groups.map((group) => groupFields(group, timeZone)) : null,
  }),
)
