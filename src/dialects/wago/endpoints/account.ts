import { z } from 'zod'
import { type Endpoint, get, post, reply } from '../../../http/endpoint/endpoint.ts'
import { fetchAppState } from '../../../operations/account/app-state.ts'
import { type AccountLimits, accountLimits } from '../../../operations/account/limits.ts'
import { broadcastMembers } from '../../../operations/messages/broadcast-members.ts'
import { broadcastList } from '../shapes/fields.ts'
import { done } from '../shapes/replies.ts'

const count = z.int().nullable()

export const accountEndpoints: Endpoint[] = [
  get('/user/limits', {
    summary: 'Tell how many new chats the account may begin, and whether WhatsApp has locked it',
    run: accountLimits,
    reply: reply(
      z.object({
        limits: z.object({
          new_chats: z
            .object({
              total: count,
              used: count,
              cycle_starts_at: count.describe('Unix seconds'),
              cycle_ends_at: count.describe('Unix seconds'),
              status: z.string(),
            })
            .nullable()
            .describe('null when WhatsApp does not say'),
          reach_out_lock: z
            .object({ active: z.boolean(), ends_at: count.describe('Unix seconds'), reason: z.string() })
            .nullable()
            .describe('null when WhatsApp does not say'),
        }),
      }),
      ({ newChats, reachOut }: AccountLimits) => ({
        limits: {
          new_chats: newChats && {
            total: newChats.total,
            used: newChats.used,
            cycle_starts_at: newChats.cycleStartsAt,
            cycle_ends_at: newChats.cycleEndsAt,
            status: newChats.status,
          },
          reach_out_lock: reachOut && {
            active: reachOut.isActive,
            ends_at: reachOut.endsAt,
            reason: reachOut.reason,
          },
        },
      }),
    ),
  }),

  get('/user/appstate', {
    summary: "Fetch what the account's devices share: archived chats, labels, names, ...",
    power: 'full',
    run: fetchAppState,
    reply: done('App state fetched'),
  }),
]

export const broadcastEndpoints: Endpoint[] = [
  post('/broadcast/listparticipants', {
    summary: 'List who gets what is posted to a broadcast list; WhatsApp tells of the list of statuses alone',
    needs: 'stored',
    body: z.object({ ID: broadcastList('ID').describe('`status@broadcast`, or the id of a list') }),
    power: 'read',
    run: broadcastMembers,
    input: ({ body }) => body.ID,
    reply: reply(z.object({ Participants: z.array(z.string()) }), (members: string[]) => ({
      Participants: members,
    })),
  }),
]
