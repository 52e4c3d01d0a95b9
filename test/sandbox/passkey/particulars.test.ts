import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { child, node, text } from '../../../src/sandbox/world/node.ts'
import { proto } from '../../../src/whatsapp/library/engine.ts'
import { control, optionsIn, PasskeyClient } from './passkey-client.ts'
import { Scene } from './scene.ts'

const scene = new Scene('5511995000')
const ASKED = 'passkey_prologue_request'

/** What the service and the phone think of a prologue that is not as it should be. */
async function reasonFor(
  demand: object | true,
  deviate: (client: PasskeyClient, phone: string) => Promise<unknown>,
): Promise<string> {
  const phone = await scene.demanding(demand)
  const client = await scene.asked(phone)
  await deviate(client, phone)
  client.wire.close()
  const { stage, reason } = await scene.status(phone)
  return `${stage}: ${reason}`
}

test('a companion has to fetch the request where the notification is bare, and gets the same one again', async () => {
  const phone = await scene.demanding({ embed: false, allowCredentials: true })
  const client = await scene.asked(phone)

  const notification = await client.told(ASKED)
  const first = optionsIn(await client.ask('passkey_request_options'))
  const second = optionsIn(await client.ask('passkey_request_options'))
  await client.fetchRef()
  await client.prologue(await scene.assertion(phone, second))
  await client.meet()

  expect(child(notification, 'passkey_request_options')).toBeUndefined()
  expect(second).toEqual(first)
  expect(first).toMatchObject({
    allowCredentials: [{ id: (await scene.status(phone)).credentials[0], type: 'public-key' }],
  })
  client.wire.close()
})

test('after silence another attempt needs another challenge and another ref', async () => {
  const phone = await scene.demanding()
  const client = await scene.asked(phone)
  await scene.answered(client, phone, { origin: 'https://example.com' })

  const sameRef = await client.prologue(await scene.assertion(phone, { challenge: 'AAAA' }))
  const fresh = optionsIn(await client.ask('passkey_request_options'))
  await client.fetchRef()
  await client.prologue(await scene.assertion(phone, fresh))
  await client.meet()
  await client.request()
  await client.wire.countersign()

  expect(sameRef.attrs.type).toBe('error')
  await expect.poll(async () => (await scene.status(phone)).stage).toBe('linked')
  client.wire.close()
})

test('a challenge is answered once', async () => {
  const reason = await reasonFor(true, async (client, phone) => {
    const options = optionsIn(await client.told(ASKED))
    await client.fetchRef()
    await client.prologue(await scene.assertion(phone, options, { flags: 1 }))
    await client.fetchRef()
    await client.prologue(await scene.assertion(phone, options))
  })

  expect(reason).toBe('silent: the challenge was answered before')
})

test('a passkey that counts never goes back', async () => {
  const phone = await scene.demanding()
  const reasons: unknown[] = []
  for (const counter of [7, 7, 8]) {
    const client = await scene.asked(phone)
    await scene.answered(client, phone, { counter })
    reasons.push((await scene.status(phone)).reason)
    client.wire.close()
  }

  expect(reasons).toEqual([null, "the passkey's counter is 7 after 7", null])
})

test.each([
  ['a request that is too old', { optionsTtlMs: 0 }, 'the request is too old'],
  ['a proof that is too old', { handoffTtlMs: 0 }, 'the handoff proof is too old'],
  [
    'silence that was asked for',
    { failAt: 'silent-after-prologue' },
    'silence after the prologue was asked for',
  ],
])('%s', async (_what, demand, expected) => {
  const reason = await reasonFor(demand, async (client, phone) => {
    await client.told(ASKED)
    await expect.poll(async () => (await scene.status(phone)).told[0].ackedAfterMs).not.toBeNull()
    await scene.answered(client, phone)
  })

  expect(reason).toBe(`silent: ${expected}`)
})

test.each([
  ['another ref', { ref: '2@other' }, 'the ref of the ephemeral identity is not the latest'],
  ['another kind of device', { deviceType: 1 }, 'the device type is 1, and 0 in the registration'],
  [
    'a proof by another secret',
    { secret: randomBytes(32).toString('base64') },
    'the handoff proof does not fit the secret of the code',
  ],
  ['no proof where one is required', { secret: null }, 'there is no handoff proof'],
])('%s', async (_what, deviation, expected) => {
  const reason = await reasonFor({ handoff: 'require' }, async (client, phone) => {
    const options = optionsIn(await client.told(ASKED))
    await client.fetchRef()
    await client.prologue(await scene.assertion(phone, options), deviation)
  })

  expect(reason).toBe(`silent: ${expected}`)
})

test('more in the assertion than WhatsApp Web sends, and padding', async () => {
  const extra = await reasonFor(true, async (client, phone) => {
    const options = optionsIn(await client.told(ASKED))
    await client.fetchRef()
    const assertion = await scene.assertion(phone, options)
    await client.prologue({ ...assertion, authenticatorAttachment: 'platform' })
  })
  const padded = await reasonFor(true, async (client, phone) => {
    const options = optionsIn(await client.told(ASKED))
    await client.fetchRef()
    const assertion = await scene.assertion(phone, options)
    await client.prologue({ ...assertion, rawId: `${assertion.rawId}=` })
  })

  expect(extra).toMatch(/^silent: the assertion is not in WhatsApp's form: .*authenticatorAttachment/)
  expect(padded).toMatch(/^silent: the assertion is not in WhatsApp's form: rawId/)
})

test('a nonce that the companion was not bound to', async () => {
  const reason = await reasonFor(true, async (client, phone) => {
    await scene.answered(client, phone)
    await client.meet(randomBytes(32))
  })

  expect(reason).toBe('silent: the nonce does not fit the commitment')
})

test.each([
  [
    'another Noise key',
    { companionPublicKey: randomBytes(32) },
    'the pairing request names another Noise key',
  ],
  [
    'another identity key',
    { companionIdentityKey: randomBytes(32) },
    'the pairing request names another identity key',
  ],
  ['a secret that is too short', { advSecret: randomBytes(16) }, 'the pairing request cannot be opened'],
])('%s in the sealed request', async (_what, deviation, expected) => {
  const reason = await reasonFor(true, async (client, phone) => {
    await scene.answered(client, phone)
    await client.meet()
    await client.request(deviation)
  })

  expect(reason).toBe(`silent: ${expected}`)
})

test('the linking secret has to be another one than before', async () => {
  const reason = await reasonFor(true, async (client, phone) => {
    await scene.answered(client, phone)
    await client.meet()
    await client.request({ advSecret: Buffer.from(client.wire.creds.advSecretKey, 'base64') })
  })

  expect(reason).toBe('silent: the linking secret is still the old one')
})

test('a notification that nobody acknowledges', async () => {
  const reason = await reasonFor(true, async (client, phone) => {
    const notification = await client.wire.next(({ attrs }) => attrs.type === ASKED)
    await client.fetchRef()
    await client.prologue(await scene.assertion(phone, optionsIn(notification)))
    await client.meet()
    await client.request()
  })

  expect(reason).toBe(`silent: ${ASKED} was not acknowledged`)
})

test.each([
  ['options', 403],
  ['ref', 400],
  ['prologue', 500],
  ['nonce', 400],
  ['request', 406],
])('the query for %s is refused where that is wanted', async (failAt, failCode) => {
  const phone = await scene.demanding({ failAt, failCode })
  const client = await scene.asked(phone)
  await client.ask('passkey_request_options')
  await scene.answered(client, phone)
  if (failAt === 'nonce' || failAt === 'request') await client.meet()
  if (failAt === 'request') await client.request()

  const refused = client.wire.received.filter(({ attrs }) => attrs.type === 'error')

  // Without a ref the prologue is out of turn, too.
  const expected = failAt === 'ref' ? ['400', '400'] : [String(failCode)]
  expect(refused.map((reply) => child(reply, 'error')?.attrs.code)).toEqual(expected)
  client.wire.close()
})

test('an identity that is authenticated by the secret of before is to be refused', async () => {
  const phone = await scene.demanding({ failAt: 'old-secret' })
  const client = await scene.asked(phone)
  await scene.answered(client, phone)
  await client.meet()
  await client.request()

  await expect(client.wire.countersign()).rejects.toThrow('Invalid account signature')
  client.wire.close()
  await expect.poll(async () => (await scene.status(phone)).stage).toBe('over')
})

test('the notification comes again with another challenge, and only that one counts', async () => {
  const phone = await scene.demanding({ repeatNotification: 'acknowledged' })
  const client = await scene.asked(phone)

  const first = optionsIn(await client.told(ASKED))
  const second = optionsIn(await client.told(ASKED, 2))
  await client.fetchRef()
  await client.prologue(await scene.assertion(phone, second))
  await client.meet()
  await client.request()
  await client.wire.countersign()

  expect(second.challenge).not.toBe(first.challenge)
  client.wire.close()
})

test('whoever has no right to ask asks first', async () => {
  const phone = await scene.demanding({ foreignFrom: '4915199999999@s.whatsapp.net' })
  const client = await scene.asked(phone)

  const foreign = await client.wire.next(({ attrs }) => attrs.type === ASKED)
  const own = await client.wire.next(({ attrs }) => attrs.type === ASKED && attrs.from === '@s.whatsapp.net')

  expect(foreign.attrs.from).toBe('4915199999999@s.whatsapp.net')
  expect(optionsIn(foreign).challenge).not.toBe(optionsIn(own).challenge)
  client.wire.close()
})

test('a ref may come as a string', async () => {
  const phone = await scene.demanding({ stringContent: true })
  const client = await scene.asked(phone)

  const ref = child(await client.ask('ref'), 'ref')

  expect(typeof ref?.content).toBe('string')
  client.wire.close()
})

test('the phone takes its time', async () => {
  const phone = await scene.demanding({ delayMs: 300 })
  const client = await scene.asked(phone)

  await scene.answered(client, phone)
  const { stage } = await scene.status(phone)
  const code = await client.meet()

  expect(stage).toBe('taken')
  expect((await scene.status(phone)).code).toBe(code)
  client.wire.close()
})

test('out of turn there is 400, with a phone and without', async () => {
  const phone = await scene.demanding()
  const scanned = await scene.asked(phone)
  const unknown = await PasskeyClient.register(scene.sandbox)
  const nonce = node('companion_nonce', {}, randomBytes(32))
  const request = node(
    'encrypted_pairing_request',
    {},
    proto.EncryptedPairingRequest.encode({
      encryptedPayload: randomBytes(120),
      iv: randomBytes(12),
    }).finish(),
  )

  const replies = [
    await scanned.say(nonce),
    await scanned.say(request),
    await unknown.say(nonce),
    await unknown.say(request),
  ]

  expect(replies.map((reply) => child(reply, 'error')?.attrs.code)).toEqual(['400', '400', '400', '400'])
  scanned.wire.close()
  unknown.wire.close()
})

test('registered passkeys take the place of the own one', async () => {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const spki = publicKey.export({ format: 'der', type: 'spki' }).toString('base64')
  const credentials = [
    { id: 'c3BraQ', publicKey: spki },
    { id: 'andr', publicKey: publicKey.export({ format: 'jwk' }) },
  ]
  const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey

  const phone = await scene.demanding({ credentials })
  const wrong = await scene.account(phone, '', {
    passkey: {
      credentials: [
        { id: 'cnNh', publicKey: rsa.export({ format: 'der', type: 'spki' }).toString('base64') },
      ],
    },
  })
  const client = await scene.asked(phone)
  await scene.answered(client, phone)

  expect(wrong).toEqual({ status: 400, answer: { error: 'a passkey is a key of P-256' } })
  expect(await scene.status(phone)).toMatchObject({
    credentials: ['c3BraQ', 'andr'],
    reason: 'the account has no such passkey',
  })
  client.wire.close()
})

test('a scan that waits fails as soon as nothing follows', async () => {
  const phone = await scene.demanding()
  const client = await PasskeyClient.register(scene.sandbox)

  const scanned = control(scene.sandbox, 'scan', { phone, qr: await client.wire.qr(), wait: true })
  await scene.answered(client, phone, { foreignKey: true })

  expect(await scanned).toEqual({
    status: 400,
    answer: { error: 'the phone does not go on: the signature of the assertion is wrong' },
  })
  client.wire.close()
})

test('an authenticator does not answer for other passkeys, and the phone confirms no code before it shows one', async () => {
  const phone = await scene.demanding({ allowCredentials: ['b3RoZXI'] })
  const client = await scene.asked(phone)
  const options = optionsIn(await client.told(ASKED))

  const asserted = await scene.assertion(phone, options)
  const accepted = await scene.account(phone, '/accept', { code: 'AAAA-AAAA' })

  expect(asserted).toEqual({ error: 'the request is for other passkeys' })
  expect(accepted).toEqual({ status: 400, answer: { error: 'the phone shows no code' } })
  client.wire.close()
})

test('somebody else than the service asks a companion that nobody has scanned', async () => {
  const client = await PasskeyClient.register(scene.sandbox)

  await control(scene.sandbox, 'passkey-request', {
    qr: await client.wire.qr(),
    from: '4915199999999@s.whatsapp.net',
  })
  const { attrs } = await client.wire.next(({ tag }) => tag === 'notification')

  expect(attrs.from).toBe('4915199999999@s.whatsapp.net')
  client.wire.close()
})

test('linked companions are asked to prove that a person is there', async () => {
  const phone = await scene.demanding()
  const client = await scene.asked(phone)
  await scene.answered(client, phone)
  await client.meet()
  await client.request()
  await client.wire.countersign()
  await expect.poll(async () => (await scene.status(phone)).stage).toBe('linked')

  const { answer } = await scene.account(phone, '/integrity-challenge', {})
  const device = scene.sandbox.network.findDevice(answer.challenged[0])
  const { unacknowledged } = device as unknown as { unacknowledged: Parameters<typeof child>[0][] }
  const told = unacknowledged.find((stanza) => stanza?.attrs.type === 'mex')

  expect(answer.challenged).toEqual([`${phone}:1@s.whatsapp.net`])
  expect(child(told, 'update')?.attrs.op_name).toBe('NotificationIntegrityChallengeRequest')
  expect(JSON.parse(text(child(told, 'update')) ?? '')).toEqual({
    data: {
      xwa2_notify_integrity_challenge: {
        challenge_type: 'PASSKEY',
        passkey_challenge: { challenge_base64: expect.stringMatching(/^[\w-]{43}$/) },
        captcha_challenge: null,
      },
    },
  })
  client.wire.close()
})
