import { expect, test } from 'vitest'
import { contentOf, MESSAGE_KINDS } from '../../src/events/message-kinds.ts'
import { KEY_EXCHANGE } from '../../src/events/unwrap.ts'
import { proto } from '../../src/whatsapp/library/engine.ts'

/** Members that only wrap another message. */
const WRAPPERS = [
  'associatedChildMessage',
  'botForwardedMessage',
  'botInvokeMessage',
  'botTaskMessage',
  'deviceSentMessage',
  'documentWithCaptionMessage',
  'editedMessage',
  'ephemeralMessage',
  'eventCoverImage',
  'groupMentionedMessage',
  'groupStatusMentionMessage',
  'groupStatusMessage',
  'groupStatusMessageV2',
  'limitSharingMessage',
  'lottieStickerMessage',
  'newsletterFollowerInviteMessageV2',
  'pollCreationMessageV4',
  'pollCreationOptionImageMessage',
  'questionMessage',
  'questionReplyMessage',
  'statusAddYours',
  'statusMentionMessage',
  'viewOnceMessage',
  'viewOnceMessageV2',
  'viewOnceMessageV2Extension',
]

/** Members that nobody here has a word for. */
const WORDLESS = [
  'albumMessage',
  'bcallMessage',
  'call',
  'callLogMesssage',
  'cancelPaymentRequestMessage',
  'chat',
  'commentMessage',
  'declinePaymentRequestMessage',
  'encCommentMessage',
  'encEventResponseMessage',
  'eventMessage',
  'groupInviteMessage',
  'highlyStructuredMessage',
  'invoiceMessage',
  'keepInChatMessage',
  'messageHistoryBundle',
  'messageHistoryNotice',
  'newsletterAdminInviteMessage',
  'paymentInviteMessage',
  'pinInChatMessage',
  'placeholderMessage',
  'pollResultSnapshotMessage',
  'pollResultSnapshotMessageV3',
  'requestPaymentMessage',
  'requestPhoneNumberMessage',
  'richResponseMessage',
  'scheduledCallCreationMessage',
  'scheduledCallEditMessage',
  'secretEncryptedMessage',
  'sendPaymentMessage',
  'statusNotificationMessage',
  'statusQuestionAnswerMessage',
  'statusQuotedMessage',
  'statusStickerInteractionMessage',
  'questionResponseMessage',
  'stickerPackMessage',
  'stickerSyncRmrMessage',
]

test('every member of a message has a kind, or it was decided that it needs none', () => {
  const decided = [...Object.keys(MESSAGE_KINDS), ...KEY_EXCHANGE, ...WRAPPERS, ...WORDLESS]

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
  expect(contentOf({ albumMessage: {} })).toBeUndefined()
})

/** The fields of a generated class: its prototype holds their defaults, and its functions. */
function membersOf(prototype: object): string[] {
  return Object.entries(prototype)
    .filter(([, value]) => typeof value !== 'function')
    .map(([member]) => member)
}
