import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TestUser } from '../../helpers/app.ts'
import { testAccess } from './access.ts'
import { API_KEY, failure, Wago } from './wago.ts'

let wago: Wago
let other: TestUser
let unlinked: TestUser
beforeAll(async () => {
  wago = await Wago.start()
  other = await wago.app.createUser({ name: 'other' })
  unlinked = await wago.app.createUser({ name: 'unlinked' })
})
afterAll(() => wago.stop())

const chatId = '491711234567'
const message = { chatId, messageId: '3EB0AA' }
const channel = { chatId: '120363222222222222@newsletter' }

/** Every route of the chapters Message, Chat and Channel with a body that it would accept. */
const routes: [path: string, body: Record<string, unknown>][] = [
  ['/client/sendMessage', { chatId, text: 'Hello' }],
  ['/client/sendPoll', { chatId, pollName: 'Lunch?', pollOptions: ['Yes', 'No'] }],
  ['/message/reply', { ...message, text: 'Thanks' }],
  ['/message/forward', { ...message, destinationChatId: chatId }],
  ['/message/react', { ...message, reaction: '👍' }],
  ['/message/edit', { ...message, text: 'Fixed' }],
  ['/message/delete', { ...message, everyone: true }],
  ['/message/star', message],
  ['/message/unstar', message],
  ['/message/downloadMedia', message],
  ['/message/downloadMediaAsData', message],
  ['/message/getReactions', message],
  ['/message/getPollVotes', message],
  ['/chat/sendStateTyping', { chatId }],
  ['/chat/sendStateRecording', { chatId }],
  ['/chat/clearState', { chatId }],
  ['/chat/sendSeen', { chatId }],
  ['/chat/markUnread', { chatId }],
  ['/chat/delete', { chatId }],
  ['/chat/fetchMessages', { chatId }],
  ['/chat/syncHistory', { chatId }],
  ['/chat/getContact', { chatId }],
  ['/chat/getLabels', { chatId }],
  ['/chat/changeLabels', { chatId, labelIds: ['1'] }],
  ['/channel/getClassInfo', channel],
  ['/channel/sendMessage', { ...channel, text: 'Hello' }],
  ['/channel/fetchMessages', channel],
  ['/channel/sendSeen', { ...channel, messageServerIds: [101] }],
  ['/channel/sendReaction', { ...channel, messageServerId: 101, reaction: '👍' }],
  ['/channel/mute', channel],
  ['/channel/unmute', channel],
  ['/channel/deleteChannel', channel],
]

describe.each(routes)('%s', (path, body) => {
  async function answer(session: string, key: string, given: unknown = body) {
    const { status, json } = await wago.call(`${path}/${session}`, given, key)
    return [status, json]
  }

  testAccess(answer, () => ({ other, unlinked }))

  test('wants a body of JSON', async () => {
    expect(await answer('main', API_KEY, '{')).toEqual([400, failure('Invalid request body')])
    expect(await answer('main', API_KEY, [])).toEqual([400, failure('Invalid request body')])
  })

  test.each(Object.keys(body).filter((name) => !['everyone', 'messageServerIds'].includes(name)))(
    'wants %s, of the right type',
    async (name) => {
      const { [name]: _left, ...rest } = body

      expect(await answer('main', API_KEY, rest)).toEqual([400, failure(`${name} is required`)])
      expect(await answer('main', API_KEY, { ...body, [name]: null })).toEqual([
        400,
        failure(`${name} is required`),
      ])
      expect(await answer('main', API_KEY, { ...body, [name]: { odd: true } })).toEqual([
        400,
        failure('Invalid request body'),
      ])
    },
  )

  test('refuses what is no chat', async () => {
    const odd = [400, failure('chatId is not a valid id: use number@s.whatsapp.net')]

    for (const given of ['12', 'a b@s.whatsapp.net', '1@2@lid', '5511@x.org'])
      expect(await answer('main', API_KEY, { ...body, chatId: given })).toEqual(odd)
  })
})

describe('ids of channels', () => {
  test.each(routes.flatMap(([path]) => (path.startsWith('/channel') ? [path] : [])))(
    '%s refuses another kind of chat',
    async (path) => {
      const body = { ...Object.fromEntries(routes)[path], chatId: '491711234567@c.us' }

      const { status, json } = await wago.call(`${path}/main`, body)

      expect([status, json]).toEqual([400, failure('chatId is not a channel')])
    },
  )
})
