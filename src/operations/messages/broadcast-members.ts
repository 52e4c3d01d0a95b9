import { ApiError } from '../../lib/errors.ts'
import { STATUS_JID } from '../../lib/jid.ts'
import { statusViewers } from '../../whatsapp/outbound/status-viewers.ts'
import { knownContacts } from '../contacts/address-book.ts'
import { findPhone } from '../contacts/lids.ts'
import type { UserScope } from '../services.ts'

/**
 * JIDs of those who get what is posted to a broadcast list, the account itself first. Linked devices know the members of
 * the statuses' list only: those of the lists that were made on the phone are never told to them, and no public client has
 * a query for them. Throws `unsupported` for such a list.
 */
export async function broadcastMembers(scope: UserScope, list: string): Promise<string[]> {
  if (list !== STATUS_JID) {
    throw new ApiError('unsupported', {
      text: `WhatsApp tells linked devices the members of ${STATUS_JID} only, not those of lists made on the phone`,
    })
  }
  const session = scope.services.sessions.live(scope.user.id)
  const viewers = await session.call((socket) => statusViewers(socket, () => knownContacts(scope)))
  return Promise.all(viewers.map(async (jid) => (await findPhone(session, jid)) || jid))
}
