import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Peer } from '../../src/sandbox/peer/peer.ts'
import type { BinaryNode } from '../../src/whatsapp/library/engine.ts'
import { TestApp } from '../helpers/app.ts'
import { type Receiver, startReceiver } from '../helpers/receiver.ts'
import { CallScene } from './call-scene.ts'

let scene: CallScene
let receiver: Receiver
let contacts = 0

beforeAll(async () => {
  receiver = await startReceiver()
  scene = await CallScene.start()
  await scene.app.post('/wago/webhook', scene.user.token, { WebhookURL: receiver.url })
})

afterAll(async () => {
  await scene.close()
  await receiver.close()
})

function contact(behaviour: object = {}): Promise<string> {
  return scene.contact(`49151000030${String(contacts++).padStart(2, '0')}`, behaviour)
}

/** A call that is heard. */
async function active(): Promise<{ phone: string; id: string }> {
  const phone = await contact({ onOffer: 'answer', say: { tone: 800 } })
  const { id } = await scene.calls.make(phone)
  await scene.reached(id, 'active')
  return { phone, id }
}

function peerOf(phone: string): Peer {
  const peer = scene.sandbox.network.findAccount(phone)?.devices.get(0)
  if (!(peer instanceof Peer)) throw new Error('no phone')
  return peer
}

function element(
  tag: string,
  attrs: Record<string, string> = {},
  content?: BinaryNode['content'],
): BinaryNode {
  return content === undefined ? { tag, attrs } : { tag, attrs, content }
}

/** Delivers a `<call>` to the server as if the service had let it pass. */
function deliver(from: string, content: BinaryNode['content']): void {
  const device = scene.sandbox.network.findAccount(scene.user.phone)?.devices.get(1)
  const attrs = { from, id: `strange-${Math.random()}`, t: String(Math.floor(Date.now() / 1000)) }
  device?.deliver(element('call', attrs, content))
}

/** Something that arrives after everything before it. */
async function messageArrives(phone: string, text: string): Promise<void> {
  await scene.app.sandbox('POST', `/contacts/${phone}/send`, { to: scene.user.phone, text })
  await expect.poll(() => JSON.stringify(scene.events)).toContain(text)
}

describe('a connection that is lost during a call', () => {
  test('leaves the sound as it is, and the call is hung up when it is back', async () => {
    const { phone, id } = await active()

    await scene.app.sandbox('POST', '/disconnect', { jid: `${scene.user.phone}@s.whatsapp.net`, drop: true })
    await scene.app.waitFor('the connection to be lost', () => scene.session.status.state !== 'open')
    const ended = await scene.calls.hangUp(id)
    await scene.open()

    expect(ended).toMatchObject({ reason: 'hangup' })
    await expect.poll(async () => (await scene.phoneCalls(phone))[0]?.state).toBe('ended')
  })

  test('is survived', async () => {
    const { id } = await active()
    await scene.app.sandbox('POST', '/disconnect', { jid: `${scene.user.phone}@s.whatsapp.net`, drop: true })
    await scene.app.waitFor('the connection to be lost', () => scene.session.status.state !== 'open')
    await scene.open()
    await delay(500)

    const [loud = 0] = await scene.loudness(id, 1_000, 800)

    expect(loud).toBeGreaterThan(6_000)
    expect(scene.calls.find(id)?.state).toBe('active')
    await scene.calls.hangUp(id)
  })
})

describe('what strangers and bad programs say', () => {
  test('of a call that is not theirs is not heard', async () => {
    const { id } = await active()
    const stranger = scene.lidOf(await contact())
    const names = { 'call-id': id, 'call-creator': scene.lidOf(scene.user.phone, 1) }
    for (const tag of ['terminate', 'reject', 'accept', 'mute_v2', 'preaccept', 'relaylatency'])
      deliver(stranger, [element(tag, names)])
    await messageArrives(await contact(), 'after the stranger')

    expect(scene.calls.find(id)?.state).toBe('active')
    await scene.calls.hangUp(id)
  })

  test('in offers that make no sense costs nothing but the call', async () => {
    const phone = await contact()
    const from = scene.lidOf(phone)
    const offer = (content: BinaryNode['content'], id: string) =>
      element('offer', { 'call-id': id, 'call-creator': from }, content)
    const relay = element('relay', {}, [
      element('key', {}, Buffer.from('key')),
      element('token', { id: '0' }, Buffer.from('token')),
      element('te2', { token_id: '0', protocol: '0' }, Buffer.from([127, 0, 0, 1, 0, 9])),
    ])
    const enc = (type: string, bytes: Buffer) => element('enc', { v: '2', type }, bytes)
    deliver(from, undefined)
    deliver(from, [])
    deliver(from, Buffer.from('offer'))
    deliver(from, [offer(undefined, 'NONE')])
    deliver(from, [offer([enc('msg', Buffer.from('garbage')), relay], 'GARBAGE')])
    deliver(from, [offer([enc('pkmsg', Buffer.alloc(200, 3)), relay], 'PREKEY')])
    deliver(from, [offer([enc('msg', Buffer.alloc(0)), relay], 'EMPTY')])
    deliver(from, [offer([enc('skmsg', Buffer.alloc(9)), relay], 'GROUP')])
    deliver(from, [offer([enc('msg', Buffer.alloc(40)), element('relay')], 'RELAY')])
    deliver(from, [element('offer', { 'call-id': 'X', 'call-creator': 'nobody' }, [relay])])
    deliver(from, [element('strange', { 'call-id': 'Y', 'call-creator': from })])

    await messageArrives(phone, 'after the offers')

    expect(scene.calls.list().filter(({ peerLid }) => peerLid === from)).toEqual([])
    expect(scene.session.status.state).toBe('open')
  })

  test('with a key that is none does not ring', async () => {
    const phone = await contact()
    const peer = peerOf(phone)
    // A real message in the place of a key: it is decrypted, and there is no key in it.
    await messageArrives(phone, 'hello before')
    const [sent] = scene.sandbox.server.stanzas.list(
      ({ direction, stanza }) =>
        direction === 'to-client' &&
        stanza.tag === 'message' &&
        stanza.attrs.from?.includes(peer.account.lid) === true,
    )
    expect(sent).toBeDefined()
    const enc = Array.isArray(sent?.stanza.content)
      ? sent.stanza.content.find(({ tag }) => tag === 'enc')
      : undefined
    const from = scene.lidOf(phone)
    deliver(from, [element('offer', { 'call-id': 'AGAIN', 'call-creator': from }, enc && [enc])])

    await messageArrives(phone, 'hello after')

    expect(scene.calls.find('AGAIN')).toBeUndefined()
  })

  test('of relays that do not exist is answered like any other, and gives up in the end', async () => {
    const phone = await contact()
    await scene.app.sandbox('POST', '/calls', { faults: { isDead: true } })
    const id = await scene.ring(phone)
    await scene.reached(id, 'ringing')
    await scene.calls.answer(id)

    expect(await scene.reached(id, 'ended')).toMatchObject({ reason: 'no_relay' })
    await scene.app.sandbox('POST', '/calls', { faults: {} })
    await expect.poll(async () => (await scene.phoneCalls(phone))[0]?.state).toBe('ended')
  })
})

describe('a server that stops', () => {
  test('running a session whose lease is lost says so to the other side', async () => {
    const { phone } = await active()
    const { session } = scene

    await session.lose()

    await expect.poll(async () => (await scene.phoneCalls(phone))[0]?.state).toBe('ended')
    scene = await scene.restart()
  })

  test('ends its calls, and the other side hears of it', async () => {
    const { phone, id } = await active()

    scene = await scene.restart()

    const [call] = await scene.phoneCalls(phone)
    expect(call).toMatchObject({ id, state: 'ended' })
    expect(scene.calls.list()).toEqual([])
  })

  test('without a word leaves calls that are ended when it is back, and the other side hears of it', async () => {
    const phone = await contact({ onOffer: 'answer' })
    const { id } = await scene.calls.make(phone)
    await scene.reached(id, 'active')
    await scene.calls.hangUp(id)
    // As if it had died in the middle of the call: its last word is that the call goes on.
    const own = {
      type: 'call.state',
      chat: phone,
      callId: 'LEFT',
      direction: 'outgoing',
      reason: '',
    } as const
    await scene.app.parley.services.events.record(scene.user.id, [
      { ...own, peer: `${phone}@s.whatsapp.net`, state: 'active', timestamp: Math.floor(Date.now() / 1000) },
    ])

    scene = await scene.restart()

    await expect.poll(() => scene.told('LEFT')).toEqual(['ended connection_lost'])
    await expect.poll(() => scene.steps('from-client', 'LEFT')).toEqual([`terminate ${scene.lidOf(phone)}`])
    expect(scene.told(id)).toEqual([])
  })
})

test('without the setting there are no calls, and they are told all the same, without what opens them', async () => {
  const app = await TestApp.start({ env: { WHATSAPP_NETWORK: scene.sandbox.url } })
  const user = await app.linkedUser()
  const heard: string[] = []
  app.parley.services.events.listen((_id, recorded) => {
    for (const { event } of recorded) if (event.type === 'call.offer') heard.push(JSON.stringify(event.data))
  })
  const phone = await contact()
  await scene.app.sandbox('POST', `/contacts/${phone}/call`, { to: user.phone })

  await expect.poll(() => heard).toHaveLength(1)

  expect(app.parley.services.sessions.live(user.id).calls).toBeUndefined()
  const data = JSON.parse(heard[0] ?? '')
  const relay = data.content.find(({ tag }: { tag: string }) => tag === 'relay')
  const blank = relay.content.filter(({ content }: { content: unknown }) => content === null)
  const tags = blank.map(({ tag }: { tag: string }) => tag)
  expect(tags.filter((tag: string) => tag !== 'participant')).toEqual([
    'token',
    'auth_token',
    'key',
    'hbh_key',
  ])
  await app.close()
})
