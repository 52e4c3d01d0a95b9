import { z } from 'zod'
import { type Endpoint, get, reply } from '../../../http/endpoint/endpoint.ts'
import { knownContacts } from '../../../operations/contacts/address-book.ts'

type Contacts = Awaited<ReturnType<typeof knownContacts>>

/** whatsmeow's `ContactInfo`. */
const contactShape = z
  .object({
    BusinessName: z.string(),
    FirstName: z.string(),
    Found: z.boolean(),
    FullName: z.string(),
    PushName: z.string(),
    RedactedPhone: z.string(),
  })
  .meta({ title: 'Contact' })

function contactFields({ businessName, firstName, fullName, pushName }: Contacts[number]) {
  return {
    BusinessName: businessName,
    FirstName: firstName,
    Found: true,
    FullName: fullName,
    PushName: pushName,
    RedactedPhone: '',
  }
}

/** Everybody the account knows by name, by JID. */
export const contactListEndpoint: Endpoint = get('/user/contacts', {
  summary: 'List the people the account knows by name',
  needs: 'stored',
  run: knownContacts,
  reply: reply(z.record(z.string(), contactShape).describe('By JID'), (contacts: Contacts) =>
    Object.fromEntries(contacts.map((contact) => [contact.jid, contactFields(contact)])),
  ),
})
