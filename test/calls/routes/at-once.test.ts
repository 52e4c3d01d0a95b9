import { rm } from 'node:fs/promises'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Answer } from '../../helpers/app.ts'
import type { CallScene } from '../call-scene.ts'
import { outcome, startWithFiles } from './call-files-folder.ts'

let scene: CallScene
let files: string
let phones = 0

beforeAll(async () => {
  ;({ scene, files } = await startWithFiles())
})

afterEach(async () => {
  for (const { id } of scene.calls.list()) await scene.calls.hangUp(id)
})

afterAll(async () => {
  await scene.close()
  await rm(files, { recursive: true })
})

const contact = (behaviour?: object) => scene.contact(`49151300000${10 + phones++}`, behaviour)
const post = (path: string, body: object) => scene.app.post(path, scene.user.token, body)

/** Does something with a call in the moment its offer is told, as a webhook's receiver would. */
function atOffer(act: (id: string) => Promise<Answer>): Promise<{ id: string; answer: Answer }> {
  return new Promise((resolve, reject) => {
    const stop = scene.app.parley.services.events.listen((_userId, recorded) => {
      const offer = recorded.map(({ event }) => event).find(({ type }) => type === 'call.offer')
      if (offer?.type !== 'call.offer') return
      stop()
      act(offer.callId).then((answer) => resolve({ id: offer.callId, answer }), reject)
    })
  })
}

test('a call is taken by whoever is told of its offer and answers at once', async () => {
  const phone = await contact()
  const answered = atOffer((id) => post('/wago/call/answer', { CallID: id }))

  await scene.ring(phone)

  const { id, answer } = await answered
  expect(outcome(answer)).toEqual([200, expect.objectContaining({ details: 'call answered' })])
  await scene.reached(id, 'active')
})

test('a call that is rejected in the moment its offer is told does not ring on', async () => {
  const phone = await contact()
  const rejected = atOffer((id) => post('/wago/call/reject', { CallID: id }))

  await scene.ring(phone)

  const { id, answer } = await rejected
  expect(outcome(answer)).toEqual([200, { details: 'call rejected' }])
  expect(scene.calls.find(id)).toMatchObject({ state: 'ended', reason: 'rejected' })
  expect(scene.told(id)).toEqual(['ringing', 'ended rejected'])
})

test('a file may be played in the moment the offer is told; it waits', async () => {
  const phone = await contact()
  const played = atOffer((id) => post('/wago/call/play', { CallID: id, AudioFile: '440.wav' }))

  await scene.ring(phone)

  const { answer } = await played
  expect(outcome(answer)).toEqual([200, expect.objectContaining({ details: 'playing' })])
})

test('nobody is said to be called when the call is given up before it is made', async () => {
  const phone = await contact()

  const making = post('/call/dial', { phone })
  while (scene.calls.list()[0]?.state !== 'calling') await nextTurn()
  await scene.calls.hangUp(scene.calls.list()[0]?.id ?? '')

  const { status, json } = await making
  expect([status, json.error]).toEqual([502, 'The call was given up: hangup'])
  expect(await scene.phoneCalls(phone)).toEqual([])
})

test('a call that ends while it is taken was not answered', async () => {
  const id = await scene.ring(await contact())
  await scene.reached(id, 'ringing')

  const [answered, ended] = await Promise.allSettled([scene.calls.answer(id), scene.calls.hangUp(id)])

  expect(answered).toMatchObject({ status: 'rejected', reason: { code: 'conflict' } })
  expect(ended).toMatchObject({ status: 'fulfilled', value: { state: 'ended', reason: 'hangup' } })
})
