import type { PrivacySettings } from '../../events/event-parts.ts'
import { privacySettings } from '../../whatsapp/inbound/parse/account.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'
import { child } from '../../whatsapp/wire/node.ts'
import { ask, element } from '../ask.ts'

/** Who may see and do what with the account. */
export async function readPrivacy(session: LiveSession): Promise<PrivacySettings> {
  const answer = await ask(session, { xmlns: 'privacy', type: 'get' }, element('privacy'))
  return privacySettings(child(answer, 'privacy')).settings
}

/** One setting in WhatsApp's own words: `last` and `contacts`. */
export interface PrivacyChange {
  name: string
  value: string
}

/** Changes one setting and resolves with all of them. */
export async function changePrivacy(session: LiveSession, change: PrivacyChange): Promise<PrivacySettings> {
  const category = element('category', { ...change })
  await ask(session, { xmlns: 'privacy', type: 'set' }, element('privacy', {}, [category]))
  return readPrivacy(session)
}

/** What WhatsApp's clients offer for each setting, by WhatsApp's own names. */
export const PRIVACY_VALUES: ReadonlyMap<string, readonly string[]> = new Map([
  ['groupadd', ['all', 'contacts', 'contact_blacklist', 'none']],
  ['last', ['all', 'contacts', 'contact_blacklist', 'none']],
  ['status', ['all', 'contacts', 'contact_blacklist', 'none']],
  ['profile', ['all', 'contacts', 'contact_blacklist', 'none']],
  ['readreceipts', ['all', 'none']],
  ['online', ['all', 'match_last_seen']],
  ['calladd', ['all', 'known']],
  ['messages', ['all', 'contacts']],
  ['defense', ['on_standard', 'off']],
  ['stickers', ['contacts', 'contact_allowlist', 'none']],
])

/** After how many seconds messages of new chats disappear; 0 = never. */
export async function setDefaultDisappearingTimer(session: LiveSession, seconds: number): Promise<void> {
  const timer = element('disappearing_mode', { duration: String(seconds) })
  await ask(session, { xmlns: 'disappearing_mode', type: 'set' }, timer)
}
