import { expect, test } from 'vitest'
import { TestApp } from '../../../helpers/app.ts'
import { startReceiver } from '../../../helpers/receiver.ts'

test('with SKIP_MEDIA an event comes without its file, and can still be asked for it', async () => {
  const app = await TestApp.start({ env: { WEBHOOK_FORMAT: 'json', SKIP_MEDIA: 'true' } })
  const receiver = await startReceiver()
  const user = await app.linkedUser({ webhook: receiver.url, events: 'Message' })
  await app.contact('447900000402')

  await app.sandbox('POST', '/contacts/447900000402/send', { to: user.phone, image: true })
  const find = () => receiver.requests.find(({ body }) => body.includes('"imageMessage"'))
  const event = JSON.parse((await app.waitFor('the event', find)).body)

  expect(event).not.toHaveProperty('base64')
  expect(event).not.toHaveProperty('s3')
  expect(event.event.Message.imageMessage).toHaveProperty('directPath')
  await app.close()
  await receiver.close()
})
