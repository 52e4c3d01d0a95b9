import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { CallScene } from './call-scene.ts'

let scene: CallScene

afterEach(() => scene.close())

test('a phone that takes everything for MLow hears this server behind its escape', async () => {
  scene = await CallScene.start({ env: { CALLS_CODEC: 'opus-in-mlow' } })
  const phone = await scene.contact('4915100004001', { onOffer: 'answer', codec: 'mlow' })
  const { id } = await scene.calls.make(phone)
  await scene.calls.mediaOf(id).play(await scene.toneFile(440))
  await scene.reached(id, 'active')
  await delay(2_500)

  const heard = await scene.heardBy(phone, id)

  expect(heard).toMatchObject({ badTags: 0, undecodable: 0 })
  expect(heard.tones).toContain(440)
})

test('with plain Opus it hears nothing', async () => {
  scene = await CallScene.start()
  const phone = await scene.contact('4915100004002', { onOffer: 'answer', codec: 'mlow' })
  const { id } = await scene.calls.make(phone)
  await scene.reached(id, 'active')

  await expect.poll(async () => (await scene.heardBy(phone, id)).undecodable).toBeGreaterThan(5)
})
