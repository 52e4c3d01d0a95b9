import { ApiError } from '../../lib/errors.ts'
import { BoundedCache } from '../../lib/flow/bounded-cache.ts'
import { refOf } from '../../lib/message-ref.ts'
import { FetchError } from '../../media/fetch/safe-fetch.ts'
import { proto } from '../../whatsapp/library/engine.ts'
import { profilePicture } from '../account/profile.ts'
import { fetchFileOf, isExpired, type MessageFile } from '../messages/message-media.ts'
import { messageNotFound } from '../messages/stored-messages.ts'
import type { UserScope } from '../services.ts'
import { chatNamed } from './chat-views.ts'
import { findEntries } from './entries.ts'

/**
 * Downloads the file of a message of a chat; one that WhatsApp no longer has is asked of the phone. Throws `not_found` for
 * an unknown message and one without a file, `media_unavailable` (410 where nobody has it any more), and as `live` does.
 */
export async function fetchConversationFile(
  scope: UserScope,
  { chat, id }: { chat: string; id: string },
): Promise<MessageFile> {
  const { jids: chats } = await chatNamed(scope, chat)
  const [entry] = await findEntries(scope, { chats, ids: [id] })
  if (!entry) throw messageNotFound()
  const session = scope.services.sessions.live(scope.user.id)
  try {
    return await fetchFileOf(session, refOf(entry), proto.Message.fromObject(entry.message))
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    if (error.code === 'invalid_field')
      throw new ApiError('not_found', { text: error.message }, { cause: error })
    if (!isExpired(error)) throw error
    throw new ApiError(
      'media_unavailable',
      { status: 410, text: 'nobody has this file any more' },
      { cause: error },
    )
  }
}

/** A picture, or that there is none. */
type KnownPicture = { jpeg: Buffer | undefined }

/** Lists of chats ask for every picture in them; people change theirs seldom. */
const PICTURES = 1_000
const PICTURE_TTL_MS = 15 * 60_000
/** A small picture has some kilobytes; a larger one is not kept. */
const LARGEST_KEPT = 64 * 1024

/** By server: two in one process are two. */
const knownPictures = new WeakMap<object, BoundedCache<string, KnownPicture>>()

/**
 * The small profile picture of a person or group, a JPEG, kept for a while. Throws `not_found` where there is none, where it
 * is hidden from the account, and where the session cannot ask.
 */
export async function fetchConversationPicture(scope: UserScope, chat: string): Promise<Buffer> {
  const { user, services } = scope
  const { chat: jid } = await chatNamed(scope, chat)
  const kept = knownPictures.get(services.db) ?? new BoundedCache({ max: PICTURES, ttl: PICTURE_TTL_MS })
  knownPictures.set(services.db, kept)
  const key = `${user.id}/${jid}`
  const known = kept.get(key)
  const jpeg = known ? known.jpeg : await askForPicture(scope, jid)
  if (!known && (jpeg?.length ?? 0) <= LARGEST_KEPT) kept.set(key, { jpeg })
  if (!jpeg) throw noPicture()
  return jpeg
}

async function askForPicture({ user, services }: UserScope, jid: string): Promise<Buffer | undefined> {
  const session = services.sessions.find(user.id)
  if (!session?.status.loggedIn) throw noPicture()
  try {
    const found = await profilePicture(session, { jid, preview: true })
    const address = found?.directPath || found?.url
    return address ? await session.media.fetchPicture(user, address) : undefined
  } catch (error) {
    // Hidden, or not to be had just now: a list shows something else in its place.
    if (error instanceof ApiError && error.code === 'upstream_refused') return undefined
    if (error instanceof ApiError || error instanceof FetchError)
      throw new ApiError('not_found', { text: 'the picture cannot be had now' }, { cause: error })
    throw error
  }
}

function noPicture(): ApiError {
  return new ApiError('not_found', { text: 'there is no profile picture' })
}
