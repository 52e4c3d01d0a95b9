import { ApiError } from '../../lib/errors.ts'
import { serverOf } from '../../lib/jid.ts'

/** The servers that messages can be sent to. */
const SERVERS = new Set(['s.whatsapp.net', 'lid', 'g.us', 'broadcast', 'newsletter', 'bot'])

/**
 * Refuses what no message can be sent to: the library would encrypt it for the account's own devices alone, and WhatsApp
 * would take it. Throws `invalid_jid` in whatsmeow's words (`send.go`, 2026-09-21), for whose callers this is a failure of
 * the server's.
 */
export function requireRecipient(to: string): void {
  const server = serverOf(to)
  const refused = (text: string) => new ApiError('invalid_jid', { status: 500, text })
  if (!SERVERS.has(server)) throw refused(`can't send message to unknown server ${server}`)
  if (/[.:]/.test(to.slice(0, to.lastIndexOf('@'))))
    throw refused('message recipient must be a user JID with no device part')
}
