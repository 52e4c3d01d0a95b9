import type { Event } from '../../events/event.ts'
import { objectAt } from '../../events/unwrap.ts'
import type { Transaction } from '../../store/database/database.ts'
import { storable } from '../../store/database/storable.ts'
import { type ChatSettingChange, changeChatSettings } from '../../store/messages/chat-settings.ts'
import { keepChatNames, keepReadings, keepUnreadMarks } from '../../store/messages/chats.ts'

/** What events say about how chats are set, what groups are called, and what was marked as read or unread. */
export interface ChatNews {
  settings: ChatSettingChange[]
  names: { chat: string; name: string }[]
  /** Up to when a chat was read, unix milliseconds; undefined for one that is marked as unread. */
  marks: { chat: string; readAt: number | undefined }[]
}

const FOR_EVER = -1

/** What these events say about chats, the newest of each last; undefined when nothing. */
export function chatNews(events: Event[]): ChatNews | undefined {
  const news: ChatNews = { settings: [], names: [], marks: [] }
  for (const event of events) {
    if (event.type === 'group.changed' && event.name)
      news.names.push({ chat: storable(event.chat), name: event.name.name })
    if (event.type === 'group.joined')
      news.names.push({ chat: storable(event.chat), name: event.group.name.name })
    if (event.type === 'appstate.change') readChange(event, news)
  }
  const isNothing = news.settings.length === 0 && news.names.length === 0 && news.marks.length === 0
  return isNothing ? undefined : news
}

/** Stores it, in the transaction that writes the events. */
export async function keepChatNews(
  trx: Transaction,
  userId: string,
  { settings, names, marks }: ChatNews,
): Promise<void> {
  await changeChatSettings(trx, userId, settings)
  await keepChatNames(trx, userId, [...new Map(names.map((one) => [one.chat, one])).values()])
  const latest = [...new Map(marks.map((mark) => [mark.chat, mark])).values()]
  await keepReadings(
    trx,
    latest.flatMap(({ chat, readAt }) => (readAt === undefined ? [] : [{ userId, chat, readAt }])),
  )
  const unread = latest.filter(({ readAt }) => readAt === undefined)
  await keepUnreadMarks(
    trx,
    userId,
    unread.map(({ chat }) => chat),
  )
}

/** The chats that it is about. */
export function chatsIn({ settings, names, marks }: ChatNews): string[] {
  return [...new Set([...settings, ...names, ...marks].map(({ chat }) => chat))]
}

function readChange(
  { index, action, timestamp }: Extract<Event, { type: 'appstate.change' }>,
  news: ChatNews,
): void {
  const [kind, chat = ''] = index.map(storable)
  const mute = objectAt(action, 'muteAction')
  const pin = objectAt(action, 'pinAction')
  const archive = objectAt(action, 'archiveChatAction')
  const mark = objectAt(action, 'markChatAsReadAction')
  if (chat === '') return
  if (kind === 'mute' && mute)
    news.settings.push({ chat, mutedUntil: muteEnd(mute.muted, mute.muteEndTimestamp) })
  if (kind === 'pin_v1' && pin) news.settings.push({ chat, isPinned: pin.pinned === true })
  if (kind === 'archive' && archive) news.settings.push({ chat, isArchived: archive.archived === true })
  if (kind === 'markChatAsRead' && mark)
    // The change tells the second; messages of that second were seen.
    news.marks.push({ chat, readAt: mark.read === true ? timestamp * 1000 + 999 : undefined })
}

/** Unix seconds; phones say milliseconds, and -1 or nothing for ever. */
function muteEnd(isMuted: unknown, end: unknown): number {
  if (isMuted !== true) return 0
  const ms = typeof end === 'number' ? end : FOR_EVER
  return ms > 0 ? Math.floor(ms / 1000) : FOR_EVER
}
