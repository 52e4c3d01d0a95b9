import type { MessageEvent } from '../../events/event.ts'
import { type MessageKind, SENT_KINDS } from '../../events/message-kinds.ts'
import { messageOf } from '../../events/unwrap.ts'
import type { MessageName, OfUser } from '../../lib/message-ref.ts'
import type { Transaction } from '../../store/database/database.ts'
import { addHistory, type HistoryEntry, historyLimits, trimHistory } from '../../store/messages/history.ts'
import { findMessages } from '../../store/messages/messages.ts'
import { proto } from '../library/engine.ts'
import type { Me } from '../wire/node.ts'
import { protoJson } from '../wire/proto-json.ts'
import { historyContent } from './parse/history-content.ts'
import { webMessageEvent } from './parse/web-message.ts'

/** What is sent and has no entry. */
const UNLISTED = new Set<string>(['album', 'event', 'poll'] satisfies MessageKind[])

/** Author of what was sent through the API. */
const API = 'me'

/** Adds received messages to the history of the users who want one. */
export async function addReceived(
  trx: Transaction,
  received: { userId: string; events: MessageEvent[] }[],
): Promise<void> {
  const limits = await historyLimits(trx, [...new Set(received.map(({ userId }) => userId))])
  const at = Date.now()
  const wanted = received.filter(({ userId }) => limits.has(userId))
  await add(
    trx,
    wanted.flatMap(({ userId, events }) => events.flatMap((event) => entryOf(userId, event, at))),
    (userId) => limits.get(userId) ?? 0,
  )
}

/**
 * Adds sent messages to the history of the users who want one, at the time they left: what was answered meanwhile
 * comes after them.
 */
export async function addSent(trx: Transaction, sent: OfUser<MessageName>[]): Promise<void> {
  const limits = await historyLimits(trx, [...new Set(sent.map(({ userId }) => userId))])
  const wanted = sent.filter(({ userId }) => limits.has(userId))
  if (wanted.length === 0) return
  const entries = (await findMessages(trx, wanted)).flatMap((message): HistoryEntry[] => {
    const content = historyContent(protoJson(proto.Message, proto.Message.decode(message.proto)))
    // Like the original, no polls, edits, reactions and the like.
    if (!content || !message.fromMe || !SENT_KINDS.has(content.type) || UNLISTED.has(content.type)) return []
    const { userId, id: messageId, chat, at } = message
    return [{ userId, chat, sender: API, messageId, at, mediaLink: '', event: '', ...content }]
  })
  await add(trx, entries, (userId) => limits.get(userId) ?? 0)
}

/**
 * Adds the messages of a phone's history. They are filed under the time they were written, not under the present:
 * otherwise they would be newer than everything that was said since.
 */
export async function addSynced(
  trx: Transaction,
  userId: string,
  history: proto.HistorySync,
  me: Me,
): Promise<void> {
  const limit = (await historyLimits(trx, [userId])).get(userId)
  if (!limit) return
  for (const { messages } of history.conversations) {
    // The newest come first; more than are kept need not be looked at.
    const newest = (messages ?? []).slice(0, limit).reverse()
    const entries = newest.flatMap(({ message }): HistoryEntry[] => {
      const event = message ? webMessageEvent(proto.WebMessageInfo.create(message), me) : undefined
      if (!event) return []
      const at = event.timestamp * 1000
      return [syncedEntry(userId, { ...event, sourceWebMessage: null }, at)]
    })
    await add(trx, entries, () => limit)
  }
}

function entryOf(userId: string, event: MessageEvent, at: number): HistoryEntry[] {
  const content = historyContent(messageOf(event))
  if (!content) return []
  const { chat, sender, id: messageId } = event
  return [{ userId, chat, sender, messageId, at, mediaLink: '', event: JSON.stringify(event), ...content }]
}

/** The phone also tells of messages nobody has words for; an edit that arrives later may explain them. */
function syncedEntry(userId: string, event: MessageEvent, at: number): HistoryEntry {
  const content = historyContent(event.raw) ?? { type: 'unknown', text: '', quotedId: '' }
  const { chat, sender, id: messageId } = event
  const told = JSON.stringify({ ...event, stanzaType: content.type })
  return { userId, chat, sender, messageId, at, mediaLink: '', event: told, ...content }
}

async function add(
  trx: Transaction,
  entries: HistoryEntry[],
  limitOf: (userId: string) => number,
): Promise<void> {
  if (entries.length === 0) return
  await addHistory(trx, entries)
  const chats = new Map(entries.map(({ userId, chat }) => [`${userId}/${chat}`, { userId, chat }]))
  for (const chat of chats.values()) await trimHistory(trx, chat, limitOf(chat.userId))
}
