import { chunked, insertChunked, type Queryable } from '../database/database.ts'
import { storable } from '../database/storable.ts'

/** What somebody said about an earlier message. */
export interface MessageResponse {
  userId: string
  /** Id of the message it is about. */
  targetId: string
  /** `reaction`, `vote`, `edit` or `revoke`. */
  kind: 'reaction' | 'vote' | 'edit' | 'revoke'
  /** JID without device of who said it. */
  sender: string
  /** JID of the chat it was said in. */
  chat: string
  /**
   * The emoji, '' when it was taken back; the chosen options as a JSON list; the new text; for a deletion `admin` when
   * WhatsApp says that an admin did it, else ''.
   */
  content: string
  /** Unix milliseconds. */
  at: number
}

interface ResponseRow {
  user_id: string
  target_id: string
  kind: MessageResponse['kind']
  sender: string
  chat: string
  content: string
  at: number
}

const KEY = ['user_id', 'target_id', 'kind', 'sender'] as const

/** Stores what was said about messages, oldest first; of what one person says about a message the newest counts. */
export function keepResponses(db: Queryable, responses: MessageResponse[]): Promise<void> {
  // One statement must not write a row twice.
  const latest = new Map(responses.map((one) => [JSON.stringify(keyOf(one)), one]))
  return insertChunked(db, 'message_responses', [...latest.values()].map(toRow), (insert) =>
    insert
      .onConflict([...KEY])
      .merge(['chat', 'content', 'at'])
      .whereRaw('excluded.at >= message_responses.at'),
  )
}

/** What was said about these messages in a chat that is known under these JIDs, oldest first. */
export async function listResponses(
  db: Queryable,
  { userId, chats, targetIds }: { userId: string; chats: string[]; targetIds: string[] },
): Promise<MessageResponse[]> {
  const responses: MessageResponse[] = []
  for (const ids of chunked(targetIds)) {
    const rows: ResponseRow[] = await db('message_responses')
      .where('user_id', userId)
      .whereIn('target_id', ids)
      .whereIn('chat', chats)
      .orderBy([{ column: 'at' }, { column: 'sender' }])
    responses.push(...rows.map(fromRow))
  }
  return responses
}

/**
 * The same, the newest `most` of each kind for each message: more than this say something only to make lists long. In no
 * order.
 */
export async function newestResponses(
  db: Queryable,
  { userId, chats, targetIds, most }: { userId: string; chats: string[]; targetIds: string[]; most: number },
): Promise<MessageResponse[]> {
  const responses: MessageResponse[] = []
  for (const ids of chunked(targetIds)) {
    const numbered = db('message_responses')
      .where('user_id', userId)
      .whereIn('target_id', ids)
      .whereIn('chat', chats)
      .select('*')
      .rowNumber('place', (over) => over.partitionBy(['target_id', 'kind']).orderBy('at', 'desc'))
      .as('numbered')
    const rows: ResponseRow[] = await db.from(numbered).where('place', '<=', most)
    responses.push(...rows.map(fromRow))
  }
  return responses
}

/** Removes up to `limit` responses made before an instant (milliseconds); returns how many. */
export function pruneResponses(db: Queryable, before: number, limit = 1000): Promise<number> {
  const oldest = db('message_responses').select(KEY).where('at', '<', before).orderBy('at').limit(limit)
  return db('message_responses')
    .whereIn([...KEY], oldest)
    .delete()
}

function keyOf({ userId, targetId, kind, sender }: MessageResponse): string[] {
  return [userId, storable(targetId), kind, storable(sender)]
}

function fromRow(row: ResponseRow): MessageResponse {
  return {
    userId: row.user_id,
    targetId: row.target_id,
    kind: row.kind,
    sender: row.sender,
    chat: row.chat,
    content: row.content,
    at: row.at,
  }
}

function toRow(response: MessageResponse): ResponseRow {
  return {
    user_id: response.userId,
    target_id: response.targetId,
    kind: response.kind,
    sender: response.sender,
    chat: response.chat,
    content: response.content,
    at: response.at,
  }
}
