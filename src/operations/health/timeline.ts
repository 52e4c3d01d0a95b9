import { listSessionNotes, type SessionNote } from '../../store/health/session-events.ts'
import { existingUser } from '../admin/admin.ts'
import type { Services, UserScope } from '../services.ts'

/** Which part of a timeline; `before` is an instant in milliseconds. */
export interface TimelinePart {
  limit: number
  before?: number
}

/** What happened to the connection of the caller, newest first. */
export function ownTimeline({ user, services }: UserScope, part: TimelinePart): Promise<SessionNote[]> {
  return listSessionNotes(services.db, { ...part, userId: user.id })
}

/** The same of any user. Throws `not_found`. */
export async function timelineOf(
  services: Services,
  { userId, ...part }: TimelinePart & { userId: string },
): Promise<SessionNote[]> {
  return ownTimeline({ user: await existingUser(services, userId), services }, part)
}
