import { listContacts } from '../../store/contacts.ts'
import { readBeginnings } from '../../store/messages/chat-listing.ts'
import { findInChat } from '../../store/messages/chat-pages.ts'
import { listNamedChats } from '../../store/messages/chats.ts'
import { readHistoryTexts } from '../../store/messages/history.ts'
import type { UserScope } from '../services.ts'
import type { ChatEntry } from './chat-views.ts'
import { entryOf } from './entries.ts'
import { partsOf, pollIn } from './message-parts.ts'

/** Looks for a name, a number or words. */
export interface ChatSearch {
  /** Those of these chats that have it, in the same order. */
  among(entries: ChatEntry[]): Promise<ChatEntry[]>
  /** Whether a text has it. */
  isIn(text: string): boolean
  /** How many messages it has looked into so far. */
  messages(): number
}

/** How far back words are looked for. */
const WORDS_MS = 90 * 24 * 3600 * 1000
/** How many of the newest messages of a chat are looked at, and how much of each: texts come before pictures in it. */
const MESSAGES = 300
const BYTES = 3_000
/** Messages that seem to have the words are read whole; more than this many tell nothing new. */
const READ_WHOLE = 20
/** An account knows fewer people, unless somebody wants this to be slow. */
const MOST_NAMES = 20_000

/** Prepares a search: names are looked at once, words chat by chat. */
export async function openSearch(scope: UserScope, wanted: string): Promise<ChatSearch> {
  const { user, services } = scope
  const needle = folded(wanted.trim())
  const digits = numberIn(wanted)
  const isIn = (text: string) => folded(text).includes(needle)
  const contacts = await listContacts(services.db, user.id, { limit: MOST_NAMES, offset: 0 })
  const groups = await listNamedChats(services.db, user.id, MOST_NAMES)
  const named = new Set([
    ...contacts
      .filter(({ fullName, firstName, pushName, businessName }) =>
        [fullName, firstName, pushName, businessName].some(isIn),
      )
      .map(({ jid }) => jid),
    ...groups.filter(({ name }) => isIn(name)).map(({ chat }) => chat),
  ])
  const since = Date.now() - WORDS_MS
  let messages = 0

  async function has({ chat, jids }: ChatEntry): Promise<boolean> {
    if (jids.some((jid) => named.has(jid))) return true
    if (digits !== '' && chat.split('@')[0]?.includes(digits)) return true
    for (const jid of jids) if (await hasWords(jid)) return true
    return false
  }

  async function hasWords(chat: string): Promise<boolean> {
    const { db } = services
    const beginnings = await readBeginnings(db, {
      userId: user.id,
      chat,
      since,
      limit: MESSAGES,
      bytes: BYTES,
    })
    messages += beginnings.length
    // A first look, which also finds the words where nobody reads them: in addresses of files, for example.
    const likely = beginnings.filter(({ beginning }) =>
      isIn(Buffer.from(beginning, 'base64').toString('utf8')),
    )
    const ids = likely.slice(0, READ_WHOLE).map(({ id }) => id)
    const rows = ids.length > 0 ? await findInChat(db, { userId: user.id, chats: [chat], ids }) : []
    const texts = rows.flatMap((row) => {
      const entry = entryOf(row)
      return entry ? textsOf(entry.message) : []
    })
    if (texts.some(isIn)) return true
    if (user.history === 0) return false
    const told = await readHistoryTexts(db, { userId: user.id, chat, since, limit: MESSAGES })
    messages += told.length
    return told.some(isIn)
  }

  return {
    isIn,
    messages: () => messages,
    async among(entries) {
      const found: ChatEntry[] = []
      for (const entry of entries) if (await has(entry)) found.push(entry)
      return found
    },
  }
}

/** The digits of what looks like a number; '' for other texts. */
export function numberIn(wanted: string): string {
  return /^[+\d\s()./-]+$/.test(wanted) ? wanted.replace(/\D/g, '') : ''
}

/** What people read of a message. */
function textsOf(message: Parameters<typeof partsOf>[0]): string[] {
  const { text, media, location, contact } = partsOf(message)
  const options = pollIn(message)?.options ?? []
  return [text, media?.fileName ?? '', location?.name ?? '', contact?.name ?? '', ...options]
}

/** Without case and accents: São is found by sao. */
export function folded(text: string): string {
  // Most texts have none: thousands of names are folded for a list.
  if (/^\p{ASCII}*$/u.test(text)) return text.toLowerCase()
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
}
