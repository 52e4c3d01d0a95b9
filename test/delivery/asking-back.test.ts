import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LinkedUser, TestApp } from '../helpers/app.ts'
import { databaseKinds } from '../helpers/database.ts'
import { type Receiver, startReceiver } from '../helpers/receiver.ts'

const CONTACT = '447700900123'

/** A webhook may leave while its message is still being written; whoever asks for the message then must find it. */
describe.each(databaseKinds)('a receiver that asks before it answers, on %s', (database) => {
  let app: TestApp
  let receiver: Receiver
  let user: LinkedUser

  beforeAll(async () => {
    receiver = await startReceiver()
    // Nothing hastens the commit but the question itself.
    receiver.slow(300)
    app = await TestApp.start({ database })
    user = await app.linkedUser({ webhook: receiver.url, events: 'Message' })
    await app.contact(CONTACT)
  })
  afterAll(async () => {
    await app.close()
    await receiver.close()
  })

  /** A message arrives, and `ask` is called the moment its webhook does. */
  async function told<Answer>(text: string, ask: () => Promise<Answer>): Promise<Answer> {
    const answer = new Promise<Answer>((resolve, reject) =>
      receiver.answerBy(({ event }) => {
        if (JSON.stringify(event).includes(text)) ask().then(resolve, reject)
        return undefined
      }),
    )
    await app.sandbox('POST', `/contacts/${CONTACT}/send`, { to: user.phone, text })
    return answer
  }

  test.each(Array.from({ length: 4 }, (_, index) => index))('finds the message, time %i', async (index) => {
    const answer = await told(`where am I ${index}`, () => app.get('/parley/me/chats', user.token))

    expect(answer.text).toContain(`where am I ${index}`)
  })
})
