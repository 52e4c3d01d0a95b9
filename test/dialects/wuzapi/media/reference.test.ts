import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sampleFile } from '../../../../src/sandbox/world/samples.ts'
import { type LinkedUser, TestApp } from '../../../helpers/app.ts'
import { dataUrl, picture } from '../../../helpers/media.ts'
import { failure } from '../contract/target.ts'

/** Answers as the reference document describes, on a machine without ffmpeg. */
let app: TestApp
let user: LinkedUser
const contact = '447900000701'

beforeAll(async () => {
  app = await TestApp.start({ env: { TZ: 'America/Sao_Paulo', FFMPEG_PATH: '/nowhere/ffmpeg' } })
  user = await app.linkedUser()
  await app.contact(contact)
})
afterAll(() => app.close())

async function send(kind: string, body: object) {
  const { status, json } = await app.post(`/chat/send/${kind}`, user.token, { Phone: contact, ...body })
  return { status, json }
}

function arrived(id: string) {
  return app.waitFor(`message ${id}`, async () =>
    (await app.received(contact)).find((message) => message.id === id),
  )
}

test('an image is sent as the document shows', async () => {
  const Image = dataUrl('image/jpeg', await picture('png'))

  const { json } = await send('image', { Caption: 'Look at this', Image })

  expect(json.data).toEqual({
    Details: 'Sent',
    Id: expect.any(String),
    Timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d-03:00$/),
  })
  expect(await arrived(json.data.Id)).toMatchObject({ text: 'Look at this' })
})

test('an audio is a voice message of Opus', async () => {
  const { bytes } = await sampleFile('audio')

  const { json } = await send('audio', { Audio: dataUrl('audio/ogg', bytes) })

  const { message } = await arrived(json.data.Id)
  expect(message.audioMessage).toMatchObject({ ptt: true, mimetype: 'audio/ogg; codecs=opus', seconds: 1 })
})

test.each([
  ['image', {}, 'Missing Image in Payload'],
  ['image', { Image: 'x' }, 'Image data should start with "data:image/png;base64,"'],
  ['image', { Image: 'data:image/png;base64,!' }, 'Could not decode base64 encoded data from payload'],
  ['audio', { Audio: 'x' }, 'Audio data should start with "data:audio/ogg;base64,"'],
  ['audio', { Audio: 'data:audio/ogg;base64,!' }, 'Could not decode base64 encoded data from payload'],
  ['document', { Document: 'data:,x' }, 'Missing FileName in Payload'],
  [
    'document',
    { Document: 'x', FileName: 'a' },
    'Document data should start with "data:application/octet-stream;base64,"',
  ],
  ['video', { Video: 'x' }, 'Data should start with "data:mime/type;base64,"'],
  ['sticker', { Sticker: 'x' }, 'Data should start with "data:mime/type;base64,"'],
])('%s refuses %j', async (kind, body, sentence) => {
  expect(await send(kind, body)).toEqual({ status: 400, json: failure(400, sentence) })
})

describe('without ffmpeg', () => {
  test('other audio is refused as a voice message, and sent as a file', async () => {
    const Audio = dataUrl('audio/mpeg', Buffer.from('ID3 and more'))

    const voice = await send('audio', { Audio })
    const file = await send('audio', { Audio, ptt: false })

    expect(voice.status).toBe(400)
    expect(voice.json.error).toMatch(/^A voice message must be Opus; install ffmpeg/)
    expect(file.status).toBe(200)
  })

  test.each([
    ['image', { Image: dataUrl('image/bmp', Buffer.from('BM and more')) }, 'A BMP picture'],
    ['video', { Video: dataUrl('video/webm', Buffer.from('1a45dfa3', 'hex')) }, 'A WebM or Matroska video'],
    ['video', { Video: dataUrl('image/gif', Buffer.from('GIF89a')) }, 'A GIF'],
    [
      'audio',
      { Audio: dataUrl('audio/ogg', Buffer.from(`OggS${'\0'.repeat(24)}\x01vorbis`)), ptt: false },
      'Ogg Vorbis audio',
    ],
  ])('what phones do not open is refused: %s', async (kind, body, what) => {
    const { status, json } = await send(kind, body)

    const sentence = `${what} does not open on every phone; install ffmpeg to have it converted`
    expect([status, json]).toEqual([400, failure(400, sentence)])
  })

  test('a video goes without a preview', async () => {
    const { bytes } = await sampleFile('video')

    const { json } = await send('video', { Video: dataUrl('video/mp4', bytes) })

    const { message } = await arrived(json.data.Id)
    expect(message.videoMessage).not.toHaveProperty('jpegThumbnail')
  })

  test('a video does not become a sticker', async () => {
    const { bytes } = await sampleFile('video')

    const { json } = await send('sticker', { Sticker: dataUrl('video/mp4', bytes) })

    expect(json.error).toBe('Failed to convert video/gif sticker to webp: ffmpeg is not installed')
  })
})
