import { z } from 'zod'
import { type Endpoint, get, post, reply } from '../../http/endpoint/endpoint.ts'
import { requiredStringArray } from '../../http/endpoint/fields.ts'
import { limits } from '../../lib/limits.ts'
import { knownContacts } from '../../operations/contacts/address-book.ts'
import { checkNumbers } from '../../operations/contacts/contacts.ts'
import type { UserScope } from '../../operations/services.ts'

const contact = z.object({
  jid: z.string(),
  pushName: z.string(),
  fullName: z.string(),
  businessName: z.string(),
})

const check = z.object({ query: z.string(), jid: z.string(), isOnWhatsApp: z.boolean() })

function allContacts(scope: UserScope): Promise<z.infer<typeof contact>[]> {
  return knownContacts(scope)
}

export const contactEndpoints: Endpoint[] = [
  get('/api/contacts', {
    summary: 'Contacts of the device',
    needs: 'stored',
    run: allContacts,
    reply: reply(z.array(contact), (contacts: z.infer<typeof contact>[]) =>
      contacts.map(({ jid, pushName, fullName, businessName }) => ({
        jid,
        pushName,
        fullName,
        businessName,
      })),
    ),
  }),

  post('/api/check-phone', {
    summary: 'Which numbers are on WhatsApp',
    body: z.object({
      phones: requiredStringArray('phones is required', { each: limits.address, all: limits.lookUp }),
    }),
    power: 'read',
    run: checkNumbers,
    input: ({ body }) => body.phones,
    reply: reply(z.array(check), (checks: Awaited<ReturnType<typeof checkNumbers>>) =>
      checks.map(({ query, jid, exists }) => ({
        query,
        // WhatsApp names no JID for a number it does not know; the original shows one all the same.
        jid: jid || `${query.replace(/\D/g, '')}@s.whatsapp.net`,
        isOnWhatsApp: exists,
      })),
    ),
  }),
]
