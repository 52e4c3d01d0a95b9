import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { decryptPollVote, proto } from '../../../src/whatsapp/library/engine.ts'
import { optionHash, sealedVote } from '../../whatsapp/inbound/poll-ballot.ts'
import { failure, Multisession, sentAs, success } from './messaging.ts'

let server: Multisession
let group: string
beforeAll(async () => {
  server = await Multisession.start()
  group = await server.newGroup()
})
afterAll(() => server.close())

const chat_jid = '15550003003'
const NOT_VALID = failure(500, 'WhatsApp Client is not Valid')
const NOT_REGISTERED = failure(500, 'WhatsApp Personal ID is Not Registered')
const voted = success('Success vote on poll')

async function ask(question: string, more: object = {}): Promise<string> {
  const body = { question, options: ['Yes', 'No', 'Maybe'], ...more }
  return (await server.call(`POST /chats/${chat_jid}/polls`, body))[1].data.message_id
}

/** The options of a vote as whoever asked the poll decrypts it: base64 hashes. */
async function opened(pollId: string, creator: string, voter: string): Promise<string[]> {
  const { pollUpdateMessage } = await server.change(
    ({ pollUpdateMessage }) => pollUpdateMessage?.pollCreationMessageKey.id === pollId,
  )
  const stored = await server.app.parley.services.db('messages').where({ id: pollId }).first()
  const { messageContextInfo } = proto.Message.decode(Buffer.from(stored.proto, 'base64'))
  const { encPayload, encIv } = pollUpdateMessage.vote
  const vote = decryptPollVote(
    { encPayload: Buffer.from(encPayload, 'base64'), encIv: Buffer.from(encIv, 'base64') },
    {
      pollCreatorJid: creator,
      pollMsgId: pollId,
      pollEncKey: messageContextInfo?.messageSecret ?? Buffer.alloc(0),
      voterJid: voter,
    },
  )
  return (vote.selectedOptions ?? []).map((hash) => Buffer.from(hash).toString('base64'))
}

describe('POST /chats/{chat_jid}/polls', () => {
  test('asks for one answer, or for several', async () => {
    const single = await server.arrives('polls', { question: 'Lunch?', options: ['Yes', 'No'] })
    const multiple = await server.arrives('polls', {
      question: 'Which?',
      options: ['a', 'b'],
      multi_answer: true,
    })

    expect(single.pollCreationMessageV3).toMatchObject({
      name: 'Lunch?',
      options: [{ optionName: 'Yes' }, { optionName: 'No' }],
      selectableOptionsCount: 1,
    })
    expect(multiple.pollCreationMessage.selectableOptionsCount).toBe(2)
  })

  test.each([
    [{ options: ['a', 'b'] }, 'question is required'],
    [{ question: 'Q', options: ['a'] }, 'at least 2 options are required'],
    [{ question: 'Q' }, 'at least 2 options are required'],
    [{ question: 'Q', options: Array(13).fill('o') }, 'maximum 12 options allowed'],
    [{ question: 'Q', options: 'one' }, 'Failed parse body request'],
  ])('refuses %j', async (body, sentence) => {
    expect(await server.call(`POST /chats/${chat_jid}/polls`, body)).toEqual(failure(400, sentence))
  })
})

describe('POST /polls/{poll_id}/vote', () => {
  test('votes in a poll of the contact, who can open the vote', async () => {
    const poll = await server.hears({ poll: { name: 'Lunch?', options: ['Yes', 'No'] } })

    expect(await server.call(`POST /polls/${poll}/vote`, { chat_jid, options: ['Yes'] })).toEqual(voted)

    const stored = await server.app.parley.services.db('messages').where({ id: poll }).first()
    const creator = stored.sender.replace(/:\d+@/, '@')
    const { me } = server.app.parley.services.sessions.live(server.device.user.id)
    const voter = (creator.endsWith('@lid') ? me.lid : me.pn).replace(/:\d+@/, '@')
    expect(await opened(poll, creator, voter)).toEqual([optionHash('Yes')])
  })

  test('votes in a group', async () => {
    const poll = await server.hears({ poll: { name: 'Where?', options: ['Here', 'There'] }, group })

    expect(await server.call(`POST /polls/${poll}/vote`, { chatjid: group, options: ['There'] })).toEqual(
      voted,
    )

    const { pollUpdateMessage } = await server.change(
      ({ pollUpdateMessage }) => pollUpdateMessage?.pollCreationMessageKey.id === poll,
    )
    expect(pollUpdateMessage.pollCreationMessageKey).toMatchObject({
      fromMe: false,
      participant: expect.any(String),
    })
  })

  test('counts in the results, the newest vote alone', async () => {
    const poll = await ask('Own?')

    await server.call(`POST /polls/${poll}/vote`, { chat_jid, options: ['No'] })
    await server.call(`POST /polls/${poll}/vote`, { chat_jid, options: ['Yes'] })

    const [, { data }] = await server.call(`GET /polls/${poll}/results`)
    expect(data.results[0]).toEqual({ option: 'Yes', votes: 1, voters: [server.ownJid] })
    expect(data.results[1]).toEqual({ option: 'No', votes: 0, voters: [] })
  })

  test('says what is wrong', async () => {
    const poll = await server.hears({ poll: { name: 'One?', options: ['Yes', 'No'] } })
    const text = await server.hears({ text: 'no poll' })
    const vote = (name: string, body: object, jwt?: string) =>
      server.call(`POST /polls/${name}/vote`, body, { jwt })

    expect(await vote(poll, { options: ['Yes'] })).toEqual(failure(400, 'chat_jid is required'))
    expect(await vote(poll, { chat_jid, options: [] })).toEqual(
      failure(400, 'at least 1 option is required to vote'),
    )
    expect(await vote(poll, { chat_jid, options: ['Perhaps'] })).toEqual(
      failure(400, 'the poll has no option "Perhaps"'),
    )
    expect(await vote(poll, { chat_jid, options: ['Yes', 'No'] })).toEqual(
      failure(400, 'the poll allows 1 of its options to be chosen'),
    )
    expect(await vote(text, { chat_jid, options: ['Yes'] })).toEqual(failure(400, 'Message is not a poll'))
    expect(await vote('UNKNOWN', { chat_jid, options: ['Yes'] })).toEqual(failure(404, 'Message not found'))
    expect(await vote(poll, { chat_jid: '15559999999', options: ['Yes'] })).toEqual(NOT_REGISTERED)
    expect(await vote(poll, { chat_jid, options: ['Yes'] }, await server.unlinked())).toEqual(NOT_VALID)
    const { jwt } = await server.another()
    expect(await vote(poll, { chat_jid, options: ['Yes'] }, jwt)).toEqual(failure(404, 'Message not found'))
  })
})

describe('GET /polls/{poll_id}/results', () => {
  const note = expect.any(String)
  const MESSAGE = 'Poll results are delivered via webhook events'

  test('counts the votes that were seen', async () => {
    const poll = await ask('Dinner?')
    const { messageContextInfo } = (await server.arrived(poll)).message
    const ballot = sealedVote({
      pollId: poll,
      secret: Buffer.from(messageContextInfo.messageSecret, 'base64'),
      creator: server.ownJid,
      voter: server.contactJid,
      options: ['Maybe'],
    })
    await server.app.sandbox('POST', `/contacts/${server.contact}/send`, {
      to: server.device.user.phone,
      message: {
        pollUpdateMessage: {
          pollCreationMessageKey: { id: poll, remoteJid: server.ownJid },
          vote: ballot,
        },
      },
    })
    const { db } = server.app.parley.services
    await server.app.waitFor('the vote', () => db('message_responses').where({ target_id: poll }).first())

    expect(await server.call(`GET /polls/${poll}/results`)).toEqual(
      success(MESSAGE, {
        note,
        poll_id: poll,
        question: 'Dinner?',
        multi_answer: false,
        total_voters: 1,
        results: [
          { option: 'Yes', votes: 0, voters: [] },
          { option: 'No', votes: 0, voters: [] },
          { option: 'Maybe', votes: 1, voters: [server.contactJid] },
        ],
      }),
    )
  })

  test("points to the events for what it does not know, such as another device's polls", async () => {
    const poll = await ask('Mine?')
    const { jwt } = await server.another()

    expect(await server.call('GET /polls/whatever/results')).toEqual(
      success(MESSAGE, { note, poll_id: 'whatever' }),
    )
    for (const other of [jwt, await server.unlinked()])
      expect(await server.call(`GET /polls/${poll}/results`, undefined, { jwt: other })).toEqual(
        success(MESSAGE, { note, poll_id: poll }),
      )
  })
})

describe('DELETE /polls/{poll_id}', () => {
  test('takes an own poll back', async () => {
    const poll = await ask('Gone?')

    expect(await server.call(`DELETE /polls/${poll}`, { chat_jid })).toEqual(success('Success delete poll'))

    const { protocolMessage } = await server.change(
      ({ protocolMessage }) => protocolMessage?.key?.id === poll,
    )
    expect(protocolMessage).toMatchObject({ type: 'REVOKE', key: { fromMe: true } })
  })

  test.each([
    [{}, failure(400, 'chat_jid is required')],
    [{ chat_jid: 5 }, failure(400, 'Failed parse body request')],
    [{ chat_jid: '15559999999' }, NOT_REGISTERED],
  ])('refuses %j', async (body, refusal) => {
    expect(await server.call('DELETE /polls/3EB0X', body)).toEqual(refusal)
  })
})

test('a poll is answered with its id', async () => {
  const body = { question: 'Q', options: ['a', 'a'] }

  expect(await server.call(`POST /chats/${chat_jid}/polls`, body)).toEqual(
    sentAs('Success create poll', expect.stringMatching(/^3EB0/)),
  )
})
