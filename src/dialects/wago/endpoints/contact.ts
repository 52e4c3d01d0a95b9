import { z } from 'zod'
import { type Endpoint, get, post, reply } from '../../../http/endpoint/endpoint.ts'
import { bool, text } from '../../../http/endpoint/fields.ts'
import { limits } from '../../../lib/limits.ts'
import { knownContacts, removeContact, saveContact } from '../../../operations/contacts/address-book.ts'
import { contactFields, contactShape } from '../../shared/whatsmeow/contact-fields.ts'
import { person, required } from '../shapes/fields.ts'
import { done } from '../shapes/replies.ts'

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

export const contactEndpoints: Endpoint[] = [
  post('/contact/add', {
    summary: "Put somebody into the account's address book, or rename somebody there",
    body: z.object({
      Phone: person('Phone'),
      FirstName: text(limits.contactName),
      FullName: required('FullName', limits.contactName),
      SaveOnBook: bool().describe("Also save it in the phone's own address book"),
    }),
    run: saveContact,
    input: ({ body }) => ({
      jid: body.Phone,
      firstName: body.FirstName,
      fullName: body.FullName,
      onPhone: body.SaveOnBook,
    }),
    reply: done('Contact added'),
  }),

  post('/contact/remove', {
    summary: "Take somebody out of the account's address book",
    body: z.object({ Phone: person('Phone') }),
    run: removeContact,
    input: ({ body }) => body.Phone,
    reply: done('Contact removed'),
  }),
]
