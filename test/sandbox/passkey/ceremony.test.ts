import { expect, test } from 'vitest'
import { control, optionsIn, PasskeyClient } from './passkey-client.ts'
import { Scene } from './scene.ts'

const scene = new Scene('5511994000')

test('a companion is linked with the passkey of the account, and no code where it proves to be the scanned one', async () => {
  const phone = await scene.demanding()
  const client = await PasskeyClient.register(scene.sandbox)

  const scanned = await control(scene.sandbox, 'scan', { phone, qr: await client.wire.qr() })
  const options = optionsIn(await client.told('passkey_prologue_request'))
  await client.fetchRef()
  await client.prologue(await scene.assertion(phone, options))
  const code = await client.meet()
  await client.request()
  await client.wire.countersign()
  await client.wire.next(({ tag }) => tag === 'stream:error')

  expect(scanned).toEqual({ status: 202, answer: { passkey: 'required' } })
  expect(await scene.status(phone)).toMatchObject({ stage: 'linked', reason: null, code, accepted: true })
  expect((await scene.status(phone)).verified).toEqual([
    'credential',
    'type',
    'challenge',
    'origin',
    'rpId',
    'flags',
    'signature',
    'counter',
    'ref',
    'deviceType',
    'handoff',
    'commitment',
    'noiseKey',
    'identityKey',
  ])
  client.wire.close()
})

test('without the proof the owner has to confirm the code, and the scan may wait for that', async () => {
  const phone = await scene.demanding()
  const client = await PasskeyClient.register(scene.sandbox)

  const scanned = control(scene.sandbox, 'scan', { phone, qr: await client.wire.qr(), wait: true })
  const options = optionsIn(await client.told('passkey_prologue_request'))
  await client.fetchRef()
  await client.prologue(await scene.assertion(phone, options), { secret: null })
  const code = await client.meet()
  await client.request()
  const wrong = await control(scene.sandbox, `accounts/${phone}/accept`, { code: 'AAAA-AAAA' })
  const right = await control(scene.sandbox, `accounts/${phone}/accept`, { code: code.toLowerCase() })
  await client.wire.countersign()

  expect(wrong).toEqual({ status: 400, answer: { error: 'the phone shows another code' } })
  expect(right.answer).toMatchObject({ stage: 'offered', accepted: true })
  expect((await scanned).answer.jid).toBe(`${phone}:1@s.whatsapp.net`)
  client.wire.close()
})

test('an account that demands nothing any more links at once', async () => {
  const phone = await scene.demanding()
  await control(scene.sandbox, `accounts/${phone}`, { passkey: false })
  const client = await PasskeyClient.register(scene.sandbox)

  const scanned = control(scene.sandbox, 'scan', { phone, qr: await client.wire.qr() })
  await client.wire.countersign()

  expect((await scanned).status).toBe(200)
  expect(await scene.status(phone)).toMatchObject({ demanded: false, stage: 'none' })
  client.wire.close()
})

test.each([
  ['another origin', { origin: 'https://web.whatsapp.com.example' }, /origin/],
  ['another type', { type: 'webauthn.create' }, /type/],
  ['another challenge', { challenge: 'AAAA' }, /challenge/],
  ['another rpId', { rpId: 'example.com' }, /whatsapp\.com/],
  ['nobody verified', { flags: 1 }, /not verified/],
  ['nobody present', { flags: 4 }, /not verified/],
  ['the signature of another key', { foreignKey: true }, /signature/],
  ['an unknown passkey', { credentialId: 'AAAA' }, /no such passkey/],
])('%s: the prologue is taken, and nothing follows', async (_what, deviations, reason) => {
  const phone = await scene.demanding()
  const client = await scene.asked(phone)

  const taken = await scene.answered(client, phone, deviations)
  const later = await client.ask('ref')

  expect([taken, later].map(({ attrs }) => attrs.type)).toEqual(['result', 'result'])
  expect(client.wire.received.some(({ attrs }) => attrs.type === 'crsc_continuation')).toBe(false)
  expect(await scene.status(phone)).toMatchObject({ stage: 'silent', reason: expect.stringMatching(reason) })
  client.wire.close()
})
