import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dataUrl, picture } from '../../../helpers/media.ts'
import { startReceiver } from '../../../helpers/receiver.ts'
import { failure, Wago } from '../wago.ts'

let wago: Wago
beforeAll(async () => {
  wago = await Wago.start()
})
afterAll(() => wago.stop())

async function call(path: string, body?: unknown) {
  const { status, json } = await wago.call(`/client/${path}/main`, body)
  return [status, json]
}

function account() {
  return wago.app.sandbox('GET', `/contacts/${wago.user.phone}/account`)
}

const accepted = [200, { success: true }]
const done = [200, { success: true, result: true }]

describe('getState', () => {
  test('knows an open session and one that waits for a scan', async () => {
    const waiting = await wago.app.createUser({ name: 'waiting' })
    await wago.app.post('/session/connect', waiting.token, { Immediate: true })
    await wago.app.waitFor('a QR code', () => wago.app.parley.services.sessions.find(waiting.id)?.status.qr)

    const open = await wago.get('/client/getState/main')
    const unpaired = await wago.get('/client/getState/waiting')
    const early = await wago.call('/client/setStatus/waiting', { status: 'x' })

    expect([open.status, open.json]).toEqual([200, { success: true, state: 'CONNECTED' }])
    expect([unpaired.status, unpaired.json]).toEqual([200, { success: true, state: 'UNPAIRED' }])
    expect([early.status, early.json]).toEqual([404, failure('session_not_connected')])
  })
})

describe('the profile picture', () => {
  test.each(['jpeg', 'png', 'webp'] as const)('may be a %s, in base64 or as a data URL', async (format) => {
    const bytes = await picture(format)

    const { picture: before } = await account()
    const plain = { pictureMimetype: `image/${format}`, pictureData: bytes.toString('base64') }
    expect(await call('setProfilePicture', plain)).toEqual(done)
    const { picture: first } = await account()
    expect(await call('setProfilePicture', { pictureData: dataUrl(`image/${format}`, bytes) })).toEqual(done)
    const { picture: second } = await account()

    expect(first).toEqual(expect.any(String))
    expect(new Set([before, first, second]).size).toBe(3)
  })

  test('cannot be fetched from a private address', async () => {
    const receiver = await startReceiver()

    const [status, json] = await call('setProfilePicture', { pictureData: `${receiver.url}/picture.jpg` })
    await receiver.close()

    expect(status).toBe(400)
    expect(json).toEqual(failure(expect.stringMatching(/^pictureData cannot be fetched: .*private IP/)))
  })

  test('can be removed', async () => {
    await call('setProfilePicture', { pictureData: (await picture('jpeg')).toString('base64') })

    const { status, json } = await wago.request('DELETE', '/client/deleteProfilePicture/main')

    expect([status, json]).toEqual(done)
    expect((await account()).picture).toBeNull()
  })
})

test('the about text is what others see', async () => {
  expect(await call('setStatus', { status: 'Busy ☕' })).toEqual(accepted)

  expect((await account()).about).toBe('Busy ☕')
})

test.each([
  ['pushName', 'My Shop'],
  ['displayName', 'Our Shop'],
])('the name set as %s is shared with the phone and shown to others', async (field, name) => {
  expect(await call('setPushName', { [field]: name })).toEqual(done)

  const { settings } = await wago.app.sandbox('GET', `/contacts/${wago.user.phone}/settings`)
  expect(settings).toContainEqual({
    index: ['setting_pushName'],
    value: expect.objectContaining({ pushNameSetting: { name } }),
  })
  await wago.app.waitFor('the name to be shown', async () => {
    const { accounts } = await wago.app.sandbox('GET', '/state')
    return accounts.some(
      (one: { phone: string; name: string }) => one.phone === wago.user.phone && one.name === name,
    )
  })
})

test('others see the account come and go', async () => {
  await wago.app.sandbox('POST', `/contacts/${wago.contact}/presence`, { subscribe: wago.user.phone })
  const seen = async (unavailable: boolean) => {
    const { observations } = await wago.app.sandbox('GET', `/contacts/${wago.contact}/observations`)
    const last = observations.findLast(({ tag }: { tag: string }) => tag === 'presence')
    return last && (last.attrs.type === 'unavailable') === unavailable
  }

  expect(await call('sendPresenceUnavailable')).toEqual(accepted)
  await wago.app.waitFor('the account to go', () => seen(true))
  expect(await call('sendPresenceAvailable')).toEqual(accepted)
  await wago.app.waitFor('the account to come', () => seen(false))
})

test('a contact that is watched is told of', async () => {
  const receiver = await startReceiver()
  await wago.app.post('/webhook', wago.user.token, { webhookURL: receiver.url, events: ['Presence'] })

  expect(await call('subscribePresence', { contactId: wago.contact })).toEqual(accepted)
  await wago.app.sandbox('POST', `/contacts/${wago.contact}/presence`, { type: 'available' })

  await expect.poll(() => receiver.requests.map(({ event }) => event.state)).toContain('online')
  await receiver.close()
})

test('every privacy setting is told', async () => {
  const [status, json] = await call('getPrivacySettings')

  expect(status).toBe(200)
  expect(json).toEqual({
    success: true,
    result: {
      groupAdd: 'all',
      lastSeen: 'all',
      status: 'all',
      profile: 'all',
      readReceipts: 'all',
      online: 'all',
      callAdd: 'all',
      messages: expect.any(String),
      defense: expect.any(String),
      stickers: expect.any(String),
    },
  })
})
