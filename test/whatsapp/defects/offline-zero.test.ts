import { afterAll, beforeAll, expect, test } from 'vitest'
import type { BinaryNode } from '../../../src/whatsapp/library/engine.ts'
import { Stage } from './stage.ts'

// `offline="0"` is the first of what was missed; the server also marks live messages so. The library takes any value
// for "missed": such a message comes as `append`, through the queue of missed ones.
let stage: Stage
beforeAll(async () => {
  stage = await Stage.open()
})
afterAll(() => stage.close())

const marked = (stanza: BinaryNode): BinaryNode =>
  stanza.tag === 'message' ? { ...stanza, attrs: { ...stanza.attrs, offline: '0' } } : stanza

test('the bare library loses live messages with offline="0", for programs that listen to news', async () => {
  const bare = await stage.bare()
  const contact = stage.contact()
  stage.meddle(bare.phone, marked)

  await contact.send(bare.phone, { text: 'live' })

  await expect.poll(() => bare.texts()).toEqual(['live'])
  expect(bare.texts('notify')).toEqual([])
})

test('Parley delivers live messages with offline="0", once', async () => {
  const user = await stage.user()
  const contact = stage.contact()
  stage.meddle(user.phone, marked)

  await contact.send(user.phone, { text: 'live' })

  await stage.arrives('live')
  await stage.settles()
  expect(stage.delivered()).toEqual(['live'])
})
