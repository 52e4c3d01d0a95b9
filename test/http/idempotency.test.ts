import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { claimRequests, pruneRequests } from '../../src/store/idempotent-requests.ts'
import { type LinkedUser, TestApp } from '../helpers/app.ts'

describe('a repeated request', () => {
  const contact = '447900000601'
  const other = '447900000602'
  let app: TestApp
  let user: LinkedUser

  beforeAll(async () => {
    app = await TestApp.start()
    user = await app.linkedUser()
    await app.contact(contact)
    await app.contact(other)
  })
  afterAll(() => app.close())

  const send = (key: string, body: object, token = user.token) =>
    app.request('POST', '/chat/send/text', {
      token,
      headers: { 'idempotency-key': key },
      body: { Phone: contact, ...body },
    })
  const texts = async (phone = contact) => (await app.received(phone)).map(({ text }) => text)
  const isReplayed = ({ headers }: { headers: Headers }) => headers.get('idempotent-replayed') === 'true'

  test('gets the first answer and sends nothing', async () => {
    const first = await send('once', { Body: 'only once' })

    const again = await send('once', { Body: 'only once' })

    expect(first.status).toBe(200)
    expect([again.status, again.text, again.headers.get('content-type')]).toEqual([
      200,
      first.text,
      first.headers.get('content-type'),
    ])
    expect([isReplayed(first), isReplayed(again)]).toEqual([false, true])
    expect((await texts()).filter((text) => text === 'only once')).toHaveLength(1)
  })

  test('waits for the first one', async () => {
    const answers = await Promise.all([1, 2, 3].map(() => send('at once', { Body: 'three at once' })))

    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
    expect(answers.filter(isReplayed)).toHaveLength(2)
  })

  test('is refused when it asks for something else', async () => {
    await send('changed', { Body: 'this' })

    const { status, json } = await send('changed', { Body: 'that' })

    expect([status, json.error]).toEqual([
      422,
      'This Idempotency-Key was used for a different request; use a new key',
    ])
    expect(await texts()).not.toContain('that')
  })

  test('is tried again when the first one failed', async () => {
    await app.sandbox('POST', '/faults', { kind: 'refuse-message', code: 479, times: 1 })
    const failed = await send('failed', { Body: 'second attempt' })

    const { status } = await send('failed', { Body: 'second attempt' })

    expect([failed.status, status]).toEqual([500, 200])
    expect(await texts()).toContain('second attempt')
  })

  test("of another user with the same key is that user's own", async () => {
    const stranger = await app.linkedUser()
    await send('shared', { Body: 'from one' })

    const { status } = await send('shared', { Body: 'from another' }, stranger.token)

    expect(status).toBe(200)
    expect(await texts()).toContain('from another')
  })

  test('is known by the id of its message, too', async () => {
    const first = await send('', { Body: 'named', Id: 'NAMED' })

    const again = await send('', { Body: 'named', Id: 'NAMED' })

    expect(isReplayed(again)).toBe(true)
    expect(again.text).toBe(first.text)
  })

  test('with the same id for somebody else is a request of its own', async () => {
    await send('', { Body: 'to both', Id: 'BOTH' })

    const { status } = await send('', { Phone: other, Body: 'to both', Id: 'BOTH' })

    expect(status).toBe(200)
    await app.waitFor('the second', async () => (await texts(other)).includes('to both'))
  })

  test('with the same large file is the same', async () => {
    const file = `data:application/octet-stream;base64,${Buffer.alloc(2_000_000, 7).toString('base64')}`
    const sendFile = (Document: string) =>
      app.request('POST', '/chat/send/document', {
        token: user.token,
        headers: { 'idempotency-key': 'file' },
        body: { Phone: contact, FileName: 'seven.bin', Document },
      })
    const first = await sendFile(file)

    const again = await sendFile(file)
    const changed = await sendFile(`${file}BBBB`)

    expect([first.status, again.status, changed.status]).toEqual([200, 200, 422])
    expect([isReplayed(again), again.text]).toEqual([true, first.text])
  })

  test('of a change happens once', async () => {
    const { json } = await send('', { Body: 'liked' })
    const like = () =>
      app.request('POST', '/chat/react', {
        token: user.token,
        headers: { 'idempotency-key': 'like' },
        body: { Phone: contact, Id: json.data.Id, Body: '👍' },
      })
    await like()

    expect(isReplayed(await like())).toBe(true)
  })

  test('is forgotten after a day', async () => {
    const { db } = app.parley.services
    const request = { userId: user.id, key: 'old', fingerprint: 'first', messageId: 'A', at: 1_000 }
    await claimRequests(db, [request])

    const removed = await pruneRequests(db, 1_001)

    expect(removed).toBe(1)
    expect((await claimRequests(db, [{ ...request, fingerprint: 'next' }])).size).toBe(1)
  })
})
