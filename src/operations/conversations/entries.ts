import type { MessageEvent } from '../../events/event.ts'
import type { ProtoJson } from '../../events/event-parts.ts'
import { contentOf } from '../../events/message-kinds.ts'
import { messageOf } from '../../events/unwrap.ts'
import {
  type ChatMessageRow,
  findInChat,
  findInHistory,
  type Position,
  readChatPage,
  readHistoryPage,
} from '../../store/messages/chat-pages.ts'
import type { StoredHistoryEntry } from '../../store/messages/history.ts'
import { isReferable } from '../../whatsapp/inbound/store-received.ts'
import { proto } from '../../whatsapp/library/engine.ts'
import { protoJson } from '../../whatsapp/wire/proto-json.ts'
import type { UserScope } from '../services.ts'
import { newestFirst } from './cursor.ts'

/** A message that is shown, from wherever it is kept. */
export interface Entry extends Position {
  /** JID of the chat it is stored under. */
  chat: string
  fromMe: boolean
  /** JID of its author, as it was told. */
  sender: string
  /** What the author called itself, '' where that was not told. */
  pushName: string
  message: ProtoJson
  /** What became of it, of a message that was sent from here. */
  progress?: ChatMessageRow
}

/** Which messages of a chat that is known under these JIDs. */
export interface EntriesQuery {
  chats: string[]
  before?: Position
  after?: Position
  limit: number
}

/** Messages of a chat, and where to go on; undefined at the end. */
export interface EntriesPage {
  /** Newest first. */
  entries: Entry[]
  next?: Position
}

/** Rows of one source that are read in one step; not every row is a message to show. */
const STEP = 100
const LEAST_STEP = 20
/** After so many steps a page may be short, and says where to go on: what is hidden can be as much as somebody likes. */
const MOST_STEPS = 5

/**
 * Messages of a chat: those before a position or the newest, or those after a position. What only changes other messages
 * is left out.
 */
export async function readEntries(scope: UserScope, query: EntriesQuery): Promise<EntriesPage> {
  const { limit } = query
  const size = Math.max(LEAST_STEP, Math.min(STEP, limit + 1))
  const shown: Entry[] = []
  let place = query.before ?? query.after
  for (let step = 0; step < MOST_STEPS; step++) {
    const found = await readStep(scope, { ...query, place, limit: size })
    for (const one of found) {
      if (shown.length === limit) return pageOf(shown, place, query)
      place = { at: one.at, id: one.id }
      const entry = 'proto' in one ? entryOf(one) : historyEntry(one)
      if (entry) shown.push(entry)
    }
    if (found.length < size) return pageOf(shown, undefined, query)
  }
  return pageOf(shown, place, query)
}

function pageOf(shown: Entry[], next: Position | undefined, { before, after }: EntriesQuery): EntriesPage {
  const entries = after && !before ? shown.reverse() : shown
  return { entries, ...(next && { next }) }
}

type Found = ChatMessageRow | (Position & { entry: StoredHistoryEntry })

/** The next rows of all sources in one order. */
async function readStep(
  { user, services: { db } }: UserScope,
  { chats, before, after, place, limit }: EntriesQuery & { place: Position | undefined },
): Promise<Found[]> {
  const isForward = after !== undefined && before === undefined
  const side = place && (isForward ? { after: place } : { before: place })
  const pages = await Promise.all(
    chats.flatMap((chat): Promise<Found[]>[] => {
      const query = { userId: user.id, chat, ...side, limit }
      const told = async () =>
        (await readHistoryPage(db, query)).map((entry) => ({ at: entry.at, id: entry.messageId, entry }))
      return [readChatPage(db, query), ...(user.history > 0 ? [told()] : [])]
    }),
  )
  const all = pages.flat().sort(isForward ? (one, other) => newestFirst(other, one) : newestFirst)
  // The same message under both JIDs of a person is one.
  const unique = new Map(all.map((one) => [one.id, one]))
  return [...unique.values()].slice(0, limit)
}

/** The messages with these ids in a chat that is known under these JIDs, in no order. */
export async function findEntries(
  { user, services: { db } }: UserScope,
  { chats, ids }: { chats: string[]; ids: string[] },
): Promise<Entry[]> {
  const query = { userId: user.id, chats, ids }
  const rows = await findInChat(db, query)
  const told = user.history > 0 ? await findInHistory(db, query) : []
  const entries = [
    ...told.map((entry) => historyEntry({ at: entry.at, id: entry.messageId, entry })),
    ...rows.map(entryOf),
  ]
  // What is among the messages is nearer to what was sent.
  return [...new Map(entries.flatMap((entry) => (entry ? [[entry.id, entry] as const] : []))).values()]
}

/** The message of a row; undefined for one that only says something about another one, or cannot be read. */
export function entryOf(row: ChatMessageRow): Entry | undefined {
  const message = decoded(row.proto)
  if (!message || !isReferable(message)) return undefined
  const { id, chat, fromMe, sender, at, status } = row
  const isSentHere = fromMe && status !== 'received'
  return { id, chat, fromMe, sender, at, pushName: '', message, ...(isSentHere && { progress: row }) }
}

function historyEntry({ entry, at, id }: Position & { entry: StoredHistoryEntry }): Entry | undefined {
  const { chat, sender, event: told, type, text } = entry
  if (told === '') {
    // Sent through this server, and no longer among the messages: what is left is its text.
    if (type !== 'text') return undefined
    return { id, at, chat, fromMe: true, sender: '', pushName: '', message: { conversation: text } }
  }
  const event = JSON.parse(told) as MessageEvent
  const message = messageOf(event)
  if (!isReferable(message) || !contentOf(message)) return undefined
  return { id, at, chat, fromMe: event.fromMe, sender, pushName: event.pushName, message }
}

function decoded(encoded: Uint8Array): ProtoJson | undefined {
  try {
    return protoJson(proto.Message, proto.Message.decode(encoded))
  } catch {
    // Somebody sent what is no message; it is nothing to show.
    return undefined
  }
}
