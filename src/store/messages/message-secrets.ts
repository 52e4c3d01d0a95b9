import type { Secrets } from '../../lib/secrets/secrets.ts'
import { insertChunked, type Queryable } from '../database/database.ts'

/**
 * What votes, edits and answers about a message are sealed with, of messages that were exchanged through another server:
 * those of our own are in the messages themselves.
 */
export interface MessageSecret {
  /** JIDs, without device. */
  chat: string
  sender: string
  id: string
  /** 32 bytes. */
  secret: Uint8Array
}

interface SecretRow {
  user_id: string
  chat: string
  message_id: string
  sender: string
  sealed_secret: string
}

const ROWS_AT_ONCE = 500

/** Stores secrets; one that is there already stays. */
export async function keepMessageSecrets(
  db: Queryable,
  secrets: Secrets,
  { userId, known }: { userId: string; known: MessageSecret[] },
): Promise<void> {
  const rows = known.map(({ chat, sender, id, secret }) => ({
    user_id: userId,
    chat,
    message_id: id,
    sender,
    sealed_secret: secrets.encrypt(Buffer.from(secret).toString('base64')),
  }))
  await insertChunked(db, 'message_secrets', rows, (insert) =>
    insert.onConflict(['user_id', 'message_id', 'chat', 'sender']).ignore(),
  )
}

/** The secret of the message with this id in a chat that is known under these JIDs. */
export async function findMessageSecret(
  db: Queryable,
  secrets: Secrets,
  { userId, id, chats }: { userId: string; id: string; chats: string[] },
): Promise<MessageSecret | undefined> {
  const row = await db<SecretRow>('message_secrets')
    .where({ user_id: userId, message_id: id })
    .whereIn('chat', chats)
    .first()
  return row && fromRow(row, secrets)
}

/** All of them that a user has, in portions. */
export async function* readMessageSecrets(
  db: Queryable,
  secrets: Secrets,
  userId: string,
): AsyncGenerator<MessageSecret[]> {
  let after = ['', '', '']
  for (;;) {
    const rows = await db<SecretRow>('message_secrets')
      .where({ user_id: userId })
      .whereRaw('(message_id, chat, sender) > (?, ?, ?)', after)
      .orderBy(['message_id', 'chat', 'sender'])
      .limit(ROWS_AT_ONCE)
    const last = rows.at(-1)
    if (!last) return
    yield rows.map((row) => fromRow(row, secrets))
    after = [last.message_id, last.chat, last.sender]
  }
}

function fromRow(row: SecretRow, secrets: Secrets): MessageSecret {
  const secret = Buffer.from(secrets.decrypt(row.sealed_secret), 'base64')
  return { chat: row.chat, sender: row.sender, id: row.message_id, secret }
}
