import { afterAll, beforeAll, expect, test } from 'vitest'
import { readBy, Stage } from './stage.ts'

// A recipient that cannot decrypt a message asks for another copy, perhaps days later. The library remembers what it
// sent in the memory of one connection only. `interrupted-send.test.ts` shows Parley's half with a process that is
// killed in between, on both databases.
let stage: Stage
beforeAll(async () => {
  stage = await Stage.open()
})
afterAll(() => stage.close())

test('the bare library loses a message whose recipient asks for it again after a reconnect', async () => {
  const bare = await stage.bare()
  const contact = stage.contact()
  const arrived = damaged(contact.account.phone)
  const release = stage.hold(bare.phone, 'receipt')
  await bare.sendText(contact.account.jid(), 'again, please')
  await expect.poll(arrived).toBe(1)

  await bare.order({ order: 'close' })
  release()
  await bare.connect()

  await expect.poll(() => stage.companionOf(bare.phone).unacknowledged).toEqual([])
  await stage.settles()
  expect(readBy(contact)).toEqual([])
})

test('Parley sends the second copy after a restart', async () => {
  const user = await stage.user()
  const contact = stage.contact()
  const arrived = damaged(contact.account.phone)
  const release = stage.hold(user.phone, 'receipt')
  await stage.sendText(user, contact.account.phone, 'again, please')
  await expect.poll(arrived).toBe(1)

  await stage.away(user, async () => release())

  await expect.poll(() => readBy(contact)).toEqual(['again, please'])
})

/** Damages the next message to somebody; tells how often that happened. */
function damaged(phone: string): () => number {
  const account = stage.sandbox.network.findAccount(phone)
  if (!account) throw new Error(`nobody has the number ${phone}`)
  const fault = stage.sandbox.network.faults.inject({ kind: 'corrupt-message' }, { account, times: 1 })
  return () => fault.hits
}
