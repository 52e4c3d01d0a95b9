import { chunked, insertChunked, type Queryable, type Transaction } from './database/database.ts'

/** A label of a business account. */
export interface KeptLabel {
  id: string
  name: string
  /** Number of one of WhatsApp's colours. */
  color: number
}

/** What became of labels, the newest state of each. */
export interface LabelChanges {
  /** By id; undefined for one that was deleted, which comes off its chats as well. */
  labels: Map<string, KeptLabel | undefined>
  /** Labels put on chats (`labeled`) or taken off. */
  chats: { chat: string; labelId: string; labeled: boolean }[]
}

interface LabelRow {
  user_id: string
  label_id: string
  name: string
  color: number
}

/** Writes what became of a user's labels. */
export async function applyLabelChanges(
  trx: Transaction,
  userId: string,
  { labels, chats }: LabelChanges,
): Promise<void> {
  const kept = [...labels.values()].filter((label) => label !== undefined)
  const deleted = [...labels.keys()].filter((id) => labels.get(id) === undefined)
  const row = ({ chat, labelId }: LabelChanges['chats'][number]) => [userId, chat, labelId]
  await insertChunked(
    trx,
    'labels',
    kept.map(({ id, name, color }) => ({ user_id: userId, label_id: id, name, color })),
    (insert) => insert.onConflict(['user_id', 'label_id']).merge(['name', 'color']),
  )
  await insertChunked(
    trx,
    'chat_labels',
    chats
      .filter(({ labeled }) => labeled)
      .map(({ chat, labelId }) => ({ user_id: userId, chat, label_id: labelId })),
    (insert) => insert.onConflict(['user_id', 'chat', 'label_id']).ignore(),
  )
  for (const some of chunked(chats.filter(({ labeled }) => !labeled).map(row)))
    await trx('chat_labels').whereIn(['user_id', 'chat', 'label_id'], some).delete()
  for (const ids of chunked(deleted)) {
    await trx('chat_labels').where('user_id', userId).whereIn('label_id', ids).delete()
    await trx('labels').where('user_id', userId).whereIn('label_id', ids).delete()
  }
}

/** Every label of a user, by id. */
export async function listLabels(db: Queryable, userId: string): Promise<KeptLabel[]> {
  const rows = await db<LabelRow>('labels').where('user_id', userId).orderBy('label_id')
  return rows.map(fromRow)
}

/** The labels on a chat known under these JIDs, by id. One whose name has not come yet is left out. */
export async function labelsOnChat(db: Queryable, userId: string, chats: string[]): Promise<KeptLabel[]> {
  const ids = db('chat_labels').where('user_id', userId).whereIn('chat', chats).select('label_id')
  const rows = await db<LabelRow>('labels')
    .where('user_id', userId)
    .whereIn('label_id', ids)
    .orderBy('label_id')
  return rows.map(fromRow)
}

/** Forgets every label of a user. */
export async function forgetLabels(trx: Transaction, userId: string): Promise<void> {
  await trx('chat_labels').where('user_id', userId).delete()
  await trx('labels').where('user_id', userId).delete()
}

function fromRow({ label_id: id, name, color }: LabelRow): KeptLabel {
  return { id, name, color }
}
