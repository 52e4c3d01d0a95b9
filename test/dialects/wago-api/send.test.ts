import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sampleFile } from '../../../src/sandbox/world/samples.ts'
import { picture } from '../../helpers/media.ts'
import { Conversation, messageNotFound } from './conversation.ts'
import { Wago } from './wago.ts'

let wago: Wago
let talk: Conversation
let png: Buffer
let server: Server
let address: string
beforeAll(async () => {
  // The tests serve files on this machine, which is out of reach otherwise.
  wago = await Wago.start({ env: { MEDIA_ALLOWED_NETWORKS: 'any' } })
  talk = new Conversation(wago)
  png = await picture('png', [40, 20])
  server = createServer((request, response) => {
    if (request.url !== '/pictures/a%20cat.png') response.writeHead(404).end()
    else response.writeHead(200, { 'content-type': 'image/png' }).end(png)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/pictures/a%20cat.png`
})
afterAll(async () => {
  server.close()
  await wago.stop()
})

async function send(body: object): Promise<[number, ReturnType<typeof JSON.parse>]> {
  const { status, json } = await wago.call('/client/sendMessage/main', { chatId: wago.contactJid, ...body })
  return [status, json]
}

/** Sends to the contact; gives what it decrypted and under what id. */
async function deliver(body: object) {
  const [status, json] = await send(body)
  expect([status, json]).toEqual([
    200,
    { success: true, messageId: expect.any(String), timestamp: expect.any(Number) },
  ])
  return { id: json.messageId, ...(await talk.arrived(json.messageId)).message }
}

const options = (given: object) => ({ options: given })

describe('texts', () => {
  test('are answered with id and time, as the document shows', async () => {
    const [status, json] = await send({ text: 'Hello from wago-api!' })

    expect(status).toBe(200)
    expect(json).toEqual({
      success: true,
      messageId: expect.stringMatching(/^3EB0[0-9A-F]{18}$/),
      timestamp: expect.closeTo(Date.now() / 1000, -1),
    })
    const { message } = await talk.arrived(json.messageId)
    expect(message.extendedTextMessage.text).toBe('Hello from wago-api!')
  })

  test.each([
    { text: 'Hi' },
    { content: 'Hi' },
    { contentType: 'string', content: 'Hi' },
    { contenttype: 'string', Content: 'Hi', TEXT: null },
  ])('are taken as %j', async (body) => {
    expect((await deliver(body)).extendedTextMessage.text).toBe('Hi')
  })

  test.each(['@c.us', '@s.whatsapp.net', ''])('go to a number written with %j', async (server) => {
    const { extendedTextMessage } = await deliver({ chatId: wago.contact + server, text: 'Hi' })

    expect(extendedTextMessage.text).toBe('Hi')
  })

  test('carry the id and the mentions they are given', async () => {
    const given = { messageId: 'MYID1', mentions: [wago.contact, `${wago.contact}@c.us`] }

    const { id, extendedTextMessage } = await deliver({ text: 'You', ...options(given) })

    expect(id).toBe('MYID1')
    expect(extendedTextMessage.contextInfo.mentionedJid).toEqual([wago.contactJid, wago.contactJid])
  })

  test('are sent once when a request is repeated', async () => {
    const body = { chatId: wago.contactJid, text: 'Once' }
    const headers = { 'idempotency-key': 'wago-1' }

    const first = await wago.request('POST', '/client/sendMessage/main', { body, headers })
    const second = await wago.request('POST', '/client/sendMessage/main', { body, headers })

    expect(second.json).toEqual(first.json)
  })
})

describe('files', () => {
  test('come in base64 with their type, as wwebjs-api has them', async () => {
    const content = { mimetype: 'image/png', data: png.toString('base64'), filename: 'a.png' }

    const { id, imageMessage } = await deliver({
      contentType: 'MessageMedia',
      content,
      ...options({ caption: 'look' }),
    })

    expect(imageMessage).toMatchObject({ caption: 'look', mimetype: 'image/png', width: 40, height: 20 })
    expect(await talk.file(id)).toEqual(png)
  })

  test.each([
    ['an address', () => ({ contentType: 'MessageMediaFromURL', content: address })],
    ['an address, flat', () => ({ mediaUrl: address })],
    ['base64', () => ({ mediaBase64: png.toString('base64'), caption: '' })],
    ['a data URL', () => ({ mediaBase64: `data:image/png;base64,${png.toString('base64')}` })],
  ])('are recognised when they come as %s', async (_what, body) => {
    const { id, imageMessage } = await deliver(body())

    expect(imageMessage.mimetype).toBe('image/png')
    expect(await talk.file(id)).toEqual(png)
  })

  test('come as a part of a form', async () => {
    const form = new FormData()
    form.set('chatId', wago.contactJid)
    form.set('mediaBase64', new Blob([new Uint8Array(png)], { type: 'image/png' }), 'a.png')
    form.set('options', JSON.stringify({ caption: 'form' }))

    const response = await fetch(`${wago.app.url}/wago-api/client/sendMessage/main`, {
      method: 'POST',
      headers: { 'x-api-key': wago.user.token },
      body: form,
    })

    const { messageId } = JSON.parse(await response.text())
    expect((await talk.arrived(messageId)).message.imageMessage.caption).toBe('form')
  })

  test('larger than a megabyte do not have to fit into memory', async () => {
    const large = Buffer.alloc(2 * 1024 * 1024, 'parley')

    const { id } = await deliver({ mediaBase64: large.toString('base64'), type: 'document' })

    expect((await talk.file(id)).equals(large)).toBe(true)
  })

  test.each([
    ['documents', { type: 'document', filename: 'b.png' }, 'documentMessage', { fileName: 'b.png' }],
    ['documents', options({ sendMediaAsDocument: true }), 'documentMessage', { fileName: 'a%20cat.png' }],
    ['stickers', { type: 'sticker' }, 'stickerMessage', { mimetype: 'image/webp' }],
    ['stickers', options({ sendMediaAsSticker: true }), 'stickerMessage', { mimetype: 'image/webp' }],
    ['images', { type: 'image', mimetype: 'image/x-own' }, 'imageMessage', { mimetype: 'image/x-own' }],
  ])('are sent as %s when %j says so', async (_kind, body, member, expected) => {
    const message = await deliver({ mediaUrl: address, ...body })

    expect(message[member]).toMatchObject(expected)
  })

  test('can be there to be viewed once', async () => {
    const message = await deliver({ mediaUrl: address, ...options({ isViewOnce: true }) })

    expect(message.viewOnceMessage.message.imageMessage.viewOnce).toBe(true)
  })

  test.each([
    [true, { sendAudioAsVoice: true }],
    [false, {}],
  ])('with sound are voice messages: %j, by %j', async (ptt, given) => {
    const { bytes } = await sampleFile('audio')
    const content = { mimetype: 'audio/ogg; codecs=opus', data: bytes.toString('base64') }

    const { audioMessage } = await deliver({ contentType: 'MessageMedia', content, ...options(given) })

    expect(audioMessage).toMatchObject({ ptt, mimetype: 'audio/ogg; codecs=opus' })
  })

  test('of other types are documents', async () => {
    const content = {
      mimetype: 'text/plain',
      data: Buffer.from('hello').toString('base64'),
      filename: 'a.txt',
    }

    const { documentMessage } = await deliver({ contentType: 'MessageMedia', content })

    expect(documentMessage).toMatchObject({ fileName: 'a.txt', mimetype: 'text/plain' })
  })
})

describe('other content', () => {
  test('is a place', async () => {
    const content = { latitude: -23.5, longitude: 0, description: 'Here' }

    expect((await deliver({ contentType: 'Location', content })).locationMessage).toMatchObject({
      degreesLatitude: -23.5,
      degreesLongitude: 0,
      name: 'Here',
    })
  })

  test('is a contact', async () => {
    const content = { contactId: `${wago.contact}@c.us` }

    const { contactMessage } = await deliver({ contentType: 'Contact', content })

    expect(contactMessage.vcard).toMatch(
      new RegExp(`^BEGIN:VCARD\nVERSION:3.0\nN:;(.+);;;\nFN:\\1\nTEL;.*waid=${wago.contact}:\\+`),
    )
  })

  test.each([
    [false, 1],
    [true, undefined],
  ])('is a poll with several answers: %j', async (allowMultipleAnswers, selectable) => {
    const content = { pollName: 'Lunch?', pollOptions: ['a', 'b'], options: { allowMultipleAnswers } }

    const message = await deliver({ contentType: 'Poll', content })

    const poll = message.pollCreationMessageV3 ?? message.pollCreationMessage
    expect(poll).toMatchObject({ name: 'Lunch?', options: [{ optionName: 'a' }, { optionName: 'b' }] })
    expect(poll.selectableOptionsCount || undefined).toBe(selectable)
  })
})

describe('refused is', () => {
  test.each([
    [{}, 'text is required'],
    [{ text: '' }, 'text is required'],
    [{ contentType: 'string' }, 'content is required'],
    [{ contentType: 'Carousel', content: 'x' }, 'invalid contentType'],
    [{ content: { data: 'aGVsbG8=' } }, 'invalid contentType'],
    [{ contentType: 'MessageMedia', content: 'x' }, 'content is required'],
    [{ contentType: 'MessageMedia', content: {} }, 'content.data is required'],
    [
      { contentType: 'MessageMediaFromURL', content: 'ftp://x/y' },
      'the address of the file is not an http(s) URL',
    ],
    [{ contentType: 'Location', content: { latitude: 1 } }, 'content.longitude is required'],
    [{ contentType: 'Contact', content: { contactId: '1@g.us' } }, 'content.contactId is not a person'],
    [{ contentType: 'Poll', content: { pollOptions: ['a'] } }, 'content.pollName is required'],
    [{ contentType: 'Poll', content: { pollName: 'a' } }, 'content.pollOptions is required'],
    [{ mediaUrl: 'file:///etc/passwd' }, 'the address of the file is not an http(s) URL'],
    [{ mediaBase64: '%%%' }, 'the file is not valid base64'],
    [{ mediaBase64: 'data:image/png;base64,%%%' }, 'the file is not valid base64'],
    [{ contentType: 'MessageMedia', content: { data: 'abc' } }, 'the file is not valid base64'],
    [{ mediaBase64: 'aGVsbG8=', type: 'hologram' }, /^type is one of image, video, /],
    [{ text: 'x', options: { mentions: ['nobody'] } }, 'mentions holds an id that is not valid'],
    [{ text: 7 }, 'Invalid request body'],
    [{ text: 'x', options: 'y' }, 'Invalid request body'],
    [{ contentType: 'Location', content: { latitude: '1' } }, 'Invalid request body'],
  ])('%j', async (body, sentence) => {
    const [status, { error }] = await send(body)

    expect(status).toBe(400)
    if (typeof sentence === 'string') expect(error).toBe(sentence)
    else expect(error).toMatch(sentence)
  })

  test('a file that is not there', async () => {
    const [status, { error }] = await send({ mediaUrl: `${address}x` })

    expect([status, error]).toEqual([400, 'the file cannot be fetched: unexpected status code 404'])
  })

  test('a picture that is none', async () => {
    const [status, { error }] = await send({ mediaBase64: 'aGVsbG8=', type: 'image' })

    expect([status, error]).toEqual([400, expect.stringContaining('unknown format')])
  })

  test('an answer to an unknown message', async () => {
    expect(await send({ text: 'x', ...options({ quotedMessageId: 'UNKNOWN' }) })).toEqual(messageNotFound)
  })

  test('what WhatsApp refuses', async () => {
    await wago.app.sandbox('POST', '/faults', { kind: 'refuse-message', code: 463, times: 1 })

    expect(await send({ text: 'x' })).toEqual([
      500,
      { success: false, error: expect.stringContaining('463') },
    ])
  })
})

describe('/client/sendPoll', () => {
  test.each([
    [{ pollName: 'Lunch?', pollOptions: ['Yes', 'No'], selectableCount: 1 }, 1],
    [{ name: 'Lunch?', options: ['Yes', 'No'] }, 1],
    [{ question: 'Lunch?', pollOptions: ['Yes', 'No'], options: { allowMultipleAnswers: true } }, 0],
    [{ pollName: 'Lunch?', pollOptions: ['Yes', 'No'], selectableCount: 2 }, 2],
  ])('asks %j', async (body, selectable) => {
    const { json } = await wago.call('/client/sendPoll/main', { chatId: wago.contact, ...body })

    const { message } = await talk.arrived(json.messageId)
    const poll = message.pollCreationMessageV3 ?? message.pollCreationMessage
    expect(poll).toMatchObject({ name: 'Lunch?', options: [{ optionName: 'Yes' }, { optionName: 'No' }] })
    expect(poll.selectableOptionsCount ?? 0).toBe(selectable)
  })
})

describe('without permission to reach this machine', () => {
  test('addresses inside of networks are refused', async () => {
    await wago.stop()
    wago = await Wago.start()
    talk = new Conversation(wago)

    const [status, { error }] = await send({ mediaUrl: address })

    expect([status, error]).toEqual([400, expect.stringContaining('ssrf attempt detected')])
  })
})
