import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { LinkedUser } from '../../helpers/app.ts'
import { done, failure, refused, success, Wago } from './wago.ts'

let wago: Wago
let reader: LinkedUser
let channel: { id: string; thread_metadata: { invite: string } }
beforeAll(async () => {
  wago = await Wago.start()
  reader = await wago.app.linkedUser({ events: '' })
  const [, { data }] = await wago.call('/newsletter/create', {
    Name: 'Tides',
    Description: 'When the water comes',
  })
  channel = data
})
afterAll(() => wago.close())

const followed = async () =>
  (await wago.get('/newsletter/list', reader.token)).json.data.Newsletter.map(({ id }: { id: string }) => id)

test('/newsletter/create makes a channel that the account owns', () => {
  expect(channel).toMatchObject({
    id: expect.stringMatching(/^\d+@newsletter$/),
    state: { type: 'active' },
    thread_metadata: {
      invite: expect.stringMatching(/^\w+$/),
      name: { text: 'Tides' },
      description: { text: 'When the water comes' },
      subscribers_count: '1',
    },
    viewer_metadata: { role: 'owner' },
  })
})

describe('/newsletter/info and /newsletter/link', () => {
  test.each([
    ['/newsletter/info', () => ({ Jid: channel.id })],
    ['/newsletter/info', () => ({ jid: channel.id.replace(/@.*/, '') })],
    ['/newsletter/link', () => ({ Key: channel.thread_metadata.invite })],
    ['/newsletter/link', () => ({ key: `https://whatsapp.com/channel/${channel.thread_metadata.invite}` })],
    [
      '/newsletter/link',
      () => ({ key: `https://www.whatsapp.com/channel/${channel.thread_metadata.invite}?x=1` }),
    ],
  ])('%s describes a channel to whoever asks', async (path, body) => {
    const [status, json] = await wago.call(path, body(), reader.token)

    expect([status, json.data.id]).toEqual([200, channel.id])
    expect(json.data.thread_metadata).toMatchObject({ name: { text: 'Tides' } })
  })

  test.each([
    ['/newsletter/info', { Jid: '123456789' }],
    ['/newsletter/link', { Key: '123456789' }],
    ['/newsletter/subscribe', { Jid: '123456789' }],
  ])('%s of a channel that is none fails', async (path, body) => {
    expect(await wago.call(path, body)).toEqual([500, failure(500, 'graphql error: Not Found')])
  })
})

test('/newsletter/subscribe follows a channel, which the list then has', async () => {
  expect(await followed()).toEqual([])

  expect(await wago.call('/newsletter/subscribe', { Jid: channel.id }, reader.token)).toEqual(
    done('Subscribed'),
  )

  expect(await followed()).toEqual([channel.id])
  expect((await wago.get('/newsletter/list')).json.data.Newsletter).toMatchObject([
    { id: channel.id, thread_metadata: { subscribers_count: '2' } },
  ])
})

describe('/newsletter/messages', () => {
  const read = async (body: object) =>
    (await wago.call('/newsletter/messages', { Jid: channel.id, ...body }))[1].data

  test('tells what was posted, as much as wanted, before the one that is named', async () => {
    for (const Body of ['a', 'b', 'c']) await wago.call('/send/text', { Phone: channel.id, Body })
    const textsOf = ({ Messages }: { Messages: { Message: { conversation: string } }[] }) =>
      Messages.map(({ Message }) => JSON.stringify(Message).match(/"([abc])"/)?.[1])

    const all = await read({})
    const two = await read({ Count: 2 })
    const earlier = await read({ count: 1, beforeid: all.Messages[1].MessageServerID })

    expect(all.Messages[0]).toMatchObject({
      MessageServerID: expect.any(Number),
      ViewsCount: 0,
      ReactionCounts: {},
      Message: expect.any(Object),
    })
    expect(textsOf(all)).toEqual(['a', 'b', 'c'])
    expect(textsOf(two)).toEqual(['b', 'c'])
    expect(textsOf(earlier)).toEqual(['a'])
  })

  test.each([
    [{ Count: -1 }, 'Count must not be negative'],
    [{ Count: 301 }, 'Count must be at most 300'],
    [{ BeforeId: -1 }, 'BeforeId must not be negative'],
    [{ Count: 1.5 }, 'could not decode payload'],
    [{ BeforeId: '7' }, 'could not decode payload'],
  ])('refuses %j', async (field, sentence) => {
    expect(await wago.call('/newsletter/messages', { Jid: channel.id, ...field })).toEqual(refused(sentence))
  })
})

test('the list of an account without channels is empty', async () => {
  const { token } = await wago.app.linkedUser({ events: '' })

  expect((await wago.get('/newsletter/list', token)).json).toEqual(success({ Newsletter: [] }))
})
