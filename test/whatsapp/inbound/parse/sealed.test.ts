import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { messageEvents } from '../../../../src/whatsapp/inbound/parse/messages.ts'
import { openSealed, sealedIn } from '../../../../src/whatsapp/inbound/parse/sealed.ts'
import { aesEncryptGCM, hmacSign, proto } from '../../../../src/whatsapp/library/engine.ts'

const ME = { pn: '5511988887777:12@s.whatsapp.net', lid: '222222222222222:12@lid' }
const SECRET = Buffer.alloc(32, 7)
const IV = Buffer.alloc(12, 1)
const { Message } = proto
const { MESSAGE_EDIT } = Message.ProtocolMessage.Type

const about = {
  sender: [ME.pn],
  message: {
    messageContextInfo: { messageSecret: SECRET },
    pollCreationMessageV3: { name: 'Lunch?', options: [{ optionName: 'Pizza' }, { optionName: 'Sushi' }] },
  },
}
/** The same of whoever seals: nobody else may change it. */
const theirs = { ...about, sender: ['123@lid', '5511@s.whatsapp.net'] }
const target = { id: 'TARGET', fromMe: true }
const hash = (option: string) => createHash('sha256').update(option).digest()

/** Encrypts as clients do, with the functions that the library has for votes. */
function seal(plain: Uint8Array, { author, sender, use }: { author: string; sender: string; use: string }) {
  const sign = Buffer.concat([Buffer.from(`TARGET${author}${sender}${use}`), Buffer.from([1])])
  const key = hmacSign(sign, hmacSign(SECRET, Buffer.alloc(32), 'sha256'), 'sha256')
  const isBound = use === 'Poll Vote' || use === 'Event Response'
  const data = Buffer.from(isBound ? `TARGET\0${sender}` : '')
  return { encPayload: aesEncryptGCM(plain, key, IV, data), encIv: IV }
}

/** A message as it is received of somebody who has both identities. */
function received(message: proto.IMessage) {
  const [event] = messageEvents(
    {
      attrs: { id: 'V', from: '123:2@lid', sender_pn: '5511@s.whatsapp.net', t: '1' },
      meta: [],
      encType: 'msg',
      encAttrs: { type: 'msg' },
      plaintext: Message.encode(message).finish(),
    },
    ME,
  )
  if (!event) throw new Error('no event came out of the message')
  return event
}

function open(message: proto.IMessage, known = about) {
  const event = received(message)
  const part = sealedIn(event)
  if (!part) throw new Error('nothing is sealed here')
  return openSealed(event, part, { about: known, me: ME })
}

const BY_LID = { author: '222222222222222@lid', sender: '123@lid' }
const BY_AUTHOR = { author: '123@lid', sender: '123@lid' }
const BY_NUMBER = { author: '5511988887777@s.whatsapp.net', sender: '5511@s.whatsapp.net' }

function vote(people: typeof BY_LID, options: string[]): proto.IMessage {
  const plain = Message.PollVoteMessage.encode({ selectedOptions: options.map(hash) }).finish()
  const sealed = seal(plain, { ...people, use: 'Poll Vote' })
  return { pollUpdateMessage: { pollCreationMessageKey: target, vote: sealed } }
}

function change(
  secretEncType: number,
  use: string,
  content: proto.IMessage,
  people = BY_AUTHOR,
): proto.IMessage {
  const sealed = seal(Message.encode(content).finish(), { ...people, use })
  return { secretEncryptedMessage: { targetMessageKey: target, secretEncType, ...sealed } }
}

describe('votes', () => {
  test.each([BY_LID, BY_NUMBER])('encrypted between $author and $sender are opened', (people) => {
    expect(open(vote(people, ['Pizza']))).toEqual({
      pollVote: {
        pollId: 'TARGET',
        selectedHashes: [hash('Pizza').toString('base64')],
        selectedOptions: ['Pizza'],
      },
    })
  })

  test('that were withdrawn choose nothing', () => {
    expect(open(vote(BY_LID, []))).toMatchObject({ pollVote: { selectedHashes: [], selectedOptions: [] } })
  })

  test('for options nobody knows keep their hashes', () => {
    const selectedHashes = [hash('Salad').toString('base64')]
    expect(open(vote(BY_LID, ['Salad']))).toMatchObject({ pollVote: { selectedHashes, selectedOptions: [] } })
  })

  test('of somebody else stay closed', () => {
    expect(open(vote({ ...BY_LID, sender: '999@lid' }, ['Pizza']))).toBeUndefined()
  })

  test('in a poll inside wrappers are opened', () => {
    const { messageContextInfo, ...poll } = about.message
    const wrapped = {
      messageContextInfo,
      ephemeralMessage: { message: { pollCreationMessageV4: { message: poll } } },
    }
    expect(
      open(vote(BY_LID, ['Sushi']), { ...about, message: wrapped as unknown as typeof about.message }),
    ).toMatchObject({
      pollVote: { selectedOptions: ['Sushi'] },
    })
  })
})

describe('changes', () => {
  const edited = { conversation: 'Dinner?' }
  const edit = { key: target, type: MESSAGE_EDIT, editedMessage: edited, timestampMs: 5 }

  test('of a text say what they change, as an open one does', () => {
    const decrypted = { protocolMessage: edit }
    expect(open(change(2, 'Message Edit', { protocolMessage: edit }), theirs)).toEqual({ decrypted })
  })

  test('that are the new content alone become an edit', () => {
    expect(open(change(2, 'Message Edit', edited), theirs)).toEqual({
      decrypted: { protocolMessage: { key: target, type: MESSAGE_EDIT, editedMessage: edited } },
    })
  })

  test.each([
    [1, 'Event Edit', { eventMessage: { name: 'Fair', isCanceled: true } }],
    [4, 'Poll Edit', { pollCreationMessageV3: { name: 'Dinner?' } }],
  ])('of kind %i are an edit of their message', (type, use, content) => {
    expect(open(change(type, use, content), theirs)).toEqual({
      decrypted: { protocolMessage: { key: target, type: MESSAGE_EDIT, editedMessage: content } },
    })
  })

  test.each(['Poll Add Option', 'Poll Edit'])(
    'that add an option, sealed as %s, stay what they are',
    (use) => {
      const content = {
        pollAddOptionMessage: { pollCreationMessageKey: target, addOption: { optionName: 'Soup' } },
      }
      expect(open(change(5, use, content, BY_LID))).toEqual({ decrypted: content })
    },
  )

  test.each([
    [1, 'Event Edit'],
    [2, 'Message Edit'],
    [4, 'Poll Edit'],
  ])('of kind %i to a message of somebody else stay closed, though everybody has its secret', (type, use) => {
    expect(open(change(type, use, { protocolMessage: edit }, BY_LID))).toBeUndefined()
  })

  test.each([
    ['an edit', 2, 'Message Edit', { protocolMessage: { ...edit, key: { id: 'ANOTHER' } } }],
    [
      'an option',
      5,
      'Poll Add Option',
      { pollAddOptionMessage: { pollCreationMessageKey: { id: 'ANOTHER' }, addOption: { optionName: 'x' } } },
    ],
  ])('that are %s of another message than the one whose secret opens them stay closed', (...given) => {
    const [_what, type, use, content] = given
    expect(open(change(type, use, content), theirs)).toBeUndefined()
  })

  test('that are a deletion in truth stay closed', () => {
    const protocolMessage = { key: target, type: Message.ProtocolMessage.Type.REVOKE }
    expect(open(change(2, 'Message Edit', { protocolMessage }), theirs)).toBeUndefined()
  })

  test('that have something else beside them are changes and nothing else', () => {
    expect(
      open(change(2, 'Message Edit', { protocolMessage: edit, conversation: 'And this' }), theirs),
    ).toEqual({ decrypted: { protocolMessage: edit } })
  })

  test('that are sealed for another use stay closed', () => {
    expect(open(change(2, 'Event Edit', edited), theirs)).toBeUndefined()
  })

  test('whose content is no message stay closed', () => {
    const sealed = seal(Buffer.from([0xff, 0xff]), { ...BY_AUTHOR, use: 'Message Edit' })
    expect(
      open({ secretEncryptedMessage: { targetMessageKey: target, secretEncType: 2, ...sealed } }, theirs),
    ).toBeUndefined()
  })

  test.each([
    ['an empty secret', { messageContextInfo: { messageSecret: Buffer.alloc(0) } }],
    ['no secret', { conversation: 'Lunch?' }],
  ])('of a message with %s stay closed', (_name, message) => {
    const known = { ...theirs, message: message as unknown as typeof about.message }
    expect(open(change(2, 'Message Edit', edited), known)).toBeUndefined()
  })

  test.each([
    ['a short payload', { encPayload: Buffer.alloc(3), encIv: IV }],
    ['a vector of another length', { encPayload: Buffer.alloc(40), encIv: Buffer.alloc(5) }],
    ['nothing', {}],
  ])('with %s stay closed', (_name, sealed) => {
    expect(
      open({ secretEncryptedMessage: { targetMessageKey: target, secretEncType: 2, ...sealed } }),
    ).toBeUndefined()
  })

  test('that name no message are not looked into', () => {
    expect(sealedIn(received({ secretEncryptedMessage: { secretEncType: 2 } }))).toBeUndefined()
  })

  test('of a kind nobody knows are noticed', () => {
    const part = sealedIn(
      received({ secretEncryptedMessage: { targetMessageKey: target, secretEncType: 99 as never } }),
    )
    expect(part).toMatchObject({ kind: 'unknown', targetId: 'TARGET' })
  })
})

test('a reaction is told with the message it is about', () => {
  const plain = Message.ReactionMessage.encode({ text: '👍', senderTimestampMs: 5 }).finish()
  const sealed = seal(plain, { ...BY_LID, use: 'Enc Reaction' })
  expect(open({ encReactionMessage: { targetMessageKey: target, ...sealed } })).toEqual({
    decrypted: { reactionMessage: { key: target, text: '👍', senderTimestampMs: 5 } },
  })
})

test('a comment is told with the message it is about', () => {
  const plain = Message.encode({ extendedTextMessage: { text: 'Nice' } }).finish()
  const sealed = seal(plain, { ...BY_LID, use: 'Enc Comment' })
  expect(open({ encCommentMessage: { targetMessageKey: target, ...sealed } })).toEqual({
    decrypted: {
      commentMessage: { message: { extendedTextMessage: { text: 'Nice' } }, targetMessageKey: target },
    },
  })
})

test.each([
  [1, 'going'],
  [2, 'not_going'],
  [3, 'maybe'],
  [0, ''],
])('answer %i to an event is "%s"', (response, word) => {
  const plain = Message.EventResponseMessage.encode({ response, extraGuestCount: 2, timestampMs: 5 }).finish()
  const sealed = seal(plain, { ...BY_LID, use: 'Event Response' })
  expect(open({ encEventResponseMessage: { eventCreationMessageKey: target, ...sealed } })).toEqual({
    eventResponse: { eventId: 'TARGET', response: word, extraGuests: 2, timestampMs: 5 },
  })
})
