import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { contentShape } from '../../../src/sandbox/content/words.ts'
import { proto } from '../../../src/whatsapp/library/engine.ts'
import { announced, startTalk, type Talk } from './talk.ts'

let talk: Talk
let group: string
let status: string

beforeAll(async () => {
  talk = await startTalk('447900060')
  const { sandbox, contact, owner } = talk
  group = sandbox.network.createGroup({ subject: 'Friends', creator: contact, members: [owner] }).jid
  status = (await talk.say({ to: 'status@broadcast', text: 'my day' })).id
})
afterAll(() => talk.close())

const media = { type: 'media' }
const meta = (attrs: object) => expect.objectContaining(attrs)
const AT = 1_800_000_000

/** What is said, what the stanza says of it, and what is in it. */
type Case = [word: string, value: unknown, stanza: object, message: object]

const alone: Case[] = [
  ['text', 'hello', { type: 'text' }, { conversation: 'hello' }],
  ['image', true, { ...media, mediatype: 'image' }, { imageMessage: { mimetype: 'image/jpeg' } }],
  [
    'image',
    { viewOnce: true },
    { ...media, mediatype: 'image', meta: { view_once: 'true' } },
    { viewOnceMessageV2: { message: { imageMessage: { viewOnce: true } } } },
  ],
  ['video', { gif: true }, { ...media, mediatype: 'gif' }, { videoMessage: { gifPlayback: true } }],
  [
    'video',
    { viewOnce: true },
    { ...media, mediatype: 'video', meta: { view_once: 'true' } },
    { viewOnceMessageV2: { message: { videoMessage: { viewOnce: true } } } },
  ],
  ['videoNote', { seconds: 7 }, { ...media, mediatype: 'ptv' }, { ptvMessage: { seconds: 7 } }],
  ['audio', true, { ...media, mediatype: 'audio' }, { audioMessage: { seconds: 1 } }],
  [
    'audio',
    { ptt: true, seconds: 3 },
    { ...media, mediatype: 'ptt' },
    { audioMessage: { ptt: true, seconds: 3, waveform: expect.objectContaining({ length: 64 }) } },
  ],
  [
    'audio',
    { ptt: true, viewOnce: true },
    { ...media, mediatype: 'ptt', meta: { view_once: 'true' } },
    { viewOnceMessageV2Extension: { message: { audioMessage: { viewOnce: true } } } },
  ],
  [
    'document',
    { caption: 'read' },
    { ...media, mediatype: 'document' },
    { documentWithCaptionMessage: { message: { documentMessage: { caption: 'read' } } } },
  ],
  ['sticker', true, { ...media, mediatype: 'sticker' }, { stickerMessage: { mimetype: 'image/webp' } }],
  [
    'lottieSticker',
    true,
    { ...media, mediatype: 'sticker' },
    {
      lottieStickerMessage: { message: { stickerMessage: { mimetype: 'application/was', isLottie: true } } },
    },
  ],
  [
    'stickerPack',
    { name: 'Cats' },
    { ...media, mediatype: 'sticker_pack' },
    { stickerPackMessage: { name: 'Cats', stickers: [{ fileName: '0.webp' }, {}, {}] } },
  ],
  [
    'location',
    { latitude: 1, longitude: 2 },
    { ...media, mediatype: 'location' },
    { locationMessage: { degreesLatitude: 1 } },
  ],
  [
    'liveLocation',
    { latitude: 1, longitude: 2, caption: 'here' },
    { ...media, mediatype: 'livelocation' },
    { liveLocationMessage: { degreesLongitude: 2, caption: 'here' } },
  ],
  [
    'contact',
    { name: 'Cem', phone: '4915550000009' },
    { ...media, mediatype: 'vcard' },
    { contactMessage: { displayName: 'Cem' } },
  ],
  [
    'contacts',
    [
      { name: 'Cem', phone: '49155' },
      { name: 'Dan', phone: '49156' },
    ],
    { ...media, mediatype: 'contact_array' },
    { contactsArrayMessage: { contacts: [{ displayName: 'Cem' }, {}] } },
  ],
  [
    'poll',
    { name: 'Tea?', options: ['yes', 'no'] },
    { type: 'poll', meta: { polltype: 'creation' } },
    { pollCreationMessageV3: { name: 'Tea?', selectableOptionsCount: 1 } },
  ],
  [
    'poll',
    { name: 'Tea?', options: ['yes'], version: 1 },
    { type: 'poll' },
    { pollCreationMessage: { name: 'Tea?' } },
  ],
  [
    'poll',
    { name: 'Tea?', options: ['yes'], version: 2 },
    { type: 'poll' },
    { pollCreationMessageV2: { name: 'Tea?' } },
  ],
  [
    'poll',
    { name: 'Tea?', options: ['yes'], version: 4 },
    { type: 'poll', meta: { polltype: 'creation' } },
    { pollCreationMessageV4: { message: { pollCreationMessageV3: { name: 'Tea?' } } } },
  ],
  [
    'poll',
    { name: '1+1?', options: ['2', '3'], version: 5, correct: '2' },
    { type: 'poll' },
    {
      pollCreationMessageV5: {
        pollType: 1,
        correctAnswer: { optionName: '2', optionHash: expect.stringMatching(/^[0-9a-f]{64}$/) },
      },
    },
  ],
  [
    'poll',
    { name: 'Tea?', options: ['yes'], version: 6, closes: AT, anonymous: true, extensible: true },
    { type: 'poll', meta: { polltype: 'creation' } },
    { pollCreationMessageV6: { hideParticipantName: true, allowAddOption: true } },
  ],
  [
    'event',
    { name: 'Party', start: AT, location: { latitude: 1, longitude: 2, name: 'Park' }, reminder: 3600 },
    { type: 'event', meta: { event_type: 'creation' } },
    { eventMessage: { name: 'Party', hasReminder: true, location: { name: 'Park' } } },
  ],
  [
    'eventInvite',
    { id: '3A01', title: 'Party', start: AT },
    { type: 'text' },
    { eventInviteMessage: { eventId: '3A01', eventTitle: 'Party' } },
  ],
  [
    'ad',
    { text: 'Is it there?', title: 'Sofa', clickId: 'ARabc' },
    { type: 'text' },
    {
      extendedTextMessage: {
        text: 'Is it there?',
        contextInfo: { externalAdReply: { title: 'Sofa', ctwaClid: 'ARabc' } },
      },
    },
  ],
  ['adPlaceholder', true, { type: 'text' }, { placeholderMessage: { type: 0 } }],
  [
    'spoiler',
    'He dies',
    { type: 'text' },
    {
      spoilerMessage: {
        message: { extendedTextMessage: { text: 'He dies', contextInfo: { isSpoiler: true } } },
      },
    },
  ],
  [
    'botInvoke',
    { text: 'What is new?', bot: '867051314767696@bot' },
    { type: 'text' },
    { botInvokeMessage: { message: { extendedTextMessage: { text: 'What is new?' } } } },
  ],
  ['requestPhoneNumber', true, { type: 'text' }, { requestPhoneNumberMessage: {} }],
  ['sharePhoneNumber', true, { type: 'text' }, { protocolMessage: { type: 11 } }],
  [
    'order',
    { items: 2, title: 'Shop', total: 2500, currency: 'EUR' },
    { ...media, mediatype: 'order' },
    { orderMessage: { itemCount: 2, orderTitle: 'Shop', totalCurrencyCode: 'EUR' } },
  ],
  [
    'product',
    { title: 'Chair', price: 9000, currency: 'EUR' },
    { ...media, mediatype: 'product' },
    { productMessage: { product: { title: 'Chair', productImage: { mimetype: 'image/jpeg' } } } },
  ],
  [
    'catalogue',
    { title: 'All chairs' },
    { ...media, mediatype: 'product' },
    { productMessage: { catalog: { title: 'All chairs' } } },
  ],
  [
    'listReply',
    { row: 'r1', title: 'First' },
    { ...media, mediatype: 'list_response' },
    { listResponseMessage: { singleSelectReply: { selectedRowId: 'r1' } } },
  ],
  [
    'buttonReply',
    { button: 'b1', text: 'Yes' },
    { ...media, mediatype: 'buttons_response' },
    { buttonsResponseMessage: { selectedButtonId: 'b1', selectedDisplayText: 'Yes' } },
  ],
  [
    'templateReply',
    { button: 't1', text: 'Yes', index: 2 },
    { type: 'text' },
    { templateButtonReplyMessage: { selectedId: 't1', selectedIndex: 2 } },
  ],
  [
    'flowReply',
    { name: 'quick_reply', text: 'Yes', params: { id: 'q' } },
    { ...media, mediatype: 'native_flow_response' },
    {
      interactiveResponseMessage: {
        nativeFlowResponseMessage: { name: 'quick_reply', paramsJson: '{"id":"q"}' },
      },
    },
  ],
  [
    'paymentRequest',
    { amount: 12_000, currency: 'BRL', note: 'lunch' },
    { type: 'text' },
    {
      requestPaymentMessage: {
        currencyCodeIso4217: 'BRL',
        noteMessage: { extendedTextMessage: { text: 'lunch' } },
      },
    },
  ],
  [
    'sendPayment',
    { note: 'there' },
    { type: 'text' },
    { sendPaymentMessage: { noteMessage: { extendedTextMessage: { text: 'there' } } } },
  ],
  ['declinePayment', '3A02', { type: 'text' }, { declinePaymentRequestMessage: { key: { id: '3A02' } } }],
  ['cancelPayment', '3A02', { type: 'text' }, { cancelPaymentRequestMessage: { key: { id: '3A02' } } }],
  ['paymentInvite', { service: 'upi' }, { type: 'text' }, { paymentInviteMessage: { serviceType: 3 } }],
  [
    'invoice',
    { note: 'for May' },
    { type: 'text' },
    { invoiceMessage: { note: 'for May', attachmentMimetype: 'application/pdf' } },
  ],
  [
    'paymentReminder',
    { amount: 5000, currency: 'INR', frequency: 'weekly' },
    { type: 'text' },
    { paymentReminderMessage: { frequency: 1, status: 1, amount: { currencyCode: 'INR' } } },
  ],
  [
    'splitPayment',
    { amount: 9000, currency: 'INR', participants: [{ who: '4479000602', amount: 4500 }] },
    { type: 'text' },
    {
      splitPaymentMessage: {
        totalAmount: { offset: 1000 },
        participants: [{ amount: { currencyCode: 'INR' } }],
      },
    },
  ],
  [
    'scheduledCall',
    { title: 'Talk', at: AT, video: true },
    { type: 'text' },
    { scheduledCallCreationMessage: { title: 'Talk', callType: 2 } },
  ],
  ['cancelScheduledCall', '3A03', { type: 'text' }, { scheduledCallEditMessage: { editType: 1 } }],
  [
    'callLog',
    { outcome: 'rejected', video: true },
    { type: 'text' },
    { callLogMesssage: { isVideo: true, callOutcome: 3 } },
  ],
  [
    'conditionalReveal',
    true,
    { type: 'text', decryptFail: 'hide' },
    { conditionalRevealMessage: { conditionalRevealMessageType: 1 } },
  ],
  ['message', { conversation: 'as protobuf' }, { type: 'text' }, { conversation: 'as protobuf' }],
]

test.each(alone)('%s (%j) is announced and arrives', async (word, value, stanza, message) => {
  const { id } = await talk.say({ [word]: value })

  expect(announced(await talk.stanzaOf(id))).toMatchObject(stanza)
  expect((await talk.arrived(id)).message).toMatchObject(message)
})

/** The same about an earlier message, or in a place of its own. */
const about: [word: string, say: () => Promise<object> | object, stanza: object, message: () => object][] = [
  [
    'reaction',
    async () => ({ reaction: { id: await someText(), emoji: '👍' } }),
    { type: 'reaction', decryptFail: 'hide' },
    () => ({ reactionMessage: { text: '👍' } }),
  ],
  [
    'a reaction that is taken back',
    async () => ({ reaction: { id: await someText(), emoji: '' } }),
    { type: 'reaction', edit: '7', decryptFail: 'hide' },
    () => ({ reactionMessage: { key: {} } }),
  ],
  [
    'edit',
    async () => ({ edit: { id: await someText(), text: 'new' } }),
    { type: 'text', edit: '1', decryptFail: 'hide' },
    () => ({ editedMessage: { message: { protocolMessage: { editedMessage: { conversation: 'new' } } } } }),
  ],
  [
    'revoke',
    async () => ({ revoke: await someText() }),
    { type: 'text', edit: '7', decryptFail: undefined },
    () => ({ protocolMessage: { type: 0 } }),
  ],
  [
    'comment',
    async () => ({ comment: { id: await someText(), text: 'nice' } }),
    { type: 'text', meta: meta({ thread_msg_id: expect.any(String) }) },
    () => ({ commentMessage: { message: { extendedTextMessage: { text: 'nice' } } } }),
  ],
  [
    'pin',
    async () => ({ pin: { id: await someText(), seconds: 86_400 } }),
    { type: 'text', edit: '2', decryptFail: 'hide' },
    () => ({ pinInChatMessage: { type: 1 }, messageContextInfo: { messageAddOnDurationInSecs: 86_400 } }),
  ],
  [
    'keep',
    async () => ({ keep: { id: await someText() } }),
    { type: 'text', decryptFail: 'hide' },
    () => ({ keepInChatMessage: { keepType: 1 } }),
  ],
  [
    'a keep that is undone',
    async () => ({ keep: { id: await someText(), on: false } }),
    { type: 'text', edit: '7' },
    () => ({ keepInChatMessage: { keepType: 2 } }),
  ],
  [
    'pollResult',
    async () => ({ pollResult: { id: await somePoll(), votes: { yes: 3 } } }),
    { type: 'text' },
    () => ({ pollResultSnapshotMessage: { pollVotes: [{ optionName: 'yes' }, { optionName: 'no' }] } }),
  ],
  [
    'pollResult, third version',
    async () => ({ pollResult: { id: await somePoll(), version: 3 } }),
    { type: 'text' },
    () => ({ pollResultSnapshotMessageV3: { name: 'Tea?' } }),
  ],
  [
    'groupInvite',
    () => ({ groupInvite: { group: ownGroup().jid, caption: 'come' } }),
    { type: 'media', mediatype: 'url' },
    () => ({
      groupInviteMessage: { groupJid: ownGroup().jid, groupName: 'Alone', inviteCode: expect.any(String) },
    }),
  ],
  [
    'channelAdminInvite',
    async () => ({ channelAdminInvite: { channel: await someChannel() } }),
    { type: 'text' },
    () => ({ newsletterAdminInviteMessage: { newsletterName: 'News' } }),
  ],
  [
    'statusMention',
    () => ({ statusMention: { id: status } }),
    { type: 'text', meta: { is_status_mention: 'true' } },
    () => ({ statusMentionMessage: { message: { protocolMessage: { type: 25, key: { id: status } } } } }),
  ],
  [
    'statusMention of a group',
    () => ({ group, statusMention: { id: status } }),
    { type: 'text', meta: { is_group_status_mention: 'true' } },
    () => ({ groupStatusMentionMessage: { message: { protocolMessage: { key: { id: status } } } } }),
  ],
  [
    'groupStatus',
    () => ({ group, groupStatus: { text: 'our day' } }),
    { type: 'text', meta: { is_group_status: 'true' } },
    () => ({
      groupStatusMessageV2: {
        message: { extendedTextMessage: { text: 'our day', contextInfo: { isGroupStatus: true } } },
      },
    }),
  ],
  [
    'groupMention',
    () => ({ groupMention: { text: 'see @Friends', group } }),
    { type: 'text' },
    () => ({
      groupMentionedMessage: {
        message: { extendedTextMessage: { contextInfo: { groupMentions: [{ groupJid: group }] } } },
      },
    }),
  ],
]

test.each(about)('%s is announced and arrives', async (_name, content, stanza, message) => {
  const { id } = await talk.say(await content())

  expect(announced(await talk.stanzaOf(id))).toMatchObject(stanza)
  expect((await talk.arrived(id)).message).toMatchObject(message())
})

test('every word is in a case, those of several messages and sealed ones in tests of their own', () => {
  const elsewhere = [
    'album',
    'hdImage',
    'hdVideo',
    'livePhoto',
    'eventEdit',
    'rsvp',
    'pollEdit',
    'addPollOption',
    'disappearing',
  ]
  const named = new Set([...alone.map(([word]) => word), ...about.map(([word]) => word), ...elsewhere])

  expect(Object.keys(contentShape).filter((word) => !named.has(word))).toEqual([])
})

describe('messages that belong together', () => {
  test('the items of an album follow it, and name it', async () => {
    const { id, items = [] } = await talk.say({
      album: { images: [true, { caption: 'two' }], videos: [true] },
    })

    const album = await talk.arrived(id)
    const arrived = await Promise.all(items.map((item) => talk.arrived(item)))
    expect(announced(await talk.stanzaOf(id))).toMatchObject({ type: 'text' })
    expect(album.message?.albumMessage).toMatchObject({ expectedImageCount: 2, expectedVideoCount: 1 })
    expect(arrived.map(({ message }) => message?.messageContextInfo?.messageAssociation)).toMatchObject([
      { associationType: 1, parentMessageKey: { id, fromMe: true }, messageIndex: 0 },
      { associationType: 1, parentMessageKey: { id }, messageIndex: 1 },
      { associationType: 1, parentMessageKey: { id }, messageIndex: 2 },
    ])
    expect(arrived[1]?.message?.imageMessage?.caption).toBe('two')
    expect(arrived[2]?.message?.videoMessage).toBeTruthy()
  })

  test('and may be in the wrapper of messages that belong to another', async () => {
    const { items: [item = ''] = [] } = await talk.say({ album: { images: [true], wrapped: true } })

    const { message } = await talk.arrived(item)
    expect(message?.associatedChildMessage?.message?.imageMessage).toBeTruthy()
    expect(message?.messageContextInfo?.messageAssociation?.associationType).toBe(1)
  })

  test.each([
    ['hdImage', 'imageMessage', 'hd_image_dual_upload', 10, [3, 4]],
    ['hdVideo', 'videoMessage', 'hd_video_dual_upload', 5, [1, 2]],
    ['livePhoto', 'videoMessage', 'motion_photo', 12, [5, 6]],
  ] as const)('%s is two', async (word, member, named, associationType, pair) => {
    const { id, items: [twin = ''] = [] } = await talk.say({ [word]: true })

    const first = (await talk.arrived(id)).message
    const second = (await talk.arrived(twin)).message
    const inside = second?.associatedChildMessage?.message?.[member]
    expect((first?.imageMessage ?? first?.videoMessage)?.contextInfo?.pairedMediaType).toBe(pair[0])
    expect(inside?.contextInfo?.pairedMediaType).toBe(pair[1])
    expect(second?.messageContextInfo?.messageAssociation).toMatchObject({
      associationType,
      parentMessageKey: { id },
    })
    expect(announced(await talk.stanzaOf(twin))).toMatchObject({
      type: 'media',
      meta: { message_association_type: named },
    })
  })
})

describe('the secret of a message', () => {
  const secretOf = async (content: object) => {
    const { message } = await talk.arrived((await talk.say(content)).id)
    return message?.messageContextInfo?.messageSecret
  }

  test.each([
    { text: 'a' },
    { image: true },
    { poll: { name: 'a', options: ['b'] } },
    { message: { conversation: 'c' } },
  ])('is in %j', async (content) => expect(await secretOf(content)).toHaveLength(32))

  test('is not in what is only about others, nor in a protobuf that says what the envelope has', async () => {
    expect(await secretOf({ pin: { id: await someText() } })).toBeFalsy()
    expect(await secretOf({ message: { conversation: 'd', messageContextInfo: {} } })).toBeFalsy()
  })
})

test('a chat of disappearing messages says so in each of them, whoever has set it', async () => {
  const { id: on } = await talk.say({ disappearing: { seconds: 86_400 } })
  const { id: within } = await talk.say({ image: true })
  await talk.say({ disappearing: { seconds: 0 } })
  const { id: after } = await talk.say({ text: 'stays' })

  expect((await talk.arrived(on)).message?.protocolMessage).toMatchObject({
    type: 3,
    ephemeralExpiration: 86_400,
  })
  expect((await talk.arrived(within)).message?.imageMessage?.contextInfo?.expiration).toBe(86_400)
  expect((await talk.arrived(after)).message).toMatchObject({ conversation: 'stays' })
})

test('what is quoted, mentioned or forwarded is told inside of wrappers; a quote has no secret', async () => {
  const quote = await someText()

  const { id } = await talk.say({ image: { viewOnce: true }, quote, mentions: [talk.owner.lidJid()] })

  const once = (await talk.arrived(id)).message?.viewOnceMessageV2?.message?.imageMessage
  expect(once?.contextInfo).toMatchObject({ stanzaId: quote, mentionedJid: [talk.owner.lidJid()] })
  expect(once?.contextInfo?.quotedMessage).toMatchObject({ conversation: 'earlier' })
  expect(once?.contextInfo?.quotedMessage?.messageContextInfo).toBeFalsy()
})

test('the files of words can be read', async () => {
  const { id } = await talk.say({ stickerPack: { name: 'Dogs' } })
  const pack = (await talk.arrived(id)).message?.stickerPackMessage

  expect(proto.Message.StickerPackMessage.StickerPackOrigin.USER_CREATED).toBe(pack?.stickerPackOrigin)
  expect(talk.sandbox.network.media.get(pack?.directPath ?? '')).toBeDefined()
})

test.each([
  [{ text: 'a', image: true }, 'name exactly one of'],
  [{ album: {} }, 'an album of neither'],
  [{ audio: { waveform: [1, 2] } }, 'waveform'],
  [{ groupInvite: { group: '1@g.us' } }, 'there is no group'],
  [{ channelAdminInvite: { channel: '1@newsletter' } }, 'has no channel'],
  [{ statusMention: { id: 'unknown' } }, 'there is no message unknown'],
  [{ groupStatus: { text: 'a' } }, 'only groups'],
  [{ pollResult: { id: 'unknown' } }, 'there is no message unknown'],
  [{ poll: { name: 'a', options: ['b'], correct: 'c' } }, 'the poll has no option c'],
  [{ order: { items: 1, seller: '1' } }, 'nobody has the number 1'],
])('%j is an error', async (content, reason) => {
  const { status: answered, body } = await talk.post('send', { to: talk.owner.phone, ...content })

  expect(answered).toBe(400)
  expect(body.error).toContain(reason)
})

async function someText(): Promise<string> {
  return (await talk.say({ text: 'earlier' })).id
}

async function somePoll(): Promise<string> {
  return (await talk.say({ poll: { name: 'Tea?', options: ['yes', 'no'] } })).id
}

function ownGroup() {
  const { sandbox, contact } = talk
  const known = sandbox.network.groupsOf(contact).find(({ subject }) => subject === 'Alone')
  return known ?? sandbox.network.createGroup({ subject: 'Alone', creator: contact })
}

async function someChannel(): Promise<string> {
  const { body } = await talk.post('channels', { name: 'News' })
  // The answer of this control has an address of its own.
  return (body as unknown as { jid: string }).jid
}
