import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LinkedUser, TestApp } from '../helpers/app.ts'
import { databaseKinds } from '../helpers/database.ts'
import { type Receiver, startReceiver } from '../helpers/receiver.ts'

/** One phone, several dialects, each with a webhook of its own: programs that know nothing of each other. */
describe.each(databaseKinds)('one phone in several dialects on %s', (database) => {
  let app: TestApp
  let user: LinkedUser
  let wuzapi: Receiver
  let wsgo: Receiver
  let wago: Receiver
  const contact = '573001234567'
  const contactJid = `${contact}@s.whatsapp.net`

  beforeAll(async () => {
    app = await TestApp.start({ database, env: { WEBHOOK_FORMAT: 'json' } })
    user = await app.linkedUser({ name: 'shared', events: 'Message,ReadReceipt' })
    await app.contact(contact, { name: 'Jane' })
    wuzapi = await startReceiver()
    wsgo = await startReceiver()
    await app.post('/wuzapi/webhook', user.token, { webhookURL: wuzapi.url })
    await inWsgo('POST', '/api/webhook', { url: wsgo.url })
    wago = await startReceiver()
    await app.post('/wago/webhook', user.token, { WebhookURL: wago.url })
  })
  afterAll(async () => {
    await app.close()
    await Promise.all([wuzapi, wsgo, wago].map((receiver) => receiver.close()))
  })

  function inWsgo(method: string, path: string, body?: unknown) {
    return app.request(method, `/wsgo${path}`, { headers: { 'X-API-Key': user.token }, body })
  }

  async function hears(text: string): Promise<string> {
    const { id } = await app.sandbox('POST', `/contacts/${contact}/send`, { to: user.phone, text })
    return id
  }

  const bodyAbout = (receiver: Receiver, id: string) =>
    app.waitFor(`a webhook of ${id}`, () => receiver.requests.find(({ body }) => body.includes(id))?.event)

  test('the contact reads what each of them sent', async () => {
    const first = await app.post('/wuzapi/chat/send/text', user.token, {
      Phone: contact,
      Body: 'from wuzapi',
    })
    const second = await inWsgo('POST', '/api/send/text', { phone: contact, message: 'from wsgo' })
    const third = await app.post('/wago/send/text', user.token, { Phone: contact, Body: 'from WaGo' })

    for (const id of [first.json.data.Id, second.json.messageID, third.json.data.Id])
      await app.waitFor(`message ${id}`, async () =>
        (await app.received(contact)).some((message) => message.id === id),
      )
  })

  test('a message reaches all webhooks, each in its own words', async () => {
    const id = await hears('Hello, all!')

    expect(await bodyAbout(wuzapi, id)).toMatchObject({
      type: 'Message',
      userID: user.id,
      event: { Info: { ID: id, PushName: 'Jane' }, Message: { conversation: 'Hello, all!' } },
    })
    expect(await bodyAbout(wsgo, id)).toEqual({
      event: 'message',
      data: {
        from: contactJid,
        chat: contactJid,
        messageID: id,
        pushName: 'Jane',
        timestamp: expect.any(String),
        text: 'Hello, all!',
        isGroup: false,
      },
    })
    const told = await app.waitFor('the form', () => wago.requests.find(({ body }) => body.includes(id)))
    expect(Object.keys(told.fields)).toEqual(['jsonData', 'token'])
    expect(await bodyAbout(wago, id)).toMatchObject({
      type: 'Message',
      event: { Info: { ID: id, PushName: 'Jane' }, Message: { conversation: 'Hello, all!' } },
    })
  })

  test('the test event of an operator reaches all of them', async () => {
    const { json } = await app.request('POST', `/parley/users/${user.id}/test-event`, { admin: true })

    expect(json.deliveries.map(({ target }: { target: string }) => target).sort()).toEqual([
      'user',
      'wago',
      'wsgo',
    ])
    await app.waitFor('the test event', () => wsgo.requests.some(({ event }) => event.event === 'test'))
    for (const receiver of [wuzapi, wago])
      await app.waitFor('the test event', () => receiver.requests.some(({ event }) => event.type === 'Test'))
  })

  test('one that fails does not hold back the others', async () => {
    wsgo.answer(500)
    const ids = [await hears('one'), await hears('two'), await hears('three')]

    for (const receiver of [wuzapi, wago]) for (const id of ids) await bodyAbout(receiver, id)

    wsgo.answer(200)
    await app.request('POST', `/parley/targets/wsgo:${user.id}/redrive`, { admin: true, body: {} })
    for (const id of ids) await bodyAbout(wsgo, id)
  })

  test('a message sent in one is told to none: all say only what comes in', async () => {
    const { json } = await inWsgo('POST', '/api/send/text', { phone: contact, message: 'silent' })
    await bodyAbout(wsgo, await hears('the last'))

    const told = [...wsgo.requests, ...wuzapi.requests, ...wago.requests].filter(({ body }) =>
      body.includes(json.messageID),
    )
    // wuzapi and WaGo tell the receipts.
    expect(told.filter(({ event }) => event.type !== 'ReadReceipt')).toEqual([])
  })

  test('taking away webhooks leaves the others', async () => {
    await app.request('DELETE', '/wuzapi/webhook', { token: user.token })
    const both = await hears('for wsgo and WaGo')
    for (const receiver of [wsgo, wago]) await bodyAbout(receiver, both)
    await app.post('/wago/webhook', user.token, { WebhookURL: '' })
    const id = await hears('for wsgo alone')

    await bodyAbout(wsgo, id)
    for (const receiver of [wuzapi, wago])
      expect(receiver.requests.filter(({ body }) => body.includes(id))).toEqual([])
    expect(wuzapi.requests.filter(({ body }) => body.includes(both))).toEqual([])
  })
})
