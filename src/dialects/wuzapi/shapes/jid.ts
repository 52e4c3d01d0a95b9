import { formatJid, invalidJid, parseLibraryJid } from '../../shared/whatsmeow/jid.ts'

/**
 * Reads a phone number or JID as most endpoints do; `undefined` when it is neither. Today's wuzapi takes anything
 * without `@` for a phone number; the original insisted on digits.
 */
export function parseJid(text: string, profile: string): string | undefined {
  const identifier = text.startsWith('+') ? text.slice(1) : text
  if (identifier === '') return undefined
  if (!identifier.includes('@')) return bareNumber(identifier, profile) && `${identifier}@s.whatsapp.net`
  try {
    const jid = parseLibraryJid(identifier)
    return jid.user === '' ? undefined : formatJid(jid)
  } catch {
    return undefined
  }
}

/** The JID that `field` holds. Throws `invalid_jid`: `could not parse Phone`. */
export function requireJid(value: string, field: string, profile: string): string {
  const jid = parseJid(value, profile)
  if (jid === undefined) throw invalidJid(`could not parse ${field}`)
  return jid
}

/**
 * The recipient of a send endpoint, as far as it can be told without the map of phone numbers and LIDs: a JID as it was
 * given, or a bare identifier that the session resolves.
 */
export function recipient(phone: string, profile: string): string {
  const trimmed = phone.trim()
  if (trimmed === '') throw invalidJid('Phone is empty')
  const parsed = requireJid(trimmed, 'Phone', profile)
  return trimmed.includes('@') ? parsed : trimmed.replace(/^\+/, '')
}

function bareNumber(text: string, profile: string): string | undefined {
  return profile !== 'reference' || /^\d+$/.test(text) ? text : undefined
}
