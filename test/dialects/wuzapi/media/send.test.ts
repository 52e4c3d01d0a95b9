import { createHash, randomBytes } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { scratchFolder } from '../../../../src/lib/process/scratch-folder.ts'
import { sampleFile } from '../../../../src/sandbox/world/samples.ts'
import { type LinkedUser, TestApp } from '../../../helpers/app.ts'
import { animation, dataUrl, hasFfmpeg, movie, picture, tone } from '../../../helpers/media.ts'
import { failure } from '../contract/target.ts'

let app: TestApp
let user: LinkedUser
const contact = '447900000301'
const contactJid = `${contact}@s.whatsapp.net`

beforeAll(async () => {
  app = await TestApp.start({ env: { WUZAPI_PROFILE: 'current' } })
  user = await app.linkedUser()
  await app.contact(contact)
})
afterAll(() => app.close())

function post(kind: string, body: unknown, token = user.token) {
  return app.request('POST', `/chat/send/${kind}`, { token, body })
}

/** Sends to the contact; gives what it decrypted and the file it downloaded. */
async function deliver(kind: string, body: object) {
  const answer = await post(kind, { Phone: contact, ...body })
  expect(answer.json).toEqual({
    code: 200,
    data: { Details: 'Sent', Id: expect.any(String), Timestamp: expect.any(Number) },
    success: true,
  })
  return arrived(answer.json.data.Id)
}

async function arrived(id: string) {
  const received = await app.waitFor(`message ${id}`, async () =>
    (await app.received(contact)).find((message) => message.id === id),
  )
  const response = await fetch(`${app.url}/sandbox/contacts/${contact}/messages/${id}/file`, {
    headers: { authorization: app.parley.adminToken },
  })
  return { message: received.message, file: Buffer.from(await response.arrayBuffer()) }
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('base64')

describe('/chat/send/image', () => {
  test('sends the bytes as they are, with a thumbnail and the caption', async () => {
    const image = await picture('png', [400, 200])

    const { message, file } = await deliver('image', { Image: dataUrl('image/jpeg', image), Caption: 'look' })

    expect(file).toEqual(image)
    expect(message.imageMessage).toMatchObject({
      caption: 'look',
      mimetype: 'image/png',
      fileLength: String(image.length),
      fileSha256: sha256(image),
      width: 400,
      height: 200,
    })
    const thumbnail = await sharp(Buffer.from(message.imageMessage.jpegThumbnail, 'base64')).metadata()
    expect(thumbnail).toMatchObject({ format: 'jpeg', width: 72, height: 36 })
  })

  test('announces the type it is told and replies to a message', async () => {
    const { message } = await deliver('image', {
      Image: dataUrl('image/jpeg', await picture('jpeg')),
      MimeType: 'image/x-mine',
      ContextInfo: { StanzaID: 'AA', Participant: contactJid },
      QuotedMessage: { conversation: 'the original' },
    })

    expect(message.imageMessage).toMatchObject({
      mimetype: 'image/x-mine',
      contextInfo: { stanzaId: 'AA', quotedMessage: { conversation: 'the original' } },
    })
  })

  test.each(['gif', 'webp'] as const)('takes a %s', async (format) => {
    const { message } = await deliver('image', { Image: dataUrl('image/any', await picture(format)) })

    expect(message.imageMessage.mimetype).toBe(`image/${format}`)
  })

  test.each([
    ['a broken picture', async () => Buffer.from('nonsense'), 'image: unknown format'],
    ['another format', () => picture('tiff'), 'image: unknown format'],
    ['SVG', async () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'image: unknown format'],
    [
      'a picture of too many pixels',
      () => picture('png', [12_000, 10_000]),
      'Input image exceeds pixel limit',
    ],
  ])('refuses %s', async (_what, make, problem) => {
    const { status, json } = await post('image', {
      Phone: contact,
      Image: dataUrl('image/png', await make()),
    })

    expect([status, json]).toEqual([
      500,
      failure(500, `could not decode image for thumbnail preparation: ${problem}`),
    ])
  })
})

describe('/chat/send/audio', () => {
  test('sends Opus as a voice message with its length', async () => {
    const { bytes } = await sampleFile('audio')

    const { message, file } = await deliver('audio', { Audio: dataUrl('audio/ogg; codecs=opus', bytes) })

    expect(file).toEqual(bytes)
    expect(message.audioMessage).toMatchObject({
      mimetype: 'audio/ogg; codecs=opus',
      ptt: true,
      seconds: 1,
    })
  })

  test('takes type, length and waveform from the caller', async () => {
    const waveform = randomBytes(64).map((byte) => byte % 101)

    const { message } = await deliver('audio', {
      Audio: dataUrl('audio/mpeg', Buffer.from('ID3 or so')),
      ptt: false,
      mimetype: 'audio/x-mine',
      Seconds: 7,
      Waveform: Buffer.from(waveform).toString('base64'),
    })

    expect(message.audioMessage).toMatchObject({ mimetype: 'audio/x-mine', seconds: 7 })
    expect(message.audioMessage.ptt).not.toBe(true)
  })

  test('sends what nobody can read as it is', async () => {
    const { message, file } = await deliver('audio', { Audio: 'data:audio/ogg;base64,AAAA' })

    expect(file).toEqual(Buffer.alloc(3))
    expect(message.audioMessage).toMatchObject({ mimetype: 'audio/ogg', ptt: true })
  })

  test.skipIf(!hasFfmpeg)('turns any audio into Opus, with length and waveform', async () => {
    const { message, file } = await deliver('audio', { Audio: dataUrl('audio/mpeg', tone('mp3')) })

    expect(file.toString('latin1', 0, 4)).toBe('OggS')
    expect(file.includes('OpusHead')).toBe(true)
    expect(message.audioMessage).toMatchObject({ mimetype: 'audio/ogg; codecs=opus', ptt: true, seconds: 1 })
    const waveform = Buffer.from(message.audioMessage.waveform, 'base64')
    expect(waveform).toHaveLength(64)
    expect(Math.max(...waveform)).toBe(100)
  })

  test('leaves an audio file in its format', async () => {
    const { message, file } = await deliver('audio', {
      Audio: dataUrl('audio/mpeg', Buffer.from('ID3 and more')),
      ptt: false,
    })

    expect(file.toString()).toBe('ID3 and more')
    expect(message.audioMessage.mimetype).toBe('audio/mpeg')
  })
})

describe('/chat/send/document', () => {
  test('sends a file under its name, captioned', async () => {
    const { bytes } = await sampleFile('document')

    const { message, file } = await deliver('document', {
      Document: dataUrl('application/octet-stream', bytes),
      FileName: 'paper.pdf',
      Caption: 'read this',
    })

    expect(file).toEqual(bytes)
    expect(message.documentMessage).toMatchObject({
      fileName: 'paper.pdf',
      caption: 'read this',
      mimetype: 'application/pdf',
    })
  })

  test.each([
    [
      { FileName: 'a.xlsx', Document: 'data:application/octet-stream;base64,AAAA' },
      'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    ],
    [{ FileName: 'a', Document: 'data:;base64,AAAA', MimeType: ' text/csv; charset=utf-8 ' }, 'text/csv'],
    [{ FileName: 'a', Document: 'data:text/x-y,AAAA', MimeType: 'not-a-media-type' }, 'text/x-y'],
    [
      { FileName: 'a.zzzz', Document: dataUrl('application/octet-stream', Buffer.from('%PDF-1.7')) },
      'application/pdf',
    ],
    [
      { FileName: 'a.zzzz', Document: 'data:application/octet-stream;base64,AAAA' },
      'application/octet-stream',
    ],
    [{ FileName: 'a.pdf', Document: 'data:;base64,AAAA' }, 'text/plain'],
  ])('finds the type of %j', async (body, mimetype) => {
    const { message } = await deliver('document', body)

    expect(message.documentMessage.mimetype).toBe(mimetype)
  })

  test('takes percent-encoded data and escaped base64', async () => {
    const percent = await deliver('document', { FileName: 'a', Document: 'data:,caf%C3%A9%20ok' })
    const answer = await app.request('POST', '/chat/send/document', {
      token: user.token,
      body: `{"Phone":"${contact}","FileName":"a","Document":"data:a\\/b;base64,\\/\\/8=\\n"}`,
    })
    const base64 = await arrived(answer.json.data.Id)

    expect(percent.file.toString()).toBe('café ok')
    expect(base64.file).toEqual(Buffer.from([0xff, 0xff]))
  })

  test('takes a long document and leaves nothing on disk', async () => {
    const bytes = randomBytes(5 * 1024 * 1024)

    const { file } = await deliver('document', { FileName: 'a.bin', Document: dataUrl('a/b', bytes) })

    expect(sha256(file)).toBe(sha256(bytes))
    await expect.poll(() => leftovers()).toEqual([])
  })

  test('takes a form file', async () => {
    const form = new FormData()
    form.set('Phone', contact)
    form.set('FileName', 'notes.txt')
    form.set('contextinfo', JSON.stringify({ StanzaID: 'AA', Participant: contactJid }))
    form.set('Document', new File(['from a form'], 'other.bin', { type: 'application/octet-stream' }))

    const response = await fetch(`${app.url}/chat/send/document`, {
      method: 'POST',
      headers: { token: user.token },
      body: form,
    })

    const { data } = JSON.parse(await response.text())
    const { message, file } = await arrived(data.Id)
    expect(file.toString()).toBe('from a form')
    expect(message.documentMessage).toMatchObject({
      fileName: 'notes.txt',
      mimetype: 'text/plain',
      contextInfo: { stanzaId: 'AA' },
    })
  })
})

describe('/chat/send/video', () => {
  test('sends a video with the preview it is given', async () => {
    const { bytes } = await sampleFile('video')
    const JpegThumbnail = (await picture('jpeg', [72, 40])).toString('base64')

    const { message, file } = await deliver('video', {
      Video: dataUrl('video/mp4', bytes),
      Caption: 'watch',
      JpegThumbnail,
    })

    expect(file).toEqual(bytes)
    expect(message.videoMessage).toMatchObject({
      caption: 'watch',
      mimetype: 'video/mp4',
      jpegThumbnail: JpegThumbnail,
    })
  })

  test.skipIf(!hasFfmpeg)('makes a preview of the first picture', async () => {
    const { message } = await deliver('video', { Video: dataUrl('video/mp4', movie('mp4')) })

    const thumbnail = await sharp(Buffer.from(message.videoMessage.jpegThumbnail, 'base64')).metadata()
    expect(thumbnail).toMatchObject({ format: 'jpeg', width: 72, height: 54 })
  })
})

describe('/chat/send/sticker', () => {
  test('sends WebP as it is', async () => {
    const { bytes } = await sampleFile('sticker')

    const { message, file } = await deliver('sticker', { Sticker: dataUrl('image/webp', bytes) })

    expect(file).toEqual(bytes)
    expect(message.stickerMessage).toMatchObject({ mimetype: 'image/webp', fileSha256: sha256(bytes) })
  })

  test('makes WebP of 512 pixels of an image and describes its pack', async () => {
    const { message, file } = await deliver('sticker', {
      Sticker: dataUrl('image/png', await picture('png')),
      PackId: 'pack-1',
      PackName: 'Mine',
      PackPublisher: 'Me',
      Emojis: ['😀'],
    })

    expect(message.stickerMessage.mimetype).toBe('image/webp')
    const { format, width, height, exif } = await sharp(file).metadata()
    expect({ format, width, height }).toEqual({ format: 'webp', width: 512, height: 512 })
    const json = exif?.subarray(exif.indexOf('{')).toString('utf8') ?? ''
    expect(JSON.parse(json)).toEqual({
      'sticker-pack-id': 'pack-1',
      'sticker-pack-name': 'Mine',
      'sticker-pack-publisher': 'Me',
      emojis: ['😀'],
    })
  })

  test('makes an animation of at most ten seconds of a GIF', async () => {
    const { message, file } = await deliver('sticker', {
      Sticker: dataUrl('image/gif', await animation(120)),
    })

    expect(message.stickerMessage).toMatchObject({ mimetype: 'image/webp', isAnimated: true })
    const { pages, width, height } = await sharp(file).metadata()
    expect({ pages, width, height }).toEqual({ pages: 100, width: 512, height: 512 })
    expect(file.length).toBeLessThan(1024 * 1024)
  })

  test.skipIf(!hasFfmpeg)('makes an animation of a video', async () => {
    const { message, file } = await deliver('sticker', { Sticker: dataUrl('video/mp4', movie('mp4')) })

    expect(message.stickerMessage).toMatchObject({ mimetype: 'image/webp', isAnimated: true })
    expect(await sharp(file).metadata()).toMatchObject({ format: 'webp', width: 512, loop: 0 })
  })

  test.each([
    ['image/png', 'image', 'data:,broken'],
    ['image/png', 'image', 'data:,<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'],
    ['image/gif', 'video/gif', 'data:,broken'],
    ['video/mp4', 'video/gif', 'data:,broken'],
  ])('says that %s could not be converted', async (MimeType, what, Sticker) => {
    const { status, json } = await post('sticker', { Phone: contact, Sticker, MimeType })

    expect(status).toBe(500)
    expect(json.error).toMatch(new RegExp(`^failed to convert ${what} sticker to webp: .+`))
  })
})

describe('what is refused, in this order', () => {
  const missing = (name: string) => `missing ${name} in Payload`
  const base64 = 'could not decode base64 encoded data from payload'
  const mimeData = 'data should start with "data:mime/type;base64,"'
  const context = { ContextInfo: { StanzaID: 'A' } }

  test.each([
    ['image', { Image: 7 }, 'could not decode Payload'],
    ['image', {}, missing('Phone')],
    ['image', { Phone: 'x@' }, missing('Image')],
    ['image', { Phone: 'a.b.c@s.whatsapp.net', Image: 'x' }, 'could not parse Phone'],
    ['image', { Phone: '1', Image: 'x', ...context }, 'missing Participant in ContextInfo'],
    ['image', { Phone: '1', Image: 'x' }, 'Image data should start with "data:image/png;base64,"'],
    ['image', { Phone: '1', Image: 'data:image/png;base64' }, base64],
    ['image', { Phone: '1', Image: 'data:image/png;base64,AA' }, base64],
    ['image', { Phone: '1', Image: 'data:image/png;base64,AA==AA==' }, base64],
    ['image', { Phone: '1', Image: 'data:image/png;base64,AA\r\nAA' }, base64],
    ['image', { Phone: '1', Image: 'data:image/png;base64,_-_-' }, base64],
    ['audio', { Phone: '1' }, missing('Audio')],
    [
      'audio',
      { Phone: '1', Audio: 'data:video/mp4,x' },
      'audio must be base64 (data:audio/) or valid HTTP URL',
    ],
    ['audio', { Phone: '1', Audio: 'data:audio/ogg;base64,!' }, 'could not decode base64 encoded data'],
    ['audio', { Phone: '1', Audio: 'data:audio/ogg,x', Seconds: -1 }, 'could not decode Payload'],
    ['document', { FileName: 'a' }, missing('Phone')],
    ['document', { Phone: '1', FileName: 'a' }, missing('Document')],
    ['document', { Phone: 'x@', Document: 'x' }, missing('FileName')],
    [
      'document',
      { Phone: '1', Document: 'x', FileName: 'a' },
      'document data should start with "data:" or be a valid HTTP URL',
    ],
    ['document', { Phone: '1', Document: 'data:,%zz', FileName: 'a' }, base64],
    ['video', { Phone: '1' }, missing('Video')],
    ['video', { Phone: '1', Video: 'x' }, mimeData],
    ['video', { Phone: '1', Video: 'data' }, base64],
    ['sticker', { Phone: '1' }, missing('Sticker')],
    ['sticker', { Phone: '1', Sticker: 'x' }, mimeData],
    ['sticker', { Phone: '1', Sticker: 'data;base64,AAAA' }, base64],
  ])('%s %j', async (kind, body, sentence) => {
    const { status, json } = await post(kind, body)

    expect([status, json]).toEqual([400, failure(400, sentence)])
  })

  test('a user without a session learns that first', async () => {
    const { token } = await app.createUser()

    const { status, json } = await post('image', 'nonsense', token)

    expect([status, json]).toEqual([500, failure(500, 'no session')])
  })
})

test('an upload that WhatsApp refuses is told as such', async () => {
  // Where to upload is asked once per session.
  const { token } = await app.linkedUser()
  await app.sandbox('POST', '/faults', { kind: 'refuse-query', xmlns: 'w:m', code: 500, text: 'no' })

  const document = await post('document', { Phone: contact, Document: 'data:,x', FileName: 'a' }, token)
  const Sticker = dataUrl('image/webp', (await sampleFile('sticker')).bytes)
  const sticker = await post('sticker', { Phone: contact, Sticker }, token)
  await app.sandbox('DELETE', '/faults')

  expect(document.status).toBe(500)
  expect(document.json.error).toMatch(/^failed to upload file: ./)
  expect(sticker.json.error).toMatch(/^Failed to upload file: ./)
})

/** What the server, which runs in this process, has not deleted of its bodies and files. */
async function leftovers(): Promise<string[]> {
  const names = await readdir(await scratchFolder())
  return names.filter((name) => /^(body|media)-/.test(name))
}
