import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TestApp } from '../helpers/app.ts'
import { databaseKinds } from '../helpers/database.ts'
import { PasskeyBench } from './passkey-bench.ts'

describe.each(databaseKinds)('linking with a passkey on %s', (database) => {
  let bench: PasskeyBench

  beforeAll(async () => {
    bench = await PasskeyBench.start(database)
  })
  afterAll(() => bench.close())

  test('a code is scanned, the browser answers, and the account is linked', async () => {
    const owner = await bench.demanded()
    const status = await bench.status(owner)
    expect(status).toMatchObject({ connected: true, loggedIn: false, passkeyPending: true, qrcode: '' })
    expect(status.passkeyPage).toMatch(/^\/link\/#[\w-]{60,}$/)
    expect(status.publicKey).toMatchObject({ rpId: 'whatsapp.com', userVerification: 'required' })
    const code = await bench.app.get('/session/qr', owner.token)
    expect(code.json.data).toMatchObject({ QRCode: '', passkeyPending: true, publicKey: status.publicKey })

    const { status: answered, json } = await bench.answer(owner)

    expect([answered, json.data]).toEqual([200, { status: 'passkey_response_sent' }])
    await bench.linked(owner)
    expect(await bench.pending(owner)).toEqual({ passkeyPending: false, publicKey: null })
    expect((await bench.seen(owner)).stage).toBe('linked')
    // It stays linked, with the keys that were stored.
    await bench.app.post('/session/disconnect', owner.token)
    await bench.app.post('/session/connect', owner.token, { Immediate: false })
    await bench.linked(owner)
  })

  test('is told as wuzapi tells it', async () => {
    const owner = await bench.demanded()
    const { publicKey, passkeyPage } = await bench.pending(owner)
    await bench.answer(owner)
    await bench.linked(owner)

    await expect.poll(() => bench.told(owner, 'PasskeyRequest').length).toBe(2)
    expect(bench.told(owner, 'PasskeyRequest')).toMatchObject([
      { event: 'passkey-request', publicKey, passkeyPage },
      { event: { PublicKey: publicKey }, publicKey, passkeyPage },
    ])
    const code = expect.stringMatching(/^[1-9A-HJ-NP-TV-Z]{4}-[1-9A-HJ-NP-TV-Z]{4}$/)
    await bench.tells(owner, 'PasskeyConfirmation')
    // Confirmed by itself, because the phone knows this device by its code.
    expect(bench.told(owner, 'PasskeyConfirmation')).toMatchObject([
      { event: { Code: code, SkipHandoffUX: true }, code, skipHandoffUX: true },
    ])
    await bench.tells(owner, 'PairSuccess')
  })

  test('a code is typed, and the browser answers', async () => {
    const owner = await bench.owner()
    const { json } = await bench.app.post('/session/pairphone', owner.token, { Phone: owner.phone })
    const code = json.data.LinkingCode.replace('-', '')

    await bench.app.sandbox('POST', '/pair-code', { phone: owner.phone, code })
    await bench.question(owner)
    await bench.answer(owner)

    await bench.linked(owner)
  })

  test('the question may have to be fetched, and may come as text', async () => {
    for (const particulars of [
      { embed: false },
      { stringContent: true },
      { embed: false, stringContent: true },
    ]) {
      const owner = await bench.demanded(particulars)
      await bench.answer(owner)
      await bench.linked(owner)
    }
  })

  test('the phone may want the code compared all the same', async () => {
    const owner = await bench.demanded({ handoff: 'ignore' })
    await bench.answer(owner)
    const { code } = await bench.tells(owner, 'PasskeyConfirmation')

    await bench.app.sandbox('POST', `/accounts/${owner.phone}/accept`, { code })

    await bench.linked(owner)
  })

  test('two are linked at once, each with its own', async () => {
    const owners = await Promise.all([bench.demanded(), bench.demanded(), bench.demanded()])
    await Promise.all(owners.map((owner) => bench.answer(owner)))
    await Promise.all(owners.map((owner) => bench.linked(owner)))

    const jids = await Promise.all(owners.map(async (owner) => (await bench.status(owner)).jid))
    expect(jids).toEqual(owners.map(({ phone }) => `${phone}@s.whatsapp.net`))
  })

  test('the demand may come again, with another question: the attempt goes on', async () => {
    const owner = await bench.demanded({ repeatNotification: 'acknowledged' })
    await expect.poll(() => bench.told(owner, 'PasskeyRequest').length).toBe(4)

    await bench.answer(owner)

    await bench.linked(owner)
  })

  test('what somebody else demands is ignored', async () => {
    const owner = await bench.demanded({ foreignFrom: '447900000001@s.whatsapp.net' })
    expect(bench.told(owner, 'PasskeyRequest').length).toBeLessThanOrEqual(2)
    await bench.answer(owner)
    await bench.linked(owner)
  })

  test('a restart in the middle begins anew, and links', async () => {
    const owner = await bench.demanded()
    const { place } = bench.app
    await bench.app.stop()
    const reborn = await TestApp.start({ reuse: place, env: { WEBHOOK_FORMAT: 'json' } })

    const { json } = await reborn.get('/session/passkey-status', owner.token)
    expect(json.data).toEqual({ passkeyPending: false, publicKey: null })
    await reborn.waitFor(
      'a code',
      async () => (await reborn.get('/session/qr', owner.token)).json.data?.QRCode,
    )
    await reborn.stop()
    await bench.close()
    bench = await PasskeyBench.start(database)
  })
})
