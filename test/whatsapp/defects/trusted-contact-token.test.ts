import { afterAll, beforeAll, expect, test } from 'vitest'
import type { BinaryNode } from '../../../src/whatsapp/library/engine.ts'
import { Stage } from './stage.ts'

// The library notes whom it has trusted in a transaction that has ended already: the note goes nowhere, and the token is
// issued again with every message. `repairs.test.ts` shows the reason in one function (`lateWriteIsStored`).
let stage: Stage
beforeAll(async () => {
  stage = await Stage.open()
})
afterAll(() => stage.close())

const texts = ['one', 'two', 'three']
const issuesToken = ({ tag, attrs, content }: BinaryNode) =>
  tag === 'iq' && attrs.xmlns === 'privacy' && Array.isArray(content) && content[0]?.tag === 'tokens'

test('the bare library loses every note of a token: each message issues another', async () => {
  const bare = await stage.bare()
  const contact = stage.contact()

  for (const text of texts) {
    await bare.sendText(contact.account.jid(), text)
    await stage.settles()
  }

  expect(stage.sentBy(bare.jid, issuesToken)).toBe(texts.length)
  expect(await bare.order({ order: 'names', kind: 'tctoken' })).toEqual([])
})

test('Parley keeps the note and issues one token', async () => {
  const user = await stage.user()
  const contact = stage.contact()

  for (const text of texts) {
    await stage.sendText(user, contact.account.phone, text)
    await stage.settles()
  }

  expect(stage.sentBy(stage.companionOf(user.phone).jid, issuesToken)).toBe(1)
  expect(await stage.keys(user, 'tctoken')).toContain(contact.account.lidJid())
})
