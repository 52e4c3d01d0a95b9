import { chunked, insertChunked, type Queryable } from '../database/database.ts'

/** How a chat is set on the account's devices, as far as they, or the server it came from, have told. */
export interface ChatSetting {
  /** JID, without device. */
  chat: string
  /** Unix seconds; 0 = not muted, -1 = for ever. */
  mutedUntil: number
  isPinned: boolean
  isArchived: boolean
}

interface ChatSettingRow {
  user_id: string
  chat: string
  muted_until: number
  pinned: boolean | 0 | 1
  archived: boolean | 0 | 1
}

/** Stores how chats are set, one entry per chat. */
export async function keepChatSettings(
  db: Queryable,
  userId: string,
  settings: ChatSetting[],
): Promise<void> {
  const rows = settings.map(({ chat, mutedUntil, isPinned, isArchived }) => ({
    user_id: userId,
    chat,
    muted_until: mutedUntil,
    pinned: isPinned,
    archived: isArchived,
  }))
  await insertChunked(db, 'chat_settings', rows, (insert) => insert.onConflict(['user_id', 'chat']).merge())
}

/** A change of how a chat is set; what is absent stays as it is. */
export type ChatSettingChange = Pick<ChatSetting, 'chat'> & Partial<ChatSetting>

/** Changes how chats are set, in the given order. */
export async function changeChatSettings(
  db: Queryable,
  userId: string,
  changes: ChatSettingChange[],
): Promise<void> {
  const merged = new Map<string, ChatSettingChange>()
  for (const change of changes) merged.set(change.chat, { ...merged.get(change.chat), ...change })
  // Those that change the same columns, together.
  const alike = new Map<string, ChatSettingRow[]>()
  for (const { chat, mutedUntil, isPinned, isArchived } of merged.values()) {
    const given = [
      ...(mutedUntil === undefined ? [] : ['muted_until']),
      ...(isPinned === undefined ? [] : ['pinned']),
      ...(isArchived === undefined ? [] : ['archived']),
    ].join()
    const row = {
      user_id: userId,
      chat,
      muted_until: mutedUntil ?? 0,
      pinned: isPinned ?? false,
      archived: isArchived ?? false,
    }
    alike.set(given, [...(alike.get(given) ?? []), row])
  }
  for (const [given, rows] of alike)
    await insertChunked(db, 'chat_settings', rows, (insert) =>
      insert.onConflict(['user_id', 'chat']).merge(given.split(',')),
    )
}

/** How these chats of a user are set, in no order. */
export async function findChatSettings(
  db: Queryable,
  userId: string,
  chats: string[],
): Promise<ChatSetting[]> {
  const settings: ChatSetting[] = []
  for (const some of chunked(chats)) {
    const rows = await db<ChatSettingRow>('chat_settings').where({ user_id: userId }).whereIn('chat', some)
    settings.push(...rows.map(fromRow))
  }
  return settings
}

/** How the chats of a user are set, by chat. */
export async function listChatSettings(db: Queryable, userId: string): Promise<ChatSetting[]> {
  const rows = await db<ChatSettingRow>('chat_settings').where({ user_id: userId }).orderBy('chat')
  return rows.map(fromRow)
}

function fromRow(row: ChatSettingRow): ChatSetting {
  return {
    chat: row.chat,
    mutedUntil: row.muted_until,
    isPinned: Boolean(row.pinned),
    isArchived: Boolean(row.archived),
  }
}
