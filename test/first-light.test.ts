import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TestApp } from './helpers/app.ts'
import { databaseKinds } from './helpers/database.ts'
import { type Receiver, startReceiver } from './helpers/receiver.ts'
import { Stage } from './whatsapp/defects/stage.ts'

describe.each(databaseKinds)('a linked phone on %s', (database) => {
  let app: TestApp
  let receiver: Receiver

  beforeAll(async () => {
    app = await TestApp.start({ database, env: { WEBHOOK_FORMAT: 'json' } })
    receiver = await startReceiver()
  })
  afterAll(async () => {
    await app.close()
    await receiver.close()
  })

  test('sends a text that its contact decrypts', async () => {
    const user = await app.linkedUser()
    const contact = await app.contact('447900000001')

    const answer = await app.post('/chat/send/text', user.token, { Phone: contact, Body: 'hello out there' })

    expect(answer.json).toMatchObject({ code: 200, success: true, data: { Details: 'Sent' } })
    const [message] = await app.waitFor('the text at the contact', async () => {
      const messages = await app.received(contact)
      return messages.length > 0 ? messages : undefined
    })
    expect(message).toMatchObject({ id: answer.json.data.Id, text: 'hello out there' })
  })

  test('delivers what its contact answers to the webhook', async () => {
    const user = await app.linkedUser({ webhook: receiver.url, events: 'Message' })
    const contact = await app.contact('447900000002', { autoReply: 'you said: {text}' })

    await app.post('/chat/send/text', user.token, { Phone: contact, Body: 'ping' })

    // The phone's own traffic with its new companion (keys, history) arrives as messages too.
    const event = await app.waitFor('the answer at the webhook', () =>
      receiver.requests.find(({ body }) => body.includes('you said: ping')),
    )
    expect(event.event).toMatchObject({
      type: 'Message',
      userID: user.id,
      event: { Info: { IsFromMe: false } },
    })
  })

  test('comes back by itself when the server starts again', async () => {
    const stage = await Stage.open(database)
    const user = await stage.user()
    await stage.app.stop()

    const env = { WHATSAPP_NETWORK: stage.sandbox.url }
    const again = await TestApp.start({ reuse: stage.app.place, env })

    await again.waitFor('the session to open', async () => {
      const status = await again.get('/session/status', user.token)
      return status.json.data.LoggedIn
    })
    await again.close()
    await stage.close()
  })
})
