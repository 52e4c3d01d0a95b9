import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bytesOf } from '../../src/calls/samples.ts'
import { wavHeader } from '../../src/calls/wav.ts'
import { CallScene } from './call-scene.ts'
import { loudnessOf, toneOf } from './tones.ts'

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

describe('what a phone says', () => {
  test('may be a file, and is nothing while it is muted', async () => {
    const samples = bytesOf(toneOf(550, 20 * 16_000))
    const wav = Buffer.concat([wavHeader(1, samples.length), samples]).toString('base64')
    const phone = await scene.contact('4915100000003', { onOffer: 'answer', say: { wav } })
    const { id } = await scene.calls.make(phone)
    await scene.reached(id, 'active')
    await delay(600)
    const [loud = 0] = await scene.loudness(id, 1_000, 550)
    await scene.app.sandbox('POST', `/contacts/${phone}/calls/${id}/mute`)
    await delay(600)
    const [quiet = 0] = await scene.loudness(id, 1_000, 550)
    await scene.calls.hangUp(id)

    expect(loud).toBeGreaterThan(6_000)
    expect(quiet).toBeLessThan(100)
  })

  test('and what it heard can be listened to', async () => {
    const phone = await scene.contact('4915100000004', { onOffer: 'answer' })
    const { id } = await scene.calls.make(phone)
    await scene.calls.mediaOf(id).play(await scene.toneFile(440))
    await scene.reached(id, 'active')
    await delay(1_500)
    await scene.calls.hangUp(id)

    const path = `/sandbox/contacts/${phone}/calls/${id}/heard.wav`
    const response = await fetch(`${scene.sandbox.controlUrl}${path}`)
    const file = Buffer.from(await response.arrayBuffer())
    const heard = Int16Array.from({ length: (file.length - 44) >> 1 }, (_, at) =>
      file.readInt16LE(44 + at * 2),
    )

    expect(file.toString('latin1', 0, 4)).toBe('RIFF')
    expect(loudnessOf(heard.subarray(8_000), 440)).toBeGreaterThan(6_000)
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
