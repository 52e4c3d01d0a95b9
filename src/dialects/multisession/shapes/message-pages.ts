import { ApiError } from '../../../lib/errors.ts'
import { type ChatMessage, chatMessages } from '../../../operations/messages/stored-messages.ts'
import type { UserScope } from '../../../operations/services.ts'
import { chatJidOf } from './chat-address.ts'

/** What a request wants of a chat, in its own words. */
interface PageRequest {
  chat: string
  limit?: string
  before: string
  after: string
}

/** Some messages of a chat, newest first. */
export interface PagedMessages {
  /** JID; '' for what is no chat, and for a device without a session. */
  chat: string
  limit: number
  before: string
  after: string
  messages: ChatMessage[]
}

const DEFAULT_LIMIT = 50
const MAX_LIMIT = 500
/** How far back a place in the conversation is looked for. */
const REACH = 2_000

/** The stored messages of a chat; none for what is no chat, and for a device that has no session. */
export async function pageOf(
  scope: UserScope,
  { chat, limit, before, after }: PageRequest,
): Promise<PagedMessages> {
  const page = { limit: limitOf(limit), before, after }
  const jid = scope.services.sessions.find(scope.user.id) ? jidOrNone(chat) : ''
  if (jid === '') return { ...page, chat: '', messages: [] }
  const isWhole = before === '' && after === ''
  const newest = await chatMessages(scope, { chat: jid, limit: isWhole ? page.limit : REACH })
  const messages = between(newest.toReversed(), { before, after }).slice(0, page.limit)
  return { ...page, chat: jid, messages }
}

function limitOf(given: string | undefined): number {
  const limit = Number(given)
  return Number.isInteger(limit) && limit > 0 ? Math.min(limit, MAX_LIMIT) : DEFAULT_LIMIT
}

function jidOrNone(chat: string): string {
  try {
    return chatJidOf(chat)
  } catch (error) {
    if (error instanceof ApiError) return ''
    throw error
  }
}

/** Both ends are ids of messages or Unix seconds; of an id that is not there, nobody knows what is beside it. */
function between(
  newestFirst: ChatMessage[],
  { before, after }: { before: string; after: string },
): ChatMessage[] {
  const first = before === '' ? 0 : placeOf(newestFirst, before, (at, limit) => at < limit)
  const end = after === '' ? newestFirst.length : placeOf(newestFirst, after, (at, limit) => at <= limit, 0)
  return first < 0 || end < 0 ? [] : newestFirst.slice(first, end)
}

/** The place of the message itself, or of the first one that `isPast` an instant; `skip` leaves the message out. */
function placeOf(
  messages: ChatMessage[],
  cursor: string,
  isPast: (at: number, limit: number) => boolean,
  skip = 1,
): number {
  const named = messages.findIndex(({ event }) => event.id === cursor)
  if (named >= 0) return named + skip
  if (!/^\d{9,11}$/.test(cursor)) return -1
  const past = messages.findIndex(({ event }) => isPast(event.timestamp, Number(cursor)))
  return past < 0 ? messages.length : past
}
