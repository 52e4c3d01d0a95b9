import { ApiError } from '../../lib/errors.ts'
import { withoutDevice } from '../../whatsapp/wire/jid.ts'
import { knownContacts } from '../contacts/address-book.ts'
import type { UserScope } from '../services.ts'
import { statusAudience } from './status-audience.ts'

/** The list that statuses are posted to. */
const STATUSES = 'status@broadcast'

/**
 * JIDs of those who get what is posted to a broadcast list, the account itself last. Linked devices know the members of
 * the statuses' list only: those of the lists that were made on the phone are never told to them, and no public client has
 * a query for them. Throws `unsupported` for such a list.
 */
export async function broadcastMembers(scope: UserScope, list: string): Promise<string[]> {
  if (list !== STATUSES) {
    throw new ApiError('unsupported', {
      text: `WhatsApp tells linked devices the members of ${STATUSES} only, not those of lists made on the phone`,
    })
  }
  const session = scope.services.sessions.live(scope.user.id)
  const own = withoutDevice(session.me.pn)
  const members = new Set(await chosen(scope, await statusAudience(session)))
  members.delete(own)
  return [...members, own]
}

async function chosen(
  scope: UserScope,
  [audience]: Awaited<ReturnType<typeof statusAudience>>,
): Promise<string[]> {
  if (audience?.type === 'whitelist') return audience.list
  const excluded = new Set(audience?.type === 'blacklist' ? audience.list : [])
  const contacts = await knownContacts(scope)
  // Others are known by the name they gave themselves; they are not in the address book.
  const inAddressBook = contacts.filter(({ firstName, fullName }) => firstName !== '' || fullName !== '')
  return inAddressBook.map(({ jid }) => jid).filter((jid) => !excluded.has(jid))
}
