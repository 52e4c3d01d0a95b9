import type { Event } from '../../events/event.ts'
import type { JsonObject } from '../../events/event-parts.ts'
import { objectAt, textAt } from '../../events/unwrap.ts'
import type { Transaction } from '../../store/database/database.ts'
import { storable } from '../../store/database/storable.ts'
import { applyLabelChanges, forgetLabels, type LabelChanges } from '../../store/labels.ts'

/** What events say about the labels of an account. */
export interface LabelNews extends LabelChanges {
  /** Whatever was known before belongs to another account. */
  forget: boolean
}

/** What these events say about labels, the newest of each; undefined when nothing. */
export function labelNews(events: Event[]): LabelNews | undefined {
  let forget = false
  const labels: LabelNews['labels'] = new Map()
  const chats = new Map<string, LabelNews['chats'][number]>()
  for (const event of events) {
    if (event.type === 'session.paired' || event.type === 'session.logout') forget = true
    if (event.type !== 'appstate.change') continue
    const [kind, labelId = '', chat = ''] = event.index.map(storable)
    const edit = objectAt(event.action, 'labelEditAction')
    const association = objectAt(event.action, 'labelAssociationAction')
    if (kind === 'label_edit' && edit) labels.set(labelId, labelOf(labelId, edit))
    if (kind === 'label_jid' && association)
      chats.set(`${chat}/${labelId}`, { chat, labelId, labeled: association.labeled === true })
  }
  const isNothing = !forget && labels.size === 0 && chats.size === 0
  return isNothing ? undefined : { forget, labels, chats: [...chats.values()] }
}

/** Keeps the labels of an account as its devices share them; WhatsApp has no query for them. */
export async function keepLabels(trx: Transaction, userId: string, news: LabelNews): Promise<void> {
  if (news.forget) await forgetLabels(trx, userId)
  await applyLabelChanges(trx, userId, news)
}

function labelOf(id: string, edit: JsonObject): { id: string; name: string; color: number } | undefined {
  if (edit.deleted === true) return undefined
  return { id, name: textAt(edit, 'name'), color: Number(edit.color ?? 0) }
}
