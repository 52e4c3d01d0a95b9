import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { userByToken } from '../../../src/operations/admin/admin.ts'
import { trackedCalls } from '../../../src/operations/calls/tracked-calls.ts'
import { startReceiver } from '../../helpers/receiver.ts'
import { CallScene } from '../call-scene.ts'
import { outcome } from './call-files-folder.ts'

let scene: CallScene
let phones = 0

beforeAll(async () => {
  scene = await CallScene.start({ env: { CALL_STUN: 'stun:127.0.0.1:3478' } })
})

afterEach(async () => {
  for (const { id } of scene.calls.list()) await scene.calls.hangUp(id)
})

afterAll(() => scene.close())

const ask = async (method: string, path: string, body?: unknown, token = scene.user.token) =>
  outcome(await scene.app.request(method, `/parley/calls${path}`, { token, body }))
const contact = (behaviour?: object) => scene.contact(`49151300000${10 + phones++}`, behaviour)

async function active(behaviour: object = {}): Promise<{ phone: string; id: string }> {
  const phone = await contact({ onOffer: 'answer', ...behaviour })
  const [, { id }] = await ask('POST', '', { to: phone })
  await scene.reached(id, 'active')
  return { phone, id }
}

test('a softphone is told what it needs', async () => {
  expect(await ask('GET', '/config')).toEqual([
    200,
    { isOn: true, iceServers: [{ urls: ['stun:127.0.0.1:3478'] }] },
  ])
})

test('a call is made, shown, muted and ended', async () => {
  const phone = await contact({ onOffer: 'answer' })

  const [status, made] = await ask('POST', '', { to: phone })
  expect([status, made]).toEqual([
    200,
    expect.objectContaining({
      direction: 'outgoing',
      peer: `${phone}@s.whatsapp.net`,
      reason: '',
      isOwn: true,
      seconds: expect.any(Number),
      startedAt: expect.any(Number),
    }),
  ])
  await scene.reached(made.id, 'active')
  const [, shown] = await ask('GET', `/${made.id}`)
  expect(shown).toMatchObject({
    state: 'active',
    answeredAt: expect.any(Number),
    sound: { codec: 'opus', isMuted: false, hasBrowser: false, hasLine: false, lost: expect.any(Number) },
  })
  const [, muted] = await ask('POST', `/${made.id}/mute`, { muted: true })
  expect(muted.sound.isMuted).toBe(true)
  const [, loud] = await ask('POST', `/${made.id}/mute`, { muted: false })
  expect(loud.sound.isMuted).toBe(false)

  const [, ended] = await ask('POST', `/${made.id}/hangup`)
  expect(ended).toMatchObject({ state: 'ended', reason: 'hangup', endedAt: expect.any(Number) })
  expect(ended.sound).toBeUndefined()
  const [, { calls }] = await ask('GET', '')
  expect(calls[0].id).toBe(made.id)
})

test('a call that comes in is answered, and another one is rejected', async () => {
  const phone = await contact()
  const taken = await scene.ring(phone)
  await scene.reached(taken, 'ringing')
  const [status, answered] = await ask('POST', `/${taken}/answer`)
  expect([status, answered.direction]).toEqual([200, 'incoming'])
  await ask('POST', `/${taken}/hangup`)

  const refused = await scene.ring(phone)
  await scene.reached(refused, 'ringing')
  expect(await ask('POST', `/${refused}/reject`)).toEqual([200, {}])
  expect((await ask('GET', `/${refused}`))[1]).toMatchObject({ state: 'ended', reason: 'rejected' })
})

test('calls that go on are listed alone, with a name and the relays that carry them', async () => {
  const { phone, id } = await active()
  await scene.app.sandbox('POST', `/contacts/${phone}/send`, { to: scene.user.phone, text: 'hello' })
  const live = async () => (await ask('GET', '?only=live'))[1].calls

  await expect.poll(live).toEqual([
    expect.objectContaining({
      id,
      name: `Contact ${phone}`,
      sound: expect.objectContaining({ undecodable: 0, relays: { connected: 1, known: 1 } }),
    }),
  ])
  await ask('POST', `/${id}/hangup`)

  expect(await live()).toEqual([])
  expect((await ask('GET', `/${id}`))[1]).toMatchObject({ name: `Contact ${phone}`, state: 'ended' })
  expect(await ask('GET', '?only=dead')).toEqual([400, { error: 'only must be live' }])
})

test('what is stored of a call tells when it was taken and ended', async () => {
  const receiver = await startReceiver()
  await scene.app.post('/webhook', scene.user.token, { webhookURL: receiver.url, events: ['All'] })
  const { id } = await active()
  const since = Math.floor(Date.now() / 1000)
  await ask('POST', `/${id}/hangup`)
  const { services } = scene.app.parley
  const user = await userByToken(services, scene.user.token)
  if (!user) throw new Error('no user')

  const stored = async () => (await trackedCalls({ user, services })).find((call) => call.id === id)
  await expect.poll(stored).toMatchObject({ state: 'ended', reason: 'hangup' })

  const { answeredAt, endedAt } = (await stored()) ?? {}
  expect(answeredAt).toBeLessThanOrEqual(since)
  expect(endedAt).toBeGreaterThanOrEqual(since)
  await receiver.close()
})

test('a diary tells what happened, and holds no key', async () => {
  const { id } = await active()
  await ask('POST', `/${id}/hangup`)

  const [status, diary] = await ask('GET', `/${id}/diary`)

  expect(status).toBe(200)
  expect(diary.call).toMatchObject({ id, state: 'ended' })
  expect(diary.entries.map(({ what }: { what: string }) => what)).toEqual(
    expect.arrayContaining(['sent', 'received', 'relay', 'active', 'ended']),
  )
  expect(JSON.stringify(diary)).not.toMatch(/callKey|hbh_key|token/i)
})

describe('what cannot be', () => {
  test.each([
    ['GET', '/NONE'],
    ['POST', '/NONE/answer'],
    ['POST', '/NONE/reject'],
    ['POST', '/NONE/hangup'],
    ['DELETE', '/NONE/browser'],
    ['GET', '/NONE/diary'],
  ])('%s %s knows no such call', async (method, path) => {
    expect(await ask(method, path)).toEqual([404, { error: 'call not found' }])
  })

  test('has a status of its own', async () => {
    expect(await ask('POST', '', { to: 'x y' })).toEqual([400, { error: 'to is neither a number nor a JID' }])
    expect(await ask('POST', '', { to: '1203630000@g.us' })).toEqual([400, { error: 'to is not a person' }])
    expect(await ask('POST', '', {})).toEqual([400, { error: 'missing to' }])
    expect(await ask('POST', '', { to: '4915999999997' })).toEqual([
      404,
      { error: 'the number is not on WhatsApp' },
    ])
    const { id } = await active()
    expect(await ask('POST', '', { to: await contact() })).toEqual([
      409,
      { error: 'another call is in progress' },
    ])
    expect(await ask('POST', `/${id}/answer`)).toEqual([409, { error: 'call is not ringing' }])
    expect(await ask('POST', `/${id}/mute`, {})).toEqual([400, { error: 'missing muted' }])
    expect(await ask('POST', `/${id}/browser`, { sdp: 'x' })).toEqual([
      400,
      { error: 'the session description cannot be read' },
    ])
    await ask('POST', `/${id}/hangup`)
    expect(await ask('POST', `/${id}/mute`, { muted: true })).toEqual([409, { error: 'the call has ended' }])
  })

  test('nobody touches the calls of others', async () => {
    const other = await scene.app.linkedUser()
    const { id } = await active()

    for (const [method, path] of [
      ['GET', ''],
      ['POST', '/hangup'],
      ['GET', '/diary'],
      ['DELETE', '/browser'],
    ] as const)
      expect(await ask(method, `/${id}${path}`, undefined, other.token)).toEqual([
        404,
        { error: 'call not found' },
      ])
    expect(await ask('POST', `/${id}/mute`, { muted: true }, other.token)).toEqual([
      404,
      { error: 'call not found' },
    ])
    expect((await ask('GET', '', undefined, other.token))[1]).toEqual({ calls: [] })
    expect(scene.calls.find(id)?.state).toBe('active')
  })
})
