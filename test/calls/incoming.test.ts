import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { CallScene } from './call-scene.ts'

let scene: CallScene
let contacts = 0

beforeAll(async () => {
  scene = await CallScene.start()
})

afterAll(() => scene.close())

beforeEach(async () => {
  await scene.app.sandbox('POST', '/calls', { ringMs: 45_000 })
  await scene.app.sandbox('POST', `/contacts/${scene.user.phone}/calls`, { onOffer: 'ring', afterMs: 0 })
})

function contact(behaviour: object = {}): Promise<string> {
  return scene.contact(`49151000020${String(contacts++).padStart(2, '0')}`, behaviour)
}

/** Somebody calls, and it rings here. */
async function rung(script: object = {}): Promise<{ phone: string; id: string }> {
  const phone = await contact()
  const id = await scene.ring(phone, script)
  await scene.reached(id, 'ringing')
  return { phone, id }
}

function hangUp(phone: string, id: string): Promise<unknown> {
  return scene.app.sandbox('POST', `/contacts/${phone}/calls/${id}/hangup`)
}

describe('a call that rings', () => {
  test('is confirmed, and the caller is told that it rings, before anybody decides', async () => {
    const { phone, id } = await rung()
    await hangUp(phone, id)
    await scene.reached(id, 'ended')

    const caller = scene.lidOf(phone)
    expect(scene.steps('from-client', id)[0]).toBe(`preaccept ${caller}`)
    const [offer] = scene.stanzas('to-client', id)
    const receipts = scene.sandbox.server.stanzas.list(
      ({ direction, stanza }) =>
        direction === 'from-client' && stanza.tag === 'receipt' && stanza.attrs.id === offer?.stanza.attrs.id,
    )
    expect(receipts.map(({ stanza }) => [stanza.attrs.to, stanza.attrs.from])).toEqual([
      [caller, scene.lidOf(scene.user.phone, 1)],
    ])
    const acks = scene.sandbox.server.stanzas.list(
      ({ direction, stanza }) =>
        direction === 'from-client' && stanza.tag === 'ack' && stanza.attrs.id === offer?.stanza.attrs.id,
    )
    expect(acks).toHaveLength(1)
  })

  test('is told as an offer first, then as ringing', async () => {
    const { phone, id } = await rung()
    await hangUp(phone, id)
    await scene.reached(id, 'ended')

    await expect.poll(() => scene.told(id)).toEqual(['ringing', 'ended missed'])
    const types = scene.events.flatMap((event) =>
      'callId' in event && event.callId === id && event.type !== 'call.relay' ? [event.type] : [],
    )
    expect(types.slice(0, 2)).toEqual(['call.offer', 'call.state'])
  })

  test('is rejected, and the caller dismisses the phone', async () => {
    const { phone, id } = await rung()

    expect(await scene.calls.reject(id)).toMatchObject({ state: 'ended', reason: 'rejected' })

    await expect
      .poll(async () => (await scene.phoneCalls(phone))[0])
      .toMatchObject({ state: 'ended', reason: 'rejected' })
    const own = await scene.phoneCalls(scene.user.phone)
    expect(own.find((call) => call.id === id)).toMatchObject({ state: 'ended', reason: 'rejected_elsewhere' })
  })

  test('is given up as a rejection', async () => {
    const { id } = await rung()

    expect(await scene.calls.hangUp(id)).toMatchObject({ state: 'ended', reason: 'rejected' })
  })

  test('is missed when nobody takes it', async () => {
    await scene.app.sandbox('POST', '/calls', { ringMs: 600 })
    const { id } = await rung()

    expect(await scene.reached(id, 'ended')).toMatchObject({ reason: 'missed' })
  })

  test('is taken on the phone', async () => {
    await scene.app.sandbox('POST', `/contacts/${scene.user.phone}/calls`, {
      onOffer: 'answer',
      afterMs: 400,
    })
    const { phone, id } = await rung()

    expect(await scene.reached(id, 'ended')).toMatchObject({ reason: 'accepted_elsewhere' })
    await expect(scene.calls.answer(id)).rejects.toMatchObject({ message: 'call is not ringing' })
    await hangUp(phone, id)
  })

  test('is rejected on the phone', async () => {
    await scene.app.sandbox('POST', `/contacts/${scene.user.phone}/calls`, {
      onOffer: 'reject',
      afterMs: 400,
    })
    const { id } = await rung()

    expect(await scene.reached(id, 'ended')).toMatchObject({ reason: 'rejected_elsewhere' })
  })
})

describe('a call that is answered', () => {
  test('once is not answered twice, and is hung up as often as one likes', async () => {
    const { phone, id } = await rung()

    await scene.calls.answer(id)
    await expect(scene.calls.answer(id)).rejects.toMatchObject({
      code: 'conflict',
      message: 'call is not ringing',
    })
    await expect(scene.calls.reject(id)).rejects.toMatchObject({ code: 'conflict' })
    await scene.reached(id, 'active')
    expect(await scene.calls.hangUp(id)).toMatchObject({ reason: 'hangup' })
    expect(await scene.calls.hangUp(id)).toMatchObject({ reason: 'hangup' })

    await expect.poll(async () => (await scene.phoneCalls(phone))[0]?.state).toBe('ended')
    const [terminate, ...others] = scene
      .steps('from-client', id)
      .filter((step) => step.startsWith('terminate'))
    expect([terminate, others]).toEqual([`terminate ${scene.lidOf(phone)}`, []])
  })

  test('asks to be heard as Opus', async () => {
    const { phone, id } = await rung({ say: { tone: 500 } })
    await scene.calls.answer(id)
    await scene.reached(id, 'active')

    const accept = scene
      .stanzas('from-client', id)
      .flatMap(({ stanza }) => (Array.isArray(stanza.content) ? stanza.content : []))
      .find(({ tag }) => tag === 'accept')
    const parts = Array.isArray(accept?.content) ? accept.content : []
    expect(parts.map(({ tag }) => tag)).toEqual(['audio', 'net', 'encopt', 'capability', 'voip_settings'])
    expect(Buffer.from(parts[4]?.content as Uint8Array).toString()).toBe(
      '{"encode":{"use_mlow_codec_v1":"false"},"options":{"enable_48khz_rtp_clock":"false"}}',
    )
    await hangUp(phone, id)
  })

  test('waits for a caller that does not say that it is ready, and not for ever', async () => {
    const { phone, id } = await rung({ saysReady: false })
    const before = performance.now()
    await scene.calls.answer(id)
    await scene.reached(id, 'active')

    expect(performance.now() - before).toBeGreaterThan(900)
    expect(performance.now() - before).toBeLessThan(4_000)
    await hangUp(phone, id)
  })

  test('is accepted at once where the caller is ready', async () => {
    const { phone, id } = await rung()
    await expect
      .poll(() => scene.steps('to-client', id).some((step) => step.startsWith('mute_v2')))
      .toBe(true)
    const before = performance.now()
    await scene.calls.answer(id)

    await expect
      .poll(() => scene.steps('from-client', id).some((step) => step.startsWith('accept')))
      .toBe(true)

    expect(performance.now() - before).toBeLessThan(600)
    await hangUp(phone, id)
  })

  test('of whom we do not know anything is not found', async () => {
    await expect(scene.calls.answer('00AA')).rejects.toMatchObject({
      code: 'not_found',
      message: 'call not found',
    })
    await expect(scene.calls.hangUp('00AA')).rejects.toMatchObject({ code: 'not_found' })
    expect(scene.calls.find('00AA')).toBeUndefined()
  })
})

describe('who calls', () => {
  test('is named by LID where the number is told to nobody', async () => {
    const phone = await contact()
    await scene.app.sandbox('POST', '/contacts', { phone, name: 'Hidden', hidden: true })
    const id = await scene.ring(phone)

    const call = await scene.reached(id, 'ringing')

    expect(call).toMatchObject({ peer: scene.lidOf(phone), peerLid: scene.lidOf(phone) })
    await scene.calls.reject(id)
  })

  test('with a picture, or without a key, is told and does not ring here', async () => {
    const phone = await contact()
    const ids = [await scene.ring(phone, { video: true }), await scene.ring(phone, { kind: 'offer' })]

    for (const id of ids)
      await expect
        .poll(() => scene.events.some((event) => event.type === 'call.offer' && event.callId === id))
        .toBe(true)

    for (const id of ids) expect(scene.calls.find(id)).toBeUndefined()
  })
})

describe('a second call', () => {
  test('rings behind the first, and the caller hears nothing of it; it can be taken afterwards', async () => {
    const first = await rung()
    await scene.calls.answer(first.id)
    await scene.reached(first.id, 'active')
    const second = await rung({ say: { tone: 600 } })

    await expect(scene.calls.answer(second.id)).rejects.toMatchObject({
      message: 'another call is in progress',
    })
    expect(scene.steps('from-client', second.id)).toEqual([])
    expect(
      scene.calls
        .list()
        .map(({ id }) => id)
        .slice(0, 2),
    ).toEqual([second.id, first.id])
    await scene.calls.hangUp(first.id)
    await scene.calls.answer(second.id)
    await scene.reached(second.id, 'active')

    await expect.poll(() => scene.calls.mediaOf(second.id).stats.received.packets).toBeGreaterThan(3)
    await scene.calls.hangUp(second.id)
  })

  test('in the other direction at the same moment leaves the first as it is', async () => {
    const phone = await contact({ onOffer: 'ring' })
    const made = await scene.calls.make(phone)
    const id = await scene.ring(phone)
    await scene.reached(id, 'ringing')

    expect(scene.calls.find(made.id)?.state).toMatch(/calling|ringing/)
    await expect(scene.calls.answer(id)).rejects.toMatchObject({ message: 'another call is in progress' })
    await scene.app.sandbox('POST', `/contacts/${phone}/calls/${made.id}/answer`)
    await scene.reached(made.id, 'active')
    await scene.calls.hangUp(made.id)
    await hangUp(phone, id)
    expect(await scene.reached(id, 'ended')).toMatchObject({ reason: 'missed' })
  })
})

test('a call that this device was not there for is missed, and does not ring', async () => {
  const phone = await contact()
  let id = ''
  scene = await scene.restart(async () => {
    const peer = scene.sandbox.network.findAccount(phone)?.devices.get(0)
    if (!peer || !('line' in peer)) throw new Error('no phone')
    // The server is away, and so are its controls.
    const response = await fetch(`${scene.sandbox.controlUrl}/sandbox/contacts/${phone}/call`, {
      method: 'POST',
      body: JSON.stringify({ to: scene.user.phone }),
    })
    id = ((await response.json()) as { callId: string }).callId
  })

  expect(await scene.reached(id, 'ended')).toMatchObject({ direction: 'incoming', reason: 'missed' })
  expect(scene.steps('from-client', id)).toEqual([])
  await expect.poll(() => scene.told(id)).toEqual(['ended missed'])
  await fetch(`${scene.sandbox.controlUrl}/sandbox/contacts/${phone}/calls/${id}/hangup`, { method: 'POST' })
})
