import { z } from 'zod'
import { type Endpoint, post, reply } from '../../../http/endpoint/endpoint.ts'
import { text } from '../../../http/endpoint/fields.ts'
import { ApiError } from '../../../lib/errors.ts'
import { limits } from '../../../lib/limits.ts'
import { setPresence, subscribePresence } from '../../../operations/chats/presence.ts'
import { checkNumbers, type NumberCheck } from '../../../operations/contacts/contacts.ts'
import { required, requiredList } from '../shapes/fields.ts'
import { requireJid } from '../shapes/jid.ts'
import { done } from '../shapes/replies.ts'

const checkedUser = z.object({
  IsInWhatsapp: z.boolean(),
  JID: z.string(),
  Query: z.string(),
  VerifiedName: z.string(),
})

/** The reference lists numbers that are not on WhatsApp under the JID they would have; today they are left out. */
function checkedUsers(checks: NumberCheck[], profile: string): z.infer<typeof checkedUser>[] {
  return checks
    .filter(({ jid }) => profile === 'reference' || jid !== '')
    .map(({ query, jid, exists, verifiedName }) => ({
      IsInWhatsapp: exists,
      JID: jid || `${query.replace(/^\+/, '')}@s.whatsapp.net`,
      Query: query,
      VerifiedName: verifiedName,
    }))
}

function presenceType(value: string): 'available' | 'unavailable' {
  if (value === 'available' || value === 'unavailable') return value
  throw new ApiError('invalid_field', {
    text: "invalid presence type. Allowed values: 'available', 'unavailable'",
  })
}

export const userEndpoints: Endpoint[] = [
  post('/user/check', {
    summary: 'Check whether phone numbers are on WhatsApp',
    body: z.object({ Phone: requiredList('Phone', { each: limits.address, all: limits.lookUp }) }),
    power: 'read',
    run: checkNumbers,
    input: ({ body }) => body.Phone,
    reply: reply(
      z.object({ Users: z.array(checkedUser).nullable() }),
      (checks: NumberCheck[], { profile }) => {
        const users = checkedUsers(checks, profile)
        return { Users: users.length > 0 ? users : null }
      },
    ),
    failure: 'failed to check if users are on WhatsApp: %s',
  }),

  post('/user/presence', {
    summary: 'Show the account as online or offline',
    body: z.object({ type: text().meta({ enum: ['available', 'unavailable'] }) }),
    run: setPresence,
    input: ({ body }) => presenceType(body.type),
    reply: done('Presence set successfuly'),
    failure: 'failure sending presence to Whatsapp servers',
  }),

  post('/user/presence/subscribe', {
    summary: 'Ask for presence events of a contact',
    body: z.object({ Phone: required('Phone', limits.address) }),
    run: subscribePresence,
    input: ({ body }, { profile }) => requireJid(body.Phone, 'Phone', profile),
    reply: done('Presence subscription requested successfully'),
    failure: 'failure subscribing to presence',
  }),
]
