import { untold } from '../../../delivery/renderer.ts'
import type { EventType } from '../../../events/event.ts'

/** First word of the ids of this dialect's webhooks. */
export const slot = 'wago'

/** What a session can be subscribed to; `All` stands for all of them. */
export const classes = [
  'Message',
  'ReadReceipt',
  'Presence',
  'HistorySync',
  'ChatPresence',
  'Call',
  'All',
  'Newsletter',
  'LoggedOut',
] as const

type Class = (typeof classes)[number]

/** Events that no class holds. */
export const untoldEvents = untold(
  'account.blocklist',
  'account.name',
  'account.privacy',
  'appstate.change',
  'appstate.complete',
  'appstate.failed',
  'call.other',
  'contact.about',
  'contact.identity',
  'contact.name',
  'contact.picture',
  'group.changed',
  'group.joined',
  'media.retry',
  'message.sent',
  'message.undecryptable',
  'session.banned',
  'session.closed',
  'session.keepalive.restored',
  'session.keepalive.timeout',
  'session.offline.completed',
  'session.offline.preview',
  'session.open',
  'session.outdated',
  'session.pair.failed',
  'session.paired',
  'session.phone.outdated',
  'session.qr',
  'session.qr.timeout',
  'session.refused',
  'session.replaced',
  'session.stream.error',
  'session.unreachable',
)

/** The class of each event, `All` for what is in no other; null for what nobody can subscribe to. */
export const classOf: { [T in EventType]: Class | null } = {
  message: 'Message',
  receipt: 'ReadReceipt',
  presence: 'Presence',
  'chat.presence': 'ChatPresence',
  'history.sync': 'HistorySync',
  'session.logout': 'LoggedOut',
  'call.offer': 'Call',
  'call.offer.notice': 'Call',
  'call.accept': 'Call',
  'call.relay': 'Call',
  'call.state': 'Call',
  'call.terminate': 'Call',
  'newsletter.join': 'Newsletter',
  'newsletter.leave': 'Newsletter',
  'newsletter.live': 'Newsletter',
  'newsletter.mute': 'Newsletter',
  // The original stands still where WhatsApp demands a passkey, and has no class for it.
  'session.passkey.request': 'All',
  'session.passkey.confirmation': 'All',
  'session.passkey.failed': 'All',
  'session.code.void': 'All',
  'session.integrity.challenge': 'All',
  ...untoldEvents,
  // Goes to the webhook that is tested.
  test: null,
}

/** The names among these that exist, each once; others are dropped, as the answer shows. */
export function existing(names: readonly string[]): string[] {
  const known: readonly string[] = classes
  return [...new Set(names.map((name) => name.trim()))].filter((name) => known.includes(name))
}
