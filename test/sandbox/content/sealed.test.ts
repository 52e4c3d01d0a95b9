import { createDecipheriv, hkdfSync } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { UseCase } from '../../../src/sandbox/content/sealing.ts'
import {
  decryptEventResponse,
  decryptPollVote,
  type proto,
  proto as schema,
} from '../../../src/whatsapp/library/engine.ts'
import { announced, startTalk, type Talk } from './talk.ts'

const START = 1_800_000_000
let talk: Talk
let group: string
let oldGroup: string

beforeAll(async () => {
  talk = await startTalk('447900061')
  const { sandbox, contact, owner } = talk
  group = sandbox.network.createGroup({ subject: 'New', creator: contact, members: [owner] }).jid
  const addressing = 's.whatsapp.net'
  oldGroup = sandbox.network.createGroup({
    subject: 'Old',
    creator: contact,
    members: [owner],
    addressing,
  }).jid
})
afterAll(() => talk.close())

interface Sealed {
  encPayload?: Uint8Array | null
  encIv?: Uint8Array | null
}

/** Opens with what WhatsApp's documents say of the key, and with nothing of the sandbox. */
function opened(
  { encPayload, encIv }: Sealed,
  {
    secret,
    id,
    author,
    sender,
    useCase,
  }: Record<'id' | 'author' | 'sender', string> & { useCase: UseCase; secret: Uint8Array },
): proto.IMessage {
  const key = Buffer.from(hkdfSync('sha256', secret, '', id + author + sender + useCase, 32))
  const payload = encPayload ?? Buffer.alloc(16)
  const decipher = createDecipheriv('aes-256-gcm', key, encIv ?? Buffer.alloc(12))
  decipher.setAuthTag(payload.subarray(-16))
  const plain = Buffer.concat([decipher.update(payload.subarray(0, -16)), decipher.final()])
  return useCase === 'Enc Reaction'
    ? { reactionMessage: schema.Message.ReactionMessage.decode(plain) }
    : schema.Message.decode(plain)
}

async function secretOf(id: string): Promise<Uint8Array> {
  return (await talk.arrived(id)).message?.messageContextInfo?.messageSecret ?? new Uint8Array()
}

/** A message of the linked device that the contact has, and its secret. */
async function ofOwner(content: { text: string } | { event: { name: string; startDate: Date } }) {
  const sent = await talk.companion.socket.sendMessage(talk.contact.lidJid(), content)
  const id = sent?.key.id ?? ''
  await talk.seen(id)
  return { id, secret: sent?.message?.messageContextInfo?.messageSecret ?? new Uint8Array() }
}

describe('a contact seals, with its LID in chats of today,', () => {
  const self = () => ({ author: talk.contact.lidJid(), sender: talk.contact.lidJid() })

  test('an edit of its own message', async () => {
    const first = await talk.say({ text: 'helo' })

    const edit = await talk.say({ edit: { id: first.id, text: 'hello', sealed: true } })

    const { message } = await talk.arrived(edit.id)
    const secret = await secretOf(first.id)
    const sealed = message?.secretEncryptedMessage
    expect(announced(await talk.stanzaOf(edit.id))).toMatchObject({
      type: 'text',
      edit: '1',
      decryptFail: 'hide',
    })
    expect(sealed).toMatchObject({ secretEncType: 2, targetMessageKey: { id: first.id, fromMe: true } })
    const inside = opened(sealed ?? {}, { ...self(), secret, id: first.id, useCase: 'Message Edit' })
    expect(inside.protocolMessage).toMatchObject({
      type: 14,
      key: { id: first.id },
      editedMessage: { conversation: 'hello' },
    })
  })

  test('an edit of its own event, whose other particulars stay', async () => {
    const first = await talk.say({ event: { name: 'Party', start: START } })

    const edit = await talk.say({ eventEdit: { id: first.id, canceled: true } })

    const sealed = (await talk.arrived(edit.id)).message?.secretEncryptedMessage
    const inside = opened(sealed ?? {}, {
      ...self(),
      secret: await secretOf(first.id),
      id: first.id,
      useCase: 'Event Edit',
    })
    expect(announced(await talk.stanzaOf(edit.id))).toMatchObject({
      type: 'event',
      edit: '1',
      decryptFail: 'hide',
      meta: { event_type: 'edit' },
    })
    expect(sealed?.secretEncType).toBe(1)
    expect(inside.protocolMessage?.editedMessage?.eventMessage).toMatchObject({
      name: 'Party',
      isCanceled: true,
    })
  })

  test('an edit of its own poll, and another option', async () => {
    const first = await talk.say({ poll: { name: 'Tea?', options: ['yes'], version: 6, extensible: true } })
    const secret = await secretOf(first.id)

    const edit = await talk.say({ pollEdit: { id: first.id, name: 'Coffee?' } })
    const added = await talk.say({ addPollOption: { id: first.id, option: 'perhaps' } })

    const sealedEdit = (await talk.arrived(edit.id)).message?.secretEncryptedMessage
    const sealedOption = (await talk.arrived(added.id)).message?.secretEncryptedMessage
    const about = { ...self(), secret, id: first.id }
    expect(announced(await talk.stanzaOf(edit.id))).toMatchObject({
      type: 'poll',
      decryptFail: 'hide',
      meta: { polltype: 'edit' },
    })
    expect(announced(await talk.stanzaOf(added.id))).toMatchObject({
      type: 'poll',
      decryptFail: 'hide',
      meta: { polltype: 'add_option', message_association_type: 'poll_add_option' },
    })
    expect([sealedEdit?.secretEncType, sealedOption?.secretEncType]).toEqual([4, 5])
    const edited = opened(sealedEdit ?? {}, { ...about, useCase: 'Poll Edit' })
    expect(edited.protocolMessage?.editedMessage?.pollCreationMessageV6).toMatchObject({
      name: 'Coffee?',
      options: [{ optionName: 'yes' }],
    })
    const option = opened(sealedOption ?? {}, { ...about, useCase: 'Poll Add Option' })
    expect(option.pollAddOptionMessage?.addOption?.optionName).toBe('perhaps')
  })

  test('a reaction and a comment to a message of somebody else', async () => {
    const { id, secret } = await ofOwner({ text: 'nice?' })
    const about = { secret, id, author: talk.owner.lidJid(), sender: talk.contact.lidJid() }

    const reaction = await talk.say({ reaction: { id, emoji: '👍', sealed: true } })
    const comment = await talk.say({ comment: { id, text: 'very', sealed: true } })

    const sealedReaction = (await talk.arrived(reaction.id)).message?.encReactionMessage
    const sealedComment = (await talk.arrived(comment.id)).message?.encCommentMessage
    expect(announced(await talk.stanzaOf(reaction.id))).toMatchObject({
      type: 'reaction',
      decryptFail: 'hide',
    })
    expect(announced(await talk.stanzaOf(comment.id))).toMatchObject({
      type: 'text',
      meta: { thread_msg_id: id },
    })
    const inside = opened(sealedReaction ?? {}, { ...about, useCase: 'Enc Reaction' })
    expect(inside.reactionMessage).toMatchObject({ text: '👍' })
    expect(inside.reactionMessage?.key).toBeFalsy()
    const said = opened(sealedComment ?? {}, { ...about, useCase: 'Enc Comment' })
    expect(said.extendedTextMessage?.text).toBe('very')
  })

  test('an answer to an event, which the library opens', async () => {
    const { id, secret } = await ofOwner({ event: { name: 'Fair', startDate: new Date(START * 1000) } })

    const answer = await talk.say({ rsvp: { id, answer: 'maybe', guests: 2 } })

    const sealed = (await talk.arrived(answer.id)).message?.encEventResponseMessage
    expect(announced(await talk.stanzaOf(answer.id))).toMatchObject({
      type: 'event',
      decryptFail: 'hide',
      meta: { event_type: 'response' },
    })
    expect(sealed?.eventCreationMessageKey).toMatchObject({ id, fromMe: false })
    const response = decryptEventResponse(sealed ?? {}, {
      eventCreatorJid: talk.owner.lidJid(),
      eventMsgId: id,
      eventEncKey: secret,
      responderJid: talk.contact.lidJid(),
    })
    expect(response).toMatchObject({ response: 3, extraGuestCount: 2 })
  })
})

describe('who is named in the key', () => {
  test.each([
    ['a LID in a chat by LID', () => talk.owner.lidJid(), () => talk.contact.lidJid()],
    ['a number in a chat by number', () => talk.owner.jid(), () => talk.contact.jid()],
    ['a LID in a group of today', () => group, () => talk.contact.lidJid()],
    ['a number in an old group', () => oldGroup, () => talk.contact.jid()],
  ])('is %s', async (_where, to, own) => {
    const first = await talk.say({ to: to(), text: 'helo' })

    const edit = await talk.say({ to: to(), edit: { id: first.id, text: 'hello', sealed: true } })

    const sealed = (await talk.arrived(edit.id)).message?.secretEncryptedMessage
    const names = { author: own(), sender: own() }
    const inside = opened(sealed ?? {}, {
      ...names,
      secret: await secretOf(first.id),
      id: first.id,
      useCase: 'Message Edit',
    })
    expect(inside.protocolMessage?.editedMessage?.conversation).toBe('hello')
  })

  test('is, of a voter, of the kind of the author of the poll', async () => {
    const poll = await talk.say({ to: talk.owner.jid(), poll: { name: 'Tea?', options: ['yes'] } })
    const { body: vote } = await talk.post('vote', { id: poll.id, options: ['yes'] })

    const update = (await talk.arrived(vote.id)).message?.pollUpdateMessage
    const { selectedOptions } = decryptPollVote(update?.vote ?? {}, {
      pollCreatorJid: talk.contact.jid(),
      pollMsgId: poll.id,
      pollEncKey: await secretOf(poll.id),
      voterJid: talk.contact.jid(),
    })
    expect(selectedOptions).toHaveLength(1)
  })
})

describe('a contact opens', () => {
  test('its own votes, of which the last one counts', async () => {
    const poll = await talk.say({ poll: { name: 'Tea?', options: ['yes', 'no'] } })
    await talk.post('vote', { id: poll.id, options: ['no'] })
    await talk.post('vote', { id: poll.id, options: ['yes'] })

    const { id } = await talk.say({ pollResult: { id: poll.id } })

    const votes = (await talk.arrived(id)).message?.pollResultSnapshotMessage?.pollVotes
    expect(votes?.map(({ optionVoteCount }) => Number(optionVoteCount))).toEqual([1, 0])
  })

  test('the answer of another contact to its event, and says what it is', async () => {
    const { sandbox, contact } = talk
    const ben = sandbox.network.createAccount({ phone: '4479000619', name: 'Ben' })
    const event = await talk.say({ to: ben.phone, event: { name: 'Fair', start: START } })

    const url = `${sandbox.controlUrl}/sandbox/contacts/${ben.phone}/send`
    const answer = { to: contact.phone, rsvp: { id: event.id, answer: 'going' } }
    const response = await fetch(url, { method: 'POST', body: JSON.stringify(answer) })
    const { id } = (await response.json()) as { id: string }

    expect((await talk.seen(id)).opened).toMatchObject({ says: { response: 'GOING' } })
  })

  test('nothing that was sealed with another key, and says so', async () => {
    const first = await talk.say({ text: 'mine' })
    const key = { remoteJid: talk.contact.lidJid(), fromMe: false, id: first.id }
    const sealed = { encPayload: Buffer.alloc(40), encIv: Buffer.alloc(12) }
    const sent = await talk.companion.socket.relayMessage(
      talk.contact.lidJid(),
      { encReactionMessage: { targetMessageKey: key, ...sealed } },
      {},
    )
    const lost = await talk.companion.socket.relayMessage(
      talk.contact.lidJid(),
      { encReactionMessage: { targetMessageKey: { ...key, id: 'unknown' }, ...sealed } },
      {},
    )

    expect((await talk.seen(sent ?? '')).opened).toEqual({
      failure: 'the key for Enc Reaction does not open it',
    })
    expect((await talk.seen(lost ?? '')).opened).toEqual({
      failure: 'there is no message unknown with a secret',
    })
  })
})

test.each([
  [
    'an unknown message',
    async () => ({ edit: { id: 'unknown', text: 'a', sealed: true } }),
    'there is no message unknown',
  ],
  [
    'an unknown event',
    async () => ({ rsvp: { id: 'unknown', answer: 'going' } }),
    'there is no message unknown',
  ],
  [
    'what is no event',
    async () => ({ rsvp: { id: (await talk.say({ text: 'a' })).id, answer: 'going' } }),
    'is no event',
  ],
  [
    'what is no poll',
    async () => ({ pollEdit: { id: (await talk.say({ text: 'a' })).id, name: 'b' } }),
    'is no poll',
  ],
  [
    'a message of another chat',
    async () => ({
      edit: { id: (await talk.say({ to: group, text: 'a' })).id, text: 'b', sealed: true },
    }),
    'there is no message',
  ],
  [
    'somebody else’s message',
    async () => ({ edit: { id: (await ofOwner({ text: 'mine' })).id, text: 'a', sealed: true } }),
    'is somebody else',
  ],
  [
    'a poll that takes no options',
    async () => ({
      addPollOption: { id: (await talk.say({ poll: { name: 'Tea?', options: ['yes'] } })).id, option: 'no' },
    }),
    'takes no further options',
  ],
  [
    'a message without a secret',
    async () => ({
      reaction: {
        id: (await talk.say({ message: { conversation: 'a', messageContextInfo: {} } })).id,
        emoji: '👍',
        sealed: true,
      },
    }),
    'with a secret',
  ],
])('nothing is sealed about %s', async (_what, content, reason) => {
  const { status, body } = await talk.post('send', { to: talk.owner.phone, ...(await content()) })

  expect(status).toBe(400)
  expect(body.error).toContain(reason)
})
