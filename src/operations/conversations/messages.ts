import { messageNotFound } from '../messages/stored-messages.ts'
import type { UserScope } from '../services.ts'
import { chatNamed } from './chat-views.ts'
import { cursorOf, positionIn } from './cursor.ts'
import { type EntriesPage, findEntries, readEntries } from './entries.ts'
import { type MessageView, viewMessages } from './message-views.ts'

/** Which messages of a chat are wanted: the newest, those next to a cursor, or those around a message. */
export interface MessagesQuery {
  chat: string
  limit: number
  /** Cursors of answers: older messages, or newer ones. */
  before?: string
  after?: string
  /** Id of a message that is to be among them. */
  around?: string
}

/** Messages, newest first; `next` leads to older ones and `newer` to newer ones, where there may be any. */
export interface MessagesPage {
  messages: MessageView[]
  next?: string
  newer?: string
}

/** The messages of a chat as they stand. Throws `invalid_jid`, `invalid_field`, and `not_found` for an unknown message. */
export async function listMessages(
  scope: UserScope,
  { chat, limit, before, after, around }: MessagesQuery,
): Promise<MessagesPage> {
  const { jids: chats } = await chatNamed(scope, chat)
  if (around !== undefined) return messagesAround(scope, { chats, limit, id: around })
  const [older, newer] = [positionIn(before), positionIn(after, 'after')]
  const page = await readEntries(scope, { chats, limit, before: older, after: newer })
  const messages = await viewMessages(scope, page.entries)
  const cursor = page.next && cursorOf(page.next)
  const isForward = newer !== undefined && older === undefined
  return { messages, ...(cursor && (isForward ? { newer: cursor } : { next: cursor })) }
}

/** One message of a chat. Throws as `listMessages`. */
export async function showMessage(
  scope: UserScope,
  { chat, id }: { chat: string; id: string },
): Promise<MessageView> {
  const { jids: chats } = await chatNamed(scope, chat)
  const [view] = await viewMessages(scope, await findEntries(scope, { chats, ids: [id] }))
  if (!view) throw messageNotFound()
  return view
}

async function messagesAround(
  scope: UserScope,
  { chats, limit, id }: { chats: string[]; limit: number; id: string },
): Promise<MessagesPage> {
  const [middle] = await findEntries(scope, { chats, ids: [id] })
  if (!middle) throw messageNotFound()
  const half = Math.ceil(limit / 2)
  const empty: EntriesPage = { entries: [] }
  const [newer, older] = await Promise.all([
    readEntries(scope, { chats, after: middle, limit: half }),
    limit > half ? readEntries(scope, { chats, before: middle, limit: limit - half }) : empty,
  ])
  return {
    messages: await viewMessages(scope, [...newer.entries, middle, ...older.entries]),
    ...(older.next && { next: cursorOf(older.next) }),
    ...(newer.next && { newer: cursorOf(newer.next) }),
  }
}
