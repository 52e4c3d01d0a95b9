import { afterAll, beforeAll, expect, test } from 'vitest'
import { failure, Wago } from '../wago.ts'

let wago: Wago
beforeAll(async () => {
  wago = await Wago.start()
  await wago.app.linkedUser({ name: 'reader' })
})
afterAll(() => wago.stop())

async function call(path: string, body: unknown, session = 'main') {
  const { status, json } = await wago.call(`/client/${path}/${session}`, body)
  return [status, json]
}

async function followed(session: string) {
  const { json } = await wago.get(`/client/getChannels/${session}`)
  return json.result
}

const done = [200, { success: true, result: true }]

test('a channel is made, found by its code, followed and left', async () => {
  const [status, made] = await call('createChannel', { title: 'News', options: { description: 'Daily' } })
  expect([status, made]).toEqual([
    200,
    {
      success: true,
      result: {
        id: expect.stringMatching(/^\d+@newsletter$/),
        name: 'News',
        description: 'Daily',
        subscribers: 1,
        inviteCode: expect.stringMatching(/^0029/),
        role: 'owner',
        mute: 'on',
        state: 'active',
      },
    },
  ])
  expect(await followed('main')).toEqual([made.result])
  expect(await followed('reader')).toEqual([])

  const { id: channelId, inviteCode } = made.result
  const guest = { id: channelId, name: 'News', role: 'guest' }
  const link = `https://www.whatsapp.com/channel/${inviteCode}?src=x`
  expect((await call('getChannelByInviteCode', { inviteCode }, 'reader'))[1].result).toMatchObject(guest)
  expect((await call('getChannelByInviteCode', { inviteCode: link }, 'reader'))[1].result).toMatchObject(
    guest,
  )

  expect(await call('subscribeToChannel', { channelId }, 'reader')).toEqual(done)
  expect(await followed('reader')).toMatchObject([{ id: channelId, subscribers: 2, role: 'subscriber' }])

  const digits = channelId.replace('@newsletter', '')
  expect(await call('unsubscribeFromChannel', { channelId: digits, options: {} }, 'reader')).toEqual(done)
  expect(await followed('reader')).toEqual([])
})

test('the owner cannot leave', async () => {
  const [, made] = await call('createChannel', { title: 'Mine' })

  expect(await call('unsubscribeFromChannel', { channelId: made.result.id })).toEqual([
    500,
    failure('graphql error: Forbidden'),
  ])
})

test.each([
  ['subscribeToChannel', { channelId: '120363999999999999' }],
  ['unsubscribeFromChannel', { channelId: '120363999999999999@newsletter' }],
  ['getChannelByInviteCode', { inviteCode: '0029Nowhere' }],
])('%s tells of a channel that is not there', async (path, body) => {
  expect(await call(path, body)).toEqual([500, failure('graphql error: Not Found')])
})
