import { describe, expect, test } from 'vitest'
import { encodeEvent, renderedEvent } from '../../../src/dialects/wago-api/events/events.ts'
import type { Event, EventOf, MessageEvent } from '../../../src/events/event.ts'
import type { ProtoJson } from '../../../src/events/event-parts.ts'
import { plainMessage } from '../../../src/whatsapp/wire/plain-message.ts'
import { sampleUser } from '../../helpers/users.ts'
import { groupChange, groupJoin } from './group-samples.ts'

const NOW = 1777744034
const ANN = '5511999999999@s.whatsapp.net'
const ANN_LID = '123456789012345@lid'
const GROUP = '120363000000000000@g.us'
const CHANNEL = '120363222222222222@newsletter'
const ID = '3EB0F85AB813A2BB26F73D'

/** A message from Ann. */
function from(raw: ProtoJson, facts: Partial<MessageEvent> = {}): MessageEvent {
  return {
    ...plainMessage,
    type: 'message',
    chat: ANN,
    sender: ANN,
    fromMe: false,
    isGroup: false,
    addressingMode: '',
    senderAlt: '',
    recipientAlt: '',
    id: ID,
    serverId: 0,
    stanzaType: 'text',
    pushName: 'John',
    timestamp: NOW,
    multicast: false,
    mediaType: '',
    raw,
    deviceSent: null,
    sourceWebMessage: null,
    ...facts,
  }
}

/** What a message from Ann has in any case. */
const told = {
  id: ID,
  chat: ANN,
  sender: ANN,
  pushName: 'John',
  timestamp: NOW,
  isGroup: false,
  isFromMe: false,
}

function change(index: string[], action: ProtoJson): Event {
  return { type: 'appstate.change', index, action, timestamp: NOW, fromFullSync: false }
}

const call: EventOf<'call.offer'> = {
  type: 'call.offer',
  chat: ANN,
  from: `${ANN_LID}`,
  timestamp: NOW,
  creator: '123456789012345:3@lid',
  creatorAlt: ANN,
  callId: 'CALL1',
  group: '',
  data: { tag: 'offer', attrs: {}, content: [{ tag: 'audio', attrs: {}, content: null }] },
  remotePlatform: 'android',
  remoteVersion: '2.24',
}

const source = {
  chat: ANN,
  sender: `5511999999999:7@s.whatsapp.net`,
  fromMe: false,
  isGroup: false,
  addressingMode: '' as const,
  senderAlt: '',
  recipientAlt: '',
  broadcastListOwner: '',
  broadcastRecipients: null,
}

const receipt: EventOf<'receipt'> = {
  type: 'receipt',
  ...source,
  messageIds: [ID],
  timestamp: NOW,
  kind: 'read',
  messageSender: '',
}

/** Event, its name in this dialect, its data: the shapes of the document and of the contract. */
const samples: [name: string, event: Event, data: object][] = [
  ['ready', { type: 'session.open' }, {}],
  ['disconnected', { type: 'session.closed', code: 428 }, { reason: 'connection closed (428)' }],
  [
    'logged_out',
    { type: 'session.logout', onConnect: false, reason: 401 },
    { reason: '401: logged out from another device' },
  ],
  ['temporary_ban', { type: 'session.banned', code: 101, expireSeconds: 3600 }, { code: 101, expire: 3600 }],
  [
    'connect_failure',
    { type: 'session.refused', reason: 403, message: 'forbidden' },
    { reason: 403, message: 'forbidden' },
  ],
  [
    'connect_failure',
    { type: 'session.unreachable', error: 'no route', attempts: 3 },
    { reason: 0, message: 'no route' },
  ],
  ['connect_failure', { type: 'session.outdated' }, { reason: 405, message: 'client is out of date' }],
  ['stream_replaced', { type: 'session.replaced' }, {}],
  ['qr', { type: 'session.qr', code: '2@AbCd', image: 'data:image/png;base64,AAAA' }, { qr: '2@AbCd' }],
  [
    'authenticated',
    {
      type: 'session.paired',
      jid: '5511999999999:12@s.whatsapp.net',
      lid: ANN_LID,
      businessName: 'Shop',
      platform: 'smba',
      props: null,
    },
    { jid: ANN, platform: 'smba', businessName: 'Shop' },
  ],
  ['message', from({ conversation: 'Hello!' }), { ...told, body: 'Hello!', type: 'text' }],
  [
    'message_create',
    from({ conversation: 'Hi' }, { fromMe: true }),
    { ...told, body: 'Hi', type: 'text', isFromMe: true },
  ],
  [
    'message_create',
    {
      ...from(
        { deviceSentMessage: { destinationJid: ANN, message: { extendedTextMessage: { text: 'Hi' } } } },
        { fromMe: true },
      ),
      type: 'message.sent',
    },
    { ...told, body: 'Hi', type: 'text', isFromMe: true },
  ],
  ['message_ack', receipt, { messageIds: [ID], chat: ANN, sender: ANN, type: 'read', timestamp: NOW }],
  [
    'message_ack',
    { ...receipt, kind: '' },
    { messageIds: [ID], chat: ANN, sender: ANN, type: 'delivered', timestamp: NOW },
  ],
  [
    'presence',
    { type: 'chat.presence', ...source, state: 'composing', media: 'audio' },
    { chat: ANN, sender: ANN, state: 'composing', media: 'audio' },
  ],
  [
    'presence',
    { type: 'presence', chat: ANN, from: ANN, unavailable: true, lastSeen: NOW },
    { chat: ANN, sender: ANN, state: 'unavailable', media: '', lastSeen: NOW },
  ],
  [
    'group_update',
    groupChange({
      chat: GROUP,
      sender: ANN_LID,
      senderPn: ANN,
      timestamp: NOW,
      promote: [ANN],
      name: 'Team',
    }),
    { group: GROUP, sender: ANN, name: 'Team', timestamp: NOW, promote: [ANN] },
  ],
  [
    'group_join',
    groupJoin({ chat: GROUP, reason: 'invite', name: 'Team', sender: ANN }),
    { group: GROUP, reason: 'invite', name: 'Team', sender: ANN },
  ],
  [
    'call',
    call,
    { callId: 'CALL1', from: ANN_LID, fromPn: ANN, timestamp: NOW, isVideo: false, isGroup: false },
  ],
  [
    'call',
    { ...call, type: 'call.offer.notice', media: 'video', callType: 'group' },
    { callId: 'CALL1', from: ANN_LID, fromPn: ANN, timestamp: NOW, isVideo: true, isGroup: true },
  ],
  [
    'call',
    { ...call, creator: ANN, creatorAlt: ANN_LID },
    { callId: 'CALL1', from: ANN, fromPn: ANN, timestamp: NOW, isVideo: false, isGroup: false },
  ],
  [
    'call',
    { ...call, creatorAlt: '' },
    { callId: 'CALL1', from: ANN_LID, fromPn: '', timestamp: NOW, isVideo: false, isGroup: false },
  ],
  [
    'contact_changed',
    change(['contact', ANN], { contactAction: { fullName: 'Ann Example', firstName: 'Ann' } }),
    { jid: ANN, fullName: 'Ann Example', firstName: 'Ann' },
  ],
  [
    'blocklist',
    { type: 'account.blocklist', action: 'modify', dhash: '2', prevDhash: '1', changes: [] },
    { action: 'modify', changes: [] },
  ],
  [
    'blocklist_change',
    {
      type: 'account.blocklist',
      action: '',
      dhash: '2',
      prevDhash: '1',
      changes: [{ jid: ANN, action: 'block' }],
    },
    { jid: ANN, action: 'block' },
  ],
  [
    'chat_archived',
    change(['archive', ANN], { archiveChatAction: { archived: true } }),
    { chat: ANN, archived: true },
  ],
  [
    'chat_muted',
    change(['mute', ANN], { muteAction: { muted: true, muteEndTimestamp: NOW * 1000 } }),
    { chat: ANN, muted: true, until: NOW },
  ],
  [
    'chat_muted',
    change(['mute', ANN], { muteAction: { muted: true, muteEndTimestamp: -1 } }),
    { chat: ANN, muted: true, until: -1 },
  ],
  [
    'chat_muted',
    change(['mute', ANN], { muteAction: { muted: false, muteEndTimestamp: 0 } }),
    { chat: ANN, muted: false, until: 0 },
  ],
  ['chat_pinned', change(['pin_v1', ANN], { pinAction: { pinned: true } }), { chat: ANN, pinned: true }],
  ['chat_removed', change(['deleteChat', ANN, '1'], { deleteChatAction: {} }), { chat: ANN }],
  [
    'message_starred',
    change(['star', ANN, ID, '0', '0'], { starAction: { starred: true } }),
    { chat: ANN, messageId: ID, starred: true },
  ],
  [
    'message_revoke_me',
    change(['deleteMessageForMe', ANN, ID, '1', '0'], { deleteMessageForMeAction: { deleteMedia: true } }),
    { chat: ANN, messageId: ID },
  ],
  [
    'unread_count',
    change(['markChatAsRead', ANN], { markChatAsReadAction: { read: false } }),
    { chat: ANN, read: false },
  ],
  [
    'label_edit',
    change(['label_edit', '1'], { labelEditAction: { name: 'VIP', color: 3, deleted: false } }),
    { labelId: '1', name: 'VIP', color: 3, deleted: false },
  ],
  [
    'label_association_chat',
    change(['label_jid', '1', ANN], { labelAssociationAction: { labeled: true } }),
    { chat: ANN, labelId: '1', labeled: true },
  ],
  [
    'label_association_message',
    change(['label_message', '1', ANN, ID, '0', '0'], { labelAssociationAction: { labeled: false } }),
    { chat: ANN, messageId: ID, labelId: '1', labeled: false },
  ],
  [
    'history_sync',
    {
      type: 'history.sync',
      history: { syncType: 3, progress: 100, conversations: [{}, {}, {}] },
      notification: {},
    },
    { type: 'RECENT', progress: 100, conversations: 3 },
  ],
  [
    'identity_change',
    { type: 'contact.identity', chat: ANN, jid: ANN, timestamp: NOW, implicit: false },
    { jid: ANN, timestamp: NOW },
  ],
  [
    'newsletter_message',
    from({ conversation: 'News' }, { chat: CHANNEL, sender: CHANNEL, serverId: 101, id: 'N1' }),
    { channel: CHANNEL, serverId: 101, body: 'News', timestamp: NOW, id: 'N1', type: 'text' },
  ],
  [
    'message_create',
    { ...from({ conversation: 'News' }, { chat: CHANNEL, fromMe: true }), type: 'message.sent' },
    { ...told, chat: CHANNEL, body: 'News', type: 'text', isFromMe: true },
  ],
  [
    'newsletter_join',
    {
      type: 'newsletter.join',
      chat: CHANNEL,
      newsletter: { id: CHANNEL, thread_metadata: { name: { text: 'News' } } },
    },
    { channel: CHANNEL, name: 'News' },
  ],
  [
    'newsletter_leave',
    { type: 'newsletter.leave', chat: CHANNEL, role: 'guest' },
    { channel: CHANNEL, role: 'guest' },
  ],
  [
    'newsletter_mute_change',
    { type: 'newsletter.mute', chat: CHANNEL, mute: 'on' },
    { channel: CHANNEL, mute: 'on' },
  ],
  [
    'picture',
    {
      type: 'contact.picture',
      chat: ANN,
      jid: ANN,
      author: ANN,
      timestamp: NOW,
      removed: false,
      pictureId: '7',
    },
    { jid: ANN, author: ANN, removed: false, pictureId: '7', timestamp: NOW },
  ],
  ['test', { type: 'test', timestamp: NOW }, { timestamp: NOW }],
]

/** The names of the document's table, in its order. */
const documented =
  'ready disconnected logged_out temporary_ban connect_failure stream_replaced qr authenticated message message_create message_ack presence group_update group_join call contact_changed blocklist blocklist_change chat_archived chat_muted chat_pinned chat_removed message_starred message_revoke_me unread_count label_edit label_association_chat label_association_message history_sync identity_change newsletter_message newsletter_join newsletter_leave newsletter_mute_change picture'.split(
    ' ',
  )

test('every documented event has a sample', () => {
  expect([...new Set(samples.map(([name]) => name))]).toEqual([...documented, 'test'])
})

test.each(samples)('%s', (name, event, data) => {
  expect(renderedEvent(event)).toEqual({ name, payload: data })
})

test('the envelope is the documented one, byte for byte', () => {
  const rendered = renderedEvent(from({ conversation: 'Hello!' }))
  const user = sampleUser({ name: 'main' })

  const { body, headers } = encodeEvent(rendered ?? { name: '', payload: {} }, { user, format: 'json' })

  expect(body).toBe(
    `{"sessionId":"main","event":"message","data":{"id":"${ID}","chat":"${ANN}","sender":"${ANN}","pushName":"John","body":"Hello!","type":"text","timestamp":1777744034,"isGroup":false,"isFromMe":false}}`,
  )
  expect(headers).toEqual({ 'Content-Type': 'application/json' })
})

test('a session whose name cannot stand in a path has its id in the envelope', () => {
  const user = sampleUser({ name: 'My shop' })

  const { body } = encodeEvent({ name: 'ready', payload: {} }, { user, format: 'json' })

  expect(JSON.parse(body).sessionId).toBe(user.id)
})

describe('kinds of messages', () => {
  const key = { id: 'TARGET', remoteJid: ANN }

  test.each<[type: string, raw: ProtoJson, expected: object]>([
    ['text', { extendedTextMessage: { text: 'Hi' } }, { body: 'Hi' }],
    [
      'text',
      { extendedTextMessage: { text: 'Yes', contextInfo: { stanzaId: 'Q1', mentionedJid: [ANN] } } },
      { body: 'Yes', quotedMessageId: 'Q1', mentions: [ANN] },
    ],
    [
      'image',
      { imageMessage: { caption: 'Look', mimetype: 'image/jpeg', fileLength: 12 } },
      { body: 'Look', hasMedia: true, mimetype: 'image/jpeg', filesize: 12 },
    ],
    ['video', { videoMessage: { mimetype: 'video/mp4', seconds: 4 } }, { body: '', duration: 4 }],
    ['audio', { audioMessage: { mimetype: 'audio/mpeg' } }, { hasMedia: true }],
    ['ptt', { audioMessage: { mimetype: 'audio/ogg', ptt: true } }, { hasMedia: true }],
    [
      'document',
      { documentWithCaptionMessage: { message: { documentMessage: { fileName: 'a.pdf', caption: 'c' } } } },
      { body: 'c', filename: 'a.pdf' },
    ],
    ['sticker', { stickerMessage: { mimetype: 'image/webp' } }, { mimetype: 'image/webp' }],
    [
      'location',
      { locationMessage: { degreesLatitude: 1.5, degreesLongitude: -2.5, name: 'Here' } },
      { body: 'Here', location: { latitude: 1.5, longitude: -2.5, name: 'Here', address: '' } },
    ],
    [
      'contact',
      { contactMessage: { displayName: 'Bob', vcard: 'BEGIN:VCARD' } },
      { body: 'Bob', vCards: ['BEGIN:VCARD'] },
    ],
    [
      'poll',
      {
        pollCreationMessageV3: {
          name: 'Lunch?',
          options: [{ optionName: 'Yes' }, { optionName: 'No' }],
          selectableOptionsCount: 1,
        },
      },
      { body: 'Lunch?', pollName: 'Lunch?', pollOptions: ['Yes', 'No'], allowMultipleAnswers: false },
    ],
    ['poll_vote', { pollUpdateMessage: { pollCreationMessageKey: key } }, { targetId: 'TARGET' }],
    ['reaction', { reactionMessage: { text: '👍', key } }, { body: '👍', targetId: 'TARGET' }],
    ['revoked', { protocolMessage: { type: 0, key } }, { targetId: 'TARGET' }],
    [
      'edited',
      {
        editedMessage: {
          message: { protocolMessage: { type: 14, key, editedMessage: { conversation: 'new' } } },
        },
      },
      { body: 'new', targetId: 'TARGET' },
    ],
    [
      'list_response',
      { listResponseMessage: { title: 'One', singleSelectReply: { selectedRowId: 'r1' } } },
      { selectedId: 'r1' },
    ],
    ['unknown', { chat: {} }, { body: '' }],
    [
      'payment',
      { requestPaymentMessage: { noteMessage: { conversation: 'Lunch' } } },
      { body: 'Request for a payment: Lunch' },
    ],
  ])('%s %j', (type, raw, expected) => {
    expect(renderedEvent(from(raw))?.payload).toMatchObject({ ...told, type, ...expected })
  })

  test.each([
    ['what own devices tell each other', from({ protocolMessage: { type: 5 } }, { category: 'peer' })],
    ['keys', from({ senderKeyDistributionMessage: { groupId: GROUP } })],
    ['settings of a chat', from({ protocolMessage: { type: 3, ephemeralExpiration: 86400 } })],
    ['receipts between devices', { ...receipt, kind: 'retry' }],
    [
      'what a new device learns of the past',
      { ...change(['archive', ANN], { archiveChatAction: { archived: true } }), fromFullSync: true },
    ],
    ['settings without a word here', change(['setting_locale'], { localeSetting: { locale: 'de' } })],
  ])('%s is not told', (_what, event) => {
    expect(renderedEvent(event as Event)).toBeUndefined()
  })

  test('people are written by phone number where it is known', () => {
    const theirs = from(
      { conversation: 'x' },
      { chat: ANN_LID, sender: '123456789012345:4@lid', senderAlt: '5511999999999:4@s.whatsapp.net' },
    )
    const mine = from(
      { conversation: 'x' },
      { chat: ANN_LID, sender: '999@lid', senderAlt: '4477@s.whatsapp.net', recipientAlt: ANN, fromMe: true },
    )
    const unknown = from({ conversation: 'x' }, { chat: ANN_LID, sender: ANN_LID })

    expect([theirs, mine, unknown].map((event) => renderedEvent(event)?.payload)).toMatchObject([
      { chat: ANN, sender: ANN },
      { chat: ANN, sender: '4477@s.whatsapp.net' },
      { chat: ANN_LID, sender: ANN_LID },
    ])
  })
})
