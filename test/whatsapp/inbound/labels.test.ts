import { afterAll, beforeAll, expect, test } from 'vitest'
import { listLabels } from '../../../src/store/labels.ts'
import { type LinkedUser, TestApp } from '../../helpers/app.ts'

let app: TestApp
let one: LinkedUser
let other: LinkedUser
beforeAll(async () => {
  app = await TestApp.start()
  one = await app.linkedUser()
  other = await app.link(await app.createUser({ name: 'other' }), one.phone)
})
afterAll(() => app.close())

const labels = () => listLabels(app.parley.services.db, one.id)

test('a label that could not be kept is kept after a reconnect', async () => {
  const { db, sessions } = app.parley.services
  await db.raw(`create trigger refuse_labels before insert on labels when new.user_id = '${one.id}'
                begin select raise(abort, 'the disk is full'); end`)
  await app.post('/label/edit', other.token, { labelId: '5', name: 'New order', color: 3 })
  await app.waitFor('the store to fail', () => sessions.status(one.id)?.state === 'retrying')
  expect(await labels()).toEqual([])

  await db.raw('drop trigger refuse_labels')

  await app.waitFor('the label', async () => (await labels()).length > 0)
  expect(await labels()).toEqual([{ id: '5', name: 'New order', color: 3 }])
})

test('labels of an account are forgotten when the user links another one', async () => {
  await app.post('/session/logout', one.token)
  await app.link(one)

  expect(await labels()).toEqual([])
})
