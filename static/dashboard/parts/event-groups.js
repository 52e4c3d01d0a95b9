/** Every name a user may subscribe to, by what it is about, as the key of the words for it. A test compares this with the server's list. */
export const EVENT_GROUPS = [
  {
    about: 'aboutMessages',
    names: ['Message', 'UndecryptableMessage', 'ReadReceipt', 'Receipt', 'MediaRetry', 'FBMessage'],
  },
  {
    about: 'aboutPeople',
    names: ['Presence', 'ChatPresence', 'Picture', 'UserAbout', 'PushNameSetting', 'IdentityChange'],
  },
  { about: 'aboutGroups', names: ['GroupInfo', 'JoinedGroup'] },
  {
    about: 'aboutConnection',
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
    about: 'aboutLinking',
    names: ['QR', 'QRTimeout', 'QRScannedWithoutMultidevice', 'PairSuccess', 'PairError', 'LoggedOut'],
  },
  {
    about: 'aboutCalls',
    names: ['CallOffer', 'CallAccept', 'CallTerminate', 'CallOfferNotice', 'CallRelayLatency'],
  },
  {
    about: 'aboutChannels',
    names: ['NewsletterJoin', 'NewsletterLeave', 'NewsletterMuteChange', 'NewsletterLiveUpdate'],
  },
  {
    about: 'aboutAccount',
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
