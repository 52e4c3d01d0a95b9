import { afterAll, beforeAll, expect, test } from 'vitest'
import { Stage } from './stage.ts'

// Handlers of buffered events are called in the transaction of whatever let the events go. It has ended by the time the
// handler writes, and the write goes nowhere. `repairs.test.ts` shows the repair in one function.
let stage: Stage
beforeAll(async () => {
  stage = await Stage.open()
})
afterAll(() => stage.close())

test('the bare library loses what a handler writes that it calls in a transaction', async () => {
  const bare = await stage.bare()
  const contact = stage.contact()
  await contact.send(bare.phone, { text: 'a chat' })
  await expect.poll(() => bare.texts()).toEqual(['a chat'])

  await bare.order({ order: 'archive', jid: contact.account.jid() })
  const inside = () => bare.handled.filter(({ isInTransaction }) => isInTransaction)
  await expect.poll(inside).not.toEqual([])

  const kept = await bare.order({ order: 'names', kind: 'sender-key-memory' })
  for (const { note } of inside()) expect(kept).not.toContain(`sender-key-memory ${note}`)
})

test('Parley stores what a handler writes, whenever it is called', async () => {
  const user = await stage.user()
  const contact = stage.contact()
  await contact.send(user.phone, { text: 'a chat' })
  await stage.arrives('a chat')
  const session = stage.app.parley.services.sessions.live(user.id)
  const { ev, authState } = session.socket()
  const notes: Promise<void>[] = []
  const note = async (name: string) => {
    await stage.settles()
    await authState.keys.set({ 'sender-key-memory': { [name]: {} } })
  }
  const hear = () => void notes.push(note(`note-${notes.length}`))
  ev.on('chats.update', hear)

  const answer = await stage.app.post('/chat/archive', user.token, {
    jid: contact.account.jid(),
    archive: true,
  })

  expect(answer.status).toBe(200)
  await expect.poll(() => notes.length).toBeGreaterThan(0)
  ev.off('chats.update', hear)
  await Promise.all(notes)
  expect(await stage.keys(user, 'sender-key-memory')).toHaveLength(notes.length)
})
