import { expect, test } from 'vitest'
import { proto } from '../../../src/whatsapp/library/engine.ts'
import { protoJson } from '../../../src/whatsapp/wire/proto-json.ts'

const thumbnail = Buffer.from([1, 2, 3]).toString('base64')

// One entry per added kind: as JSON, and its number on the wire.
const kinds: [id: number, message: object][] = [
  [
    115,
    { pollResultSnapshotMessageV3: { name: 'Closed', pollVotes: [{ optionName: 'a', optionVoteCount: 2 }] } },
  ],
  [116, { newsletterAdminProfileMessage: { message: { conversation: 'from an admin' } } }],
  [
    118,
    {
      spoilerMessage: {
        message: { extendedTextMessage: { text: 'Rosebud', contextInfo: { isSpoiler: true } } },
      },
    },
  ],
  [
    119,
    {
      pollCreationMessageV6: {
        name: 'When?',
        options: [{ optionName: 'now' }],
        endTime: 1_790_000_000,
        allowAddOption: true,
      },
    },
  ],
  [
    120,
    {
      conditionalRevealMessage: {
        encPayload: thumbnail,
        encIv: thumbnail,
        conditionalRevealMessageType: 1,
        revealKeyId: 'k',
      },
    },
  ],
  [
    121,
    {
      pollAddOptionMessage: {
        pollCreationMessageKey: { id: 'P', fromMe: false },
        addOption: { optionName: 'later' },
      },
    },
  ],
  [
    122,
    {
      eventInviteMessage: {
        eventId: 'E',
        eventTitle: 'Fair',
        jpegThumbnail: thumbnail,
        startTime: 1_790_000_000,
        isCanceled: false,
        contextInfo: { stanzaId: 'Q' },
      },
    },
  ],
  [
    124,
    {
      paymentReminderMessage: {
        reminderId: 'R',
        frequency: 3,
        amount: { value: 1200, offset: 100, currencyCode: 'BRL' },
      },
    },
  ],
  [
    125,
    {
      splitPaymentMessage: {
        splitId: 'S',
        participants: [{ jid: '1@lid', status: 1 }, { jid: '2@lid' }],
        createdAtMs: 1_790_000_000_123,
      },
    },
  ],
  [128, { splitPaymentUpdateMessage: { splitId: 'S', participantJid: '1@lid' } }],
  [129, { musicMessage: { embeddedMusic: { title: 'Air' }, songUri: 'u' } }],
]

test.each(kinds)('kind %i is written under its number and read again, whole', (id, json) => {
  const bytes = proto.Message.encode(proto.Message.fromObject(json)).finish()
  expect(firstNumber(bytes)).toBe(id)
  expect(protoJson(proto.Message, proto.Message.decode(bytes))).toEqual(json)
  // Behind a wrapper, and beside other members.
  const inner = { ...json, messageContextInfo: { messageSecret: thumbnail } }
  const wrapped = proto.Message.encode(
    proto.Message.fromObject({ ephemeralMessage: { message: inner } }),
  ).finish()
  expect(protoJson(proto.Message, proto.Message.decode(wrapped))).toEqual({
    ephemeralMessage: { message: inner },
  })
})

test('a plain object is written as an instance is', () => {
  const poll: proto.IMessage = { pollCreationMessageV6: { name: 'q', endTime: 5 } }
  expect(Buffer.from(proto.Message.encode(poll).finish())).toEqual(
    Buffer.from(proto.Message.encode(proto.Message.fromObject(poll)).finish()),
  )
})

test('the number under which the library has the closed poll is read still', () => {
  const snapshot = Buffer.from(proto.Message.PollResultSnapshotMessage.encode({ name: 'Old' }).finish())
  const bytes = Buffer.concat([Buffer.from([0x92, 0x07, snapshot.length]), snapshot])
  expect(proto.Message.decode(bytes).pollResultSnapshotMessageV3?.name).toBe('Old')
})

test('root keys of a group are not read', () => {
  const entry = Buffer.from([0x0a, 2, 7, 7, 0x12, 1, 0x6b])
  const share = Buffer.concat([Buffer.from([0x0a, entry.length]), entry])
  const bytes = Buffer.concat([Buffer.from([0xda, 0x07, share.length]), share])
  expect(protoJson(proto.Message, proto.Message.decode(bytes))).toEqual({
    groupRootKeyShare: { keys: [{ keyId: 'k' }] },
  })
})

test('what is cut off in the middle of such a kind is no message', () => {
  const bytes = proto.Message.encode(proto.Message.fromObject(kinds[3]?.[1] ?? {})).finish()
  expect(() => proto.Message.decode(bytes.subarray(0, -3))).toThrow()
})

/** The number of the first field of an encoded message. */
function firstNumber(bytes: Uint8Array): number {
  let tag = 0
  for (const [index, byte] of bytes.entries()) {
    tag |= (byte & 127) << (7 * index)
    if (byte < 128) break
  }
  return tag >>> 3
}
