import { insertChunked, type Queryable } from '../database/database.ts'

/** How a chat was set when the account came from another server. */
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

/** How the chats of a user are set, by chat. */
export async function listChatSettings(db: Queryable, userId: string): Promise<ChatSetting[]> {
  const rows = await db<ChatSettingRow>('chat_settings').where({ user_id: userId }).orderBy('chat')
  return rows.map((row) => ({
    chat: row.chat,
    mutedUntil: row.muted_until,
    isPinned: Boolean(row.pinned),
    isArchived: Boolean(row.archived),
  }))
}
