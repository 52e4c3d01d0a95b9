import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CallScene } from './call-scene.ts'

let scene: CallScene

beforeAll(async () => {
  scene = await CallScene.start()
})

afterAll(() => scene.close())

describe('a call that this server makes', () => {
  test('is heard at both ends, and nothing of one end comes back to it', async () => {
    const phone = await scene.contact('4915100000001', {
      onOffer: 'answer',
      afterMs: 300,
      say: { tone: 1_000 },
    })

    const made = await scene.calls.make(phone)
    expect(made).toMatchObject({ direction: 'outgoing', peer: `${phone}@s.whatsapp.net`, reason: '' })
    await scene.calls.mediaOf(made.id).play(await scene.toneFile(440))
    await scene.reached(made.id, 'active')
    await delay(800)
    const [thousand = 0, own = 0] = await scene.loudness(made.id, 2_000, 1_000, 440)
    const heard = await scene.heardBy(phone, made.id)
    const ended = await scene.calls.hangUp(made.id)

    expect(thousand).toBeGreaterThan(6_000)
    expect(own).toBeLessThan(200)
    expect(heard).toMatchObject({ badTags: 0, undecodable: 0 })
    expect(heard.packets).toBeGreaterThan(30)
    expect(heard.tones.slice(1)).toContain(440)
    expect(ended).toMatchObject({ state: 'ended', reason: 'hangup' })
    await expect
      .poll(async () => (await scene.phoneCalls(phone)).at(-1))
      .toMatchObject({ id: made.id, state: 'ended', reason: 'remote_hangup' })
  })
})

describe('a call that comes in', () => {
  test('rings, is answered, and is heard at both ends', async () => {
    const phone = await scene.contact('4915100000002')
    const id = await scene.ring(phone, { say: { tone: 700 } })
    const ringing = await scene.reached(id, 'ringing')
    expect(ringing).toMatchObject({ direction: 'incoming', peer: `${phone}@s.whatsapp.net` })

    const answered = await scene.calls.answer(id)
    expect(['connecting', 'active']).toContain(answered.state)
    await scene.calls.mediaOf(id).play(await scene.toneFile(440))
    await scene.reached(id, 'active')
    await delay(800)
    const [theirs = 0, own = 0] = await scene.loudness(id, 2_000, 700, 440)
    const heard = await scene.heardBy(phone, id)
    await scene.app.sandbox('POST', `/contacts/${phone}/calls/${id}/hangup`)

    expect(theirs).toBeGreaterThan(6_000)
    expect(own).toBeLessThan(200)
    expect(heard).toMatchObject({ badTags: 0, undecodable: 0 })
    expect(heard.tones.slice(1)).toContain(440)
    expect(await scene.reached(id, 'ended')).toMatchObject({ reason: 'remote_hangup' })
  })
})
