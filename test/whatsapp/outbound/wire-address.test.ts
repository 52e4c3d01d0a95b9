import { afterAll, beforeAll, expect, test } from 'vitest'
import { sendText } from '../../../src/operations/messages/send.ts'
import { findMessage } from '../../../src/store/messages/messages.ts'
import type { LinkedUser } from '../../helpers/app.ts'
import { Stage } from '../defects/stage.ts'

// Clients of 2026 address every chat of two by LID and name the number beside it (whatsmeow 2026-09-21, `send.go`).
let stage: Stage
beforeAll(async () => {
  stage = await Stage.open()
})
afterAll(() => stage.close())

const sessionOf = (user: LinkedUser) => stage.app.parley.services.sessions.live(user.id)

test('a message to a number whose LID is not known yet leaves for the LID', async () => {
  const user = await stage.user()
  const { account } = stage.contact()

  const { id, to } = await sendText(sessionOf(user), { to: account.jid(), text: 'hello' })

  expect((await stage.messageStanza(id)).attrs).toMatchObject({
    to: account.lidJid(),
    peer_recipient_pn: account.jid(),
  })
  expect(to).toBe(account.jid())
})

test('a message to somebody of whom no LID is told leaves for the number', async () => {
  const user = await stage.user()
  const nobody = '4479999999999@s.whatsapp.net'

  const { id } = await sendText(sessionOf(user), { to: nobody, text: 'hello' })

  expect((await stage.messageStanza(id)).attrs).toMatchObject({ to: nobody })
})

test('what a contact reads, having been written to by number, counts as read', async () => {
  const user = await stage.user()
  const contact = stage.contact()
  const { id } = await sendText(sessionOf(user), { to: contact.account.jid(), text: 'hello' })
  await expect.poll(() => contact.messages.some((message) => message.id === id)).toBe(true)

  contact.sendReceipt([id], 'read')

  const { db } = stage.app.parley.services
  const name = { userId: user.id, id, chats: [contact.account.lidJid()] }
  await expect.poll(async () => (await findMessage(db, name))?.status).toBe('read')
})
