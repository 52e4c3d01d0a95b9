import { z } from 'zod'

/** The certificate of a business's name, as `verifiedName` prints it; null for everybody else. */
export const verifiedNameShape = z
  .object({
    ActualActors: z.int(),
    Certificate: z.record(z.string(), z.unknown()),
    Details: z.record(z.string(), z.unknown()),
    HostStorage: z.int(),
    PrivacyModeTS: z.string(),
    VerifiedLevel: z.string(),
    Version: z.int(),
  })
  .nullable()
