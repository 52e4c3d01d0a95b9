import { afterAll, beforeAll, expect, test } from 'vitest'
import { voteInPoll } from '../../../src/operations/messages/poll-ballots.ts'
import { type Sandbox, startSandbox } from '../../../src/sandbox/index.ts'
import { LinkedDevice } from '../../../src/sandbox/peer/linked-device.ts'
import { type LinkedUser, TestApp } from '../../helpers/app.ts'
import { type Receiver, startReceiver } from '../../helpers/receiver.ts'

// A session that was linked in one sandbox goes on in another, which was started from what the first one saved.

/** Events are looked into freely. */
type Json = ReturnType<typeof JSON.parse>

const [ANA, BEN, DORA] = ['447900000901', '447900000902', '447900000903']
const rounds = Array.from({ length: 20 }, (_, index) => index)

let first: Sandbox
let second: Sandbox
let app: TestApp
let receiver: Receiver
let user: LinkedUser
let group: string
/** A poll of Ana's in the group, from before. */
let poll: string
/** How many requests the receiver had when the second sandbox began. */
let requestsBefore: number
/** What was sent while the session was away, in this order. */
const missed: string[] = []

beforeAll(async () => {
  receiver = await startReceiver()
  first = await startSandbox()
  app = await start(first)
  user = await app.linkedUser({ webhook: receiver.url })
  await app.contact(ANA, { name: 'Ana' })
  await app.contact(BEN, { name: 'Ben', addressing: 'pn' })
  await app.contact(DORA, { name: 'Dora' })
  const people = { creator: ANA, participants: [BEN, user.phone] }
  group = (await app.sandbox('POST', '/groups', { subject: 'Team', ...people })).jid
  await talk()
  await app.stop()
  await writeMeanwhile()

  requestsBefore = receiver.requests.length
  const state = JSON.parse(JSON.stringify(await first.save()))
  await first.stop()
  second = await startSandbox({ state })
  app = await start(second, app)
  await app.waitFor('the session', () => session()?.status.loggedIn)
})
afterAll(async () => {
  await app.close()
  await second?.stop()
  await first.stop()
  await receiver.close()
})

function start(sandbox: Sandbox, earlier?: TestApp): Promise<TestApp> {
  return TestApp.start({
    env: { WEBHOOK_FORMAT: 'json', WHATSAPP_NETWORK: sandbox.url },
    reuse: earlier?.place,
  })
}

/** Everybody has written to everybody, so that ratchets have turned and sender keys are known. */
async function talk(): Promise<void> {
  await told(await writes(ANA, { to: user.phone, text: 'hello' }))
  await arrives(ANA, 'hello Ana', await sends({ Phone: ANA, Body: 'hello Ana' }))
  await told(await writes(ANA, { to: user.phone, text: 'hello again' }))
  await arrives(BEN, 'hello Ben', await sends({ Phone: BEN, Body: 'hello Ben' }))
  await told(await writes(BEN, { group, text: 'hello from Ben' }))
  const toAll = await sends({ Phone: group, Body: 'hello all' })
  for (const phone of [ANA, BEN]) await arrives(phone, 'hello all', toAll)
  poll = await writes(ANA, { group, poll: { name: 'Tea?', options: ['yes', 'no'] } })
  await told(poll)
}

/** The session is away: Ben answers at last, Dora writes for the first time. */
async function writeMeanwhile(): Promise<void> {
  const say = async (phone: string, body: object) => {
    const answer = await fetch(`${first.controlUrl}/sandbox/contacts/${phone}/send`, {
      method: 'POST',
      body: JSON.stringify(body),
    })
    const { id }: Json = await answer.json()
    missed.push(id)
  }
  await say(ANA, { to: user.phone, text: 'are you there?' })
  await say(BEN, { to: user.phone, text: 'an answer' })
  await say(DORA, { to: user.phone, text: 'we do not know each other' })
  await say(ANA, { group, text: 'is anybody there?' })
  await say(BEN, { group, poll: { name: 'Cake?', options: ['yes', 'no'] } })
  await say(ANA, { to: user.phone, image: { caption: 'look' } })
}

function session() {
  return app.parley.services.sessions.find(user.id)
}

function device(): LinkedDevice {
  const found = second.network.findAccount(user.phone)?.devices.get(1)
  if (!(found instanceof LinkedDevice)) throw new Error('the device is gone')
  return found
}

/** A contact writes; resolves with the id. */
async function writes(phone: string, body: object): Promise<string> {
  return (await app.sandbox('POST', `/contacts/${phone}/send`, body)).id
}

async function sends(body: object, what = 'text'): Promise<string> {
  const answer = await app.post(`/chat/send/${what}`, user.token, body)
  if (answer.status !== 200) throw new Error(answer.text)
  return answer.json.data.Id
}

/** Everything the webhook was told, or what came since. */
function events(since = 0): Json[] {
  return receiver.requests.slice(since).map(({ event }) => event)
}

/** The webhook is told of a message; a sender key that comes with it is an event of its own. */
function told(id: string): Promise<Json> {
  return app.waitFor(`message ${id}`, () =>
    events().find(
      ({ type, event }) =>
        type === 'Message' && event.Info.ID === id && !event.Message.senderKeyDistributionMessage,
    ),
  )
}

/** A contact has decrypted a message. */
async function arrives(phone: string, text: string | undefined, id: string): Promise<Json> {
  const received = await app.waitFor(`${id} at ${phone}`, async () =>
    (await app.received(phone)).find((message: Json) => message.id === id),
  )
  expect(received.text).toBe(text)
  return received
}

test('the session logs in at another address, without a code', () => {
  expect(second.url).not.toBe(first.url)
  expect(second.server.logins(device().jid)).toBe(1)
  expect(events(requestsBefore).map(({ type }) => type)).not.toContain('QR')
})

test('what waited for it comes once, in its order', async () => {
  for (const id of missed) await told(id)

  const messages = events(requestsBefore).filter(({ type }) => type === 'Message')
  const ids: string[] = messages.map(({ event }) => event.Info.ID)
  expect(ids.toSorted()).toEqual(missed.toSorted())
  // Those of one chat; different chats are told side by side.
  for (const chat of new Set(messages.map(({ event }) => event.Info.Chat))) {
    const ofChat = messages.filter(({ event }) => event.Info.Chat === chat).map(({ event }) => event.Info.ID)
    expect(ofChat).toEqual(missed.filter((id) => ofChat.includes(id)))
  }
  await expect.poll(() => device().unacknowledged).toEqual([])
})

test('people and the group go on writing and reading', async () => {
  for (const round of rounds) {
    const chats = [{ to: user.phone }, { group }]
    for (const phone of [ANA, BEN]) {
      for (const chat of chats) await told(await writes(phone, { ...chat, text: `${round} of ${phone}` }))
    }
    await told(await writes(DORA, { to: user.phone, text: `${round}` }))
    for (const phone of [ANA, BEN, DORA])
      await arrives(phone, `${round}`, await sends({ Phone: phone, Body: `${round}` }))
    const toAll = await sends({ Phone: group, Body: `${round} to all` })
    for (const phone of [ANA, BEN]) await arrives(phone, `${round} to all`, toAll)
  }
})

test('votes are opened on both sides, in polls from before and after', async () => {
  const own = await sends({ group, Header: 'Milk?', Options: ['yes', 'no'] }, 'poll')
  const { user: owner } = session() ?? {}
  if (!owner) throw new Error('the session is gone')
  const scope = { user: owner, services: app.parley.services }
  await arrives(BEN, undefined, own)

  const cast = await app.sandbox('POST', `/contacts/${BEN}/vote`, { id: poll, options: ['no'] })
  const castOnOwn = await app.sandbox('POST', `/contacts/${BEN}/vote`, { id: own, options: ['yes'] })
  const sent = await voteInPoll(scope, { id: poll, chat: group, options: ['yes'] })

  expect((await told(cast.id)).pollVote.selectedOptions).toEqual(['no'])
  expect((await told(castOnOwn.id)).pollVote.selectedOptions).toEqual(['yes'])
  for (const phone of [ANA, BEN])
    expect((await arrives(phone, undefined, sent.id)).opened).toEqual({ options: ['yes'] })
})

test('files from before can still be fetched', async () => {
  const id = missed.at(-1)
  const picture = (await told(id ?? '')).event.Message.imageMessage

  const answer = await app.post('/chat/downloadimage', user.token, {
    Url: picture.URL ?? picture.url,
    DirectPath: picture.directPath,
    MediaKey: picture.mediaKey,
    Mimetype: picture.mimetype,
    FileEncSHA256: picture.fileEncSHA256 ?? picture.fileEncSha256,
    FileSHA256: picture.fileSHA256 ?? picture.fileSha256,
    FileLength: Number(picture.fileLength),
  })

  expect(answer.status).toBe(200)
})

test('nobody had to ask for another copy, and nothing remained unread', async () => {
  expect(await app.sandbox('GET', '/retry-requests')).toEqual({ total: 0, latest: [] })
  expect(events().map(({ type }) => type)).not.toContain('UndecryptableMessage')
  for (const phone of [ANA, BEN, DORA]) {
    const { observations } = await app.sandbox('GET', `/contacts/${phone}/observations`)
    expect(observations.filter(({ tag }: Json) => tag === 'failure')).toEqual([])
  }
  await expect.poll(() => device().unacknowledged).toEqual([])
})
