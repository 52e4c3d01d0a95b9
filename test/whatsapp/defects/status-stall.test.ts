import { afterAll, beforeAll, expect, test } from 'vitest'
import type { LinkedDevice } from '../../../src/sandbox/peer/linked-device.ts'
import type { Peer } from '../../../src/sandbox/peer/peer.ts'
import { node } from '../../../src/sandbox/world/node.ts'
import type { BinaryNode } from '../../../src/whatsapp/library/engine.ts'
import { Stage } from './stage.ts'

// Whoever refuses a status post gets it again, first thing after every login, and nothing else before it is settled
// (WhiskeySockets/Baileys#2779). The library refuses what it cannot decrypt.
let stage: Stage
beforeAll(async () => {
  stage = await Stage.open()
})
afterAll(() => stage.close())

test('the bare library loses everything that waits behind a status it cannot decrypt', async () => {
  const bare = await stage.bare()
  const contact = stage.contact()
  const companion = stage.companionOf(bare.phone)
  postUnreadable(contact, companion)
  await expect.poll(() => stage.sentBy(companion.jid, isAckOfMessage)).toBe(1)

  await bare.order({ order: 'close' })
  await contact.send(bare.phone, { text: 'behind the status' })
  for (let login = 2; login <= 3; login++) {
    await bare.connect()
    await expect.poll(() => stage.sentBy(companion.jid, isAckOfMessage)).toBe(login)
    await bare.order({ order: 'close' })
  }

  expect(bare.texts()).toEqual([])
  expect(companion.unacknowledged).toHaveLength(2)
})

test('Parley delivers what waits behind it, and still asks for another copy', async () => {
  const user = await stage.user()
  const contact = stage.contact()
  const companion = stage.companionOf(user.phone)
  postUnreadable(contact, companion)
  await expect.poll(() => stage.sentBy(companion.jid, isAckOfMessage)).toBe(1)

  await stage.away(user, async () => {
    await contact.send(user.phone, { text: 'behind the status' })
  })

  await stage.arrives('behind the status')
  await expect.poll(() => companion.unacknowledged).toEqual([])
  expect(stage.sentBy(companion.jid, ({ tag, attrs }) => tag === 'receipt' && attrs.type === 'retry')).toBe(1)
  expect(stage.undecryptable()).toBe(1)
})

const isAckOfMessage = ({ tag, attrs }: BinaryNode) => tag === 'ack' && attrs.class === 'message'

/** A status post of a contact whose sender key the device never got. */
function postUnreadable(author: Peer, reader: LinkedDevice): void {
  const attrs = {
    from: 'status@broadcast',
    participant: author.account.lidJid(),
    participant_pn: author.account.jid(),
    id: '3AC0FFEE00000001',
    type: 'text',
    t: Math.floor(Date.now() / 1000),
  }
  reader.deliver(node('message', attrs, [node('enc', { v: '2', type: 'skmsg' }, Buffer.alloc(80, 1))]))
}
