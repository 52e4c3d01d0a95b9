import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { picture } from '../../helpers/media.ts'
import { failure, Multisession, sentAs, success } from './messaging.ts'

const NOT_VALID = failure(500, 'WhatsApp Client is not Valid')
const NOT_REGISTERED = 'WhatsApp Personal ID is Not Registered'
const NO_NUMBER = 'Phone number must be digits only and at least 6 characters'
const NO_GROUP = 'failed to get group members: that group does not exist'
const UNREADABLE = failure(400, 'Failed parse body request')

let server: Multisession
let group: string
beforeAll(async () => {
  // By default the limit of bodies would cut in before those of files.
  server = await Multisession.start({ env: { HTTP_BODY_LIMIT_SIZE: '32M' } })
  group = await server.newGroup()
})
afterAll(() => server.close())

const id = expect.stringMatching(/^3EB0/)
const text = (chat: string, body: object = { text: 'hi' }) =>
  server.call(`POST /chats/${chat}/messages`, body)
const jpeg = async () => ({ bytes: await picture('jpeg', [64, 64]), name: 'photo.jpg', type: 'image/jpeg' })
const textFile = { bytes: Buffer.from('just text'), name: 'x.txt', type: 'text/plain' }

describe('POST /chats/{chat_jid}/messages', () => {
  test.each([
    ['a bare number', '15550003003'],
    ['a number with a plus', '+15550003003'],
    ['a JID', '15550003003@s.whatsapp.net'],
    ['a percent-encoded JID', '15550003003%40s.whatsapp.net'],
    ['the older name of a person', '15550003003@c.us'],
  ])('sends to %s', async (_what, chat) => {
    const [status, answer] = await text(chat, { text: `to ${chat}` })

    expect([status, answer]).toEqual(sentAs('Success send message', id))
    const { message } = await server.arrived(answer.data.message_id)
    expect(message.extendedTextMessage.text).toBe(`to ${chat}`)
  })

  test('sends to a LID that somebody has, and to no other', async () => {
    const contacts: { phone: string; lid: string }[] = await server.app.sandbox('GET', '/contacts')
    const lid = contacts.find(({ phone }) => phone === server.contact)?.lid ?? ''

    const [, answer] = await text(lid, { text: 'by LID' })

    expect((await server.arrived(answer.data.message_id)).text).toBe('by LID')
    expect(await text('999999999999999@lid')).toEqual(failure(500, NOT_REGISTERED))
  })

  test('sends to a group', async () => {
    const [, answer] = await text(group, { text: 'all of you' })

    expect((await server.arrived(answer.data.message_id)).chat).toBe(group)
  })

  test.each([
    ['an unregistered number', '15559999999', 500, NOT_REGISTERED],
    ['a leading zero', '015550003003', 400, 'Phone number must be in international format without leading 0'],
    ['letters', 'carol', 400, NO_NUMBER],
    ['a short number', '12345', 400, NO_NUMBER],
    ['a blank', '%20', 400, NO_NUMBER],
    ['the bare id of a group', '120363999999999999', 400, NO_NUMBER],
    ['an unknown group', '120363999999999999@g.us', 404, NO_GROUP],
    ['a text with a hyphen', 'not-a-jid', 404, NO_GROUP],
    ['a JID with a device', '15550003003:1@s.whatsapp.net', 500, NOT_REGISTERED],
    ['a channel', '120363400000000001@newsletter', 500, NOT_REGISTERED],
    ['the statuses', 'status@broadcast', 500, NOT_REGISTERED],
  ])('refuses %s', async (_what, chat, status, sentence) => {
    expect(await text(chat)).toEqual(failure(status, sentence))
  })

  test.each([
    ['a blank text', { text: '  ' }, failure(400, 'text is required')],
    ['no text', {}, failure(400, 'text is required')],
    ['a number as text', { text: 5 }, UNREADABLE],
    ['a text as boolean', { text: 'x', typing_simulation: 'true' }, UNREADABLE],
    ['malformed JSON', '{"a":', UNREADABLE],
    ['no body', undefined, UNREADABLE],
  ])('refuses %s before it looks at the chat', async (_what, body, refusal) => {
    expect(await server.call('POST /chats/carol/messages', body)).toEqual(refusal)
  })

  test('reads forms and keys in any letter case', async () => {
    const form = { headers: { 'Content-Type': 'application/x-www-form-urlencoded' } }

    expect((await server.call('POST /chats/15550003003/messages', 'text=from+a+form', form))[0]).toBe(200)
    expect((await text('15550003003', { TEXT: 'upper' }))[0]).toBe(200)
  })

  test('shows that it is typed when the request says so', async () => {
    const [status] = await text('15550003003', { text: 'slow', typing_simulation: true })

    expect(status).toBe(200)
    await server.observed(({ tag, children }) => tag === 'chatstate' && children.includes('composing'))
    await server.observed(({ tag, children }) => tag === 'chatstate' && children.includes('paused'))
  })

  test('is for linked devices with a token of their own', async () => {
    const body = { text: 'x' }
    const as = (jwt: string) => server.call('POST /chats/15550003003/messages', body, { jwt })

    expect(await as('')).toEqual(failure(401, 'Missing Authorization header'))
    expect(await as(server.apiKey)).toEqual(failure(401, 'Invalid or expired token'))
    expect(await as(await server.unlinked())).toEqual(NOT_VALID)
  })

  test("sends as the token's device and as no other", async () => {
    const other = await server.another()

    const [, answer] = await server.call(
      'POST /chats/15550003003/messages',
      { text: 'me' },
      { jwt: other.jwt },
    )

    expect((await server.arrived(answer.data.message_id)).from).toContain(other.user.phone)
  })
})

describe('other messages', () => {
  test('a place, also with a coordinate left out', async () => {
    const place = { latitude: -6.2, longitude: 106.8, name: 'Office', address: 'Main Street 1' }

    expect((await server.arrives('locations', place)).locationMessage).toMatchObject({
      degreesLatitude: -6.2,
      degreesLongitude: 106.8,
      name: 'Office',
      address: 'Main Street 1',
    })
    expect((await server.arrives('locations', { longitude: 5 })).locationMessage.degreesLongitude).toBe(5)
  })

  test.each([
    [{ latitude: 0, longitude: 0 }, 'latitude and longitude are required'],
    [{ latitude: 91, longitude: 5 }, 'Latitude must be between -90 and 90'],
    [{ latitude: 5, longitude: -181 }, 'Longitude must be between -180 and 180'],
    [{ latitude: '5', longitude: '6' }, 'Failed parse body request'],
  ])('no place %j', async (place, sentence) => {
    expect(await server.call('POST /chats/15550003003/locations', place)).toEqual(failure(400, sentence))
  })

  test('a card that phones offer to write to', async () => {
    const { contactMessage } = await server.arrives('contacts', { name: 'John', phone: '15550004004' })

    expect(contactMessage.displayName).toBe('John')
    expect(contactMessage.vcard).toContain('TEL;type=CELL;type=VOICE;waid=15550004004:+15550004004')
    expect(await server.call('POST /chats/15550003003/contacts', { name: ' ', phone: '1' })).toEqual(
      failure(400, 'name is required'),
    )
  })

  test('a link with a card, also when the text does not have it', async () => {
    const link = { text: 'See https://example.com', url: 'https://example.com', title: 'Example' }
    const thumbnail = (await picture('jpeg', [64, 64])).toString('base64')

    const message = await server.arrives('link-preview', { ...link, description: 'A site', thumbnail })
    const { extendedTextMessage } = await server.arrives('link-preview', { text: 't', url: 'nothing' })

    expect(message.extendedTextMessage).toMatchObject({
      text: link.text,
      matchedText: link.url,
      title: 'Example',
      description: 'A site',
      jpegThumbnail: expect.any(String),
    })
    expect(extendedTextMessage).toMatchObject({ text: 't', matchedText: 'nothing' })
  })
})

describe('files', () => {
  test.each([
    ['jpeg', 'image/jpeg'],
    ['png', 'image/png'],
    ['webp', 'image/webp'],
  ] as const)('an image keeps its type: %s', async (format, type) => {
    const file = { bytes: await picture(format, [64, 64]), name: 'x.jpg', type: 'image/jpeg' }

    const message = await server.arrives('images', { file, caption: 'A picture' })

    expect(message.imageMessage).toMatchObject({ mimetype: type, caption: 'A picture' })
  })

  test('an image that can be viewed once', async () => {
    const message = await server.arrives('images', { file: await jpeg(), view_once: 'true' })

    expect(message.viewOnceMessage.message.imageMessage.viewOnce).toBe(true)
  })

  test('a voice note is Ogg Opus, and an audio is none', async () => {
    const file = { bytes: Buffer.concat([Buffer.from('OggS\0'), Buffer.alloc(99)]), name: 'v.ogg', type: '' }

    const voice = await server.arrives('audio', { file, voice_note: 'true' })
    const audio = await server.arrives('audio', { file: { ...file, type: 'audio/ogg' } })

    expect(voice.audioMessage).toMatchObject({ ptt: true, mimetype: expect.stringMatching(/^audio\/ogg/) })
    expect(audio.audioMessage).toMatchObject({ mimetype: 'audio/ogg' })
    expect(audio.audioMessage.ptt ?? false).toBe(false)
  })

  test('a video of a kind that only its client knows', async () => {
    const file = { bytes: Buffer.from('00000014667479707174202000000000', 'hex'), name: 'v.mov', type: '' }
    const sent = async (type: string) =>
      (await server.arrives('videos', { file: { ...file, type } })).videoMessage

    expect(await sent('video/quicktime')).toMatchObject({ mimetype: 'video/quicktime' })
    expect(await sent('text/plain')).toMatchObject({ mimetype: 'video/mp4' })
  })

  test('a sticker is WebP whatever it was', async () => {
    const file = { bytes: await picture('png', [64, 64]), name: 's.png', type: 'image/png' }

    expect((await server.arrives('stickers', { file })).stickerMessage.mimetype).toBe('image/webp')
  })

  test('a document has the name of its file unless it is given one, and may be plain text', async () => {
    const pdf = { bytes: Buffer.from('%PDF-1.4'), name: 'upload.pdf', type: 'application/pdf' }

    const named = await server.arrives('documents', { file: pdf, filename: 'paper.pdf', caption: 'Read' })
    const plain = await server.arrives('documents', { file: textFile })

    const sent = named.documentMessage ?? named.documentWithCaptionMessage.message.documentMessage
    expect(sent).toMatchObject({ fileName: 'paper.pdf', mimetype: 'application/pdf', caption: 'Read' })
    expect(plain.documentMessage).toMatchObject({ fileName: 'x.txt', mimetype: 'text/plain' })
  })

  test.each([
    ['images', 'file is required'],
    ['videos', 'file is required'],
    ['audio', 'file is required'],
    ['documents', 'file is required'],
    ['stickers', 'file is required (must be WebP format)'],
  ])('%s must come in a form', async (kind, sentence) => {
    const route = `POST /chats/15550003003/${kind}`

    expect(await server.call(route)).toEqual(failure(400, sentence))
    expect(await server.call(route, { file: 'x' })).toEqual(failure(400, sentence))
    expect(await server.call(route, { file: { path: '/etc/passwd', fileName: 'x' } })).toEqual(
      failure(400, sentence),
    )
    expect(await server.upload(route, { file: 'aGVsbG8=' })).toEqual(failure(400, sentence))
    expect(await server.upload(route, { image: textFile })).toEqual(failure(400, sentence))
  })

  test.each([
    ['images', 'Error While Decoding Thumbnail Image Stream'],
    ['videos', 'Video MIME type text/plain; charset=utf-8 is not allowed'],
    ['audio', 'Audio MIME type text/plain; charset=utf-8 is not allowed'],
    [
      'stickers',
      'Sticker MIME type text/plain; charset=utf-8 is not allowed. Stickers must be in WebP format',
    ],
  ])('%s must not be something else', async (kind, sentence) => {
    const route = `POST /chats/15550003003/${kind}`

    expect(await server.upload(route, { file: textFile })).toEqual(failure(400, sentence))
  })

  test('documents must not be pictures, and no file is empty or too large', async () => {
    const empty = { bytes: Buffer.alloc(0), name: 'x', type: '' }
    const huge = { bytes: Buffer.alloc(20 * 1024 * 1024 + 1), name: 'x', type: '' }

    expect(await server.upload('POST /chats/15550003003/documents', { file: await jpeg() })).toEqual(
      failure(400, 'Document MIME type image/jpeg is not allowed'),
    )
    expect(await server.upload('POST /chats/15550003003/videos', { file: empty })).toEqual(
      failure(400, 'Video payload cannot be empty'),
    )
    expect(await server.upload('POST /chats/15550003003/images', { file: huge })).toEqual(
      failure(400, 'image exceeds maximum allowed size (20971521 > 20971520)'),
    )
  })

  test('an unregistered number gets none', async () => {
    expect(await server.upload('POST /chats/15559999999/images', { file: await jpeg() })).toEqual(
      failure(500, NOT_REGISTERED),
    )
    expect(
      await server.upload('POST /chats/15550003003/images', { file: await jpeg() }, await server.unlinked()),
    ).toEqual(NOT_VALID)
  })
})

describe('GET /chats/{chat_jid}/messages', () => {
  test('lists what was said, newest first, and pages through it', async () => {
    const dan = await server.app.contact('15550006006')
    const say = async (said: string) => (await text(dan, { text: said }))[1].data.message_id
    const [first, second, third] = [await say('one'), await say('two'), await say('three')]
    const list = async (query: string) => (await server.call(`GET /chats/${dan}/messages${query}`))[1].data

    expect(await list('')).toEqual({
      after: '',
      before: '',
      chat_jid: `${dan}@s.whatsapp.net`,
      limit: 50,
      messages: [third, second, first].map((message_id, index) => ({
        message_id,
        from: server.ownJid,
        type: 'text',
        text: ['three', 'two', 'one'][index],
        timestamp: expect.any(Number),
        is_from_me: true,
      })),
    })
    expect((await list(`?limit=1&before=${third}`)).messages).toMatchObject([{ message_id: second }])
    expect((await list(`?after=${second}`)).messages).toMatchObject([{ message_id: third }])
    expect((await list('?before=nothing&limit=x')).messages).toEqual([])
    expect((await list('?before=4000000000')).messages).toHaveLength(3)
  })

  test('has nothing for what is no chat, and for a device that is not linked', async () => {
    const nothing = { after: '', before: '', chat_jid: '', limit: 50, messages: [] }
    const jwt = await server.unlinked()

    expect(await server.call('GET /chats/carol/messages')).toEqual(
      success('Success get chat messages', nothing),
    )
    expect(await server.call('GET /chats/15550003003/messages', undefined, { jwt })).toEqual(
      success('Success get chat messages', nothing),
    )
  })
})

describe('changes of a chat', () => {
  const chat = '15550003003@s.whatsapp.net'
  const changes: [string, string, object, string[], object][] = [
    ['POST', '/archive', { archive: true }, ['archive', chat], { archiveChatAction: { archived: true } }],
    ['POST', '/pin', { pin: true }, ['pin_v1', chat], { pinAction: { pinned: true } }],
    ['POST', '/pin', {}, ['pin_v1', chat], { pinAction: { pinned: false } }],
    ['POST', '/mute', { muted: true, duration: 60 }, ['mute', chat], { muteAction: { muted: true } }],
    ['POST', '/mute', { muted: false }, ['mute', chat], { muteAction: { muted: false } }],
    [
      'POST',
      '/mark-read',
      { read: false },
      ['markChatAsRead', chat],
      { markChatAsReadAction: { read: false } },
    ],
    ['DELETE', '', { delete_media: true }, ['deleteChat', chat, '1'], { deleteChatAction: {} }],
  ]

  test.each(changes)('%s …%s %j reaches the phone', async (method, path, body, index, value) => {
    const [status] = await server.call(`${method} /chats/15550003003${path}`, body)

    expect(status).toBe(200)
    expect(await server.setting(...index)).toMatchObject(value)
  })

  test.each([
    ['carol', 400, NO_NUMBER],
    ['15559999999', 404, NOT_REGISTERED],
    ['120363999999999999@g.us', 404, 'that group does not exist'],
  ])('nothing is written for %s', async (unknown, status, sentence) => {
    expect(await server.call(`POST /chats/${unknown}/archive`, { archive: true })).toEqual(
      failure(status, sentence),
    )
    expect(await server.call(`DELETE /chats/${unknown}`, {})).toEqual(failure(status, sentence))
  })

  test('a body is needed, of the right types', async () => {
    expect(await server.call('DELETE /chats/15550003003')).toEqual(UNREADABLE)
    expect(await server.call('POST /chats/15550003003/pin', { pin: 'yes' })).toEqual(UNREADABLE)
    expect(await server.call('POST /chats/15550003003/mute', { muted: true, duration: -1 })).toEqual(
      failure(400, 'duration must be >= 0'),
    )
    expect(
      await server.call('POST /chats/15550003003/pin', { pin: true }, { jwt: await server.unlinked() }),
    ).toEqual(NOT_VALID)
  })
})

test('a limit of messages makes the next one wait', async () => {
  const limited = await Multisession.start({
    env: {
      WHATSAPP_RATE_LIMIT_ENABLED: 'true',
      WHATSAPP_RATE_LIMIT_MSG_PER_MINUTE: '60',
      WHATSAPP_RATE_LIMIT_BURST_SIZE: '1',
    },
  })
  try {
    const before = Date.now()
    await limited.call('POST /chats/15550003003/messages', { text: 'one' })
    await limited.call('POST /chats/15550003003/messages', { text: 'two' })

    expect(Date.now() - before).toBeGreaterThanOrEqual(950)
  } finally {
    await limited.close()
  }
})
