import { afterAll, beforeAll, expect, test } from 'vitest'
import { readBy, Stage } from './stage.ts'

// A message for an older session is tried with the open one first. The library advances the open session before it
// checks whether the message fits. `repairs.test.ts` and `repository.test.ts` show the same without sockets.
let stage: Stage
beforeAll(async () => {
  stage = await Stage.open()
})
afterAll(() => stage.close())

test('the bare library loses the open session when a message crosses a new key exchange', async () => {
  const bare = await stage.bare()
  const contact = stage.contact()
  await bare.sendText(contact.account.jid(), 'hello')
  await expect.poll(() => readBy(contact)).toEqual(['hello'])
  await contact.send(bare.phone, { text: 'welcome' })
  await expect.poll(() => bare.texts()).toContain('welcome')

  const release = stage.hold(bare.phone)
  await contact.send(bare.phone, { text: 'late' })
  await bare.order({ order: 'rekey', jid: contact.account.lidJid() })
  release()
  await expect.poll(() => bare.texts()).toContain('late')
  await bare.sendText(contact.account.jid(), 'after')

  // Its contact reads only a second copy that it had to ask for.
  await expect.poll(() => contact.messages.find(({ text }) => text === 'after')?.retries).toBe(1)
})

test('Parley keeps both directions working', async () => {
  const user = await stage.user()
  const contact = stage.contact()
  await stage.sendText(user, contact.account.phone, 'hello')
  await contact.send(user.phone, { text: 'welcome' })
  await stage.arrives('welcome')

  const release = stage.hold(user.phone)
  await contact.send(user.phone, { text: 'late' })
  const session = stage.app.parley.services.sessions.live(user.id)
  await session.call((socket) => socket.assertSessions([contact.account.lidJid()], true))
  release()
  await stage.arrives('late')
  await stage.sendText(user, contact.account.phone, 'after')
  await contact.send(user.phone, { text: 'answer' })

  await stage.arrives('answer')
  await expect.poll(() => contact.messages.find(({ text }) => text === 'after')?.retries).toBe(0)
})
