import { afterAll, beforeAll, expect, test } from 'vitest'
import { CallScene } from './call-scene.ts'

let scene: CallScene
let phones = 0

beforeAll(async () => {
  scene = await CallScene.start()
})

afterAll(() => scene.close())

test.each([
  ['logs out', (_id: string, token: string) => scene.app.post('/session/logout', token)],
  ['is deleted', (id: string) => scene.app.request('DELETE', `/admin/users/${id}`, { admin: true })],
])('the other side hears that a call is over when the user %s', async (_what, end) => {
  const phone = await scene.contact(`49151600000${10 + phones++}`, { onOffer: 'answer' })
  const user = await scene.app.linkedUser()
  const made = await scene.app.post('/parley/calls', user.token, { to: phone })
  const stateHere = async () => (await scene.app.get(`/parley/calls/${made.json.id}`, user.token)).json.state
  await expect.poll(stateHere, { timeout: 10_000 }).toBe('active')

  const { status } = await end(user.id, user.token)

  expect(status).toBe(200)
  await expect.poll(async () => (await scene.phoneCalls(phone))[0]?.state).toBe('ended')
})

test('nothing is said or heard in a call any more when the phone has unlinked the device', async () => {
  const phone = await scene.contact(`49151600000${10 + phones++}`, { onOffer: 'answer' })
  const user = await scene.app.linkedUser()
  const { calls, me } = scene.app.parley.services.sessions.live(user.id)
  const { id = '' } = (await calls?.make(phone)) ?? {}
  await scene.app.waitFor('the call to be active', () => calls?.find(id)?.state === 'active')

  await scene.app.sandbox('POST', '/unlink', { jid: me.pn.replace(/:.*@/, '@') })

  const ended = await scene.app.waitFor(
    'the call to end',
    () => calls?.list().find(({ state }) => state === 'ended'),
    5_000,
  )
  expect(ended).toMatchObject({ id, reason: 'connection_lost' })
})
