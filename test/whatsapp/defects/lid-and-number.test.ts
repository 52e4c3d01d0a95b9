import { afterAll, beforeAll, expect, test } from 'vitest'
import { Stage } from './stage.ts'

// Keys of a person are kept under the LID, where that is known. The library asks the server for it while it decrypts,
// refuses the message when that fails, and leaves the session behind where the LID turns up later.
let stage: Stage
beforeAll(async () => {
  stage = await Stage.open()
})
afterAll(() => stage.close())

test('the bare library loses a message when it cannot learn the LID of its sender', async () => {
  const bare = await stage.bare()
  const contact = stage.contact()
  contact.account.addressing = 's.whatsapp.net'

  await stage.withoutLids(bare.phone, async () => {
    await contact.send(bare.phone, { text: 'one by number' })
    await stage.settles()
  })

  expect(bare.texts()).toEqual([])
  // It was refused, not left for later: the server will not offer it again.
  expect(stage.companionOf(bare.phone).unacknowledged).toEqual([])
})

test('Parley decrypts it under the number, and goes on when the LID becomes known', async () => {
  const user = await stage.user()
  const contact = stage.contact()
  contact.account.addressing = 's.whatsapp.net'
  const lid = stage.sandbox.network.findAccount(user.phone)?.lidJid() ?? ''

  await stage.withoutLids(user.phone, async () => {
    await contact.send(user.phone, { text: 'one by number' })
    await stage.arrives('one by number')
  })
  await contact.send(lid, { text: 'two by LID' })
  await contact.send(user.phone, { text: 'three by number' })

  await stage.arrives('three by number')
  expect(stage.delivered()).toEqual(['one by number', 'two by LID', 'three by number'])
  expect(stage.undecryptable()).toBe(0)
})
