import { z } from 'zod'
import { type Endpoint, get, type Reply, reply } from '../../http/endpoint/endpoint.ts'
import { textUpTo } from '../../http/endpoint/fields.ts'
import { limits } from '../../lib/limits.ts'
import { listPeople, type PeoplePage } from '../../operations/conversations/contacts.ts'
import {
  type GroupLine,
  type GroupView,
  listGroups,
  showGroup,
} from '../../operations/conversations/groups.ts'
import { count } from './count.ts'

const DEFAULT_LIMIT = 50
const MAX_LIMIT = 500

const search = textUpTo(limits.name, z.string()).optional()

const group = z.object({
  jid: z.string(),
  name: z.string(),
  participants: z.int().describe('How many there are'),
  admin: z.boolean().describe('Whether you are one of its admins'),
  announce: z.boolean().describe('Only admins may write'),
  community: z.boolean().describe('It holds other groups'),
})

function groupShape({ isAdmin, isAnnounce, isCommunity, ...line }: GroupLine): z.infer<typeof group> {
  const { jid, name, participants } = line
  return { jid, name, participants, admin: isAdmin, announce: isAnnounce, community: isCommunity }
}

const groupWithMembers: Reply<GroupView> = reply(
  group.extend({
    topic: z.string(),
    members: z.array(
      z.object({
        jid: z.string().describe('By phone number where it is known'),
        phone: z.string().optional().describe('With +'),
        name: z.string(),
        admin: z.enum(['admin', 'superadmin', '']),
        fromMe: z.boolean(),
      }),
    ),
  }),
  ({ topic, members, ...line }) => ({
    ...groupShape(line),
    topic,
    members: members.map(({ rank, ...member }) => ({ ...member, admin: rank })),
  }),
)

/** The people and groups that an account knows. */
export const peopleEndpoints: Endpoint[] = [
  get('/me/contacts', {
    summary: 'The people you know, by name',
    needs: 'stored',
    query: z.object({
      search: search.describe('A name or a number'),
      limit: count('limit', MAX_LIMIT),
      before: textUpTo(limits.cursor, z.string()).optional().describe('`next` of an answer'),
    }),
    run: listPeople,
    input: ({ query: { limit, ...query } }) => ({ ...query, limit: Number(limit ?? DEFAULT_LIMIT) }),
    reply: reply(
      z.object({
        contacts: z.array(
          z.object({
            jid: z.string().describe('By phone number where it is known'),
            lid: z.string().optional(),
            phone: z.string().optional().describe('With +'),
            name: z.string().describe('The best one there is; empty for none'),
            pushName: z.string().describe('What the person calls itself'),
            businessName: z.string().optional().describe('What WhatsApp has verified'),
          }),
        ),
        next: z.string().optional(),
      }),
      ({ people, ...rest }: PeoplePage) => ({ contacts: people, ...rest }),
    ),
  }),

  get('/me/groups', {
    summary: 'Your groups, by name; needs a session',
    needs: 'stored',
    query: z.object({ search: search.describe('A part of the name') }),
    run: listGroups,
    input: ({ query }) => query,
    reply: reply(z.object({ groups: z.array(group) }), (groups: GroupLine[]) => ({
      groups: groups.map(groupShape),
    })),
  }),

  get('/me/groups/{group}', {
    summary: 'One group with its members; needs a session',
    needs: 'stored',
    params: z.object({ group: textUpTo(limits.address, z.string()).describe('JID') }),
    run: showGroup,
    input: ({ params }) => params.group,
    reply: groupWithMembers,
  }),
]
