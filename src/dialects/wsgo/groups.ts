import { z } from 'zod'
import type { GroupDetails } from '../../events/event-parts.ts'
import { type Endpoint, get, post, reply } from '../../http/endpoint/endpoint.ts'
import { joinedGroups } from '../../operations/groups/groups.ts'
import { sendText } from '../../operations/messages/send.ts'
import { group, instant, mentionFields, mentionsOf, required } from './fields.ts'
import { sent } from './messaging.ts'

export const groupEndpoints: Endpoint[] = [
  get('/api/groups', {
    summary: 'Groups the account belongs to',
    run: joinedGroups,
    reply: reply(
      z.array(
        z.object({
          jid: z.string(),
          name: z.string(),
          topic: z.string(),
          participants: z.int().describe('How many'),
          createdAt: z.string().describe('RFC 3339, UTC'),
        }),
      ),
      (groups: GroupDetails[]) =>
        groups.map(({ jid, name, topic, participants, createdAt }) => ({
          jid,
          name: name.name,
          topic: topic.topic,
          participants: participants.length,
          createdAt: instant(createdAt),
        })),
    ),
  }),

  post('/api/send/group', {
    summary: 'Send text to a group',
    body: z.object({ group_jid: group('group_jid'), message: required('message'), ...mentionFields }),
    run: sendText,
    repeatable: 'message',
    input: ({ body }) => ({ to: body.group_jid, text: body.message, ...mentionsOf(body) }),
    reply: sent,
  }),
]
