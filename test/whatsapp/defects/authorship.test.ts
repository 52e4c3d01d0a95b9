import { afterAll, beforeAll, expect, test } from 'vitest'
import { findMessage } from '../../../src/store/messages/messages.ts'
import { proto } from '../../../src/whatsapp/library/engine.ts'
import { Stage } from './stage.ts'

// An edit or a revocation names the message it is about. The library applies it whoever sent it.
let stage: Stage
beforeAll(async () => {
  stage = await Stage.open()
})
afterAll(() => stage.close())

test('the bare library loses a message that a stranger in the group rewrites or takes back', async () => {
  const bare = await stage.bare()
  const [author, stranger] = [stage.contact(), stage.contact()]
  const group = await stage.group(author, bare.phone, stranger.account.phone)
  const { id } = await author.send(group, { text: 'the original' })
  await expect.poll(() => bare.texts()).toEqual(['the original'])

  for (const message of attacks(group, author.account.lidJid(), id)) await stranger.send(group, { message })

  const updates = () => bare.updates.filter((one) => one.id === id).map(({ update }) => update)
  await expect.poll(() => updates().some((update) => update.includes('rewritten'))).toBe(true)
  await expect.poll(() => updates().some((update) => update.includes('"message":null'))).toBe(true)
})

test('Parley tells who said what, and keeps what its author wrote', async () => {
  const user = await stage.user()
  const [author, stranger] = [stage.contact(), stage.contact()]
  const group = await stage.group(author, user.phone, stranger.account.phone)
  const { id } = await author.send(group, { text: 'the original' })
  await stage.arrives('the original')

  for (const message of attacks(group, author.account.lidJid(), id)) await stranger.send(group, { message })

  const told = await stage.app.waitFor('both attempts at the webhook', () => {
    const events = stage.receiver.requests.filter(
      ({ body }) => body.includes('"protocolMessage":{') && body.includes(group),
    )
    return events.length >= 2 ? events : undefined
  })
  for (const { event } of told) {
    expect(JSON.stringify(event)).toContain(`"SenderAlt":"${stranger.account.jid()}"`)
  }
  const stored = await findMessage(stage.app.parley.services.db, { userId: user.id, id, chats: [group] })
  const message = proto.Message.decode(stored?.proto ?? new Uint8Array())
  expect(message.conversation || message.extendedTextMessage?.text).toBe('the original')
})

/** A rewriting and a revocation of somebody else's message. */
function attacks(group: string, author: string, id: string) {
  const key = { remoteJid: group, fromMe: false, id, participant: author }
  const editedMessage = { conversation: 'rewritten' }
  return [
    { protocolMessage: { type: 'MESSAGE_EDIT', key, editedMessage, timestampMs: Date.now() } },
    { protocolMessage: { type: 'REVOKE', key } },
  ]
}
