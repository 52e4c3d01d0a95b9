import type { EventOf } from '../../../events/event.ts'
import { goTime } from '../../shared/go/time.ts'
import { privacyFields } from '../../shared/whatsmeow/privacy-fields.ts'
import { type Telling, type Tellings, tell, tellFacts } from './telling.ts'

/** What is told of people: what they are doing, what they show, what the account shows them. */
export const peopleTellings = {
  presence: ({ from, unavailable, lastSeen }) => [
    tell('presence.update', (timeZone) => ({ from, unavailable, last_seen: goTime(lastSeen, timeZone) })),
  ],
  'chat.presence': ({ chat, sender, fromMe, state, media }) => [
    tellFacts('chat.presence', { chat, sender, is_from_me: fromMe, state, media }),
  ],
  'contact.identity': ({ jid, timestamp, implicit }) => [
    tell('identity.change', (timeZone) => ({
      target: jid,
      timestamp: goTime(timestamp, timeZone),
      implicit,
    })),
  ],
  'contact.picture': (event) => [
    tell('picture.update', (timeZone) => ({
      target: event.jid,
      author: event.author,
      timestamp: goTime(event.timestamp, timeZone),
      removed: event.removed,
      picture_id: event.pictureId,
    })),
  ],
  'contact.about': ({ jid, status, timestamp }) => [
    tell('user.about', (timeZone) => ({ target: jid, status, timestamp: goTime(timestamp, timeZone) })),
  ],
  'contact.name': ({ kind, jid, alias, before, name }) => [
    kind === 'push'
      ? tellFacts('pushname.update', { target: jid, target_alt: alias, old: before, new: name })
      : tellFacts('business.name_update', { target: jid, old: before, new: name }),
  ],
  'account.privacy': privacy,
  'account.blocklist': ({ action, changes }) => [
    tellFacts('blocklist.change', {
      action,
      changes: changes.length > 0 ? changes.map((one) => ({ JID: one.jid, Action: one.action })) : null,
    }),
  ],
} satisfies Partial<Tellings>

function privacy({ settings, changed }: EventOf<'account.privacy'>): Telling[] {
  return [
    tellFacts('privacy.settings', {
      settings: privacyFields(settings),
      group_add_changed: changed.includes('groupAdd'),
      last_seen_changed: changed.includes('lastSeen'),
      status_changed: changed.includes('status'),
      profile_changed: changed.includes('profile'),
      read_receipts_changed: changed.includes('readReceipts'),
      online_changed: changed.includes('online'),
      call_add_changed: changed.includes('callAdd'),
    }),
  ]
}
