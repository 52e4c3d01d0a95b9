import { afterAll, beforeAll, expect, test } from 'vitest'
import { failure, Multisession } from './messaging.ts'

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
