import { afterAll, beforeAll, expect, test } from 'vitest'
import { Stage } from './stage.ts'

// Until they have an answer, senders go on using the pre-key they began with. The library deletes it at the first use:
// when the session is gone (opened anew after retries, for one), what is on its way cannot be opened any more.
let stage: Stage
beforeAll(async () => {
  stage = await Stage.open()
})
afterAll(() => stage.close())

test('the bare library loses the next message of a sender whose session is gone', async () => {
  const bare = await stage.bare()
  const contact = stage.contact()
  await contact.send(bare.phone, { text: 'one' })
  await expect.poll(() => bare.texts()).toEqual(['one'])

  await bare.order({ order: 'forget', name: `session ${addressOf(contact.account.lidJid())}` })
  await contact.send(bare.phone, { text: 'two' })

  await expect.poll(() => bare.stubs).toEqual(['Invalid PreKey ID'])
})

test('Parley keeps used pre-keys for a while and reads it', async () => {
  const user = await stage.user()
  const contact = stage.contact()
  await contact.send(user.phone, { text: 'one' })
  await stage.arrives('one')

  const session = stage.app.parley.services.sessions.live(user.id)
  await session.call((socket) => socket.signalRepository.deleteSession([contact.account.lidJid()]))
  await contact.send(user.phone, { text: 'two' })

  await stage.arrives('two')
  expect(stage.undecryptable()).toBe(0)
})

/** The name of a person's first device among the library's keys. */
function addressOf(lid: string): string {
  return `${lid.split('@')[0]}_1.0`
}
