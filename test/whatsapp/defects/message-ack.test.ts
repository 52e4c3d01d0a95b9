import { afterAll, beforeAll, expect, test } from 'vitest'
import { readBy, Stage } from './stage.ts'

// The library's promise of a send ends with the write to the socket; what the server answers is a message's only
// acknowledgement, and nobody waits for it.
let stage: Stage
beforeAll(async () => {
  stage = await Stage.open()
})
afterAll(() => stage.close())

test('the bare library loses a message that WhatsApp refuses: it calls it sent', async () => {
  const bare = await stage.bare()
  const contact = stage.contact()
  stage.sandbox.network.faults.inject({ kind: 'refuse-message', code: 479 }, { times: 1 })

  const id = await bare.sendText(contact.account.jid(), 'refused')

  expect(id).toMatch(/^3EB0/)
  await stage.settles()
  expect(readBy(contact)).toEqual([])
})

test('Parley answers an error, and the message can be sent again', async () => {
  const user = await stage.user()
  const contact = stage.contact()
  stage.sandbox.network.faults.inject({ kind: 'refuse-message', code: 479 }, { times: 1 })

  const refused = await stage.sendText(user, contact.account.phone, 'refused')
  const repeated = await stage.sendText(user, contact.account.phone, 'refused')

  expect(refused.status).toBe(500)
  expect(refused.text).toContain('479')
  expect(repeated.status).toBe(200)
  await expect.poll(() => readBy(contact)).toEqual(['refused'])
})
