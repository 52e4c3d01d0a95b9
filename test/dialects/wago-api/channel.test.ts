import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { picture } from '../../helpers/media.ts'
import { type Receiver, startReceiver } from '../../helpers/receiver.ts'
import { failure, Wago } from './wago.ts'

const done = [200, { success: true, result: true }]
const unknown = '120363999999999999@newsletter'

let wago: Wago
let receiver: Receiver
let chatId: string
beforeAll(async () => {
  receiver = await startReceiver()
  wago = await Wago.start({ env: { WEBHOOK_FORMAT: 'json' } })
  await wago.app.linkedUser({ name: 'reader', webhook: receiver.url })
  chatId = await newChannel('Tides')
})
afterAll(async () => {
  await wago.stop()
  await receiver.close()
})

async function newChannel(title: string): Promise<string> {
  const { json } = await wago.call('/client/createChannel/main', { title })
  await wago.call('/client/subscribeToChannel/reader', { channelId: json.result.id })
  return json.result.id
}

async function call(
  route: string,
  body: object,
  session = 'main',
): Promise<[number, ReturnType<typeof JSON.parse>]> {
  const { status, json } = await wago.call(`/channel/${route}/${session}`, { chatId, ...body })
  return [status, json]
}

/** Posts and gives what the channel shows of it to its reader. */
async function posted(body: object) {
  const [status, { messageId }] = await call('sendMessage', body)
  expect([status, messageId]).toEqual([200, expect.stringMatching(/^3EB0/)])
  return newest()
}

async function newest(session = 'reader') {
  const [, { messages }] = await call('fetchMessages', {}, session)
  return messages.at(-1)
}

describe('/channel/getClassInfo', () => {
  test('describes a channel to its owner and to a reader', async () => {
    const shown = {
      id: chatId,
      name: 'Tides',
      description: '',
      subscribers: 2,
      inviteCode: expect.stringMatching(/^0029/),
      role: 'owner',
      mute: 'on',
      state: 'active',
    }

    expect(await call('getClassInfo', {})).toEqual([200, { success: true, channel: shown }])
    const [, { channel }] = await call('getClassInfo', { chatId: chatId.replace(/@.*/, '') }, 'reader')
    expect(channel).toEqual({ ...shown, role: 'subscriber' })
  })

  test('knows nothing of a channel that is none', async () => {
    expect(await call('getClassInfo', { chatId: unknown })).toEqual([404, failure('Channel not Found')])
  })
})

describe('/channel/sendMessage', () => {
  test('answers like every message and arrives at the reader', async () => {
    const [status, json] = await call('sendMessage', { text: 'High water at noon' })

    expect([status, json]).toEqual([
      200,
      { success: true, messageId: expect.any(String), timestamp: expect.any(Number) },
    ])
    const told = () =>
      receiver.requests.find(({ event }) => JSON.stringify(event).includes(`"${json.messageId}"`))
    expect((await wago.app.waitFor('the post at the reader', told)).event).toMatchObject({
      event: { Info: { Chat: chatId, ServerID: 100 } },
    })
  })

  test.each([
    ['text', { text: 'One' }, 'One'],
    ['text', { contentType: 'string', content: 'Two' }, 'Two'],
    ['poll', { contentType: 'Poll', content: { pollName: 'Swim?', pollOptions: ['Yes', 'No'] } }, 'Swim?'],
  ])('posts a %s', async (type, body, expected) => {
    expect(await posted(body)).toMatchObject({ type, body: expected })
  })

  test('posts a file', async () => {
    const mediaBase64 = (await picture('jpeg')).toString('base64')

    expect(await posted({ mediaBase64, caption: 'Low water' })).toMatchObject({
      type: 'image',
      body: 'Low water',
    })
  })

  test.each([
    ['a reader', 'reader', {}, '403'],
    ['anybody where no channel is', 'main', { chatId: unknown }, '404'],
  ])('is refused to %s', async (_whom, session, other, code) => {
    expect(await call('sendMessage', { text: 'x', ...other }, session)).toEqual([
      500,
      failure(`server returned error ${code}`),
    ])
  })
})

describe('/channel/fetchMessages', () => {
  test('lists posts with their counts', async () => {
    const post = await posted({ text: 'Count me' })

    expect(post).toEqual({
      serverId: expect.any(Number),
      views: 0,
      reactions: {},
      body: 'Count me',
      type: 'text',
      timestamp: expect.closeTo(Date.now() / 1000, -1),
    })
  })

  test('lists as many as wanted, before the one that is named', async () => {
    const numbers = []
    for (const text of ['a', 'b', 'c']) numbers.push((await posted({ text })).serverId)
    const list = async (body: object) => (await call('fetchMessages', body, 'reader'))[1].messages

    const newestTwo = await list({ searchOptions: { limit: 2 } })
    const earlier = await list({ searchOptions: { limit: 1 }, before: numbers[1] })

    expect(newestTwo.map(({ body }: { body: string }) => body)).toEqual(['b', 'c'])
    expect(earlier).toMatchObject([{ serverId: numbers[0], body: 'a' }])
  })

  test('finds nothing in a channel that is none', async () => {
    const [status, { success }] = await call('fetchMessages', { chatId: unknown })

    expect([status, success]).toEqual([500, false])
  })
})

describe('/channel/sendSeen', () => {
  test('counts the posts that are named, or the newest, once per account', async () => {
    const first = await posted({ text: 'First' })
    const second = await posted({ text: 'Second' })
    const views = async () => {
      const [, { messages }] = await call('fetchMessages', { searchOptions: { limit: 2 } })
      return messages.map((post: { views: number }) => post.views)
    }

    expect(await call('sendSeen', { messageServerIds: [first.serverId] }, 'reader')).toEqual(done)
    expect(await views()).toEqual([1, 0])
    expect(await call('sendSeen', {}, 'reader')).toEqual(done)
    expect(await views()).toEqual([1, 1])
    expect(second.serverId).toBe(first.serverId + 1)
  })
})

describe('/channel/sendReaction', () => {
  test('puts an emoji on a post, changes it and takes it back', async () => {
    const { serverId: messageServerId } = await posted({ text: 'React' })
    const react = (reaction: string, session = 'reader') =>
      call('sendReaction', { messageServerId, reaction }, session)

    expect(await react('👍')).toEqual(done)
    await react('👍', 'main')
    expect((await newest()).reactions).toEqual({ '👍': 2 })
    await react('❤')
    expect((await newest()).reactions).toEqual({ '👍': 1, '❤': 1 })
    await react('')
    expect((await newest()).reactions).toEqual({ '👍': 1 })
  })

  test('is refused for a post that is not there', async () => {
    expect(await call('sendReaction', { messageServerId: 7, reaction: '👍' })).toEqual([
      500,
      failure('server returned error 404'),
    ])
  })
})

describe('/channel/mute and /channel/unmute', () => {
  test('switch the notifications of a channel', async () => {
    const muted = async () => (await call('getClassInfo', {}, 'reader'))[1].channel.mute

    expect(await call('unmute', {}, 'reader')).toEqual(done)
    expect(await muted()).toBe('off')
    expect(await call('mute', {}, 'reader')).toEqual(done)
    expect(await muted()).toBe('on')
  })

  test.each(['mute', 'unmute'])('%s is refused for a channel that is none', async (route) => {
    expect((await call(route, { chatId: unknown }))[0]).toBe(500)
  })
})

describe('/channel/deleteChannel', () => {
  test('is for the owner', async () => {
    const channel = { chatId: await newChannel('Short-lived') }

    expect(await call('deleteChannel', channel, 'reader')).toEqual([500, failure('graphql error: Forbidden')])
    expect(await call('deleteChannel', channel)).toEqual(done)
    expect(await call('getClassInfo', channel)).toEqual([404, failure('Channel not Found')])
  })
})

test.each([
  ['sendReaction', { messageServerId: '101', reaction: '👍' }],
  ['sendReaction', { messageServerId: 1.5, reaction: '👍' }],
  ['sendReaction', { messageServerId: 101, reaction: 7 }],
  ['sendSeen', { messageServerIds: ['101'] }],
  ['fetchMessages', { before: 'x' }],
])('/channel/%s refuses %j', async (route, body) => {
  expect(await call(route, body)).toEqual([400, failure('Invalid request body')])
})
