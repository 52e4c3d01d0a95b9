import { createServer, type Server } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sampleFile } from '../../../src/sandbox/world/samples.ts'
import { dataUrl, hasFfmpeg, picture, tone } from '../../helpers/media.ts'
import { failure, refused, Wago } from './wago.ts'

let wago: Wago
let files: Server
let address: string
beforeAll(async () => {
  wago = await Wago.start({ env: { MEDIA_ALLOWED_NETWORKS: 'any' } })
  const { bytes } = await sampleFile('image')
  files = createServer((request, response) => {
    response.setHeader('content-type', 'image/jpeg')
    response.statusCode = request.url === '/a.jpg' ? 200 : 404
    response.end(bytes)
  })
  await new Promise<void>((resolve) => files.listen(0, '127.0.0.1', resolve))
  const bound = files.address()
  address = `http://127.0.0.1:${typeof bound === 'object' ? bound?.port : ''}`
})
afterAll(async () => {
  await wago.close()
  files.close()
})

async function sample(kind: Parameters<typeof sampleFile>[0]): Promise<string> {
  const { bytes, mimetype } = await sampleFile(kind)
  return dataUrl(mimetype.replace(/;.*/, ''), bytes)
}

/** The bytes that the contact downloaded and decrypted. */
async function fileOf({ id }: { id: string }): Promise<Buffer> {
  const response = await fetch(`${wago.app.url}/sandbox/contacts/${wago.contact}/messages/${id}/file`, {
    headers: { authorization: 'test-admin-token' },
  })
  return Buffer.from(await response.arrayBuffer())
}

function bytesOf(url: string): Buffer {
  return Buffer.from(url.replace(/^.*base64,/, ''), 'base64')
}

describe('/send/image', () => {
  test('shows the picture with its caption', async () => {
    const Image = await sample('image')

    const message = await wago.arrives('/send/image', {
      Image,
      Caption: 'Image Description',
      Id: 'IMAGE1234',
    })

    expect(message.id).toBe('IMAGE1234')
    expect(message.message.imageMessage).toMatchObject({
      caption: 'Image Description',
      mimetype: 'image/jpeg',
      width: 64,
      height: 64,
      jpegThumbnail: expect.stringMatching(/^\/9j\//),
    })
    expect(await fileOf(message)).toEqual(bytesOf(Image))
  })

  test('fetches the picture from an address', async () => {
    const message = await wago.arrives('/send/image', { Image: `${address}/a.jpg` })

    expect(await fileOf(message)).toEqual((await sampleFile('image')).bytes)
  })

  test('quotes', async () => {
    const asked = await wago.hears({ text: 'Show me' })

    const { message } = await wago.arrives('/send/image', {
      Image: await sample('image'),
      ContextInfo: { StanzaId: asked, Participant: wago.contactJid },
    })

    expect(message.imageMessage.contextInfo).toMatchObject({ stanzaId: asked })
  })

  test.each([
    [{ Image: 'data:image/jpeg;base64,iVBORw0' }, 'could not decode base64 encoded data from payload'],
    [{ Image: 'no picture at all' }, 'could not decode base64 encoded data from payload'],
    [{ Image: ['data:image/jpeg;base64,AAAA'] }, 'could not decode payload'],
  ])('refuses %j', async (field, sentence) => {
    expect(await wago.call('/send/image', { Phone: wago.contact, ...field })).toEqual(refused(sentence))
  })

  test('says that an address has no picture', async () => {
    const [status, json] = await wago.call('/send/image', { Phone: wago.contact, Image: `${address}/b.jpg` })

    expect([status, json]).toEqual([
      status,
      failure(status, expect.stringMatching(/^failed to fetch the file: /)),
    ])
    expect(status).toBeGreaterThanOrEqual(400)
  })
})

describe('/send/audio', () => {
  test('sends a file with its length', async () => {
    const Audio = await sample('audio')

    const message = await wago.arrives('/send/audio', { Audio, Duration: 10 })

    expect(message.message.audioMessage).toMatchObject({ seconds: 10 })
    expect(message.message.audioMessage.ptt ?? false).toBe(false)
    expect(await fileOf(message)).toEqual(bytesOf(Audio))
  })

  test('measures the length of a file that comes without', async () => {
    const { message } = await wago.arrives('/send/audio', { Audio: await sample('audio') })

    expect(message.audioMessage.seconds).toBe(1)
  })

  test('sends a voice message', async () => {
    const { message } = await wago.arrives('/send/audio', {
      Audio: await sample('audio'),
      Ptt: true,
      Duration: 3,
    })

    expect(message.audioMessage).toMatchObject({ ptt: true, seconds: 3, mimetype: 'audio/ogg; codecs=opus' })
  })

  test.runIf(hasFfmpeg)('converts other sounds for a voice message', async () => {
    const { message } = await wago.arrives('/send/audio', {
      Audio: dataUrl('audio/mpeg', tone('mp3')),
      Ptt: true,
    })

    expect(message.audioMessage).toMatchObject({ ptt: true, mimetype: 'audio/ogg; codecs=opus' })
  })

  test.each([-1, 1.5, '3'])('cannot decode the length %j', async (Duration) => {
    const body = { Phone: wago.contact, Audio: await sample('audio'), Duration }

    expect(await wago.call('/send/audio', body)).toEqual(refused('could not decode payload'))
  })
})

describe('/send/document', () => {
  test('sends a file with its name, type and caption', async () => {
    const Document = dataUrl('application/octet-stream', Buffer.from('hola que tal'))

    const message = await wago.arrives('/send/document', {
      Document,
      FileName: 'file.txt',
      Caption: 'my file',
      Mimetype: 'text/plain',
    })

    const { documentMessage } = message.message.documentWithCaptionMessage?.message ?? message.message
    expect(documentMessage).toMatchObject({
      fileName: 'file.txt',
      caption: 'my file',
      mimetype: 'text/plain',
    })
    expect(await fileOf(message)).toEqual(Buffer.from('hola que tal'))
  })

  test('finds the type by the name where none is given', async () => {
    const { message } = await wago.arrives('/send/document', {
      Document: dataUrl('application/octet-stream', Buffer.from('%PDF-1.4')),
      FileName: 'bill.pdf',
    })

    expect(message.documentMessage).toMatchObject({ fileName: 'bill.pdf', mimetype: 'application/pdf' })
  })
})

describe('/send/video', () => {
  test('sends a film with its caption and preview', async () => {
    const Video = await sample('video')
    const thumbnail = await picture('jpeg', [32, 32])

    const message = await wago.arrives('/send/video', {
      Video,
      Caption: 'my video',
      JpegThumbnail: thumbnail.toString('base64'),
    })

    expect(message.message.videoMessage).toMatchObject({
      caption: 'my video',
      mimetype: 'video/mp4',
      jpegThumbnail: thumbnail.toString('base64'),
    })
    expect(await fileOf(message)).toEqual(bytesOf(Video))
  })

  test('cannot decode a preview that is no base64', async () => {
    const body = { Phone: wago.contact, Video: await sample('video'), JpegThumbnail: '?' }

    expect(await wago.call('/send/video', body)).toEqual(refused('could not decode payload'))
  })
})

describe('/send/sticker', () => {
  test('sends a sticker as it is', async () => {
    const Sticker = await sample('sticker')

    const message = await wago.arrives('/send/sticker', { Sticker })

    expect(message.message.stickerMessage).toMatchObject({ mimetype: 'image/webp' })
  })

  test('makes one of a picture', async () => {
    const message = await wago.arrives('/send/sticker', {
      Sticker: dataUrl('image/png', await picture('png')),
    })

    expect(message.message.stickerMessage).toMatchObject({ mimetype: 'image/webp' })
    expect((await fileOf(message)).subarray(8, 12).toString()).toBe('WEBP')
  })
})

test('a file is taken as a part of a form', async () => {
  const form = new FormData()
  form.set('Phone', wago.contact)
  form.set('Caption', 'From a form')
  form.set(
    'Image',
    new Blob([new Uint8Array((await sampleFile('image')).bytes)], { type: 'image/jpeg' }),
    'a.jpg',
  )

  const response = await fetch(`${wago.app.url}/wago/send/image`, {
    method: 'POST',
    headers: { token: wago.user.token },
    body: form,
  })

  const { data } = JSON.parse(await response.text())
  expect((await wago.arrived(data.Id)).message.imageMessage).toMatchObject({ caption: 'From a form' })
})
