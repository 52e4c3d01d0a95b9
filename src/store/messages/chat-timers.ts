import { insertChunked, type Queryable } from '../database/database.ts'
import { RowCache } from '../database/row-cache.ts'
import { storable } from '../database/storable.ts'

/** After how long the messages of a chat with one person disappear. */
export interface ChatTimer {
  userId: string
  /** JID of the chat, without device. */
  chat: string
  /** 0 = never. */
  seconds: number
  /** When somebody set it, unix seconds. */
  setAt: number
}

interface TimerRow {
  user_id: string
  chat: string
  seconds: number
  set_at: number
}

/** By user and chat: every message that leaves asks for one. */
const cache = new RowCache<ChatTimer>()

const keyOf = (userId: string, chat: string) => JSON.stringify([userId, chat])

/** Stores how timers are set, each in place of what was set before. */
export async function keepChatTimers(db: Queryable, timers: ChatTimer[]): Promise<void> {
  // One statement must not write a row twice.
  const latest = new Map<string, ChatTimer>()
  for (const timer of timers) {
    const name = keyOf(timer.userId, storable(timer.chat))
    const known = latest.get(name)
    if (!known || known.setAt <= timer.setAt) latest.set(name, timer)
  }
  await insertChunked(db, 'chat_timers', [...latest.values()].map(toRow), (insert) =>
    insert
      .onConflict(['user_id', 'chat'])
      .merge(['seconds', 'set_at'])
      .whereRaw('excluded.set_at >= chat_timers.set_at'),
  ).finally(() => {
    for (const name of latest.keys()) cache.forget(db, name)
  })
}

/** Must be called after timers were deleted. */
export function forgetChatTimers(db: Queryable): void {
  cache.forget(db)
}

/** How the timer of a chat is set that is known under these JIDs; undefined where nobody said. */
export async function findChatTimer(
  db: Queryable,
  { userId, chats }: { userId: string; chats: string[] },
): Promise<ChatTimer | undefined> {
  const timers: ChatTimer[] = []
  for (const chat of chats) {
    const timer = await cache.get(db, keyOf(userId, storable(chat)), () => readTimer(db, userId, chat))
    if (timer) timers.push(timer)
  }
  return timers.sort((a, b) => b.setAt - a.setAt)[0]
}

/** Whether storing a timer would change nothing: it is stored, or a later one is. */
export async function isTimerKept(db: Queryable, timer: ChatTimer): Promise<boolean> {
  const { userId, chat, seconds, setAt } = timer
  const known = await findChatTimer(db, { userId, chats: [chat] })
  return known !== undefined && (known.setAt > setAt || (known.setAt === setAt && known.seconds === seconds))
}

async function readTimer(db: Queryable, userId: string, chat: string): Promise<ChatTimer | undefined> {
  const row: TimerRow | undefined = await db('chat_timers').where({ user_id: userId, chat }).first()
  return row && { userId: row.user_id, chat: row.chat, seconds: row.seconds, setAt: row.set_at }
}

function toRow({ userId, chat, seconds, setAt }: ChatTimer): TimerRow {
  return { user_id: userId, chat, seconds, set_at: setAt }
}
