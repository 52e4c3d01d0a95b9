import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Owner, PasskeyBench } from './passkey-bench.ts'

// The root that clients trust is the whole process's: there is one simulated network at a time.

/** Begins anew, and this time it comes to its end. */
async function links(on: PasskeyBench, owner: Owner): Promise<void> {
  await on.beganAnew(owner)
  await on.demand(owner, true)
  await on.scan(owner)
  await on.answer(owner)
  await on.linked(owner)
}

describe('nothing is waited for longer than WhatsApp Web waits', () => {
  let hasty: PasskeyBench
  beforeAll(async () => {
    hasty = await PasskeyBench.start('sqlite', { linking: { optionsMs: 5_000, stageMs: 5_000 } })
  })
  afterAll(() => hasty.close())

  test('a phone that does not continue', async () => {
    const owner = await hasty.demanded({ failAt: 'silent-after-prologue' })
    await hasty.answer(owner)

    expect((await hasty.tells(owner, 'PairPasskeyError')).error).toContain('the phone did not go on')
    await links(hasty, owner)
  })

  test('a passkey that the account does not have', async () => {
    const owner = await hasty.demanded()
    const { status } = await hasty.answer(owner, { foreignKey: true })

    // WhatsApp takes it, and says nothing: what follows tells.
    expect(status).toBe(200)
    expect((await hasty.tells(owner, 'PairPasskeyError')).error).toContain('the phone did not go on')
    await links(hasty, owner)
  })

  test('nobody who answers, for whom the question is asked anew', async () => {
    const owner = await hasty.demanded()

    await expect.poll(() => hasty.told(owner, 'PasskeyRequest').length).toBe(4)
    // The fresh question is the one that counts.
    await hasty.answer(owner)
    await hasty.linked(owner)
  })
})

test('a code that was scanned stays good while the passkey is waited for, though all codes would be used up', async () => {
  const rules = { firstCodeMs: 400, nextCodeMs: 100 }
  const bench = await PasskeyBench.start('sqlite', { linking: rules })
  const owner = await bench.demanded()
  // As many as WhatsApp gives for one linking, and more.
  await delay(rules.firstCodeMs + 8 * rules.nextCodeMs)

  await bench.answer(owner)

  await bench.linked(owner)
  expect(bench.told(owner, 'PairPasskeyError')).toEqual([])
  expect(bench.told(owner, 'QRTimeout')).toEqual([])
  await bench.close()
})

test('codes that nobody scans are replaced until there is none left', async () => {
  const bench = await PasskeyBench.start('sqlite', { linking: { firstCodeMs: 400, nextCodeMs: 100 } })
  const owner = await bench.owner()

  await bench.tells(owner, 'QRTimeout')

  expect(bench.told(owner, 'QR').length).toBeGreaterThan(4)
  await bench.close()
})

describe('without a proof of the handoff', () => {
  let late: PasskeyBench
  beforeAll(async () => {
    late = await PasskeyBench.start('sqlite', { linking: { handoffMs: 0 } })
  })
  afterAll(() => late.close())

  test('the code is compared by people, on both sides', async () => {
    const owner = await late.demanded()
    await late.answer(owner)
    const { code, skipHandoffUX } = await late.tells(owner, 'PasskeyConfirmation')
    expect(skipHandoffUX).toBe(false)
    expect(late.told(owner, 'PasskeyConfirmation').map(({ event }) => event)).toContain(
      'passkey-confirmation',
    )
    expect((await late.status(owner)).loggedIn).toBe(false)

    const { status, json } = await late.confirm(owner)
    expect([status, json.data]).toEqual([200, { status: 'passkey_confirmed' }])
    await late.app.sandbox('POST', `/accounts/${owner.phone}/accept`, { code })

    await late.linked(owner)
  })

  test('a phone that insists on it goes no further', async () => {
    const owner = await late.demanded({ handoff: 'require' })

    await late.answer(owner)

    await expect.poll(async () => (await late.seen(owner)).stage).toBe('silent')
  })

  test('a wrong code is refused on the phone', async () => {
    const owner = await late.demanded()
    await late.answer(owner)
    await late.tells(owner, 'PasskeyConfirmation')

    await expect(
      late.app.sandbox('POST', `/accounts/${owner.phone}/accept`, { code: 'AAAA-AAAA' }),
    ).rejects.toThrow('400')
  })
})

test('an operator may want every code compared', async () => {
  const asking = await PasskeyBench.start('sqlite', { env: { PASSKEY_CONFIRM: 'ask' } })
  const owner = await asking.demanded()
  await asking.answer(owner)
  await asking.tells(owner, 'PasskeyConfirmation')
  expect((await asking.status(owner)).loggedIn).toBe(false)

  await asking.confirm(owner)

  await asking.linked(owner)
  await asking.close()
})

describe('with the times of WhatsApp Web', () => {
  let bench: PasskeyBench
  beforeAll(async () => {
    bench = await PasskeyBench.start('sqlite')
  })
  afterAll(() => bench.close())

  describe('an answer that cannot be right is refused, and another may follow', () => {
    test.each([
      [
        'another page',
        { origin: 'https://whatsapp.com.evil.example' },
        'has to be done on https://web.whatsapp.com',
      ],
      ['no encryption', { origin: 'http://web.whatsapp.com' }, 'has to be done on https://web.whatsapp.com'],
      ['another question', { challenge: 'AAAA' }, 'belongs to another question'],
      ['a passkey that was just made', { type: 'webauthn.create' }, 'was made, not used'],
      ['another service', { rpId: 'example.com' }, 'is not one of WhatsApp'],
      ['nobody who is there', { flags: 0x04 }, 'did not ask who you are'],
      ['nobody who was verified', { flags: 0x01 }, 'did not ask who you are'],
    ])('%s', async (_what, deviations, sentence) => {
      const owner = await bench.demanded()

      const { status, json } = await bench.answer(owner, deviations)

      expect(status).toBe(400)
      expect(json.error.toLowerCase()).toContain(sentence.toLowerCase())
      await bench.answer(owner)
      await bench.linked(owner)
    })

    test.each([
      ['nothing', undefined, 'missing response in Payload'],
      ['null', null, 'missing response in Payload'],
      ['an empty one', {}, 'missing response in Payload'],
      ['a text', 'yes', 'could not decode Payload'],
      ['another type', { type: 'password' }, 'its type is not "public-key"'],
      ['no members', { type: 'public-key' }, 'must be the JSON'],
      ['no base64', { type: 'public-key', id: '***', response: {} }, 'rawId'],
      ['two ids', { type: 'public-key', id: 'AAAA', rawId: 'BBBB', response: {} }, ''],
    ])('%s', async (_what, response, sentence) => {
      const owner = await bench.demanded()

      const { status, json } = await bench.respond(owner, response)

      expect(status).toBe(400)
      expect(json.error.toLowerCase()).toContain(sentence.toLowerCase())
      expect((await bench.pending(owner)).passkeyPending).toBe(true)
    })

    test('padding and further members do not matter, and are not passed on', async () => {
      const owner = await bench.demanded()
      const given = await bench.assert(owner)
      const padded = (text: string) => Buffer.from(text, 'base64url').toString('base64')
      const response = Object.fromEntries(
        Object.entries(given.response as Record<string, string | null>).map(([name, value]) => [
          name,
          value && padded(value),
        ]),
      )

      await bench.respond(owner, {
        ...given,
        rawId: padded(given.rawId),
        id: padded(given.id),
        response,
        authenticatorAttachment: 'platform',
        clientExtensionResults: { uvm: [] },
      })

      await bench.linked(owner)
    })
  })

  describe('wuzapi refuses what is not waited for', () => {
    test('before there is a demand', async () => {
      const owner = await bench.owner()

      const answered = await bench.respond(owner, { anything: 1 })
      const confirmed = await bench.confirm(owner)

      expect([answered.status, answered.json.error]).toEqual([400, 'No pending passkey request'])
      expect([confirmed.status, confirmed.json.error]).toEqual([400, 'No pending passkey confirmation'])
    })

    test('a second answer', async () => {
      const owner = await bench.demanded({ delayMs: 500 })
      const given = await bench.assert(owner)

      const [first, second] = await Promise.all([bench.respond(owner, given), bench.respond(owner, given)])

      expect([first.status, second.status].sort()).toEqual([200, 400])
      await bench.linked(owner)
    })
  })

  describe('what comes to nothing is told, and a code with other keys is shown', () => {
    test.each([
      ['ref', false],
      ['prologue', false],
      ['nonce', true],
      ['request', true],
    ])('an error at %s', async (failAt, continuation) => {
      const owner = await bench.demanded({ failAt })

      await bench.answer(owner)

      expect(await bench.tells(owner, 'PairPasskeyError')).toMatchObject({
        error: 'WhatsApp refused a step of the linking: scan a new code',
        continuation,
      })
      await links(bench, owner)
    })

    test('a question that cannot be had', async () => {
      const owner = await bench.owner({ embed: false, failAt: 'options' })
      const qr = await bench.app.waitFor('a code', async () => bench.session(owner)?.status.qr)
      await bench.app.sandbox('POST', '/scan', { qr, phone: owner.phone })

      // Nothing was begun: the code stays.
      expect((await bench.pending(owner)).passkeyPending).toBe(false)
    })

    test('an identity that is authenticated by the old secret', async () => {
      const owner = await bench.demanded({ failAt: 'old-secret' })
      await bench.answer(owner)

      await bench.tells(owner, 'PairError')
      expect((await bench.status(owner)).loggedIn).toBe(false)
    })

    test.each(['required', 'confirm'])('a connection that is lost while it is %s', async (stage) => {
      const owner = await bench.demanded({ handoff: 'ignore' })
      if (stage === 'confirm') {
        await bench.answer(owner)
        await bench.tells(owner, 'PasskeyConfirmation')
      }
      bench.session(owner)?.linking.lost()

      expect((await bench.tells(owner, 'PairPasskeyError')).error).toContain(
        'connection to WhatsApp was lost',
      )
      await links(bench, owner)
    })

    test('a logout in the middle', async () => {
      const owner = await bench.demanded()
      await bench.app.post('/session/disconnect', owner.token)

      expect(await bench.pending(owner)).toEqual({ passkeyPending: false, publicKey: null })
      await bench.app.post('/session/connect', owner.token, { Immediate: false })
      await links(bench, owner)
    })
  })

  describe('the page of a linking', () => {
    test('follows it and answers, with its key alone', async () => {
      const owner = await bench.demanded()
      const key = await bench.keyOf(owner)
      const state = await bench.page(key, 'GET', '/state')
      expect(state.json).toMatchObject({ stage: 'required', publicKey: { rpId: 'whatsapp.com' }, code: '' })
      expect(state.json.endsAt).toBeGreaterThan(Date.now())

      const { status, json } = await bench.page(key, 'POST', '/response', await bench.assert(owner))

      expect([status, json]).toEqual([200, { ok: true }])
      await bench.app.waitFor(
        'the end',
        async () => (await bench.page(key, 'GET', '/state')).json.stage === 'linked',
      )
    })

    test('cancels it', async () => {
      const owner = await bench.demanded()
      const key = await bench.keyOf(owner)

      await bench.page(key, 'POST', '/cancel')

      expect((await bench.tells(owner, 'PairPasskeyError')).error).toContain('cancelled')
      expect((await bench.page(key, 'GET', '/state')).json).toMatchObject({
        stage: 'over',
        failure: 'cancelled',
      })
      await bench.beganAnew(owner)
      expect((await bench.page(key, 'GET', '/state')).json).toMatchObject({
        stage: 'over',
        failure: 'cancelled',
      })
      expect((await bench.page(key, 'POST', '/confirm')).status).toBe(404)
    })

    test.each(['', 'AAAA', 'v2.guess'])('"%s" is no key', async (key) => {
      const { status, json } = await bench.page(key, 'GET', '/state')

      expect([status, json.error]).toEqual([404, 'this linking is over: scan a new code and open its page'])
    })

    test('of a linking before opens no later one', async () => {
      const owner = await bench.demanded()
      const former = await bench.keyOf(owner)
      await bench.page(former, 'POST', '/cancel')
      await bench.beganAnew(owner)
      await bench.scan(owner)

      expect((await bench.page(former, 'GET', '/state')).status).toBe(404)
      expect((await bench.page(former, 'POST', '/cancel')).status).toBe(404)
    })

    test('may be used from WhatsApp Web, and from no other page', async () => {
      const owner = await bench.demanded()
      const key = await bench.keyOf(owner)
      const from = async (origin: string) => {
        const headers = { 'Linking-Key': key, origin }
        const answer = await bench.app.request('GET', '/link/state', { headers })
        return answer.headers.get('access-control-allow-origin')
      }

      expect(await from('https://web.whatsapp.com')).toBe('https://web.whatsapp.com')
      expect(await from('https://evil.example')).toBeNull()
    })
  })
})
