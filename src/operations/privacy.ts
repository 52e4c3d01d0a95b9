import type { PrivacySettings } from '../events/event-parts.ts'
import { privacySettings } from '../whatsapp/receive/account.ts'
import { child } from '../whatsapp/receive/node.ts'
import type { LiveSession } from '../whatsapp/session.ts'
import { ask, element } from './ask.ts'

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
