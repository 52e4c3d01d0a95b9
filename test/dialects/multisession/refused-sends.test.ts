import { afterAll, beforeAll, expect, test } from 'vitest'
import { failure, Multisession } from './messaging.ts'

const UNREADABLE = failure(400, 'Failed parse body request')

let server: Multisession
beforeAll(async () => {
  server = await Multisession.start()
})
afterAll(() => server.close())

test.each<[kind: string, body: object]>([
  ['messages', { text: 'x' }],
  ['locations', { latitude: 1, longitude: 1 }],
  ['polls', { question: 'Which?', options: ['a', 'b'] }],
])('%s: a group that the account is not in is forbidden', async (kind, body) => {
  const group = await server.newGroup()
  const { jwt } = await server.another()

  expect(await server.call(`POST /chats/${group}/${kind}`, body, { jwt })).toEqual(
    failure(403, "failed to get group members: you're not participating in that group"),
  )
})

test('a card whose thumbnail is no picture is the mistake of whoever made it', async () => {
  const thumbnail = Buffer.from('no picture').toString('base64')

  expect(
    await server.call('POST /chats/15550003003/link-preview', { text: 'See', url: 'nothing', thumbnail }),
  ).toEqual(failure(400, 'thumbnail is no picture'))
})

test.each(['x', '{}', ',', ']'])('what follows the JSON of a body is a mistake: %s', async (rest) => {
  expect(await server.call('POST /chats/15550003003/messages', `{"text":"x"} ${rest}`)).toEqual(UNREADABLE)
  expect(await server.call('POST /status', `{"text":"x"}\n${rest}`)).toEqual(UNREADABLE)
})

test.each(['1,5', '0x10', '1 2', '1°'])(
  'a number in a form that is none is a mistake: %s',
  async (latitude) => {
    const form = new URLSearchParams({ latitude, longitude: '1' }).toString()
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' }

    expect(await server.call('POST /chats/15550003003/locations', form, { headers })).toEqual(UNREADABLE)
  },
)
