import { z } from 'zod'

/** Who may see or do what, in WhatsApp's words (`all`, `contacts`, …); '' where it does not say. */
export const privacyShape = z
  .object({
    groupAdd: z.string(),
    lastSeen: z.string(),
    status: z.string().describe('The "about" text'),
    profile: z.string().describe('The picture'),
    readReceipts: z.string(),
    callAdd: z.string(),
    online: z.string(),
    messages: z.string(),
    defense: z.string(),
    stickers: z.string(),
  })
  .meta({ title: 'PrivacySettings' })
