import type { Secrets } from '../../lib/secrets/secrets.ts'
import type { Queryable } from '../database/database.ts'
import { type InboxScope, usersOf } from './inbox.ts'

/** A part of a phone's history that still has to be fetched. */
export interface PendingHistory {
  seq: number
  userId: string
  /** Id of the message that announced it. */
  messageId: string
  /** The encoded `HistorySyncNotification`, with the key of the file. */
  notification: Uint8Array
  /** How often it was taken up, this time included. */
  attempts: number
}

interface PendingRow {
  seq: number
  user_id: string
  message_id: string
  sealed_notification: string
  attempts: number
  due_at: number
}

/** Remembers an announced part; one that is known already is left as it is. */
export async function addPendingHistory(
  db: Queryable,
  secrets: Secrets,
  part: { userId: string; messageId: string; notification: Uint8Array; dueAt: number },
): Promise<void> {
  await db('history_syncs')
    .insert({
      user_id: part.userId,
      message_id: part.messageId,
      sealed_notification: secrets.encrypt(Buffer.from(part.notification).toString('base64')),
      attempts: 0,
      due_at: part.dueAt,
      set_at: part.dueAt,
    })
    .onConflict(['user_id', 'message_id'])
    .ignore()
}

/**
 * Takes up the oldest part that is due: until `leaseUntil` nobody else does, and a crash counts as an attempt.
 * Undefined when none is due. Instants are unix milliseconds.
 */
export async function takePendingHistory(
  db: Queryable,
  secrets: Secrets,
  { now, leaseUntil, node }: { now: number; leaseUntil: number } & InboxScope,
): Promise<PendingHistory | undefined> {
  for (;;) {
    const due = db<PendingRow>('history_syncs').where('due_at', '<=', now)
    if (node !== undefined) due.whereIn('user_id', usersOf(db, node))
    const row = await due.orderBy('seq').first()
    if (!row) return undefined
    const taken = await db('history_syncs')
      .where({ seq: row.seq, due_at: row.due_at })
      .update({ due_at: leaseUntil, set_at: now, attempts: row.attempts + 1 })
    // Another node may have been quicker.
    if (taken === 0) continue
    return {
      seq: row.seq,
      userId: row.user_id,
      messageId: row.message_id,
      notification: Buffer.from(secrets.decrypt(row.sealed_notification), 'base64'),
      attempts: row.attempts + 1,
    }
  }
}

/** When the next part is due, in unix milliseconds; undefined when there is none. */
export async function nextPendingHistory(
  db: Queryable,
  { node }: InboxScope = {},
): Promise<number | undefined> {
  const parts = db<PendingRow>('history_syncs')
  if (node !== undefined) parts.whereIn('user_id', usersOf(db, node))
  const row = await parts.select('due_at').orderBy('due_at').first()
  return row?.due_at
}

/** Puts a part off for a while. */
export async function postponePendingHistory(
  db: Queryable,
  seq: number,
  { now, delayMs }: { now: number; delayMs: number },
): Promise<void> {
  await db('history_syncs')
    .where({ seq })
    .update({ due_at: now + delayMs, set_at: now })
}

/** Ticks a part off; belongs into the transaction that records what it held. */
export async function removePendingHistory(db: Queryable, seq: number): Promise<void> {
  await db('history_syncs').where({ seq }).delete()
}
