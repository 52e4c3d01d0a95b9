/** Every name a user may subscribe to, by what it is about. A test compares this with the server's list. */
export const EVENT_GROUPS = [
  {
    title: 'Messages',
    names: ['Message', 'UndecryptableMessage', 'ReadReceipt', 'Receipt', 'MediaRetry', 'FBMessage'],
  },
  {
    title: 'People',
    names: ['Presence', 'ChatPresence', 'Picture', 'UserAbout', 'PushNameSetting', 'IdentityChange'],
  },
  { title: 'Groups', names: ['GroupInfo', 'JoinedGroup'] },
  {
    title: 'Connection',
    names: [
      'Connected',
      'Disconnected',
      'ConnectFailure',
      'KeepAliveTimeout',
      'KeepAliveRestored',
      'StreamError',
      'StreamReplaced',
      'ClientOutdated',
      'TemporaryBan',
      'CATRefreshError',
    ],
  },
  {
    title: 'Linking',
    names: ['QR', 'QRTimeout', 'QRScannedWithoutMultidevice', 'PairSuccess', 'PairError', 'LoggedOut'],
  },
  {
    title: 'Calls',
    names: ['CallOffer', 'CallAccept', 'CallTerminate', 'CallOfferNotice', 'CallRelayLatency'],
  },
  {
    title: 'Channels',
    names: ['NewsletterJoin', 'NewsletterLeave', 'NewsletterMuteChange', 'NewsletterLiveUpdate'],
  },
  {
    title: 'Account and history',
    names: [
      'PrivacySettings',
      'Blocklist',
      'BlocklistChange',
      'HistorySync',
      'OfflineSyncPreview',
      'OfflineSyncCompleted',
      'AppState',
      'AppStateSyncComplete',
    ],
  },
]
