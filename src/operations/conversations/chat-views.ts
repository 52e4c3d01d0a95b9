import { ApiError } from '../../lib/errors.ts'
import { bare, isBroadcastJid, isChannelJid, isGroupJid, isPersonJid, STATUS_JID } from '../../lib/jid.ts'
import { countUnread, findAnswers, MOST_UNREAD } from '../../store/messages/chat-listing.ts'
import { findWrittenAt } from '../../store/messages/chat-pages.ts'
import { findChatSettings } from '../../store/messages/chat-settings.ts'
import { findChats } from '../../store/messages/chats.ts'
import type { ActiveChat } from '../../store/messages/messages.ts'
import type { UserScope } from '../services.ts'
import { type Entry, entryOf, readEntries } from './entries.ts'
import { cut } from './message-parts.ts'
import { type MessageView, viewMessages } from './message-views.ts'
import { loadPeople } from './people.ts'

/** What kind of chat it is; `broadcast` is a list of recipients of the phone. */
export type ChatKind = 'person' | 'group' | 'channel' | 'status' | 'broadcast'

/** A chat in a list. */
export interface ChatView {
  /** JID: of a person by phone number where it is known. */
  chat: string
  kind: ChatKind
  /** What the account calls the person, or the name of the group; '' where none is known. */
  name: string
  /** Of a person, with `+`, where it is known. */
  phone?: string
  /** Messages of others since the account has read the chat or answered; 1 at least where it is marked as unread. */
  unread: number
  isMarkedUnread: boolean
  isPinned: boolean
  isMuted: boolean
  isArchived: boolean
  /** When its newest message was written, unix milliseconds; 0 where there is none. */
  lastAt: number
  /** Its newest message, with the beginning of its text. */
  last?: MessageView
}

/** A chat with all JIDs that it is stored under, the one it is shown by first. */
export interface ChatEntry {
  chat: string
  jids: string[]
  /** Of each of them, the newest first. */
  active: ActiveChat[]
}

/** The line of each of these chats, in the same order. */
export async function viewChats(scope: UserScope, entries: ChatEntry[]): Promise<ChatView[]> {
  const { user, services } = scope
  const jids = entries.flatMap((entry) => entry.jids)
  const [people, known, settings, last] = await Promise.all([
    loadPeople(scope, jids),
    findChats(services.db, user.id, jids),
    findChatSettings(services.db, user.id, jids),
    lastMessages(scope, entries),
  ])
  const unread = await unreadOf(scope, entries, new Map(known.map(({ chat, readAt }) => [chat, readAt])))
  const now = Date.now() / 1000
  return entries.map((entry) => {
    const { chat } = entry
    const ofChat = <One extends { chat: string }>(all: One[]) =>
      all.filter((one) => entry.jids.includes(one.chat))
    const set = ofChat(settings)
    const isMarkedUnread = ofChat(known).some((one) => one.isMarkedUnread)
    const name = isPersonJid(chat) ? people.nameOf(chat) : (ofChat(known)[0]?.name ?? '')
    const message = last.get(chat)
    return {
      chat,
      kind: kindOf(chat),
      name: cut(name),
      ...phoneOf(chat),
      unread: Math.max(unread.get(chat) ?? 0, isMarkedUnread ? 1 : 0),
      isMarkedUnread,
      isPinned: set.some((one) => one.isPinned),
      isMuted: set.some(({ mutedUntil }) => mutedUntil === -1 || mutedUntil > now),
      isArchived: set.some((one) => one.isArchived),
      // Of what is shown: a reaction of one's own, for example, is nothing new.
      lastAt: message?.at ?? entry.active[0]?.lastAt ?? 0,
      ...(message && { last: message }),
    }
  })
}

/** The line of a chat that a caller names. Throws `invalid_jid`. */
export async function viewChat(scope: UserScope, given: string): Promise<ChatView> {
  const [view] = await viewChats(scope, [await chatNamed(scope, given)])
  // One for each that was asked for.
  return view as ChatView
}

/** Which kind of chat a JID names. */
function kindOf(chat: string): ChatKind {
  if (chat === STATUS_JID) return 'status'
  if (isGroupJid(chat)) return 'group'
  if (isChannelJid(chat)) return 'channel'
  return isBroadcastJid(chat) ? 'broadcast' : 'person'
}

/** A chat that a caller names, whether there is anything in it or not. Throws `invalid_jid` for what names none. */
export async function chatNamed(scope: UserScope, given: string): Promise<ChatEntry> {
  const jid = bare(given)
  if (!/^[\w.-]{1,64}@[a-z.]{1,32}$/.test(jid))
    throw new ApiError('invalid_jid', { text: 'chat must be a JID' })
  const people = await loadPeople(scope, [jid])
  const jids = people.addressesOf(jid)
  return { chat: people.addressOf(jid), jids, active: await activityOf(scope, jids) }
}

/** When the newest messages of a chat were written. */
async function activityOf(scope: UserScope, jids: string[]): Promise<ActiveChat[]> {
  const pages = await Promise.all(
    jids.map(async (chat) => {
      const { entries } = await readEntries(scope, { chats: [chat], limit: 1 })
      return entries.map(({ at }) => ({ chat, lastAt: at }))
    }),
  )
  return pages.flat().sort((one, other) => other.lastAt - one.lastAt)
}

/** The newest message to show of each chat. */
async function lastMessages(scope: UserScope, entries: ChatEntry[]): Promise<Map<string, MessageView>> {
  const { user, services } = scope
  const newest = entries.flatMap(({ active }) => active.slice(0, 1))
  const rows = await findWrittenAt(services.db, user.id, newest)
  const found = new Map<string, Entry>()
  for (const row of rows) {
    const entry = entryOf(row)
    if (entry) found.set(`${entry.chat}/${entry.at}`, entry)
  }
  const shown = await Promise.all(
    entries.map(async ({ jids, active: [latest] }) => {
      if (!latest) return undefined
      const known = found.get(`${latest.chat}/${latest.lastAt}`)
      if (known) return known
      // It is in the history, or says something about another message.
      return (await readEntries(scope, { chats: jids, limit: 1 })).entries[0]
    }),
  )
  const views = await viewMessages(
    scope,
    shown.flatMap((entry) => entry ?? []),
  )
  return new Map(views.map((view) => [view.chat, shortened(view)]))
}

/** What a line of a list can show. */
function shortened({ media, quoted: _quoted, poll: _poll, ...view }: MessageView): MessageView {
  const { thumbnail: _thumbnail, ...file } = media ?? {}
  return {
    ...view,
    text: cut(view.text),
    reactions: [],
    // What is left of it has all but the picture.
    ...(media && { media: file as typeof media }),
  }
}

async function unreadOf(
  { user, services: { db } }: UserScope,
  entries: ChatEntry[],
  readAt: Map<string, number>,
): Promise<Map<string, number>> {
  const asked = entries.map(({ chat, jids }) => ({
    chat,
    jids,
    readAt: Math.max(0, ...jids.map((jid) => readAt.get(jid) ?? 0)),
  }))
  const spread = (all: typeof asked) =>
    all.flatMap(({ jids, readAt: at }) => jids.map((chat) => ({ chat, readAt: at })))
  const answers = await findAnswers(db, user.id, spread(asked))
  // An answer under one address of a person is an answer to both.
  const answered = asked.map((one) => ({
    ...one,
    readAt: Math.max(one.readAt, ...one.jids.map((jid) => answers.get(jid) ?? 0)),
  }))
  const counts = await countUnread(db, user.id, spread(answered))
  return new Map(
    answered.map(({ chat, jids }) => [
      chat,
      Math.min(
        MOST_UNREAD,
        jids.reduce((sum, jid) => sum + (counts.get(jid) ?? 0), 0),
      ),
    ]),
  )
}

function phoneOf(chat: string): { phone?: string } {
  const number = /^(\d+)@s\.whatsapp\.net$/.exec(chat)?.[1]
  return number ? { phone: `+${number}` } : {}
}
