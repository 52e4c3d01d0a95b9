import { z } from 'zod'

/** The names somebody goes by, '' for those that are not known. */
interface Names {
  businessName: string
  firstName: string
  fullName: string
  pushName: string
}

/** whatsmeow's `ContactInfo`. */
export const contactShape = z.object({
  BusinessName: z.string(),
  FirstName: z.string(),
  Found: z.boolean(),
  FullName: z.string(),
  PushName: z.string(),
  RedactedPhone: z.string(),
})

/** Somebody the account knows, in that shape. */
export function contactFields({ businessName, firstName, fullName, pushName }: Names) {
  return {
    BusinessName: businessName,
    FirstName: firstName,
    Found: true,
    FullName: fullName,
    PushName: pushName,
    RedactedPhone: '',
  }
}
