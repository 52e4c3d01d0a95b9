import type { Queryable } from './database/database.ts'

/** A request that its caller may repeat, as it was first made. */
export interface RepeatableRequest {
  userId: string
  /** What the caller knows it by. */
  key: string
  /** Digest of what was asked for. */
  fingerprint: string
  /** The WhatsApp id its message has, however often it is sent. */
  messageId: string
  /** When it was first made, unix milliseconds. */
  at: number
}

/** What it was answered. */
export interface KeptAnswer {
  status: number
  contentType: string
  body: string
}

interface RequestRow {
  user_id: string
  key: string
  fingerprint: string
  message_id: string
  at: number
  answer_status: number | null
  answer_type: string | null
  answer_body: string | null
}

/** Writes a request down unless its key is taken; gives what stands under the key, with the answer once there is one. */
export async function claimRequest(
  db: Queryable,
  request: RepeatableRequest,
): Promise<RepeatableRequest & { answer?: KeptAnswer }> {
  const row = {
    user_id: request.userId,
    key: request.key,
    fingerprint: request.fingerprint,
    message_id: request.messageId,
    at: request.at,
  }
  await db('repeatable_requests').insert(row).onConflict(['user_id', 'key']).ignore()
  const first = await db<RequestRow>('repeatable_requests').where(nameOf(request)).first()
  return first ? fromRow(first) : request
}

/** Keeps what a request was answered. */
export async function keepAnswer(
  db: Queryable,
  request: Pick<RepeatableRequest, 'userId' | 'key'>,
  answer: KeptAnswer,
): Promise<void> {
  await db('repeatable_requests')
    .where(nameOf(request))
    .update({ answer_status: answer.status, answer_type: answer.contentType, answer_body: answer.body })
}

/** Removes up to `limit` requests first made before an instant (milliseconds); returns how many. */
export function pruneRequests(db: Queryable, before: number, limit = 1000): Promise<number> {
  const oldest = db('repeatable_requests')
    .select('user_id', 'key')
    .where('at', '<', before)
    .orderBy('at')
    .limit(limit)
  return db('repeatable_requests').whereIn(['user_id', 'key'], oldest).delete()
}

function nameOf({ userId, key }: Pick<RepeatableRequest, 'userId' | 'key'>) {
  return { user_id: userId, key }
}

function fromRow(row: RequestRow): RepeatableRequest & { answer?: KeptAnswer } {
  const { answer_status: status, answer_type: contentType, answer_body: body } = row
  return {
    userId: row.user_id,
    key: row.key,
    fingerprint: row.fingerprint,
    messageId: row.message_id,
    at: row.at,
    ...(status !== null &&
      contentType !== null &&
      body !== null && { answer: { status, contentType, body } }),
  }
}
