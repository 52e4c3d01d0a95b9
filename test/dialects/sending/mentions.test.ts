import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Answer } from '../../helpers/app.ts'
import { dataUrl, picture } from '../../helpers/media.ts'
import { Dialects, sentenceOf } from './dialects.ts'

let all: Dialects
let photo: Buffer
beforeAll(async () => {
  all = await Dialects.start()
  photo = await picture('jpeg')
})
afterAll(() => all.close())

const image = () => dataUrl('image/jpeg', photo)
const upload = () => ({ bytes: photo, name: 'a.jpg', type: 'image/jpeg' })
const base64 = () => photo.toString('base64')

type Send = (to: string) => Promise<[number, Answer['json']]>

const everybody: [string, Send][] = [
  [
    'wuzapi, a text',
    (to) => all.wuzapi('/chat/send/text', { Phone: to, Body: '@all hi', ContextInfo: { MentionAll: true } }),
  ],
  [
    'wuzapi, an image',
    (to) => all.wuzapi('/chat/send/image', { Phone: to, Image: image(), ContextInfo: { MentionAll: true } }),
  ],
  [
    'wuzapi, a place',
    (to) =>
      all.wuzapi('/chat/send/location', {
        Phone: to,
        Latitude: 1,
        Longitude: 2,
        ContextInfo: { MentionAll: true },
      }),
  ],
  [
    'WaGo, a text',
    (to) => all.wago('/send/text', { Phone: to, Body: '@all hi', ContextInfo: { MentionAll: true } }),
  ],
  [
    'WaGo, a document',
    (to) =>
      all.wago('/send/document', {
        Phone: to,
        Document: dataUrl('text/plain', Buffer.from('a')),
        FileName: 'a.txt',
        ContextInfo: { MentionAll: true },
      }),
  ],
  [
    'wago-api, a text',
    (to) =>
      all.wagoApi('/client/sendMessage', { chatId: to, text: '@all hi', options: { mentionAll: true } }),
  ],
  [
    'wago-api, an image',
    (to) =>
      all.wagoApi('/client/sendMessage', {
        chatId: to,
        mediaBase64: base64(),
        options: { mentionAll: true },
      }),
  ],
  ['wsgo, a text', (to) => all.wsgo('/api/send/text', { phone: to, message: '@all hi', mention_all: true })],
  [
    'wsgo, an image',
    (to) => all.wsgo('/api/send/image', { phone: to, image_base64: base64(), mention_all: true }),
  ],
  [
    'multisession, a text',
    (to) => all.multisession(`POST /chats/${to}/messages`, { text: '@all hi', mention_all: true }),
  ],
  [
    'multisession, an image',
    (to) => all.multisession(`POST /chats/${to}/images`, { file: upload(), mention_all: 'true' }),
  ],
]

/** The context of a message, whatever it is. */
function contextOf(message: Answer['json']): Answer['json'] {
  const parts: Answer['json'][] = Object.values(message)
  return parts.find((part) => part.contextInfo)?.contextInfo
}

describe.each(everybody)('a mention of everybody in %s', (_what, send) => {
  test('names all members but the sender, and says that it is for all', async () => {
    const message = await all.shown(await send(all.group), all.third)

    expect(contextOf(message)).toEqual({
      mentionedJid: await Promise.all([all.contact, all.third].map((phone) => all.lidOf(phone))),
      nonJidMentions: 1,
    })
  })

  test('is refused outside of groups, and nothing is sent', async () => {
    const before = (await all.app.received(all.contact)).length

    const [status, json] = await send(all.contact)

    expect([status, sentenceOf(json)]).toEqual([
      400,
      expect.stringMatching(/^everybody can be mentioned in groups only$/i),
    ])
    expect(await all.app.received(all.contact)).toHaveLength(before)
  })
})

const third = '15550004004@s.whatsapp.net'
const named: [string, (Mention: string) => Promise<[number, Answer['json']]>][] = [
  [
    'wuzapi, an image',
    (one) =>
      all.wuzapi('/chat/send/image', {
        Phone: all.contact,
        Image: image(),
        Caption: '@Dan',
        ContextInfo: { MentionedJID: [one] },
      }),
  ],
  [
    'wuzapi, a document',
    (one) =>
      all.wuzapi('/chat/send/document', {
        Phone: all.contact,
        Document: dataUrl('text/plain', photo),
        FileName: 'a',
        Caption: '@Dan',
        ContextInfo: { MentionedJID: [one] },
      }),
  ],
  [
    'WaGo, an image',
    (one) =>
      all.wago('/send/image', {
        Phone: all.contact,
        Image: image(),
        Caption: '@Dan',
        ContextInfo: { MentionedJid: [one] },
      }),
  ],
  [
    'wago-api, an image',
    (one) =>
      all.wagoApi('/client/sendMessage', {
        chatId: all.contactJid,
        mediaBase64: base64(),
        caption: '@Dan',
        options: { mentions: [one] },
      }),
  ],
  [
    'wago-api, a document',
    (one) =>
      all.wagoApi('/client/sendMessage', {
        chatId: all.contactJid,
        mediaBase64: base64(),
        type: 'document',
        caption: '@Dan',
        options: { mentions: [one] },
      }),
  ],
  [
    'wsgo, an image',
    (one) =>
      all.wsgo('/api/send/image', {
        phone: all.contact,
        image_base64: base64(),
        caption: '@Dan',
        mentions: [one],
      }),
  ],
  [
    'wsgo, a document',
    (one) =>
      all.wsgo('/api/send/document', {
        phone: all.contact,
        document_base64: base64(),
        filename: 'a.jpg',
        caption: '@Dan',
        mentions: [one],
      }),
  ],
  [
    'multisession, an image',
    (one) =>
      all.multisession(`POST /chats/${all.contact}/images`, {
        file: upload(),
        caption: '@Dan',
        mentions: JSON.stringify([one]),
      }),
  ],
  [
    'multisession, a document',
    (one) =>
      all.multisession(`POST /chats/${all.contact}/documents`, {
        file: { bytes: Buffer.from('%PDF-1.4'), name: 'a.pdf', type: 'application/pdf' },
        caption: '@Dan',
        mentions: JSON.stringify([one]),
      }),
  ],
]

test.each(named)('a caption mentions somebody in %s', async (_what, send) => {
  const message = await all.shown(await send(third))

  expect(contextOf(message)).toEqual({ mentionedJid: [third] })
})

test.each([
  [
    'wsgo',
    () => all.wsgo('/api/send/text', { phone: all.contact, message: 'a', mentions: [all.group] }),
    'mentions must hold international numbers or JIDs of people',
  ],
  [
    'multisession',
    () => all.multisession(`POST /chats/${all.contact}/messages`, { text: 'a', mentions: [all.group] }),
    'mentions must name people',
  ],
  [
    'wago-api',
    () =>
      all.wagoApi('/client/sendMessage', {
        chatId: all.contactJid,
        text: 'a',
        options: { mentions: [all.group] },
      }),
    'mentions holds an id that is not valid',
  ],
])('who is mentioned is a person in %s', async (_what, send, sentence) => {
  const [status, json] = await send()

  expect([status, sentenceOf(json)]).toEqual([400, sentence])
})
