import { z } from 'zod'
import { type Endpoint, post } from '../../../http/endpoint/endpoint.ts'
import { bool, text } from '../../../http/endpoint/fields.ts'
import { limits } from '../../../lib/limits.ts'
import { removeContact, saveContact } from '../../../operations/contacts/address-book.ts'
import { person, required } from '../shapes/fields.ts'
import { done } from '../shapes/replies.ts'

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
