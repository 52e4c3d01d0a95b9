import { ApiError } from '../../lib/errors.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'
import { withoutDevice } from '../../whatsapp/wire/jid.ts'
import { child } from '../../whatsapp/wire/node.ts'
import { element } from '../ask.ts'
import { usyncQuery, usyncUsers } from '../contacts/usync.ts'

/** How long queries about businesses wait. Without a time the library takes silence for an empty answer, after a minute. */
export const ANSWER_TIMEOUT_MS = 15_000

/** The account's own phone-number JID, without device. */
export function ownJid(session: LiveSession): string {
  return withoutDevice(session.me.pn)
}

/**
 * Throws `forbidden` unless the account is a business: its phone runs WhatsApp Business. Only these have a certificate of
 * their name. What the service answers to others who change a profile or a catalogue is not documented.
 */
export async function requireBusiness(session: LiveSession): Promise<void> {
  const lookUp = usyncQuery({
    mode: 'query',
    context: 'interactive',
    protocols: [element('business', {}, [element('verified_name')])],
    users: [element('user', { jid: ownJid(session) })],
  })
  const [own] = usyncUsers(await session.call((socket) => socket.query(lookUp, ANSWER_TIMEOUT_MS)))
  if (!own)
    throw new ApiError('upstream_refused', {
      text: 'WhatsApp does not tell whether this account is a business',
    })
  if (child(child(own, 'business'), 'verified_name')) return
  throw new ApiError('forbidden', {
    text: 'this account is not a business: only a phone with WhatsApp Business has a profile and a catalogue to change',
  })
}
