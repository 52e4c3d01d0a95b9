import type { Secrets } from '../../lib/secrets/secrets.ts'
import { chunked, type Queryable } from '../database/database.ts'

/** A child of a message stanza; `content` is null, base64 of the bytes, or the children. */
export interface StanzaChild {
  tag: string
  attrs: Record<string, string>
  content: string | StanzaChild[] | null
}

/** A decrypted part of a message stanza before it has a place in the inbox. */
export interface InboxDraft {
  userId: string
  /** Names this very ciphertext from this very sender; the same stanza delivered again has the same. */
  digest: string
  /** Attributes of the message stanza. */
  attrs: Record<string, string>
  /** Children of the stanza except `enc` and `plaintext`. */
  meta: StanzaChild[]
  /** Position among the `enc` children; 0 for a `plaintext` child. */
  encIndex: number
  /** Attributes of the `enc` child: `type`, `mediatype`, `count`, `decrypt-fail`, ...; `type` is `plaintext` for channel posts. */
  encAttrs: Record<string, string>
  /** Bytes of the protobuf `Message`, without padding. */
  plaintext: Uint8Array
  /** Unix milliseconds. */
  receivedAt: number
}

/** A decrypted message on its way to become events. */
export interface InboxRow extends InboxDraft {
  /** Order of arrival within the user. */
  seq: number
  /** Id of the stanza: the message id. */
  id: string
  from: string
  /** Who sent it, in groups and broadcasts; else ''. */
  participant: string
  encType: string
}

/** A row whose plaintext is still encrypted, so that one that cannot be opened does not hide the others. */
export interface EncryptedInboxRow extends Omit<InboxRow, 'plaintext'> {
  sealedPlaintext: string
}

interface StoredRow {
  seq: number
  user_id: string
  digest: string
  attrs: string
  meta: string
  enc_index: number
  enc_attrs: string
  sealed_plaintext: string
  received_at: number
}

/** The row of a decrypted part of a message. `dispatchedAt` (unix milliseconds) where it becomes events with it. */
export function inboxRow(
  secrets: Secrets,
  draft: InboxDraft & { dispatchedAt?: number },
): Omit<StoredRow, 'seq'> & { dispatched_at: number | null } {
  return {
    user_id: draft.userId,
    digest: draft.digest,
    attrs: JSON.stringify(draft.attrs),
    meta: JSON.stringify(draft.meta),
    enc_index: draft.encIndex,
    enc_attrs: JSON.stringify(draft.encAttrs),
    sealed_plaintext: secrets.encrypt(Buffer.from(draft.plaintext).toString('base64')),
    received_at: draft.receivedAt,
    dispatched_at: draft.dispatchedAt ?? null,
  }
}

/** The plaintext of a ciphertext that was decrypted before, undefined when it never was or was pruned. */
export async function findPlaintext(
  db: Queryable,
  secrets: Secrets,
  key: { userId: string; digest: string },
): Promise<Buffer | undefined> {
  const row = await db<StoredRow>('inbox').where({ user_id: key.userId, digest: key.digest }).first()
  return row && decryptPlaintext(secrets, row.sealed_plaintext)
}

/** Whose rows to look at; everybody's when empty. */
export interface InboxScope {
  users?: string[]
  /** Users whose session runs on this node, or on none. */
  node?: string
}

/** The oldest rows that are not yet events. */
export async function pendingInbox(
  db: Queryable,
  options: { limit: number } & InboxScope,
): Promise<EncryptedInboxRow[]> {
  const query = db<StoredRow>('inbox').whereNull('dispatched_at').whereNull('failed_at')
  if (options.users) query.whereIn('user_id', options.users)
  if (options.node !== undefined) query.whereIn('user_id', usersOf(db, options.node))
  const rows = await query.orderBy('seq').limit(options.limit)
  return rows.map(fromRow)
}

/** The bytes `inboxRow` encrypted. Throws DecryptionError when they were altered. */
export function decryptPlaintext(secrets: Secrets, encrypted: string): Buffer {
  return Buffer.from(secrets.decrypt(encrypted), 'base64')
}

/**
 * Notes that rows become events, in the transaction that writes those. Yields the rows that nobody else has made events
 * meanwhile.
 */
export async function markDispatched(db: Queryable, seqs: number[], now: number): Promise<Set<number>> {
  const marked = new Set<number>()
  for (const some of chunked(seqs)) {
    const rows: { seq: number }[] = await db('inbox')
      .whereIn('seq', some)
      .whereNull('dispatched_at')
      .update({ dispatched_at: now })
      .returning('seq')
    for (const { seq } of rows) marked.add(seq)
  }
  return marked
}

/** Sets a row aside that cannot become events. */
export async function markFailed(
  db: Queryable,
  seq: number,
  reason: { failure: string; now: number },
): Promise<void> {
  await db('inbox').where({ seq }).update({ failure: reason.failure, failed_at: reason.now })
}

/** Puts the rows that were set aside back into the queue. */
export async function retryFailed(db: Queryable): Promise<void> {
  await db('inbox').whereNotNull('failed_at').update({ failed_at: null, failure: null })
}

/** Deletes up to `limit` rows dispatched or set aside before these instants; resolves with how many. */
export async function pruneInbox(
  db: Queryable,
  before: { dispatched: number; failed: number; limit: number },
): Promise<number> {
  const old = await db('inbox')
    .where('dispatched_at', '<', before.dispatched)
    .orWhere('failed_at', '<', before.failed)
    .limit(before.limit)
    .pluck('seq')
  for (const some of chunked(old)) await db('inbox').whereIn('seq', some).delete()
  return old.length
}

/** Users whose session runs on this node, or on none. */
export function usersOf(db: Queryable, node: string) {
  return db('users').select('id').where('owner', node).orWhereNull('owner')
}

function fromRow(row: StoredRow): EncryptedInboxRow {
  // Both texts were made by `inboxRow` from values of these types.
  const attrs = JSON.parse(row.attrs) as Record<string, string>
  const encAttrs = JSON.parse(row.enc_attrs) as Record<string, string>
  return {
    seq: row.seq,
    userId: row.user_id,
    digest: row.digest,
    id: attrs.id ?? '',
    from: attrs.from ?? '',
    participant: attrs.participant ?? '',
    attrs,
    meta: JSON.parse(row.meta) as StanzaChild[],
    encIndex: row.enc_index,
    encType: encAttrs.type ?? '',
    encAttrs,
    sealedPlaintext: row.sealed_plaintext,
    receivedAt: row.received_at,
  }
}
