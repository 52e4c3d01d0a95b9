import type { LiveSession } from '../../whatsapp/session/session.ts'
import { child, children } from '../../whatsapp/wire/node.ts'
import { ask, element, refusalCode } from '../ask.ts'

/** A choice of who sees the account's statuses. */
export interface StatusAudience {
  /** `contacts` = all of them, `blacklist` = all but those listed, `whitelist` = only those listed. */
  type: string
  /** JIDs. */
  list: string[]
  /** The choice in force; the others are kept for when they are chosen again. */
  isDefault: boolean
}

const NOT_FOUND = 404

/** Who sees the account's statuses; the choice in force comes first. */
export async function statusAudience(session: LiveSession): Promise<StatusAudience[]> {
  try {
    const answer = child(await ask(session, { xmlns: 'status', type: 'get' }, element('privacy')), 'privacy')
    const lists = (answer ? children(answer) : []).filter(({ tag }) => tag === 'list')
    return lists
      .map((list) => ({
        type: list.attrs.type ?? '',
        list: children(list).flatMap(({ attrs }) => attrs.jid ?? []),
        isDefault: list.attrs.default === 'true',
      }))
      .sort((a, b) => Number(b.isDefault) - Number(a.isDefault))
  } catch (error) {
    // An account that never chose has no list.
    if (refusalCode(error) !== NOT_FOUND) throw error
    return [{ type: 'contacts', list: [], isDefault: true }]
  }
}
