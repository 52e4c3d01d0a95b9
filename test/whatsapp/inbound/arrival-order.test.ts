import { afterAll, beforeAll, expect, test } from 'vitest'
import { TestApp } from '../../helpers/app.ts'
import { type Receiver, startReceiver } from '../../helpers/receiver.ts'

let app: TestApp
let receiver: Receiver
beforeAll(async () => {
  app = await TestApp.start({ env: { WEBHOOK_FORMAT: 'json' } })
  receiver = await startReceiver()
})
afterAll(async () => {
  await app.close()
  await receiver.close()
})

test('what was missed while away is delivered before what is written meanwhile', async () => {
  const user = await app.linkedUser({ webhook: receiver.url, events: 'Message' })
  const contact = await app.contact('447902000001')
  let written = 0
  const write = () =>
    app.sandbox('POST', `/contacts/${contact}/send`, { to: user.phone, text: `line ${written++}` })
  const isOpen = () => app.parley.services.sessions.find(user.id)?.status.loggedIn

  await app.sandbox('POST', '/disconnect', { jid: `${user.phone}@s.whatsapp.net`, drop: true })
  await app.waitFor('the session to notice', () => !isOpen())
  while (!isOpen()) await write()
  for (let i = 0; i < 20; i++) await write()

  const lines = await app.waitFor('every line at the webhook', () => {
    const found = receiver.requests.flatMap(
      ({ body }) => /"(?:text|conversation)":"line (\d+)"/.exec(body)?.[1] ?? [],
    )
    return found.length >= written ? found.map(Number) : undefined
  })
  expect(lines).toEqual(lines.toSorted((a, b) => a - b))
  expect(lines).toHaveLength(written)
})
