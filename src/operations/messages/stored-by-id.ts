import { ApiError } from '../../lib/errors.ts'
import { findByIdOnly, type StoredMessage } from '../../store/messages/messages.ts'
import type { UserScope } from '../services.ts'

/**
 * The message with this id in whatever chat, for callers that name none; undefined when nothing is stored. Whoever writes
 * a message chooses its id: an own message wins over those of others. Throws `conflict` when several chats remain.
 */
export async function findStoredById(
  { user, services }: UserScope,
  id: string,
): Promise<StoredMessage | undefined> {
  const found = await findByIdOnly(services.db, user.id, id)
  const own = found.filter(({ fromMe }) => fromMe)
  const candidates = own.length > 0 ? own : found
  if (candidates.length > 1)
    throw new ApiError('conflict', { text: 'messages of several chats have this id' })
  return candidates[0]
}
