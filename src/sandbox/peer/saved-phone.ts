import { z } from 'zod'
import { savedTimers } from './chat-timers.ts'
import { savedInbox } from './peer-inbox.ts'
import { savedOutbox } from './peer-outbox.ts'
import { savedWork } from './phone-work.ts'
import { savedSettings } from './shared-settings.ts'
import { savedSignal } from './signal-endpoint.ts'

/** A phone as it is saved: what each of its parts says, and its own. */
export const savedPhone = z.object({
  ...savedSignal.shape,
  ...savedSettings.shape,
  ...savedOutbox.shape,
  ...savedInbox.shape,
  ...savedTimers.shape,
  ...savedWork.shape,
  autoReply: z.string().optional(),
})

export type SavedPhone = z.output<typeof savedPhone>
