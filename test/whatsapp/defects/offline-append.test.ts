import { afterAll, beforeAll, expect, test } from 'vitest'
import { Stage } from './stage.ts'

// What was missed while away comes as `append`, the type of history and own sends, which programs leave alone.
// `arrival-order.test.ts` shows that it is also delivered before what is written meanwhile.
let stage: Stage
const missed = ['missed 1', 'missed 2', 'missed 3']
beforeAll(async () => {
  stage = await Stage.open()
})
afterAll(() => stage.close())

test('the bare library loses what was missed while away, for programs that listen to news', async () => {
  const bare = await stage.bare()
  const contact = stage.contact()
  await bare.order({ order: 'close' })
  for (const text of missed) await contact.send(bare.phone, { text })

  await bare.connect()

  await expect.poll(() => bare.texts()).toEqual(missed)
  expect(bare.texts('append')).toEqual(missed)
  expect(bare.texts('notify')).toEqual([])
})

test('Parley delivers what was missed while away, once and in order', async () => {
  const user = await stage.user()
  const contact = stage.contact()

  await stage.away(user, async () => {
    for (const text of missed) await contact.send(user.phone, { text })
  })

  await stage.arrives('missed 3')
  await stage.settles()
  expect(stage.delivered()).toEqual(missed)
})
