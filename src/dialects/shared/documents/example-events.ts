// A table: an example or more of every type of event, which the documents of all dialects render; nothing in it is done.
import type { EventOf, EventType } from '../../../events/event.ts'
import type { CallFacts, MessageFacts, Source, XmlNode } from '../../../events/event-parts.ts'

/** When an event is told, and what it can hold; several where it takes more than one shape. */
interface ExampleEvents<T extends EventType> {
  when: string
  examples: EventOf<T>[]
}

const ANA = '5491155554444@s.whatsapp.net'
const ANA_LID = '184467440737095@lid'
const OWN = '4915112345678@s.whatsapp.net'
const OWN_LID = '99887766554433@lid'
const GROUP = '120363025246125486@g.us'
const CHANNEL = '120363144038483540@newsletter'
const MESSAGE_ID = '3EB0C127D7BACC83D6A1'
/** 2026-03-14T15:09:26Z. */
const AT = 1_773_500_966

const fromAna: Source = {
  chat: ANA,
  sender: ANA,
  fromMe: false,
  isGroup: false,
  addressingMode: 'pn',
  senderAlt: ANA_LID,
  recipientAlt: '',
  broadcastListOwner: '',
  broadcastRecipients: null,
}

const facts: MessageFacts = {
  ...fromAna,
  id: MESSAGE_ID,
  serverId: 0,
  stanzaType: 'text',
  pushName: 'Ana',
  timestamp: AT,
  category: '',
  multicast: false,
  mediaType: '',
  edit: '',
  bot: { editType: '', editTargetId: '', editSenderTimestampMs: 0 },
  meta: {
    targetId: '',
    targetSender: '',
    targetChat: '',
    deprecatedLidSession: null,
    threadMessageId: '',
    threadMessageSender: '',
  },
  isNewsletterStatus: false,
  verifiedName: null,
}

const text: EventOf<'message'> = {
  ...facts,
  type: 'message',
  raw: { conversation: 'Is my order on its way?' },
  deviceSent: null,
  retryCount: 0,
  newsletter: null,
  unavailableRequestId: '',
  sourceWebMessage: null,
}

const picture: EventOf<'message'> = {
  ...text,
  id: '3EB0D9A1B2C3D4E5F607',
  stanzaType: 'media',
  mediaType: 'image',
  raw: {
    imageMessage: {
      url: 'https://mmg.whatsapp.net/v/t62.7118-24/picture.enc',
      mimetype: 'image/jpeg',
      caption: 'It arrived like this',
      fileSha256: 'h2yN0Jw8m8Hf3m0p1oVvQf8o0N8qz6bYvJm3o6m0s3E=',
      fileLength: 48_213,
      height: 960,
      width: 720,
      mediaKey: 'q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=',
      fileEncSha256: '3J8kS0m2r1uQp4vT7wYxZaBcDeFgHiJkLmNoPqRsTuU=',
      directPath: '/v/t62.7118-24/picture.enc',
    },
  },
}

const inGroup: EventOf<'message'> = {
  ...text,
  id: '3EB0A1B2C3D4E5F60718',
  chat: GROUP,
  isGroup: true,
  raw: { extendedTextMessage: { text: 'See you at six' } },
}

const callData: XmlNode = {
  tag: 'offer',
  attrs: { 'call-id': '5C0A1F6E7B8D9C0A', 'call-creator': ANA },
  content: null,
}
const call: CallFacts = {
  from: ANA,
  timestamp: AT,
  creator: ANA,
  creatorAlt: ANA_LID,
  callId: '5C0A1F6E7B8D9C0A',
  group: '',
  data: callData,
}
const remote = { remotePlatform: 'android', remoteVersion: '2.26.9.12' }

const groupChange: EventOf<'group.changed'> = {
  type: 'group.changed',
  chat: GROUP,
  notify: 'Ana',
  sender: ANA,
  senderPn: ANA,
  timestamp: AT,
  name: null,
  topic: null,
  locked: null,
  announce: null,
  ephemeral: null,
  joinApprovalRequired: null,
  deleted: null,
  link: null,
  unlink: null,
  newInviteLink: null,
  prevParticipantVersionId: '1773500000000001',
  participantVersionId: '1773500966000002',
  joinReason: '',
  join: null,
  leave: null,
  promote: null,
  demote: null,
  suspended: false,
  unsuspended: false,
  unknown: null,
}

const passkey = {
  challenge: 'c2hvdy15b3VyLXBhc3NrZXk',
  rpId: 'whatsapp.com',
  allowCredentials: [],
  userVerification: 'required',
}

/**
 * An event of every type there is. Each dialect writes them in its own words for its document, as it would those of an
 * account.
 */
export const exampleEvents: { [T in EventType]: ExampleEvents<T> } = {
  message: {
    when: 'A message came in, or another device of the account sent one; also reactions, edits, deletions and votes',
    examples: [
      text,
      picture,
      inGroup,
      {
        ...text,
        id: '3EB0F60718293A4B5C6D',
        stanzaType: 'reaction',
        raw: {
          reactionMessage: { key: { remoteJid: ANA, fromMe: true, id: MESSAGE_ID }, text: '👍' },
        },
      },
      {
        ...text,
        id: '3EB00718293A4B5C6D7E',
        edit: '7',
        raw: { protocolMessage: { key: { remoteJid: ANA, fromMe: false, id: MESSAGE_ID }, type: 0 } },
      },
    ],
  },
  'message.sent': {
    when: 'A message was sent through this server, and WhatsApp has taken it',
    examples: [
      {
        ...text,
        type: 'message.sent',
        sender: OWN,
        fromMe: true,
        senderAlt: OWN_LID,
        pushName: '',
        raw: {
          deviceSentMessage: { destinationJid: ANA, message: { conversation: 'It arrives tomorrow.' } },
        },
        deviceSent: { destinationJid: ANA, phash: '2:q83vEjRW' },
      },
    ],
  },
  'message.undecryptable': {
    when: 'A message came that cannot be read here; a readable copy usually follows under the same id',
    examples: [
      {
        ...facts,
        type: 'message.undecryptable',
        isUnavailable: true,
        unavailableType: 'view_once',
        decryptFailMode: '',
      },
    ],
  },
  'media.retry': {
    when: 'The phone has put the file of a message on WhatsApp’s servers again',
    examples: [
      {
        type: 'media.retry',
        chat: ANA,
        messageId: MESSAGE_ID,
        sender: ANA,
        fromMe: false,
        timestamp: AT,
        ciphertext: 'q83vEjRWeJA=',
        iv: 'EjRWeJCrze8SNFZ4',
        errorCode: null,
      },
    ],
  },
  receipt: {
    when: 'Messages were delivered, read or played',
    examples: [
      { ...fromAna, type: 'receipt', messageIds: [MESSAGE_ID], timestamp: AT, kind: '', messageSender: '' },
      {
        ...fromAna,
        type: 'receipt',
        messageIds: [MESSAGE_ID],
        timestamp: AT,
        kind: 'read',
        messageSender: '',
      },
    ],
  },
  presence: {
    when: 'Somebody whose presence is subscribed to went online or offline',
    examples: [
      { type: 'presence', chat: ANA, from: ANA, unavailable: false, lastSeen: 0 },
      { type: 'presence', chat: ANA, from: ANA, unavailable: true, lastSeen: AT },
    ],
  },
  'chat.presence': {
    when: 'Somebody types, records a voice message, or stopped',
    examples: [{ ...fromAna, type: 'chat.presence', state: 'composing', media: '' }],
  },
  'history.sync': {
    when: 'The phone shared a part of its history',
    examples: [
      {
        type: 'history.sync',
        history: {
          syncType: 3,
          progress: 60,
          chunkOrder: 1,
          conversations: [{ id: ANA, name: 'Ana', unreadCount: 1, messages: [] }],
        },
        notification: { syncType: 3, progress: 60, chunkOrder: 1 },
      },
    ],
  },

  'session.qr': {
    when: 'There is a code to scan; a new one follows before it is void',
    examples: [
      { type: 'session.qr', code: '2@AbCdEf,GhIjKl,MnOpQr', image: 'data:image/png;base64,iVBORw0KGgo=' },
    ],
  },
  'session.qr.timeout': { when: 'Nobody scanned a code in time', examples: [{ type: 'session.qr.timeout' }] },
  'session.paired': {
    when: 'A phone has linked this device',
    examples: [
      {
        type: 'session.paired',
        jid: '4915112345678:7@s.whatsapp.net',
        lid: '99887766554433:7@lid',
        businessName: '',
        platform: 'android',
        props: null,
      },
    ],
  },
  'session.pair.failed': {
    when: 'The device could not be linked',
    examples: [
      {
        type: 'session.pair.failed',
        by: 'pairing',
        jid: '',
        lid: '',
        businessName: '',
        platform: '',
        error: 'the code was refused',
      },
    ],
  },
  'session.passkey.request': {
    when: 'WhatsApp wants to see the passkey of the account before it links the device',
    examples: [
      { type: 'session.passkey.request', by: 'socket', publicKey: passkey, page: '/link/#3f0c9a27' },
    ],
  },
  'session.passkey.confirmation': {
    when: 'The passkey was accepted: the owner compares the code with the phone',
    examples: [{ type: 'session.passkey.confirmation', by: 'socket', code: 'ABCD1234', skipHandoff: false }],
  },
  'session.passkey.failed': {
    when: 'The step with the passkey failed: the device has to be linked anew',
    examples: [{ type: 'session.passkey.failed', error: 'the passkey was refused', continuation: false }],
  },
  'session.code.void': {
    when: 'The code that was to be typed on the phone is void',
    examples: [{ type: 'session.code.void' }],
  },
  'session.integrity.challenge': {
    when: 'WhatsApp wants a proof that the account belongs to a person',
    examples: [{ type: 'session.integrity.challenge', kind: 'CAPTCHA' }],
  },
  'session.open': {
    when: 'The session is connected and logged in',
    examples: [
      {
        type: 'session.open',
        account: { jid: OWN, pushName: 'Parley', platform: 'android', businessName: '' },
      },
    ],
  },
  'session.closed': {
    when: 'The connection broke; it is made again',
    examples: [{ type: 'session.closed', code: 428 }],
  },
  'session.logout': {
    when: 'The account has unlinked this device, or lost it',
    examples: [{ type: 'session.logout', onConnect: false, reason: 401 }],
  },
  'session.replaced': {
    when: 'Another connection of the same device took the place of this one',
    examples: [{ type: 'session.replaced' }],
  },
  'session.banned': {
    when: 'The account is blocked for a while',
    examples: [{ type: 'session.banned', code: 101, expireSeconds: 3_600 }],
  },
  'session.outdated': { when: 'WhatsApp wants a newer client', examples: [{ type: 'session.outdated' }] },
  'session.refused': {
    when: 'WhatsApp refused the login',
    examples: [{ type: 'session.refused', reason: 403, message: 'forbidden' }],
  },
  'session.unreachable': {
    when: 'The first connections after a start failed',
    examples: [{ type: 'session.unreachable', error: 'connect ETIMEDOUT', attempts: 3 }],
  },
  'session.stream.error': {
    when: 'WhatsApp ended the connection with an error of an unusual kind',
    examples: [
      {
        type: 'session.stream.error',
        code: '500',
        raw: { tag: 'stream:error', attrs: { code: '500' }, content: null },
      },
    ],
  },
  'session.keepalive.timeout': {
    when: 'WhatsApp did not answer whether it is still there',
    examples: [{ type: 'session.keepalive.timeout', errorCount: 1, lastSuccess: AT }],
  },
  'session.keepalive.restored': {
    when: 'WhatsApp answers again',
    examples: [{ type: 'session.keepalive.restored' }],
  },
  'session.offline.preview': {
    when: 'What was missed while the session was away will come now',
    examples: [
      {
        type: 'session.offline.preview',
        total: 12,
        appDataChanges: 1,
        messages: 8,
        notifications: 1,
        receipts: 2,
      },
    ],
  },
  'session.offline.completed': {
    when: 'Everything that was missed has come',
    examples: [{ type: 'session.offline.completed', count: 12 }],
  },
  'session.phone.outdated': {
    when: 'The phone scanned the code, but its WhatsApp is too old to link devices',
    examples: [{ type: 'session.phone.outdated' }],
  },

  'account.name': {
    when: 'The account is called something else',
    examples: [{ type: 'account.name', name: 'Ana’s shop', timestamp: AT, fromFullSync: false }],
  },
  'account.privacy': {
    when: 'Privacy settings changed',
    examples: [
      {
        type: 'account.privacy',
        settings: {
          groupAdd: 'all',
          lastSeen: 'contacts',
          status: 'contacts',
          profile: 'all',
          readReceipts: 'all',
          callAdd: 'all',
          online: 'all',
          messages: 'all',
          defense: 'off',
          stickers: 'contacts',
        },
        changed: ['lastSeen'],
      },
    ],
  },
  'account.blocklist': {
    when: 'Somebody was blocked or unblocked',
    examples: [
      {
        type: 'account.blocklist',
        action: '',
        dhash: '1773500966000000',
        prevDhash: '1773500000000000',
        changes: [{ jid: ANA, action: 'block' }],
      },
    ],
  },

  'contact.picture': {
    when: 'Somebody, or a group, has another picture, or none any more',
    examples: [
      {
        type: 'contact.picture',
        chat: ANA,
        jid: ANA,
        author: ANA,
        timestamp: AT,
        removed: false,
        pictureId: '1773500966',
      },
    ],
  },
  'contact.about': {
    when: 'Somebody wrote another text about themselves',
    examples: [{ type: 'contact.about', chat: ANA, jid: ANA, status: 'At work', timestamp: AT }],
  },
  'contact.identity': {
    when: 'Somebody has a new phone, or installed WhatsApp anew',
    examples: [{ type: 'contact.identity', chat: ANA, jid: ANA, timestamp: AT, implicit: false }],
  },
  'contact.name': {
    when: 'What somebody is called became known or changed',
    examples: [
      {
        type: 'contact.name',
        chat: ANA,
        kind: 'push',
        jid: ANA,
        alias: ANA_LID,
        before: '',
        name: 'Ana',
      },
      {
        type: 'contact.name',
        chat: ANA,
        kind: 'business',
        jid: ANA,
        alias: ANA_LID,
        before: '',
        name: 'Ana Ltd',
      },
    ],
  },

  'group.changed': {
    when: 'Something about a group changed: its name, its settings, or who is in it',
    examples: [
      { ...groupChange, name: { name: 'Orders', setAt: AT, setBy: ANA, setByPn: ANA } },
      { ...groupChange, join: [OWN], joinReason: 'invite' },
      { ...groupChange, leave: [ANA] },
      { ...groupChange, promote: [ANA] },
      { ...groupChange, demote: [ANA] },
    ],
  },
  'group.joined': {
    when: 'The account is in a new group',
    examples: [
      {
        type: 'group.joined',
        chat: GROUP,
        reason: 'invite',
        joinType: '',
        createKey: '',
        sender: ANA,
        senderPn: ANA,
        notify: 'Ana',
        group: {
          jid: GROUP,
          owner: ANA,
          ownerPn: ANA,
          name: { name: 'Orders', setAt: AT, setBy: ANA, setByPn: ANA },
          topic: { topic: '', id: '', setAt: 0, setBy: '', setByPn: '', deleted: false },
          isLocked: false,
          isAnnounce: false,
          announceVersionId: '',
          isEphemeral: false,
          disappearingTimerSeconds: 0,
          isIncognito: false,
          isParent: false,
          defaultMembershipApprovalMode: '',
          linkedParent: '',
          isDefaultSubGroup: false,
          isJoinApprovalRequired: false,
          addressingMode: 'pn',
          createdAt: AT,
          creatorCountryCode: 'AR',
          participantVersionId: '1773500966000002',
          participants: [
            {
              jid: ANA,
              phoneNumber: ANA,
              lid: ANA_LID,
              isAdmin: true,
              isSuperAdmin: true,
              displayName: '',
              error: 0,
              addRequest: null,
            },
          ],
          participantCount: 2,
          memberAddMode: 'admin_add',
          suspended: false,
        },
      },
    ],
  },

  'call.offer': {
    when: 'Somebody calls',
    examples: [{ ...call, ...remote, type: 'call.offer', chat: ANA }],
  },
  'call.accept': {
    when: 'A call was taken, perhaps on the phone',
    examples: [{ ...call, ...remote, type: 'call.accept', chat: ANA, data: { ...callData, tag: 'accept' } }],
  },
  'call.terminate': {
    when: 'A call ended',
    examples: [
      {
        ...call,
        type: 'call.terminate',
        chat: ANA,
        reason: 'timeout',
        data: { ...callData, tag: 'terminate' },
      },
    ],
  },
  'call.offer.notice': {
    when: 'A call in a group began',
    examples: [
      {
        ...call,
        type: 'call.offer.notice',
        chat: GROUP,
        group: GROUP,
        media: 'audio',
        callType: 'group',
        data: { ...callData, tag: 'offer_notice' },
      },
    ],
  },
  'call.relay': {
    when: 'The network of a call that rings was measured',
    examples: [{ ...call, type: 'call.relay', chat: ANA, data: { ...callData, tag: 'relaylatency' } }],
  },
  'call.state': {
    when: 'A call that this server has taken or placed goes on',
    examples: [
      {
        type: 'call.state',
        chat: ANA,
        callId: '5C0A1F6E7B8D9C0A',
        peer: ANA,
        direction: 'incoming',
        state: 'active',
        reason: '',
        timestamp: AT,
      },
    ],
  },
  'call.other': {
    when: 'Another step of a call',
    examples: [
      { ...call, type: 'call.other', chat: ANA, data: { ...callData, tag: 'reject' } },
      { ...call, type: 'call.other', chat: ANA, data: { ...callData, tag: 'preaccept' } },
      { ...call, type: 'call.other', chat: ANA, data: { ...callData, tag: 'transport' } },
    ],
  },

  'newsletter.join': {
    when: 'The account follows a channel now',
    examples: [
      {
        type: 'newsletter.join',
        chat: CHANNEL,
        newsletter: {
          id: CHANNEL,
          state: { type: 'ACTIVE' },
          thread_metadata: {
            creation_time: String(AT),
            name: { id: '1', text: 'News', update_time: '1773500966000000' },
            description: { id: '2', text: 'What is new', update_time: '1773500966000000' },
            invite: '0029VaAbCdEfGhIjKlMnOp',
            subscribers_count: '12',
            verification: 'UNVERIFIED',
          },
          viewer_metadata: { mute: 'OFF', role: 'SUBSCRIBER' },
        },
      },
    ],
  },
  'newsletter.leave': {
    when: 'The account does not follow a channel any more',
    examples: [{ type: 'newsletter.leave', chat: CHANNEL, role: 'guest' }],
  },
  'newsletter.mute': {
    when: 'Notifications of a channel were turned on or off',
    examples: [{ type: 'newsletter.mute', chat: CHANNEL, mute: 'on' }],
  },
  'newsletter.live': {
    when: 'Views and reactions of posts in a channel were counted',
    examples: [
      {
        type: 'newsletter.live',
        chat: CHANNEL,
        timestamp: AT,
        messages: [
          {
            serverId: 101,
            id: MESSAGE_ID,
            stanzaType: 'text',
            timestamp: AT,
            views: 42,
            reactions: { '👍': 3 },
            message: null,
          },
        ],
      },
    ],
  },

  'appstate.change': {
    when: 'A chat was pinned, muted, archived, starred or labelled, or a contact was renamed',
    examples: [
      {
        type: 'appstate.change',
        chat: ANA,
        index: ['pin_v1', ANA],
        action: { timestamp: AT, pinAction: { pinned: true } },
        timestamp: AT,
        fromFullSync: false,
      },
      {
        type: 'appstate.change',
        chat: ANA,
        index: ['mute', ANA],
        action: { timestamp: AT, muteAction: { muted: true } },
        timestamp: AT,
        fromFullSync: false,
      },
      {
        type: 'appstate.change',
        chat: ANA,
        index: ['archive', ANA],
        action: { timestamp: AT, archiveChatAction: { archived: true } },
        timestamp: AT,
        fromFullSync: false,
      },
      {
        type: 'appstate.change',
        chat: ANA,
        index: ['star', ANA, MESSAGE_ID, '0', '0'],
        action: { timestamp: AT, starAction: { starred: true } },
        timestamp: AT,
        fromFullSync: false,
      },
      {
        type: 'appstate.change',
        chat: ANA,
        index: ['contact', ANA],
        action: { timestamp: AT, contactAction: { fullName: 'Ana Lopez', firstName: 'Ana' } },
        timestamp: AT,
        fromFullSync: false,
      },
      {
        type: 'appstate.change',
        index: ['setting_pushName'],
        action: { timestamp: AT, pushNameSetting: { name: 'Parley' } },
        timestamp: AT,
        fromFullSync: false,
      },
      {
        type: 'appstate.change',
        index: ['label_edit', '3'],
        action: { timestamp: AT, labelEditAction: { name: 'Paid', color: 2, deleted: false } },
        timestamp: AT,
        fromFullSync: false,
      },
      {
        type: 'appstate.change',
        chat: ANA,
        index: ['label_jid', '3', ANA],
        action: { timestamp: AT, labelAssociationAction: { labeled: true } },
        timestamp: AT,
        fromFullSync: false,
      },
      {
        type: 'appstate.change',
        chat: ANA,
        index: ['markChatAsRead', ANA],
        action: { timestamp: AT, markChatAsReadAction: { read: true } },
        timestamp: AT,
        fromFullSync: false,
      },
      {
        type: 'appstate.change',
        chat: ANA,
        index: ['clearChat', ANA, '0', '0'],
        action: { timestamp: AT, clearChatAction: {} },
        timestamp: AT,
        fromFullSync: false,
      },
      {
        type: 'appstate.change',
        chat: ANA,
        index: ['deleteChat', ANA, '0'],
        action: { timestamp: AT, deleteChatAction: {} },
        timestamp: AT,
        fromFullSync: false,
      },
    ],
  },
  'appstate.complete': {
    when: 'One collection of chat marks and settings is complete',
    examples: [{ type: 'appstate.complete', collection: 'regular_high', version: 7 }],
  },
  'appstate.failed': {
    when: 'A collection of chat marks and settings could not be read; it is tried again',
    examples: [{ type: 'appstate.failed', collection: 'regular', isFull: false, error: 'a key is missing' }],
  },
  test: {
    when: 'An operator tries whether the receiver can be reached',
    examples: [{ type: 'test', timestamp: AT }],
  },
}
