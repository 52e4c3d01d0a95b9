import { expect, test } from 'vitest'
import type { BinaryNode } from '../../../src/whatsapp/library/engine.ts'
import { Acks } from '../../../src/whatsapp/outbound/acks.ts'

const PATIENCE_MS = 5_000
const ADA = '4479001@s.whatsapp.net'
const BOB = '4479002@s.whatsapp.net'

test('an ack is for the message to the chat it names, when an id is used twice', async () => {
  const acks = new Acks()
  const [ada, bob] = [ADA, BOB].map((chat) => acks.expect({ id: 'ORDER-1', chat }, PATIENCE_MS))

  acks.handle(ack({ from: BOB, error: '463' }))
  acks.handle(ack({ from: ADA, t: '1700000000' }))

  await expect(bob?.acknowledged).rejects.toMatchObject({ code: 'upstream_refused' })
  expect(await ada?.acknowledged).toBe(1_700_000_000)
})

test.each([
  ['by the name in use', ADA],
  ['by LID', '101@lid'],
  ['by another number', '447901@s.whatsapp.net'],
])('an ack for a message that was given up is late, and says for which: %s', async (_how, from) => {
  const late: unknown[] = []
  const acks = new Acks((name) => late.push(name))
  await expect(acks.expect({ id: 'ORDER-1', chat: ADA }, 0).acknowledged).rejects.toThrow('timed out')

  acks.handle(ack({ from }))

  expect(late).toEqual([{ id: 'ORDER-1', chats: [ADA] }])
})

test('an ack for a message that was given up is not for the same to somebody else', async () => {
  const acks = new Acks()
  await expect(acks.expect({ id: 'ORDER-1', chat: ADA }, 0).acknowledged).rejects.toThrow('timed out')
  const bob = acks.expect({ id: 'ORDER-1', chat: BOB }, PATIENCE_MS)

  acks.handle(ack({ from: ADA }))

  expect(await bob.isAnswered()).toBe(false)
  bob.cancel()
})

test.each([
  ['a group', '1203630@g.us', ADA],
  ['a person', ADA, '1203630@g.us'],
  ['a status', 'status@broadcast', ADA],
])('an ack that names another chat is not for %s', async (_what, chat, from) => {
  const acks = new Acks()
  const sent = acks.expect({ id: 'ORDER-1', chat }, PATIENCE_MS)

  acks.handle(ack({ from }))

  expect(await sent.isAnswered()).toBe(false)
  sent.cancel()
})

test('an ack that names another number is for nobody where two people are waited for', async () => {
  const acks = new Acks()
  const sends = [ADA, BOB].map((chat) => acks.expect({ id: 'ORDER-1', chat }, PATIENCE_MS))

  acks.handle(ack({ from: '447901@s.whatsapp.net' }))

  expect(await Promise.all(sends.map((sent) => sent.isAnswered()))).toEqual([false, false])
  for (const sent of sends) sent.cancel()
})

test.each(['101@lid', undefined])(
  'an ack that comes from %s may be for a chat known by number',
  async (from) => {
    const acks = new Acks()
    const ada = acks.expect({ id: 'ORDER-1', chat: ADA }, PATIENCE_MS)

    acks.handle(ack({ ...(from && { from }), t: '1700000000' }))

    expect(await ada.acknowledged).toBe(1_700_000_000)
  },
)

test('each of two sends of one message takes one ack', async () => {
  const acks = new Acks()
  const sends = [1, 2].map(() => acks.expect({ id: 'ORDER-1', chat: ADA }, PATIENCE_MS))

  acks.handle(ack({ from: ADA, t: '1700000001' }))
  acks.handle(ack({ from: ADA, t: '1700000002' }))

  const answers = await Promise.all(sends.map(({ acknowledged }) => acknowledged))
  expect(answers).toEqual([1_700_000_001, 1_700_000_002])
})

function ack(attrs: Record<string, string>): BinaryNode {
  return { tag: 'ack', attrs: { class: 'message', id: 'ORDER-1', ...attrs } }
}
