import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findMessage } from '../../../src/store/messages/messages.ts'
import { type LinkedUser, TestApp } from '../../helpers/app.ts'
import { type ReceivedRequest, type Receiver, startReceiver } from '../../helpers/receiver.ts'
import { optionHash, sealedVote } from './poll-ballot.ts'

type Json = ReturnType<typeof JSON.parse>

let app: TestApp
let receiver: Receiver
let user: LinkedUser
const ada = '447900000401'

beforeAll(async () => {
  receiver = await startReceiver()
  app = await TestApp.start({ env: { WEBHOOK_FORMAT: 'json' } })
  await app.contact(ada, { name: 'Ada' })
  user = await app.linkedUser({ webhook: receiver.url, events: 'All' })
})
afterAll(async () => {
  await app.close()
  await receiver.close()
})

async function says(content: object): Promise<string> {
  const { id } = await app.sandbox('POST', `/contacts/${ada}/send`, { to: user.phone, ...content })
  return id
}

/** The first event delivered that looks as wanted. */
function delivered(what: string, matches: (event: Json) => boolean): Promise<Json> {
  const look = ({ event }: ReceivedRequest) => matches(event)
  return app.waitFor(what, () => receiver.requests.find(look)?.event)
}

describe('linking a phone', () => {
  test('delivers the parts of its history', async () => {
    const first = await delivered('the first part', ({ type, event }) => {
      return type === 'HistorySync' && event.Data.syncType === 0
    })
    const names = await delivered('the names', ({ type, event }) => {
      return type === 'HistorySync' && event.Data.syncType === 4
    })

    expect(first.event.Notification).toMatchObject({ syncType: 0, progress: 100 })
    expect(names.event.Data.pushnames).toContainEqual({ ID: `${ada}@s.whatsapp.net`, pushname: 'Ada' })
  })

  test('teaches the session who is who', async () => {
    const session = app.parley.services.sessions.live(user.id)

    const to = await app.waitFor('the LID', async () => {
      const jid = await session.resolve(ada)
      return jid.endsWith('@lid') ? jid : undefined
    })

    expect(to).toMatch(/@lid$/)
  })
})

describe('a message that cannot be decrypted', () => {
  test('is told of once, and then delivered in its second copy', async () => {
    await says({ text: 'opens the conversation' })
    await app.sandbox('POST', '/faults', { kind: 'corrupt-message', jid: user.phone, times: 1 })

    const id = await says({ text: 'damaged on its way' })

    const notice = await delivered('the notice', ({ type, event }) => {
      return type === 'UndecryptableMessage' && event.Info.ID === id
    })
    expect(notice.event).toMatchObject({
      Info: { IsFromMe: false, PushName: 'Ada' },
      IsUnavailable: false,
      UnavailableType: '',
    })
    const message = await delivered('the message', ({ type, event }) => {
      return type === 'Message' && event.Info.ID === id
    })
    expect(message.event.Message).toEqual({
      conversation: 'damaged on its way',
      messageContextInfo: { messageSecret: expect.stringMatching(/^.{44}$/) },
    })
    const notices = receiver.requests.filter(({ event }) => event.type === 'UndecryptableMessage')
    expect(notices).toHaveLength(1)
  })
})

describe('votes', () => {
  /** A vote of Ada in a poll. */
  const vote = (pollId: string, ballot: { secret: Uint8Array; creator: string; options: string[] }) =>
    says({
      message: {
        pollUpdateMessage: {
          pollCreationMessageKey: { id: pollId, remoteJid: `${user.phone}@s.whatsapp.net` },
          vote: sealedVote({ pollId, voter: `${ada}@s.whatsapp.net`, ...ballot }),
        },
      },
    })

  const opened = (voteId: string) =>
    delivered('the vote', ({ type, event }) => type === 'Message' && event.Info.ID === voteId)

  test('in a poll somebody else asked are opened', async () => {
    const pollId = await says({ poll: { name: 'Lunch?', options: ['Pizza', 'Sushi'] } })
    const poll = await delivered('the poll', ({ type, event }) => {
      return type === 'Message' && event.Info.ID === pollId
    })
    const secret = Buffer.from(poll.event.Message.messageContextInfo.messageSecret, 'base64')

    const id = await vote(pollId, { secret, creator: `${ada}@s.whatsapp.net`, options: ['Sushi'] })

    expect((await opened(id)).pollVote).toEqual({
      pollCreationMsgID: pollId,
      selectedHashesB64: [optionHash('Sushi')],
      selectedOptions: ['Sushi'],
    })
  })

  test('in an own poll are opened, also when the server was restarted since', async () => {
    const poll = { group: ada, Header: 'Dinner?', Options: ['Soup', 'Salad'] }
    const answer = await app.post('/chat/send/poll', user.token, poll)
    const pollId = answer.json.data.Id
    const seen = await app.waitFor('the poll at Ada', async () =>
      (await app.received(ada)).find((message) => message.id === pollId),
    )
    const secret = Buffer.from(seen.message.messageContextInfo.messageSecret, 'base64')
    await app.parley.services.sessions.drain()
    await app.parley.services.sessions.restore()

    const creator = `${user.phone}@s.whatsapp.net`
    const id = await vote(pollId, { secret, creator, options: ['Soup', 'Salad'] })

    expect((await opened(id)).pollVote).toMatchObject({ selectedOptions: ['Soup', 'Salad'] })
  })

  test('in one of two polls with the same id are opened', async () => {
    const Id = 'POLL-1001'
    const poll = { Header: 'Dessert?', Options: ['Ice', 'Cake'], Id }
    await app.post('/chat/send/poll', user.token, { ...poll, group: ada })
    await app.post('/chat/send/poll', user.token, { ...poll, group: await app.contact('447900000409') })
    const seen = await app.waitFor('the poll at Ada', async () =>
      (await app.received(ada)).find((message) => message.id === Id),
    )
    const secret = Buffer.from(seen.message.messageContextInfo.messageSecret, 'base64')

    const id = await vote(Id, { secret, creator: `${user.phone}@s.whatsapp.net`, options: ['Cake'] })

    expect((await opened(id)).pollVote).toMatchObject({ selectedOptions: ['Cake'] })
  })
})

describe('a receipt', () => {
  test('says how far a message got, and never back', async () => {
    const answer = await app.post('/chat/send/text', user.token, { Phone: ada, Body: 'did you see this?' })
    const id = answer.json.data.Id
    const chats = [await app.parley.services.sessions.live(user.id).resolve(ada)]
    const status = async () =>
      (await findMessage(app.parley.services.db, { userId: user.id, id, chats }))?.status
    const reaches = (wanted: string) => app.waitFor(wanted, async () => (await status()) === wanted)
    await reaches('delivered')

    await app.sandbox('POST', `/contacts/${ada}/receipt`, { ids: [id], type: 'read' })
    await reaches('read')
    await app.sandbox('POST', `/contacts/${ada}/receipt`, { ids: [id], type: 'delivered' })
    await app.sandbox('POST', `/contacts/${ada}/receipt`, { ids: [id], type: 'played' })

    await reaches('played')
  })
})

test('the own name is told when the phone first uses it', async () => {
  await app.sandbox('POST', `/contacts/${user.phone}/send`, { to: ada, text: 'from my phone' })

  const { event } = await delivered('the name', ({ type, event }) => {
    return type === 'Connected' && event.Action !== undefined
  })

  expect(event).toMatchObject({ Action: { name: 'Own phone' }, FromFullSync: false })
})
