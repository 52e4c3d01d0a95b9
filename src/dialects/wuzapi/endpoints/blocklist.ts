import { z } from 'zod'
import { type Endpoint, get, post, type Reply, reply } from '../../../http/endpoint/endpoint.ts'
import { text } from '../../../http/endpoint/fields.ts'
import { ApiError } from '../../../lib/errors.ts'
import { isLidJid } from '../../../lib/jid.ts'
import { limits } from '../../../lib/limits.ts'
import {
  type Blocklist,
  block,
  type ChangedBlocklist,
  readBlocklist,
  unblock,
} from '../../../operations/contacts/blocklist.ts'
import type { LiveSession } from '../../../whatsapp/session/session.ts'
import { parseJid } from '../shapes/jid.ts'

const person = z.object({
  Phone: text(limits.address).describe('Phone number or JID'),
  JID: text(limits.address).describe('JID; wins over Phone'),
})

function personOf(body: z.infer<typeof person>, profile: string): string {
  const named = body.JID.trim() || body.Phone.trim()
  if (named === '') throw new ApiError('missing_field', { text: 'missing Phone or JID in Payload' })
  const jid = parseJid(named, profile)
  if (jid === undefined) throw new ApiError('invalid_jid', { text: 'could not parse Phone or JID' })
  return jid.replace(/@c\.us$/, '@s.whatsapp.net')
}

/** The list and whom the caller meant. */
interface Answered extends ChangedBlocklist {
  requested: string
}

const remembering =
  (change: typeof block) =>
  async (session: LiveSession, jid: string): Promise<Answered> => ({
    ...(await change(session, jid)),
    requested: jid,
  })

const list = z.object({ Blocklist: z.array(z.string()), DHash: z.string() })

function listFields({ jids, hash }: Blocklist) {
  return { Blocklist: jids, DHash: hash }
}

function changed(details: string): Reply<Answered> {
  return reply(
    list.extend({
      Details: z.string(),
      JID: z.string(),
      RequestedJID: z
        .string()
        .optional()
        .describe('The LID that was asked for, when JID is its phone number'),
    }),
    (answer: Answered) => ({
      ...listFields(answer),
      Details: details,
      JID: answer.jid,
      ...(isLidJid(answer.requested) && { RequestedJID: answer.requested }),
    }),
  )
}

export const blocklistEndpoints: Endpoint[] = [
  post('/user/block', {
    summary: 'Block somebody',
    body: person,
    run: remembering(block),
    input: ({ body }, { profile }) => personOf(body, profile),
    reply: changed('User blocked'),
    failure: 'failed to update blocklist: %s',
  }),

  post('/user/unblock', {
    summary: 'Unblock somebody',
    body: person,
    run: remembering(unblock),
    input: ({ body }, { profile }) => personOf(body, profile),
    reply: changed('User unblocked'),
    failure: 'failed to update blocklist: %s',
  }),

  get('/user/blocklist', {
    summary: 'List who is blocked',
    run: readBlocklist,
    reply: reply(list, listFields),
    failure: 'failed to get blocklist: %s',
  }),
]
