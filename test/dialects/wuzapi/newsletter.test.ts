import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LinkedUser, TestApp } from '../../helpers/app.ts'
import { type Receiver, startReceiver } from '../../helpers/receiver.ts'
import { failure } from './contract/target.ts'

let app: TestApp
let receiver: Receiver
let owner: LinkedUser
let reader: LinkedUser
let channel: { id: string; thread_metadata: { invite: string } }
beforeAll(async () => {
  app = await TestApp.start({ env: { WUZAPI_PROFILE: 'current', WEBHOOK_FORMAT: 'json' } })
  receiver = await startReceiver()
  owner = await app.linkedUser()
  reader = await app.linkedUser({ webhook: receiver.url, events: 'All' })
  const { json } = await app.post('/newsletter/create', owner.token, {
    name: 'Tides',
    description: 'When the water comes',
  })
  channel = json.data
})
afterAll(async () => {
  await app.close()
  await receiver.close()
})

const done = (Details: string) => ({ code: 200, data: { Details }, success: true })

async function call(path: string, body: unknown): Promise<unknown[]> {
  const { status, json } = await app.post(path, reader.token, body)
  return [status, json]
}

async function followed() {
  return (await app.get('/newsletter/list', reader.token)).json.data.Newsletter
}

describe('every channel endpoint', () => {
  test.each([
    'GET /newsletter/list',
    'GET /newsletter/info',
    'POST /newsletter/join',
    'POST /newsletter/leave',
    'POST /newsletter/mute',
    'POST /newsletter/create',
    'POST /newsletter/follow',
    'POST /newsletter/unfollow',
  ])('%s wants a token, then a session', async (route) => {
    const [method = '', path = ''] = route.split(' ')
    const stranger = await app.createUser()

    const anonymous = await app.request(method, path)
    const unconnected = await app.request(method, path, { token: stranger.token })

    expect([anonymous.status, anonymous.json]).toEqual([401, failure(401, 'unauthorized')])
    expect([unconnected.status, unconnected.json]).toEqual([500, failure(500, 'no session')])
  })

  test.each(['/newsletter/join', '/newsletter/leave', '/newsletter/mute'])(
    '%s wants the JID of a channel',
    async (path) => {
      expect(await call(path, { NewsletterJID: 7 })).toEqual([400, failure(400, 'could not decode Payload')])
      for (const body of [{}, { NewsletterJID: '1@g.us' }, { NewsletterJID: '5491155554444' }])
        expect(await call(path, body)).toEqual([400, failure(400, 'could not parse NewsletterJID')])
    },
  )

  test.each(['/newsletter/join', '/newsletter/leave', '/newsletter/mute'])(
    '%s of a channel that does not exist fails',
    async (path) => {
      expect((await call(path, { NewsletterJID: '1@newsletter' }))[0]).toBe(500)
    },
  )
})

describe('a channel', () => {
  test('is followed, muted and left', async () => {
    const named = { newsletterjid: channel.id }
    expect(await followed()).toEqual([])

    expect(await call('/newsletter/join', named)).toEqual([200, done('Newsletter joined successfully')])
    expect(await followed()).toMatchObject([
      { id: channel.id, viewer_metadata: { mute: 'on', role: 'subscriber' } },
    ])
    expect((await receiver.next('NewsletterJoin')).event).toMatchObject({ event: { id: channel.id } })

    expect(await call('/newsletter/mute', { ...named, Mute: false })).toEqual([
      200,
      done('Newsletter mute status changed successfully'),
    ])
    expect(await followed()).toMatchObject([{ viewer_metadata: { mute: 'off' } }])

    expect(await call('/newsletter/leave', named)).toEqual([200, done('Newsletter left successfully')])
    expect(await followed()).toEqual([])
  })

  test('shows itself as whatsmeow prints it', async () => {
    const { json } = await app.get('/newsletter/list', owner.token)

    expect(json.data.Newsletter).toEqual([
      {
        id: expect.stringMatching(/^120363\d{12}@newsletter$/),
        state: { type: 'active' },
        thread_metadata: {
          creation_time: expect.stringMatching(/^\d+$/),
          description: {
            id: expect.any(String),
            text: 'When the water comes',
            update_time: expect.any(String),
          },
          invite: expect.stringMatching(/^0029/),
          name: { id: expect.any(String), text: 'Tides', update_time: expect.stringMatching(/^\d+$/) },
          picture: expect.any(Object),
          preview: { direct_path: '', hash: null, id: '', type: 'PREVIEW', url: '' },
          settings: { reaction_codes: { value: 'all' } },
          subscribers_count: '1',
          verification: 'unverified',
        },
        viewer_metadata: { mute: 'on', role: 'owner' },
      },
    ])
  })

  test('is found by JID, by bare id and by invitation', async () => {
    const look = async (query: string) =>
      (await app.get(`/newsletter/info?${query}`, reader.token)).json.data?.id
    const { invite } = channel.thread_metadata

    expect(await look(`id=${channel.id}`)).toBe(channel.id)
    expect(await look(`id=${channel.id.replace(/@.*/, '')}`)).toBe(channel.id)
    expect(await look(`invite=${invite}`)).toBe(channel.id)
    expect(await look(`invite=https://whatsapp.com/channel/${invite}`)).toBe(channel.id)
  })

  test.each([
    ['', 'missing id or invite parameter'],
    ['?id=1@g.us', 'could not parse newsletter id'],
  ])('is not found with %j', async (query, sentence) => {
    const { status, json } = await app.get(`/newsletter/info${query}`, reader.token)

    expect([status, json]).toEqual([400, failure(400, sentence)])
  })

  test('is followed and unfollowed by id', async () => {
    const id = channel.id.replace(/@.*/, '')
    const ok = { code: 200, data: { ok: true }, success: true }

    expect(await call('/newsletter/follow', { id })).toEqual([200, ok])
    expect(await followed()).toHaveLength(1)
    expect(await call('/newsletter/unfollow', { id })).toEqual([200, ok])
    expect(await followed()).toEqual([])
  })

  test.each([
    [{}, 'missing Name in Payload'],
    [
      { name: 'x', picture: 'data:image/jpeg;base64,%' },
      'could not decode base64 encoded Picture from payload',
    ],
    [{ name: 7 }, 'could not decode Payload'],
  ])('is not created from %j', async (body, sentence) => {
    expect(await call('/newsletter/create', body)).toEqual([400, failure(400, sentence)])
  })
})
