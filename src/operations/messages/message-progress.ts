import { ApiError } from '../../lib/errors.ts'
import { findProgress, listProgress, type MessageProgress } from '../../store/messages/message-progress.ts'
import { existingUser } from '../admin/admin.ts'
import type { Services, UserScope } from '../services.ts'

/** Which sent messages of a user to tell of. */
export interface ProgressQuery {
  status?: string
  /** Only messages accepted before this instant, unix milliseconds. */
  before?: number
  limit: number
}

/**
 * How far a sent message of the caller got, the newest with this id where no chat is named. Throws `not_found`, also for
 * messages that were removed for their age.
 */
export async function ownProgress(
  { user, services }: UserScope,
  name: { id: string; chat?: string },
): Promise<MessageProgress> {
  const found = await findProgress(services.db, { userId: user.id, ...name })
  if (!found) throw new ApiError('not_found', { text: 'there is no sent message with this id' })
  return found
}

/** The caller's sent messages, newest first. */
export function ownMessages({ user, services }: UserScope, query: ProgressQuery): Promise<MessageProgress[]> {
  return listProgress(services.db, { ...query, userId: user.id })
}

/** The sent messages of any user, newest first. Throws `not_found`. */
export async function messagesOf(
  services: Services,
  query: ProgressQuery & { userId: string },
): Promise<MessageProgress[]> {
  const { id: userId } = await existingUser(services, query.userId)
  return listProgress(services.db, { ...query, userId })
}
