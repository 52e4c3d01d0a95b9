import { z } from 'zod'
import { type Endpoint, get, reply } from '../../../http/endpoint/endpoint.ts'
import { knownContacts } from '../../../operations/contacts/address-book.ts'
import { contactFields, contactShape } from '../../shared/whatsmeow/contact-fields.ts'

export const contactListEndpoints: Endpoint[] = [
  get('/user/contacts', {
    summary: 'List the people the account knows by name',
    needs: 'stored',
    run: knownContacts,
    reply: reply(
      z.record(z.string(), contactShape).describe('By JID'),
      (contacts: Awaited<ReturnType<typeof knownContacts>>) =>
        Object.fromEntries(contacts.map(({ jid, ...names }) => [jid, contactFields(names)])),
    ),
  }),
]
