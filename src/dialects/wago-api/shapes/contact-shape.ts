import { z } from 'zod'
import type { knownContacts } from '../../../operations/contacts/address-book.ts'

/** A person as every answer shows it. */
export const contactShape = z
  .object({
    jid: z.string(),
    found: z.boolean().describe('Whether the account knows anything about this person'),
    firstName: z.string(),
    fullName: z.string(),
    pushName: z.string().describe('What the person calls itself'),
    businessName: z.string().describe('The name WhatsApp has verified'),
  })
  .meta({ title: 'Contact' })

type Contact = Awaited<ReturnType<typeof knownContacts>>[number]

/** A person in the words of the dialect. */
export function contactFields(
  { jid, firstName, fullName, pushName, businessName }: Contact,
  found = true,
): z.infer<typeof contactShape> {
  return { jid, found, firstName, fullName, pushName, businessName }
}
