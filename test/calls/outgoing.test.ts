import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { BinaryNode } from '../../src/whatsapp/library/engine.ts'
import { CallScene } from './call-scene.ts'

let scene: CallScene
let contacts = 0

beforeAll(async () => {
  scene = await CallScene.start()
})

afterAll(() => scene.close())

beforeEach(async () => {
  await scene.app.sandbox('POST', '/calls', { ringMs: 45_000 })
  await scene.app.sandbox('DELETE', '/faults')
})

/** A contact nobody has called before. */
function contact(behaviour: object): Promise<string> {
  return scene.contact(`49151000010${String(contacts++).padStart(2, '0')}`, behaviour)
}

/** The offer of a call as it left. */
function offerOf(id: string): BinaryNode {
  const [logged] = scene.stanzas('from-client', id)
  const [offer] = Array.isArray(logged?.stanza.content) ? logged.stanza.content : []
  if (offer?.tag !== 'offer') throw new Error('no offer has left')
  return offer
}

function tagsIn(node: BinaryNode): string[] {
  return Array.isArray(node.content) ? node.content.map(({ tag }) => tag) : []
}

describe('the offer', () => {
  test('to somebody with one device has the key in it, and the identity that the first message needs', async () => {
    const { id } = await scene.calls.make(await contact({}))
    await scene.calls.hangUp(id)

    const offer = offerOf(id)
    expect(tagsIn(offer)).toEqual(['audio', 'net', 'capability', 'enc', 'encopt', 'device-identity'])
    expect(offer.attrs['call-id']).toMatch(/^00[0-9A-F]{30}$/)
    expect(offer.attrs['call-creator']).toBe(scene.lidOf(scene.user.phone, 1))
  })

  test('to somebody with three devices lists a key for each', async () => {
    const phone = await contact({ devices: 3 })
    const { id } = await scene.calls.make(phone)
    await scene.calls.hangUp(id)

    const offer = offerOf(id)
    expect(tagsIn(offer)).toEqual(['audio', 'net', 'capability', 'destination', 'encopt', 'device-identity'])
    const destination = Array.isArray(offer.content) ? offer.content[3] : undefined
    const listed = Array.isArray(destination?.content)
      ? destination.content.map(({ attrs }) => attrs.jid)
      : []
    expect(listed).toEqual([0, 1, 2].map((device) => scene.lidOf(phone, device)))
  })

  test('says that this device speaks Opus, and a second one needs no identity', async () => {
    const phone = await contact({ onOffer: 'answer' })
    const first = await scene.calls.make(phone)
    await scene.reached(first.id, 'active')
    await scene.calls.hangUp(first.id)
    // Whoever has written to us holds a session.
    await scene.app.sandbox('POST', `/contacts/${phone}/send`, { to: scene.user.phone, text: 'hello to you' })
    await expect.poll(() => JSON.stringify(scene.events)).toContain('hello to you')

    const { id } = await scene.calls.make(phone)
    await scene.calls.hangUp(id)

    const offer = offerOf(id)
    // A token of trust comes with the message.
    expect(tagsIn(offer).filter((tag) => tag !== 'privacy')).toEqual([
      'audio',
      'net',
      'capability',
      'enc',
      'encopt',
    ])
    const capability = Array.isArray(offer.content)
      ? offer.content.find(({ tag }) => tag === 'capability')
      : undefined
    expect(Buffer.from(capability?.content as Uint8Array).toString('hex')).toBe('0105f709e03b13')
  })

  test('in another order is refused with 439', async () => {
    const phone = await contact({})
    const { id } = await scene.calls.make(phone)
    await scene.calls.hangUp(id)
    const offer = offerOf(id)
    const content = Array.isArray(offer.content) ? offer.content.toReversed() : []
    const stanza: BinaryNode = {
      tag: 'call',
      attrs: { to: scene.lidOf(phone), id: 'wrong-order' },
      content: [{ ...offer, attrs: { ...offer.attrs, 'call-id': `${id}00` }, content }],
    }

    const ack = await scene.session.call((socket) => socket.query(stanza))

    expect(ack.attrs).toMatchObject({ class: 'call', error: '439' })
  })
})

describe('a call that WhatsApp does not take', () => {
  test('says why, and is over', async () => {
    const phone = await contact({})
    await scene.app.sandbox('POST', '/faults', { kind: 'refuse-call', code: 463, times: 1 })

    await expect(scene.calls.make(phone)).rejects.toMatchObject({
      code: 'upstream_refused',
      details: { refusal: { by: 'ack', code: '463' } },
    })

    const [call] = scene.calls.list()
    expect(call).toMatchObject({ state: 'ended', reason: 'refused:463' })
    expect(await scene.phoneCalls(phone)).toEqual([])
  })

  test('without a relay is given up, and the phone stops ringing', async () => {
    const phone = await contact({})
    await scene.app.sandbox('POST', '/faults', { kind: 'no-call-relay', times: 1 })

    await expect(scene.calls.make(phone)).rejects.toMatchObject({ code: 'upstream_refused' })

    expect(scene.calls.list()[0]).toMatchObject({ state: 'ended', reason: 'no_relay' })
    await expect.poll(async () => (await scene.phoneCalls(phone))[0]?.state).toBe('ended')
  })

  test('and does not answer is given up after ten seconds', async () => {
    const phone = await contact({})
    await scene.app.sandbox('POST', '/faults', { kind: 'ignore-call', times: 1 })

    await expect(scene.calls.make(phone)).rejects.toMatchObject({ code: 'upstream_timeout' })

    expect(scene.calls.list()[0]).toMatchObject({ state: 'ended', reason: 'failed' })
  })

  test('is given up while it is not answered, and is over for everybody', async () => {
    const phone = await contact({})
    // Whatever the service says comes late.
    await scene.app.sandbox('POST', '/faults', { kind: 'delay', ms: 500, jid: scene.user.phone })
    const made = scene.calls.make(phone)
    await scene.app.waitFor('the call', () => scene.calls.list()[0]?.state === 'calling')
    const [call] = scene.calls.list()
    await scene.calls.hangUp(call?.id ?? '')

    expect(await made).toMatchObject({ state: 'ended', reason: 'hangup' })
    const calls = await scene.phoneCalls(phone)
    expect(calls.filter(({ state }) => state !== 'ended')).toEqual([])
  })

  test('is not even tried for a number that nobody has, nor to oneself', async () => {
    const before = scene.calls.list().length

    await expect(scene.calls.make('4915199999999')).rejects.toMatchObject({ code: 'not_found' })
    await expect(scene.calls.make(scene.user.phone)).rejects.toMatchObject({ code: 'conflict' })

    expect(scene.calls.list()).toHaveLength(before)
  })
})

describe('a call that nobody takes', () => {
  test('is rejected', async () => {
    const { id } = await scene.calls.make(await contact({ onOffer: 'reject', afterMs: 100 }))

    expect(await scene.reached(id, 'ended')).toMatchObject({ reason: 'rejected' })
    await expect.poll(() => scene.told(id)).toEqual(['calling', 'ringing', 'ended rejected'])
    expect(() => scene.calls.mediaOf(id)).toThrow('the call has no sound')
  })

  test('is busy', async () => {
    const { id } = await scene.calls.make(await contact({ onOffer: 'busy' }))

    expect(await scene.reached(id, 'ended')).toMatchObject({ reason: 'busy' })
  })

  test('rings until the service ends it', async () => {
    await scene.app.sandbox('POST', '/calls', { ringMs: 800 })
    const phone = await contact({ onOffer: 'ring' })
    const { id } = await scene.calls.make(phone)

    expect(await scene.reached(id, 'ended')).toMatchObject({ reason: 'timeout' })
    expect((await scene.phoneCalls(phone))[0]).toMatchObject({ state: 'ended', reason: 'timeout' })
  })

  test('is given up while it rings', async () => {
    const phone = await contact({ onOffer: 'ring', devices: 2 })
    const { id } = await scene.calls.make(phone)
    await scene.reached(id, 'ringing')

    expect(await scene.calls.hangUp(id)).toMatchObject({ state: 'ended', reason: 'hangup' })
    expect(await scene.calls.hangUp(id)).toMatchObject({ state: 'ended', reason: 'hangup' })

    await expect
      .poll(async () => (await scene.phoneCalls(phone)).map(({ state }) => state))
      .toEqual(['ended', 'ended'])
  })
})

describe('somebody with three devices', () => {
  test('is heard from the one that answers, and the caller dismisses the others', async () => {
    const phone = await contact({ devices: 3, onOffer: 'ring' })
    await scene.app.sandbox('POST', `/contacts/${phone}/calls`, {
      device: 2,
      onOffer: 'answer',
      afterMs: 300,
      say: { tone: 900 },
    })

    const { id } = await scene.calls.make(phone)
    await scene.calls.mediaOf(id).play(await scene.toneFile(440))
    await scene.reached(id, 'active')
    await delay(700)
    const [loud = 0] = await scene.loudness(id, 1_500, 900)
    const heard = await scene.heardBy(phone, id)
    const calls = await scene.phoneCalls(phone)
    await scene.calls.hangUp(id)

    expect(loud).toBeGreaterThan(6_000)
    expect(heard).toMatchObject({ badTags: 0, undecodable: 0 })
    expect(heard.tones.slice(1)).toContain(440)
    expect(calls.map(({ device, state, reason }) => [device, state, reason])).toEqual([
      [0, 'ended', 'accepted_elsewhere'],
      [1, 'ended', 'accepted_elsewhere'],
      [2, 'active', ''],
    ])
  })

  test('of which one rejects: the others stop ringing', async () => {
    const phone = await contact({ devices: 3, onOffer: 'ring' })
    await scene.app.sandbox('POST', `/contacts/${phone}/calls`, {
      device: 1,
      onOffer: 'reject',
      afterMs: 300,
    })

    const { id } = await scene.calls.make(phone)

    expect(await scene.reached(id, 'ended')).toMatchObject({ reason: 'rejected' })
    await expect
      .poll(async () => (await scene.phoneCalls(phone)).map(({ reason }) => reason))
      .toEqual(['rejected_elsewhere', 'rejected', 'rejected_elsewhere'])
  })

  test('of which one is busy: the others go on ringing', async () => {
    const phone = await contact({ devices: 3, onOffer: 'busy' })
    await scene.app.sandbox('POST', `/contacts/${phone}/calls`, {
      device: 2,
      onOffer: 'answer',
      afterMs: 300,
    })

    const { id } = await scene.calls.make(phone)

    await scene.reached(id, 'active')
    await scene.calls.hangUp(id)
    expect((await scene.phoneCalls(phone)).map(({ reason }) => reason)).toContain('busy')
  })
})

test('whoever is called hangs up', async () => {
  const { id } = await scene.calls.make(await contact({ onOffer: 'answer', hangUpAfterMs: 500 }))
  await scene.reached(id, 'active')

  expect(await scene.reached(id, 'ended')).toMatchObject({ reason: 'remote_hangup' })
})

test('there is one call at a time', async () => {
  const { id } = await scene.calls.make(await contact({}))

  await expect(scene.calls.make(await contact({}))).rejects.toMatchObject({
    code: 'conflict',
    message: 'another call is in progress',
  })

  await scene.calls.hangUp(id)
})

test('of two calls at the same moment one is made', async () => {
  const phones = [await contact({}), await contact({})]

  const made = await Promise.allSettled(phones.map((phone) => scene.calls.make(phone)))

  expect(made.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  const [call] = scene.calls.list()
  await scene.calls.hangUp(call?.id ?? '')
})

test('a phone that insists on MLow cannot be heard, and the call says what came', async () => {
  const { id } = await scene.calls.make(await contact({ onOffer: 'answer', codec: 'mlow' }))
  await scene.reached(id, 'active')

  await expect.poll(() => scene.calls.mediaOf(id).stats.received.packets).toBeGreaterThan(10)

  expect(Object.keys(scene.calls.mediaOf(id).stats.received.kinds)).toEqual(['12'])
  await scene.calls.hangUp(id)
})

test('the diary tells what happened, without secrets', async () => {
  const { id } = await scene.calls.make(await contact({ onOffer: 'answer' }))
  await scene.reached(id, 'active')
  await scene.calls.hangUp(id)

  const { call, entries } = scene.calls.diary(id)

  expect(call).toMatchObject({ id, state: 'ended' })
  expect(entries.map(({ what }) => what)).toEqual(
    expect.arrayContaining(['sent', 'taken', 'received', 'relay', 'active', 'ended']),
  )
  expect(JSON.stringify(entries)).not.toContain('token')
  expect(() => scene.calls.diary('0000')).toThrow('call not found')
})
