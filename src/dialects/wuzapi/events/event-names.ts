import { untold } from '../../../delivery/renderer.ts'
import type { EventType } from '../../../events/event.ts'

/** What wuzapi has no word for. */
export const untoldEvents = untold(
  'appstate.change',
  'appstate.complete',
  'appstate.failed',
  'call.other',
  'contact.name',
  'session.phone.outdated',
  'session.replaced',
)

/**
 * The `type` of each event, which subscriptions are compared with before an event is rendered.
 * A receipt of a kind wuzapi keeps to itself has this name and is not told; see `isTold`. Null for what nobody can
 * subscribe to.
 */
export const wuzapiEventNames: { [T in EventType]: string | null } = {
  message: 'Message',
  'message.undecryptable': 'UndecryptableMessage',
  'media.retry': 'MediaRetry',
  receipt: 'ReadReceipt',
  presence: 'Presence',
  'chat.presence': 'ChatPresence',
  'history.sync': 'HistorySync',
  'session.qr': 'QR',
  'session.qr.timeout': 'QRTimeout',
  'session.paired': 'PairSuccess',
  'session.pair.failed': 'PairError',
  'session.passkey.request': 'PasskeyRequest',
  'session.passkey.confirmation': 'PasskeyConfirmation',
  'session.passkey.failed': 'PairPasskeyError',
  'session.code.void': 'PairingCodeVoid',
  'session.integrity.challenge': 'IntegrityChallenge',
  'session.open': 'Connected',
  'session.closed': 'Disconnected',
  'session.logout': 'LoggedOut',
  'session.banned': 'TemporaryBan',
  'session.outdated': 'ClientOutdated',
  'session.refused': 'ConnectFailure',
  'session.unreachable': 'ConnectFailure',
  'session.stream.error': 'StreamError',
  'session.keepalive.timeout': 'KeepAliveTimeout',
  'session.keepalive.restored': 'KeepAliveRestored',
  'session.offline.preview': 'OfflineSyncPreview',
  'session.offline.completed': 'OfflineSyncCompleted',
  'account.name': 'Connected',
  'account.privacy': 'PrivacySettings',
  'account.blocklist': 'Blocklist',
  'contact.picture': 'Picture',
  'contact.about': 'UserAbout',
  'contact.identity': 'IdentityChange',
  'group.changed': 'GroupInfo',
  'group.joined': 'JoinedGroup',
  'call.offer': 'CallOffer',
  'call.accept': 'CallAccept',
  'call.terminate': 'CallTerminate',
  // Not all of them, see `isCallTold`.
  'call.state': 'CallTerminate',
  'call.offer.notice': 'CallOfferNotice',
  'call.relay': 'CallRelayLatency',
  'newsletter.join': 'NewsletterJoin',
  'newsletter.leave': 'NewsletterLeave',
  'newsletter.mute': 'NewsletterMuteChange',
  'newsletter.live': 'NewsletterLiveUpdate',
  ...untoldEvents,
  ...untold(
    // The queue alone is told, whatever anybody subscribes to.
    'message.sent',
    // Goes to the webhook that is tested.
    'test',
  ),
}

/** The `type` of each event that is told, whoever is told of it. */
export const typeNames: { [T in EventType]?: string } = {
  ...Object.fromEntries(Object.entries(wuzapiEventNames).filter(([, name]) => name !== null)),
  'message.sent': 'Message',
  test: 'Test',
}
