import type { EventRenderers } from '../../../delivery/renderer.ts'
import type { PrivacySettings } from '../../../events/event-parts.ts'
import { postmap } from '../../shared/go/postmap.ts'
import { type GoValue, goProto } from '../../shared/go/proto.ts'
import { goTime } from '../../shared/go/time.ts'
import { groupInfo, joinedGroup } from '../../shared/whatsmeow/group-structs.ts'
import { goNode } from '../../shared/whatsmeow/message-info.ts'
import { privacyFields } from '../../shared/whatsmeow/privacy-fields.ts'
import { commonRenderers, goError } from '../../shared/whatsmeow/renderers.ts'
import { callRenderers } from './call-events.ts'
import { untoldEvents } from './event-names.ts'
import { message, undecryptable } from './message-events.ts'

const NANOSECONDS_PER_SECOND = 1_000_000_000

/** How wuzapi writes each event. */
export const eventRenderers: EventRenderers = {
  ...commonRenderers,
  ...callRenderers,
  message,
  // wuzapi imitates a message from another own device; the file is not told again.
  'message.sent': (event, context) =>
    message({ ...event, type: 'message' }, { ...context, media: undefined }),
  'message.undecryptable': undecryptable,

  'media.retry': (event, { timeZone }) =>
    postmap('MediaRetry', {
      Ciphertext: event.ciphertext,
      IV: event.iv,
      Error: event.errorCode === null ? null : { Code: event.errorCode },
      Timestamp: goTime(event.timestamp, timeZone),
      MessageID: event.messageId,
      ChatID: event.chat,
      SenderID: event.sender,
      FromMe: event.fromMe,
    }),

  'session.qr': (event) => postmap('QR', 'code', { qrCodeBase64: event.image }),
  'session.qr.timeout': () => postmap('QRTimeout', 'timeout'),
  'session.paired': (event) =>
    postmap('PairSuccess', {
      ID: event.jid,
      LID: event.lid,
      BusinessName: event.businessName,
      Platform: event.platform,
      Props: event.props && goProto(event.props),
    }),
  'session.pair.failed': (event) =>
    event.by === 'pairing'
      ? postmap('PairError', 'error', event.error ? { error: event.error } : {})
      : postmap('PairError', {
          ID: event.jid,
          LID: event.lid,
          BusinessName: event.businessName,
          Platform: event.platform,
          Props: null,
          Error: goError(event.error),
        }),
  'session.open': () => postmap('Connected', {}),
  'session.closed': () => postmap('Disconnected', {}),
  'session.banned': (event) =>
    postmap('TemporaryBan', { Code: event.code, Expire: event.expireSeconds * NANOSECONDS_PER_SECOND }),
  'session.outdated': () => postmap('ClientOutdated', {}),
  'session.refused': (event) =>
    postmap('ConnectFailure', {
      Reason: event.reason,
      Message: event.message ?? '',
      Raw: event.raw ? goNode(event.raw) : null,
    }),
  'session.unreachable': (event) =>
    postmap('ConnectFailure', 'ConnectFailure', {
      attempts: event.attempts,
      error: event.error,
      reason: 'Failed to connect after retry attempts',
    }),
  'session.stream.error': (event) => postmap('StreamError', { Code: event.code, Raw: goNode(event.raw) }),
  'session.keepalive.timeout': (event, { timeZone }) =>
    postmap('KeepAliveTimeout', {
      ErrorCount: event.errorCount,
      LastSuccess: goTime(event.lastSuccess, timeZone),
    }),
  'session.keepalive.restored': () => postmap('KeepAliveRestored', {}),
  'session.offline.preview': (event) =>
    postmap('OfflineSyncPreview', {
      Total: event.total,
      AppDataChanges: event.appDataChanges,
      Messages: event.messages,
      Notifications: event.notifications,
      Receipts: event.receipts,
    }),
  'session.offline.completed': (event) => postmap('OfflineSyncCompleted', { Count: event.count }),

  // wuzapi tells about the new name under the same type as about a connection.
  'account.name': (event, { timeZone }) =>
    postmap('Connected', {
      Timestamp: goTime(event.timestamp, timeZone),
      Action: { name: event.name },
      FromFullSync: event.fromFullSync,
    }),
  'account.privacy': (event) => postmap('PrivacySettings', privacySettings(event)),
  'account.blocklist': (event) =>
    postmap('Blocklist', {
      Action: event.action,
      DHash: event.dhash,
      PrevDHash: event.prevDhash,
      Changes: event.changes.length
        ? event.changes.map(({ jid, action }) => ({ JID: jid, Action: action }))
        : null,
    }),

  'contact.picture': (event, { timeZone }) =>
    postmap('Picture', {
      JID: event.jid,
      Author: event.author,
      Timestamp: goTime(event.timestamp, timeZone),
      Remove: event.removed,
      PictureID: event.pictureId,
    }),
  'contact.about': (event, { timeZone }) =>
    postmap('UserAbout', {
      JID: event.jid,
      Status: event.status,
      Timestamp: goTime(event.timestamp, timeZone),
    }),
  'contact.identity': (event, { timeZone }) =>
    postmap('IdentityChange', {
      JID: event.jid,
      Timestamp: goTime(event.timestamp, timeZone),
      Implicit: event.implicit,
    }),

  'group.changed': (event, { timeZone }) => postmap('GroupInfo', groupInfo(event, timeZone)),
  'group.joined': (event, { timeZone }) => postmap('JoinedGroup', joinedGroup(event, timeZone)),

  // It never tells of replaced connections, marks of chats, call steps besides these and phones too old to link.
  ...untoldEvents,
}

function privacySettings({
  settings,
  changed,
}: {
  settings: PrivacySettings
  changed: (keyof PrivacySettings)[]
}): { [key: string]: GoValue } {
  return {
    NewSettings: privacyFields(settings),
    GroupAddChanged: changed.includes('groupAdd'),
    LastSeenChanged: changed.includes('lastSeen'),
    StatusChanged: changed.includes('status'),
    ProfileChanged: changed.includes('profile'),
    ReadReceiptsChanged: changed.includes('readReceipts'),
    OnlineChanged: changed.includes('online'),
    CallAddChanged: changed.includes('callAdd'),
    MessagesChanged: changed.includes('messages'),
    DefenseChanged: changed.includes('defense'),
    StickersChanged: changed.includes('stickers'),
  }
}
