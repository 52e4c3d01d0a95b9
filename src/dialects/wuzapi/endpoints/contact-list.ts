import { z } from 'zod'
import { type Endpoint, get, reply } from '../../../http/endpoint/endpoint.ts'
import { knownContacts } from '../../../operations/contacts/address-book.ts'

const contact = z.object({
  BusinessName: z.string(),
  FirstName: z.string(),
  Found: z.boolean(),
  FullName: z.string(),
  PushName: z.string(),
  RedactedPhone: z.string(),
})

export const contactListEndpoints: Endpoint[] = [
  get('/user/contacts', {
    summary: 'List the people the account knows by name',
    needs: 'stored',
    run: knownContacts,
    reply: reply(
      z.record(z.string(), contact).describe('By JID'),
      (contacts: Awaited<ReturnType<typeof knownContacts>>) =>
        Object.fromEntries(
          contacts.map(({ jid, ...names }) => [
            jid,
            {
              BusinessName: names.businessName,
              FirstName: names.firstName,
              Found: true,
              FullName: names.fullName,
              PushName: names.pushName,
              RedactedPhone: '',
            },
          ]),
        ),
    ),
  }),
]
