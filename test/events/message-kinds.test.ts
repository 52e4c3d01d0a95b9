import { expect, test } from 'vitest'
import type { ProtoJson } from '../../src/events/event-parts.ts'
import {
  choiceOf,
  contentOf,
  describeContent,
  MESSAGE_KINDS,
  targetOf,
} from '../../src/events/message-kinds.ts'
import { innermost, KEY_EXCHANGE, MESSAGE_WRAPPERS, unwrapMessage } from '../../src/events/unwrap.ts'
import { proto } from '../../src/whatsapp/library/engine.ts'

/** Members that nobody here has a word for. */
const WORDLESS = [
  'bcallMessage',
  'call',
  'chat',
  'highlyStructuredMessage',
  'statusLinkPreviewMetadata',
  'statusQuotedMessage',
]

test('every member of a message has a kind, or it was decided that it needs none', () => {
  const decided = [...Object.keys(MESSAGE_KINDS), ...KEY_EXCHANGE, ...MESSAGE_WRAPPERS, ...WORDLESS]

  expect(decided.sort()).toEqual(membersOf(proto.Message.prototype).sort())
})

test('what carries keys besides has the kind of its content', () => {
  const message = { messageContextInfo: {}, senderKeyDistributionMessage: {}, imageMessage: { caption: 'a' } }

  expect(contentOf(message)).toMatchObject({ kind: 'image', file: 'image', content: { caption: 'a' } })
})

test('a bare text reads like one with a preview', () => {
  expect(contentOf({ conversation: 'hello' })).toMatchObject({ kind: 'text', content: { text: 'hello' } })
})

test('what holds no known member has no kind', () => {
  expect(contentOf({ chat: {} })).toBeUndefined()
})

test.each(MESSAGE_WRAPPERS)('content inside %s is found, with the secret that lies outside', (wrapper) => {
  const messageContextInfo = { messageSecret: 'c2VjcmV0' }
  const message = { messageContextInfo, [wrapper]: { message: { imageMessage: { caption: 'a' } } } }

  expect(contentOf(message)).toMatchObject({ kind: 'image', content: { caption: 'a' } })
  expect(innermost(message)).toEqual({ messageContextInfo, imageMessage: { caption: 'a' } })
  // The same around each other, and around what another tool takes off.
  const twice = { ephemeralMessage: { message }, senderKeyDistributionMessage: {} }
  expect(innermost(twice)).toEqual(innermost(message))
  expect(contentOf(unwrapMessage(twice).message)).toMatchObject({ kind: 'image' })
})

test('wrappers without end are left on', () => {
  let message: Record<string, object> = { imageMessage: {} }
  for (let depth = 0; depth < 40; depth++) message = { ephemeralMessage: { message } }

  expect(contentOf(message as never)).toBeUndefined()
})

const start = 1_790_000_000

// What members without a text of their own are in words.
const words: [words: string, message: ProtoJson][] = [
  ['Album: 2 pictures, 1 video', { albumMessage: { expectedImageCount: 2, expectedVideoCount: 1 } }],
  [
    'Event: Fair, 2026-09-21 14:13 UTC, Pier 3',
    { eventMessage: { name: 'Fair', startTime: start, location: { name: 'Pier 3' } } },
  ],
  ['Event that is called off: Fair', { eventMessage: { name: 'Fair', isCanceled: true } }],
  ['Event: Fair', { eventMessage: { name: 'Fair', startTime: 9e15 } }],
  [
    'Invitation to an event: Fair, 2026-09-21 14:13 UTC',
    { eventInviteMessage: { eventTitle: 'Fair', startTime: start } },
  ],
  [
    'Invitation to a group: Sailors, Join us',
    { groupInviteMessage: { groupName: 'Sailors', caption: 'Join us' } },
  ],
  ['Invitation to run a channel: News', { newsletterAdminInviteMessage: { newsletterName: 'News' } }],
  ['Invitation to a channel: News', { newsletterFollowerInviteMessageV2: { newsletterName: 'News' } }],
  [
    'Contacts: Ada, Ben',
    { contactsArrayMessage: { contacts: [{ displayName: 'Ada' }, { displayName: 'Ben' }] } },
  ],
  ['Ada', { contactMessage: { displayName: 'Ada' } }],
  ['Pier 3', { locationMessage: { name: 'Pier 3' } }],
  [
    'Order: Shoes, 2 items, Please wrap',
    { orderMessage: { orderTitle: 'Shoes', itemCount: 2, message: 'Please wrap' } },
  ],
  [
    'Product: Shoe, 12.50 EUR, Look',
    {
      productMessage: {
        body: 'Look',
        product: { title: 'Shoe', priceAmount1000: 12500, currencyCode: 'EUR' },
      },
    },
  ],
  ['Catalogue: Shoes', { productMessage: { catalog: { title: 'Shoes' } } }],
  [
    'Request for a payment: 5.00 BRL, Lunch',
    {
      requestPaymentMessage: {
        amount1000: 5000,
        currencyCodeIso4217: 'BRL',
        noteMessage: { extendedTextMessage: { text: 'Lunch' } },
      },
    },
  ],
  ['Payment: Thanks', { sendPaymentMessage: { noteMessage: { conversation: 'Thanks' } } }],
  [
    'Reminder of a payment: Rent, 12.00 BRL',
    {
      paymentReminderMessage: {
        description: 'Rent',
        amount: { value: 1200, offset: 100, currencyCode: 'BRL' },
      },
    },
  ],
  ['Payment to share: Dinner', { splitPaymentMessage: { description: 'Dinner' } }],
  ['Invoice: No. 7', { invoiceMessage: { note: 'No. 7' } }],
  [
    'Result of a poll: Lunch?, Pizza 3, Sushi 0',
    {
      pollResultSnapshotMessage: {
        name: 'Lunch?',
        pollVotes: [{ optionName: 'Pizza', optionVoteCount: 3 }, { optionName: 'Sushi' }],
      },
    },
  ],
  [
    'Result of a poll: Pizza',
    {
      pollResultSnapshotMessage: {
        pollVotes: [{ optionName: 'Pizza', optionVoteCount: { $int: '9223372036854775807' } }],
      },
    },
  ],
  ['Lunch?', { pollCreationMessageV6: { name: 'Lunch?' } }],
  ['Stickers: Cats', { stickerPackMessage: { name: 'Cats' } }],
  ['Music: Air, Bach', { musicMessage: { embeddedMusic: { title: 'Air', author: 'Bach' } } }],
  [
    'Planned call: Review, 2026-09-21 14:13 UTC',
    { scheduledCallCreationMessage: { title: 'Review', scheduledTimestampMs: start * 1000 } },
  ],
  ['Missed video call', { callLogMesssage: { isVideo: true, callOutcome: 1 } }],
  ['Voice call', { callLogMesssage: {} }],
  ['Nice', { commentMessage: { message: { extendedTextMessage: { text: 'Nice' } } } }],
  ['Hello', { templateMessage: { hydratedTemplate: { hydratedContentText: 'Hello' } } }],
  [
    'One\nTwo',
    { richResponseMessage: { submessages: [{ messageText: 'One' }, {}, { messageText: 'Two' }] } },
  ],
]

test.each(words)('"%s"', (text, message) => {
  const found = contentOf(message)
  expect(found && describeContent(found)).toBe(text)
})

const answers: [ProtoJson, text: string, id: string][] = [
  [{ buttonsResponseMessage: { selectedDisplayText: 'Yes', selectedButtonId: 'y' } }, 'Yes', 'y'],
  [{ templateButtonReplyMessage: { selectedDisplayText: 'Yes', selectedId: 'y' } }, 'Yes', 'y'],
  [{ listResponseMessage: { title: 'Yes', singleSelectReply: { selectedRowId: 'y' } } }, 'Yes', 'y'],
  [
    {
      interactiveResponseMessage: {
        body: { text: 'Yes' },
        nativeFlowResponseMessage: { paramsJson: '{"id":"y"}' },
      },
    },
    'Yes',
    'y',
  ],
  [
    {
      interactiveResponseMessage: {
        body: { text: 'Yes' },
        nativeFlowResponseMessage: { paramsJson: 'no JSON' },
      },
    },
    'Yes',
    '',
  ],
  [
    {
      interactiveResponseMessage: {
        body: { text: 'Yes' },
        nativeFlowResponseMessage: { paramsJson: 'null' },
      },
    },
    'Yes',
    '',
  ],
]

test.each(answers)('answers have the text and the id that were chosen: %j', (message, text, id) => {
  const found = contentOf(message)
  expect(found && [describeContent(found), choiceOf(found)]).toEqual([text, id])
})

const targets: ProtoJson[] = [
  { reactionMessage: { key: { id: 'T' } } },
  { pinInChatMessage: { key: { id: 'T' } } },
  { keepInChatMessage: { key: { id: 'T' } } },
  { secretEncryptedMessage: { targetMessageKey: { id: 'T' } } },
  { pollAddOptionMessage: { pollCreationMessageKey: { id: 'T' } } },
  { encEventResponseMessage: { eventCreationMessageKey: { id: 'T' } } },
]

test.each(targets)('what is about another message names it: %j', (message) => {
  const found = contentOf(message)
  expect(found && targetOf(found)).toBe('T')
})

/** The fields of a generated class: its prototype holds their defaults, and its functions. */
function membersOf(prototype: object): string[] {
  return Object.entries(prototype)
    .filter(([, value]) => typeof value !== 'function')
    .map(([member]) => member)
}
