import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type LinkedUser, TestApp } from '../../helpers/app.ts'
import { type Receiver, startReceiver } from '../../helpers/receiver.ts'

let app: TestApp
let receiver: Receiver
let one: LinkedUser
let other: LinkedUser
/** The chats whose archiving the session of `one` told of. */
let told: string[]
beforeAll(async () => {
  receiver = await startReceiver()
  // What nobody is told of is not stored.
  app = await TestApp.start({ env: { BASE_WEBHOOK_URL: receiver.url } })
  one = await app.linkedUser()
  other = await app.link(await app.createUser(), one.phone)
  app.parley.services.events.listen((userId, recorded) => {
    for (const { event } of recorded)
      if (userId === one.id && event.type === 'appstate.change' && event.index[0] === 'archive')
        told.push(event.chat ?? '')
  })
})
afterAll(async () => {
  await app.close()
  await receiver.close()
})
beforeEach(() => {
  told = []
})

test('a change of a shared setting that could not be stored is told after a reconnect', async () => {
  const end = await refuse(`insert on events when new.type = 'appstate.change' and new.user_id = '${one.id}'`)
  await archive('491712220001')
  await app.waitFor('the store to fail', () => stateOf(one) === 'retrying')
  expect(told).toEqual([])

  await end()

  await app.waitFor('the change', () => told.length > 0)
  expect(told).toEqual(['491712220001@s.whatsapp.net'])
})

test('a change whose version could not be stored is told once', async () => {
  const refused = "on auth when new.kind = 'app-state-sync-version' and new.user_id = "
  const ends = [await refuse(`insert ${refused}'${one.id}'`), await refuse(`update ${refused}'${one.id}'`)]
  await archive('491712220002')
  await app.waitFor('the store to fail', () => stateOf(one) === 'retrying')
  for (const end of ends) await end()
  await app.waitFor('the session to open', () => stateOf(one) === 'open')

  await archive('491712220003')

  await app.waitFor('the second change', () => told.length > 1)
  expect(told).toEqual(['491712220002@s.whatsapp.net', '491712220003@s.whatsapp.net'])
})

async function archive(phone: string): Promise<void> {
  await app.post('/chat/archive', other.token, { jid: `${phone}@s.whatsapp.net`, archive: true })
}

function stateOf({ id }: LinkedUser): string | undefined {
  return app.parley.services.sessions.status(id)?.state
}

/** Lets SQLite refuse such changes; returns what ends that. */
async function refuse(change: string): Promise<() => Promise<void>> {
  const { db } = app.parley.services
  const name = `refuse_${change.split(' ')[0]}`
  await db.raw(`create trigger ${name} before ${change} begin select raise(abort, 'the disk is full'); end`)
  return async () => void (await db.raw(`drop trigger ${name}`))
}
