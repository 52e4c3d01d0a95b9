import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { CallScene } from '../call-scene.ts'
import { outcome } from './call-files-folder.ts'

let scene: CallScene

beforeAll(async () => {
  scene = await CallScene.start()
})

afterEach(async () => {
  for (const { id } of scene.calls.list()) await scene.calls.hangUp(id)
})

afterAll(() => scene.close())

test.each([
  ['/call/dial', 'phone'],
  ['/wago/call/make', 'CallTo'],
  ['/parley/calls', 'to'],
])('a request to %s that is repeated under its key rings nobody twice', async (path, field) => {
  const phone = await scene.contact(`4915170000${path.length}0`, { onOffer: 'ignore' })
  const place = async () =>
    outcome(
      await scene.app.request('POST', path, {
        token: scene.user.token,
        body: { [field]: phone },
        headers: { 'Idempotency-Key': `call ${path}` },
      }),
    )

  const answers = await Promise.all([place(), place()])
  answers.push(await place())

  expect(answers[0]?.[0]).toBe(200)
  expect(answers).toEqual([answers[0], answers[0], answers[0]])
  expect(scene.calls.list().filter(({ peer }) => peer.startsWith(phone))).toHaveLength(1)
})
