import { listActiveChats } from '../../store/messages/chat-listing.ts'
import type { Position } from '../../store/messages/chat-pages.ts'
import type { ActiveChat } from '../../store/messages/messages.ts'
import type { UserScope } from '../services.ts'
import { type ChatEntry, type ChatView, viewChats } from './chat-views.ts'
import { cursorOf, newestFirst, positionIn } from './cursor.ts'
import { learnGroupNames } from './groups.ts'
import { loadPeople } from './people.ts'
import { type ChatSearch, openSearch } from './search.ts'

/** Which chats are wanted. */
export interface ChatListQuery {
  /** A name, a number, or words of a message. */
  search?: string
  /** Only those with something unread. */
  isUnread: boolean
  limit: number
  /** Where the part before ended. */
  before?: string
}

/** Chats, the one with the newest message first; `next` where there may be more. */
export interface ChatListPage {
  chats: ChatView[]
  next?: string
}

/** So many chats are looked at in one step, and in one request: who looks for something rare goes on with the cursor. */
const STEP = 50
const MOST_LOOKED_AT = 1_000
/** Of chats in which words are looked for: each may be hundreds of messages. */
const SEARCH_STEP = 5
/** So long a request looks, and through so many messages for words; the next one goes on. */
const PATIENCE_MS = 400
const MOST_MESSAGES = 2_000

/** The chats of an account from what is stored, whether its session is open or not. Throws `invalid_field`. */
export async function listConversations(scope: UserScope, query: ChatListQuery): Promise<ChatListPage> {
  const before = positionIn(query.before)
  const search = query.search?.trim() ? await openSearch(scope, query.search) : undefined
  const latest = await latestByChat(scope)
  const all = [...latest].map(([chat, lastAt]) => ({ chat, lastAt }))
  const rest = all
    .map(placeOf)
    .filter((place) => !before || newestFirst(before, place) < 0)
    .sort(newestFirst)
  const deadline = performance.now() + PATIENCE_MS
  const isFiltered = search !== undefined || query.isUnread
  const chats: ChatView[] = []
  let at = 0
  while (at < rest.length && chats.length < query.limit) {
    const isEnough = at >= MOST_LOOKED_AT || (search?.messages() ?? 0) >= MOST_MESSAGES
    if (at > 0 && (isEnough || performance.now() > deadline)) break
    const room = query.limit - chats.length
    const size = search ? SEARCH_STEP : STEP
    const step = rest.slice(at, at + (isFiltered ? size : Math.min(size, room)))
    const found = await wantedOf(scope, await entriesOf(scope, step, latest), {
      search,
      isUnread: query.isUnread,
    })
    const shown = found.slice(0, room)
    chats.push(...shown.map(({ view }) => view))
    const last = shown.at(-1)?.entry.active[0]?.chat
    // Where there is no room for all of them, the next request begins behind the last one that had.
    at = found.length > room ? rest.findIndex(({ id }) => id === last) + 1 : at + step.length
  }
  const end = rest[at - 1]
  return { chats, ...(at < rest.length && end && { next: cursorOf(end) }) }
}

/** When the newest message was written under each JID, wherever it is stored. */
async function latestByChat({ user, services: { db } }: UserScope): Promise<Map<string, number>> {
  const latest = new Map<string, number>()
  const sources = user.history > 0 ? (['messages', 'history'] as const) : (['messages'] as const)
  for (const source of sources)
    for (const { chat, lastAt } of await listActiveChats(db, user.id, source))
      latest.set(chat, Math.max(lastAt, latest.get(chat) ?? 0))
  return latest
}

/**
 * The chats of these JIDs, without those whose person has written later under the other address: who is who is looked up for
 * these alone, for an account may know thousands.
 */
async function entriesOf(
  scope: UserScope,
  step: Position[],
  latest: Map<string, number>,
): Promise<ChatEntry[]> {
  const people = await loadPeople(
    scope,
    step.map(({ id }) => id),
  )
  return step.flatMap(({ id }) => {
    const jids = people.addressesOf(id)
    const active = jids
      .flatMap((chat) => (latest.has(chat) ? [{ chat, lastAt: latest.get(chat) ?? 0 }] : []))
      .sort((one, other) => newestFirst(placeOf(one), placeOf(other)))
    return active[0]?.chat === id ? [{ chat: people.addressOf(id), jids, active }] : []
  })
}

function placeOf({ chat, lastAt }: ActiveChat): Position {
  return { at: lastAt, id: chat }
}

/** A chat and its line. */
interface Line {
  entry: ChatEntry
  view: ChatView
}

async function wantedOf(
  scope: UserScope,
  step: ChatEntry[],
  { search, isUnread }: { search?: ChatSearch; isUnread: boolean },
): Promise<Line[]> {
  const found = search ? await search.among(step) : step
  let views = await viewChats(scope, found)
  const isNameless = views.some(({ kind, name }) => kind === 'group' && name === '')
  if (isNameless && (await learnGroupNames(scope))) views = await viewChats(scope, found)
  const lines = found.flatMap((entry, index) => {
    const view = views[index]
    return view ? [{ entry, view }] : []
  })
  return isUnread ? lines.filter(({ view }) => view.unread > 0) : lines
}
