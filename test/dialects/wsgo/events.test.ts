import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TestApp } from '../../helpers/app.ts'
import { databaseKinds } from '../../helpers/database.ts'
import { type Receiver, startReceiver } from '../../helpers/receiver.ts'
import { failure, RFC3339, Wsgo } from './wsgo.ts'

interface Row {
  event: string
  timestamp: string
  data: Record<string, unknown>
}

describe.each(databaseKinds)('on %s', (database) => {
  let wsgo: Wsgo
  let receiver: Receiver

  beforeAll(async () => {
    wsgo = await Wsgo.start({ database })
    receiver = await startReceiver()
  })
  afterAll(async () => {
    await wsgo.close()
    await receiver.close()
  })

  const events = async (key = wsgo.user.token): Promise<Row[]> => (await wsgo.get('/api/events', key)).json

  /** The webhook of a user gets this message; its request. */
  async function delivered(id: string) {
    return wsgo.app.waitFor(`a webhook of ${id}`, () =>
      receiver.requests.find(({ body }) => body.includes(id)),
    )
  }

  describe('/api/webhook', () => {
    test('is empty before it is set, and says what it was set to', async () => {
      const { token } = await wsgo.unlinked()

      expect((await wsgo.get('/api/webhook', token)).json).toEqual({ url: '' })
      const url = 'https://your-n8n.example.com/webhook/whatsapp'
      const set = await wsgo.post('/api/webhook', { url }, token)
      expect([set.status, set.json]).toEqual([200, { url }])
      expect((await wsgo.get('/api/webhook', token)).json).toEqual({ url })
      expect((await wsgo.post('/api/webhook', { url: '' }, token)).json).toEqual({ url: '' })
      expect((await wsgo.get('/api/webhook', token)).json).toEqual({ url: '' })
    })

    test('is not the webhook of wuzapi', async () => {
      const user = await wsgo.unlinked()
      await wsgo.post('/api/webhook', { url: 'https://example.com/wsgo' }, user.token)

      await wsgo.app.post('/webhook', user.token, { webhookURL: 'https://example.com/wuzapi' })

      expect((await wsgo.get('/api/webhook', user.token)).json.url).toBe('https://example.com/wsgo')
      expect((await wsgo.app.get('/webhook', user.token)).json.data.webhook).toBe(
        'https://example.com/wuzapi',
      )
    })

    test.each([
      [{}, 'url is required'],
      [{ url: null }, 'url is required'],
      [{ url: 'n8n' }, 'url must be an http or https address'],
      [{ url: 'ftp://example.com/' }, 'url must be an http or https address'],
      [{ url: 'http://' }, 'url must be an http or https address'],
      [{ url: ['https://example.com/'] }, 'invalid JSON body'],
      ['url', 'invalid JSON body'],
    ])('refuses %j', async (body, sentence) => {
      const { status, json } = await wsgo.post('/api/webhook', body)

      expect([status, json]).toEqual([400, failure(sentence)])
    })

    test('goes with its user', async () => {
      const { id, token } = await wsgo.unlinked()
      await wsgo.post('/api/webhook', { url: 'https://example.com/' }, token)

      await wsgo.app.request('DELETE', `/admin/users/${id}`, { admin: true })

      const rows = await wsgo.app.parley.services.db('webhooks').where('user_id', id)
      expect(rows).toEqual([])
    })
  })

  describe('the webhook', () => {
    test('tells an incoming text in exactly the documented form', async () => {
      await wsgo.post('/api/webhook', { url: receiver.url })

      const id = await wsgo.hears({ text: 'Hello!' })

      const { method, headers, body } = await delivered(id)
      expect(method).toBe('POST')
      expect(headers['content-type']).toBe('application/json')
      const { timestamp } = JSON.parse(body).data
      expect(timestamp).toMatch(RFC3339)
      expect(body).toBe(
        '{"event":"message","data":{"from":"573001234567@s.whatsapp.net","chat":"573001234567@s.whatsapp.net",' +
          `"messageID":"${id}","pushName":"Jane","timestamp":"${timestamp}","text":"Hello!","isGroup":false}}`,
      )
    })

    test('tells a message in a group with its chat', async () => {
      const { json } = await wsgo.app.post('/group/create', wsgo.user.token, {
        Name: 'Work',
        Participants: [wsgo.contact],
      })
      const { id } = await wsgo.app.sandbox('POST', `/contacts/${wsgo.contact}/send`, {
        group: json.data.JID,
        text: 'Hello all!',
      })

      const { data } = JSON.parse((await delivered(id)).body)
      expect(data).toMatchObject({
        from: wsgo.contactJid,
        chat: json.data.JID,
        isGroup: true,
        text: 'Hello all!',
      })
    })

    test('tells the caption of a picture as its text', async () => {
      const id = await wsgo.hears({ message: { imageMessage: { caption: 'Look', mimetype: 'image/png' } } })

      expect(JSON.parse((await delivered(id)).body).data.text).toBe('Look')
    })

    test('says nothing of reactions and of what the account itself sends', async () => {
      const target = await wsgo.hears({ text: 'react to this' })
      await delivered(target)
      const reaction = await wsgo.hears({ reaction: { id: target, emoji: '👍' } })
      const own = (await wsgo.post('/api/send/text', { phone: wsgo.contact, message: 'own' })).json.messageID
      await delivered(await wsgo.hears({ text: 'the last' }))

      expect(receiver.requests.filter(({ body }) => body.includes(own) || body.includes(reaction))).toEqual(
        [],
      )
    })

    test('tells connections and disconnections', async () => {
      const user = await wsgo.app.createUser({ events: '' })
      const own = await startReceiver()
      await wsgo.post('/api/webhook', { url: own.url }, user.token)

      await wsgo.app.link(user)

      await own.attempts(1)
      expect(own.requests.map(({ body }) => body)).toEqual(['{"event":"connected","data":{}}'])
      await own.close()
    })

    test('is not called any more once it is empty', async () => {
      const user = await wsgo.app.linkedUser({ events: '' })
      await wsgo.post('/api/webhook', { url: receiver.url }, user.token)
      await delivered(await wsgo.hears({ text: 'one' }, user))
      await wsgo.post('/api/webhook', { url: '' }, user.token)

      const id = await wsgo.hears({ text: 'two' }, user)

      await wsgo.app.waitFor('the message', async () =>
        (await events(user.token)).some(({ data }) => data.messageID === id),
      )
      expect(receiver.requests.filter(({ body }) => body.includes(id))).toEqual([])
    })
  })

  describe('/api/events', () => {
    test('is the log of connections and messages, oldest first, also without a webhook', async () => {
      const user = await wsgo.app.linkedUser({ events: '' })
      const first = await wsgo.hears({ text: 'first' }, user)
      const second = await wsgo.hears({ text: 'second' }, user)

      const log = await wsgo.app.waitFor('both messages', async () => {
        const rows = await events(user.token)
        return rows.some(({ data }) => data.messageID === second) ? rows : undefined
      })

      expect(log.map(({ event }) => event)).toEqual(['connected', 'message', 'message'])
      expect(log[0]).toEqual({ event: 'connected', timestamp: expect.stringMatching(RFC3339), data: {} })
      expect(log[1]).toEqual({
        event: 'message',
        timestamp: expect.stringMatching(RFC3339),
        data: {
          from: wsgo.contactJid,
          chat: wsgo.contactJid,
          messageID: first,
          pushName: 'Jane',
          timestamp: expect.stringMatching(RFC3339),
          text: 'first',
          isGroup: false,
        },
      })
    })

    test('tells what the webhook told', async () => {
      const id = await wsgo.hears({ text: 'twice told' })
      const { body } = await delivered(id)

      const row = (await events()).find(({ data }) => data.messageID === id)

      expect(row?.data).toEqual(JSON.parse(body).data)
    })

    test('is empty for a new user', async () => {
      expect(await events((await wsgo.unlinked()).token)).toEqual([])
    })

    test('ends with a disconnection when the phone unlinks the device', async () => {
      const user = await wsgo.app.linkedUser({ events: '' })
      await wsgo.app.waitFor('the connection', async () => (await events(user.token)).length > 0)
      await wsgo.app.sandbox('POST', '/disconnect', { jid: user.phone, code: 401 })

      await wsgo.app.waitFor(
        'the disconnection',
        async () => (await events(user.token)).at(-1)?.event === 'disconnected',
      )
    })

    test('writes no row per message for a user nobody is told about', async () => {
      const user = await wsgo.app.linkedUser({ events: '' })
      const id = await wsgo.hears({ text: 'unrecorded' }, user)
      await wsgo.app.waitFor('the message', async () =>
        (await events(user.token)).some(({ data }) => data.messageID === id),
      )

      const stored = await wsgo.app.parley.services.db('events').where('user_id', user.id).select('type')
      expect(stored.map(({ type }) => type)).toEqual(['session.open'])
    })

    test('has at most 500 entries', async () => {
      const user = await wsgo.app.linkedUser({ events: '' })
      const now = Date.now()
      const rows = Array.from({ length: 510 }, (_row, number) => ({
        user_id: user.id,
        id: `M${number}`,
        chat: wsgo.contactJid,
        from_me: false,
        sender: wsgo.contactJid,
        at: now + number,
        // The text "x".
        proto: Buffer.from([10, 1, 120]).toString('base64'),
        status: 'received',
      }))
      await wsgo.app.parley.services.db.batchInsert('messages', rows, 100)

      const log = await events(user.token)

      expect(log).toHaveLength(500)
      expect(log.at(-1)?.data).toMatchObject({ text: 'x', messageID: 'M509' })
      expect(log.at(0)?.data).toMatchObject({ messageID: 'M10' })
    })
  })
})

test.each(databaseKinds)('the log survives a restart on %s', async (database) => {
  const wsgo = await Wsgo.start({ database })
  const id = await wsgo.hears({ text: 'before' })
  const before = await wsgo.app.waitFor('the message', async () => {
    const { json } = await wsgo.get('/api/events')
    // The name of the sender is learnt from the same message, a moment later.
    return json.some(({ data }: Row) => data.messageID === id && data.pushName !== '') && json
  })
  await wsgo.app.stop()

  const again = await TestApp.start({ reuse: wsgo.app.place })

  const key = { 'X-API-Key': wsgo.user.token }
  const { json } = await again.request('GET', '/wsgo/api/events', { headers: key })
  expect(json.slice(0, before.length)).toEqual(before)
  await again.stop()
})
