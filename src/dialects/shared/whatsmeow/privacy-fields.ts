import { z } from 'zod'
import type { PrivacySettings } from '../../../events/event-parts.ts'

/** whatsmeow's `PrivacySettings`, as events and answers show them. */
export function privacyFields(settings: PrivacySettings) {
  return {
    GroupAdd: settings.groupAdd,
    LastSeen: settings.lastSeen,
    Status: settings.status,
    Profile: settings.profile,
    ReadReceipts: settings.readReceipts,
    CallAdd: settings.callAdd,
    Online: settings.online,
    Messages: settings.messages,
    Defense: settings.defense,
    Stickers: settings.stickers,
  }
}

/** The same, for the documentation. */
export const privacyShape = z
  .object({
    CallAdd: z.string(),
    Defense: z.string(),
    GroupAdd: z.string(),
    LastSeen: z.string(),
    Messages: z.string(),
    Online: z.string(),
    Profile: z.string(),
    ReadReceipts: z.string(),
    Status: z.string(),
    Stickers: z.string(),
  })
  .meta({ title: 'PrivacySettings' })
