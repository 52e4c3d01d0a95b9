import { afterAll, beforeAll, expect, test } from 'vitest'
import { isReadByLibrary, learnPeople } from '../../../src/whatsapp/inbound/history-people.ts'
import { proto } from '../../../src/whatsapp/library/engine.ts'
import { type LinkedUser, TestApp } from '../../helpers/app.ts'

let app: TestApp
let user: LinkedUser

beforeAll(async () => {
  app = await TestApp.start()
  user = await app.linkedUser()
})
afterAll(() => app.close())

function part(conversations: proto.IConversation[]): proto.HistorySync {
  const { RECENT } = proto.HistorySync.HistorySyncType
  const encoded = proto.HistorySync.encode({ syncType: RECENT, conversations }).finish()
  return proto.HistorySync.decode(encoded)
}

test('a part that is kept from the library teaches it numbers, names and tokens all the same', async () => {
  const session = app.parley.services.sessions.live(user.id)
  const socket = session.socket()
  const names: unknown[] = []
  socket.ev.on('messaging-history.set', ({ contacts }) => names.push(...contacts))
  const chat = { id: '777@lid', pnJid: '447900000777@s.whatsapp.net', name: 'Grace' }
  const token = { tcToken: Buffer.from('token'), tcTokenTimestamp: 1_700_000_000 }

  await learnPeople(socket, part([{ ...chat, ...token, messages: [{ message: { key: { id: 'A' } } }] }]))

  expect(await session.resolve('447900000777')).toBe('777@lid')
  // The library holds events back while a new session settles.
  await expect.poll(() => names).toContainEqual(expect.objectContaining({ id: '777@lid', name: 'Grace' }))
  const { '777@lid': kept } = await socket.authState.keys.get('tctoken', ['777@lid'])
  expect(kept).toMatchObject({ token: Buffer.from('token'), timestamp: '1700000000' })
})

test('an older token does not replace a newer one', async () => {
  const socket = app.parley.services.sessions.live(user.id).socket()
  const chat = (tcToken: string, tcTokenTimestamp: number) =>
    part([{ id: '778@lid', tcToken: Buffer.from(tcToken), tcTokenTimestamp }])

  await learnPeople(socket, chat('newer', 1_700_000_001))
  await learnPeople(socket, chat('older', 1_700_000_000))

  const { '778@lid': kept } = await socket.authState.keys.get('tctoken', ['778@lid'])
  expect(kept?.token).toEqual(Buffer.from('newer'))
})

test('only parts full of messages are kept from the library', () => {
  const { INITIAL_BOOTSTRAP, PUSH_NAME, RECENT, FULL, ON_DEMAND } = proto.Message.HistorySyncType
  const isRead = (syncType: number) => isReadByLibrary({ syncType, directPath: '/v/x' })

  expect([INITIAL_BOOTSTRAP, PUSH_NAME].map(isRead)).toEqual([true, true])
  expect([RECENT, FULL, ON_DEMAND].map(isRead)).toEqual([false, false, false])
  // Without a file it is the question whether there will be any.
  expect(isReadByLibrary({ syncType: RECENT })).toBe(true)
})
