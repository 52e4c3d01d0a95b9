import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LinkedUser, TestApp } from '../../helpers/app.ts'

/** Harmless itself, and far more than WhatsApp takes. */
const LONG = 'x'.repeat(1_000_000)

let app: TestApp
let sender: LinkedUser
/** A phone with four linked devices: a message to it is encrypted five times. */
let manyDevices: LinkedUser
let chat: string

beforeAll(async () => {
  app = await TestApp.start()
  sender = await app.linkedUser()
  manyDevices = await app.linkedUser()
  for (let device = 2; device <= 4; device++) await app.link(await app.createUser(), manyDevices.phone)
  chat = `${manyDevices.phone}@s.whatsapp.net`
})

afterAll(async () => {
  await app?.close()
})

describe('to somebody with several devices', () => {
  const document = `data:text/plain;base64,${Buffer.from('hello').toString('base64')}`

  test.each([
    ['a text', '/chat/send/text', { Body: LONG }, 'Body is too long: at most 65536'],
    ['an edited text', '/chat/send/edit', { Id: 'A1', Body: LONG }, 'Body is too long: at most 65536'],
    ['a reaction', '/chat/react', { Id: 'A1', Body: LONG }, 'Body is too long: at most 30'],
    [
      'a contact card',
      '/chat/send/contact',
      { Name: 'Ann', Vcard: LONG },
      'Vcard is too long: at most 65536',
    ],
    [
      'the name of a file',
      '/chat/send/document',
      { FileName: LONG, Document: document },
      'FileName is too long',
    ],
    [
      'a caption',
      '/chat/send/document',
      { FileName: 'a', Caption: LONG, Document: document },
      'Caption is too',
    ],
    [
      'mentions',
      '/chat/send/text',
      { Body: 'a', ContextInfo: { MentionedJID: Array(2_000).fill('1') } },
      'too many',
    ],
    [
      'a quoted message',
      '/chat/send/text',
      { Body: 'a', QuotedMessage: { conversation: LONG } },
      'QuotedMessage is',
    ],
  ])('%s that is too long is refused and never sent', async (_what, path, body, sentence) => {
    const answer = await app.post(path, sender.token, { Phone: chat, ...body })

    expect(answer).toMatchObject({ status: 400, json: { error: expect.stringContaining(sentence) } })
  })

  test('parts that are not too long together make a message that is', async () => {
    const id = randomUUID()
    const answer = await app.post('/chat/send/text', sender.token, {
      Id: id,
      Phone: chat,
      Body: '€'.repeat(65_536),
      ContextInfo: { StanzaID: 'A1', Participant: chat },
      QuotedMessage: { conversation: '€'.repeat(400_000) },
    })

    expect(answer.status).toBe(400)
    expect(answer.json.error).toMatch(/^the message is too large: 1\d{6} bytes, at most 1048576$/i)
    const { json } = await app.get('/parley/me/messages', sender.token)
    expect(JSON.stringify(json)).not.toContain(id)
  })

  test('the longest text arrives, and the session is open after all that', async () => {
    const answer = await app.post('/chat/send/text', sender.token, { Phone: chat, Body: '€'.repeat(65_536) })

    expect(answer.status).toBe(200)
    expect(app.parley.services.sessions.find(sender.id)?.status.loggedIn).toBe(true)
    await app.waitFor('the message to be delivered', async () => {
      const { json } = await app.get('/parley/me/messages?status=delivered', sender.token)
      return JSON.stringify(json).includes(answer.json.data.Id)
    })
  })
})

test('a contact that writes a megabyte is heard, and others are served meanwhile', async () => {
  const contact = await app.contact('447700900777')
  const heard: number[] = []
  const stop = app.parley.services.events.listen((userId, recorded) => {
    for (const { event } of recorded)
      if (userId === sender.id && event.type === 'message') heard.push(JSON.stringify(event.raw).length)
  })
  const waits: number[] = []

  const sent = app.sandbox('POST', `/contacts/${contact}/send`, { to: sender.phone, text: LONG })
  await app.waitFor('the message', async () => {
    const startedAt = performance.now()
    await app.get('/session/status', manyDevices.token)
    waits.push(performance.now() - startedAt)
    return heard.length > 0
  })
  await sent
  stop()

  expect(heard[0]).toBeGreaterThan(LONG.length)
  // The simulated network, in the same process, encodes and encrypts it as well.
  expect(Math.max(...waits)).toBeLessThan(5_000)
  expect(app.parley.services.sessions.find(sender.id)?.status.loggedIn).toBe(true)
})
