import { askStatusChoices, type StatusChoice } from '../../whatsapp/outbound/status-viewers.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'

/** A choice of who sees the account's statuses. */
export type StatusAudience = StatusChoice

/** Who sees the account's statuses; the choice in force comes first. */
export function statusAudience(session: LiveSession): Promise<StatusAudience[]> {
  return session.call(askStatusChoices)
}
