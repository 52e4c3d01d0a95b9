import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Event } from '../../../src/events/event.ts'
import { type LinkedUser, TestApp } from '../../helpers/app.ts'

type Change = Extract<Event, { type: 'appstate.change' }>

const CHAT = '491712223334@s.whatsapp.net'

let app: TestApp
let one: LinkedUser
let other: LinkedUser
const changes: { userId: string; change: Change }[] = []
/** Collections that sessions have read, by user. */
const read = new Map<string, Set<string>>()
beforeAll(async () => {
  app = await TestApp.start()
  app.parley.services.events.listen((userId, recorded) => {
    for (const { event } of recorded)
      if (event.type === 'appstate.change') changes.push({ userId, change: event })
      else if (event.type === 'appstate.complete')
        read.set(userId, (read.get(userId) ?? new Set()).add(event.collection))
  })
  one = await app.linkedUser()
  other = await app.link(await app.createUser(), one.phone)
})
afterAll(() => app.close())

/** The first change of this kind that a session told of. */
function changeOf(user: LinkedUser, kind: string): Promise<Change> {
  return app.waitFor(
    `${kind} of ${user.id}`,
    () => changes.find(({ userId, change }) => userId === user.id && change.index[0] === kind)?.change,
  )
}

// The library shows changes whole only in its log: an update of it that no longer does is noticed here.
test('a shared setting that one device changes is told by all, itself included', async () => {
  // What is changed before a device has read the past is part of the past.
  await app.waitFor('the other to have read', () => read.get(other.id)?.has('regular_high'))
  await app.post('/chat/archive', one.token, { jid: CHAT, archive: true })

  const [own, seen] = [await changeOf(one, 'archive'), await changeOf(other, 'archive')]

  expect(own).toEqual({
    type: 'appstate.change',
    chat: CHAT,
    index: ['archive', CHAT],
    action: expect.objectContaining({ archiveChatAction: expect.objectContaining({ archived: true }) }),
    timestamp: expect.any(Number),
    fromFullSync: false,
  })
  expect(Math.abs(own.timestamp - Date.now() / 1000)).toBeLessThan(60)
  expect(seen).toEqual(own)
})

test('what a newly linked device learns of the past is marked as old', async () => {
  const late = await app.link(await app.createUser(), one.phone)

  const change = await changeOf(late, 'archive')

  expect(change).toMatchObject({ index: ['archive', CHAT], fromFullSync: true })
})
