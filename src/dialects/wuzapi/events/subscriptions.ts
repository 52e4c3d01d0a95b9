import { ApiError } from '../../../lib/errors.ts'

/** Every name a user may subscribe to, in wuzapi's order; `All` stands for all of them and for events without a name here. */
export const eventNames = [
  'Message',
  'UndecryptableMessage',
  'Receipt',
  'MediaRetry',
  'ReadReceipt',
  'GroupInfo',
  'JoinedGroup',
  'Picture',
  'BlocklistChange',
  'Blocklist',
  'Connected',
  'Disconnected',
  'ConnectFailure',
  'KeepAliveRestored',
  'KeepAliveTimeout',
  'QRTimeout',
  'LoggedOut',
  'ClientOutdated',
  'TemporaryBan',
  'StreamError',
  'StreamReplaced',
  'PairSuccess',
  'PairError',
  'QR',
  'QRScannedWithoutMultidevice',
  'PrivacySettings',
  'PushNameSetting',
  'UserAbout',
  'AppState',
  'AppStateSyncComplete',
  'HistorySync',
  'OfflineSyncCompleted',
  'OfflineSyncPreview',
  'CallOffer',
  'CallAccept',
  'CallTerminate',
  'CallOfferNotice',
  'CallRelayLatency',
  'Presence',
  'ChatPresence',
  'IdentityChange',
  'CATRefreshError',
  'NewsletterJoin',
  'NewsletterLeave',
  'NewsletterMuteChange',
  'NewsletterLiveUpdate',
  'FBMessage',
  'All',
]

const known = new Set(eventNames)

/** The names among these that exist; session and webhook calls drop all others silently. */
export function existing(names: string[]): string[] {
  return names.filter((name) => known.has(name))
}

/** An admin's comma-separated list, tidied. Throws `invalid_field` for a name that does not exist. */
export function checkedList(list: string): string {
  const names = list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  const unknown = names.find((name) => !known.has(name))
  if (unknown !== undefined) {
    throw new ApiError('invalid_field', {
      text: 'invalid event type',
      explanation: `invalid event: ${unknown}`,
    })
  }
  return names.join(',')
}
