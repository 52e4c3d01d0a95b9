import { afterAll, beforeAll, expect, test } from 'vitest'
import { readBy, Stage } from './stage.ts'

// The library keeps a message key for every second message it sends to a group; nobody ever asks for them. After
// thousands of messages each send writes 330 KB. `repository.test.ts` shows that receivers go on decrypting.
let stage: Stage
beforeAll(async () => {
  stage = await Stage.open()
})
afterAll(() => stage.close())

const MESSAGES = 40

test('the bare library loses its speed: its own sender key grows with every message', async () => {
  const bare = await stage.bare()
  const contact = stage.contact()
  const group = await stage.group(contact, bare.phone)
  const size = async () => Number(await bare.order({ order: 'size', kind: 'sender-key' }))

  await bare.sendText(group, 'first')
  const atFirst = await size()
  for (let index = 0; index < MESSAGES; index++) await bare.sendText(group, `message ${index}`)

  await expect.poll(() => readBy(contact)).toHaveLength(MESSAGES + 1)
  expect(await size()).toBeGreaterThan(atFirst + MESSAGES * 50)
})

test('Parley keeps it as small as it was', async () => {
  const user = await stage.user()
  const contact = stage.contact()
  const group = await stage.group(contact, user.phone)

  for (let index = 0; index < MESSAGES; index++) await stage.sendText(user, group, `message ${index}`)

  await expect.poll(() => readBy(contact)).toHaveLength(MESSAGES)
  const { db, secrets } = stage.app.parley.services
  const rows = await db('auth').where({ user_id: user.id, kind: 'sender-key' }).select('sealed_value')
  expect(rows).toHaveLength(1)
  expect(secrets.decrypt(rows[0].sealed_value).length).toBeLessThan(2048)
})
