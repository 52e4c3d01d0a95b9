import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { extensionOf } from '../../../../src/media/media-types.ts'
import { type LinkedUser, TestApp } from '../../../helpers/app.ts'
import { heic } from '../../../helpers/heic.ts'
import { animation, dataUrl, ffmpegFile, hasFfmpeg, picture } from '../../../helpers/media.ts'
import { failure } from '../contract/target.ts'

const contact = '447900000311'
let app: TestApp
let user: LinkedUser

beforeAll(async () => {
  app = await TestApp.start({ env: { WUZAPI_PROFILE: 'current' } })
  user = await app.linkedUser()
  await app.contact(contact)
})
afterAll(() => app.close())

/** Sends to the contact; gives what it decrypted and the file it downloaded. */
async function deliver(kind: string, body: object) {
  const { json } = await app.request('POST', `/chat/send/${kind}`, {
    token: user.token,
    body: { Phone: contact, ...body },
  })
  expect(json).toMatchObject({ code: 200, success: true })
  const { Id: id } = json.data
  const received = await app.waitFor(`message ${id}`, async () =>
    (await app.received(contact)).find((message) => message.id === id),
  )
  const response = await fetch(`${app.url}/sandbox/contacts/${contact}/messages/${id}/file`, {
    headers: { authorization: app.parley.adminToken },
  })
  return { message: received.message, file: Buffer.from(await response.arrayBuffer()) }
}

/** Red, green and blue of one pixel. */
async function pixel(file: Buffer, left: number, top: number): Promise<number[]> {
  return [...(await sharp(file).extract({ left, top, width: 1, height: 1 }).removeAlpha().raw().toBuffer())]
}

const turned = (format: 'jpeg' | 'png' | 'webp') =>
  sharp({ create: { width: 300, height: 200, channels: 3, background: '#25d366' } })
    .withMetadata({ orientation: 6 })
    .toFormat(format)
    .toBuffer()

/** Two seconds of a test picture and a tone. */
function film(ending: string, ...codec: string[]): Buffer {
  const picture = ['-f', 'lavfi', '-i', 'testsrc=duration=2:size=320x240:rate=10']
  return ffmpegFile([...picture, '-f', 'lavfi', '-i', 'sine=duration=2', ...codec], ending)
}

const h264 = ['-c:v', 'libx264', '-pix_fmt', 'yuv420p', '-c:a', 'aac']
const hevc = [
  '-c:v',
  'libx265',
  '-x265-params',
  'log-level=none',
  '-pix_fmt',
  'yuv420p10le',
  '-tag:v',
  'hvc1',
]

describe('a picture', () => {
  test.skipIf(!hasFfmpeg)('HEIC becomes JPEG: its tiles put together, cut and turned', async () => {
    const given = heic(['red', 'lime', 'blue', 'white'], [100, 120])

    const { message, file } = await deliver('image', {
      Image: dataUrl('image/heic', given),
      MimeType: 'image/heic',
    })

    expect(message.imageMessage).toMatchObject({ mimetype: 'image/jpeg', width: 120, height: 100 })
    expect(await sharp(file).metadata()).toMatchObject({ format: 'jpeg', width: 120, height: 100 })
    const corners = await Promise.all([pixel(file, 5, 94), pixel(file, 5, 5), pixel(file, 114, 94)])
    expect(corners.map((colour) => colour.map((part) => Math.round(part / 255)))).toEqual([
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ])
  })

  test('AVIF becomes JPEG', async () => {
    const given = await sharp(await picture('png'))
      .avif()
      .toBuffer()

    const { message, file } = await deliver('image', { Image: dataUrl('image/avif', given) })

    expect(message.imageMessage).toMatchObject({ mimetype: 'image/jpeg', width: 320, height: 200 })
    expect((await sharp(file).metadata()).format).toBe('jpeg')
  })

  test.skipIf(!hasFfmpeg)('BMP becomes JPEG', async () => {
    const given = ffmpegFile(['-f', 'lavfi', '-i', 'color=red:size=64x48', '-frames:v', '1'], 'bmp')

    const { message, file } = await deliver('image', { Image: dataUrl('image/bmp', given) })

    expect(message.imageMessage).toMatchObject({ mimetype: 'image/jpeg', width: 64, height: 48 })
    expect((await sharp(file).metadata()).format).toBe('jpeg')
  })

  test.each([
    ['108', 12_000, 9_000],
    ['200', 16_320, 12_240],
  ])('a JPEG of %s megapixels is made smaller', async (_size, width, height) => {
    const { message, file } = await deliver('image', {
      Image: dataUrl('image/jpeg', await picture('jpeg', [width, height])),
    })

    expect(message.imageMessage).toMatchObject({ mimetype: 'image/jpeg', width: 4096, height: 3072 })
    expect(await sharp(file).metadata()).toMatchObject({ width: 4096, height: 3072 })
  })

  test.each(['png', 'webp'] as const)('a %s whose EXIF turns it is turned', async (format) => {
    const { message, file } = await deliver('image', {
      Image: dataUrl(`image/${format}`, await turned(format)),
    })

    expect(message.imageMessage).toMatchObject({ mimetype: `image/${format}`, width: 200, height: 300 })
    const { orientation = 1, ...metadata } = await sharp(file).metadata()
    expect({ orientation, ...metadata }).toMatchObject({ format, width: 200, height: 300, orientation: 1 })
  })

  test('a JPEG whose EXIF turns it goes as it is, because phones turn it', async () => {
    const given = await turned('jpeg')

    const { message, file } = await deliver('image', { Image: dataUrl('image/jpeg', given) })

    expect(file).toEqual(given)
    expect(message.imageMessage).toMatchObject({ width: 200, height: 300 })
  })

  test.skipIf(!hasFfmpeg)('a GIF that moves is a video that plays by itself', async () => {
    const { message, file } = await deliver('image', {
      Image: dataUrl('image/gif', await animation(20)),
      Caption: 'look',
    })

    expect(message.videoMessage).toMatchObject({
      mimetype: 'video/mp4',
      gifPlayback: true,
      caption: 'look',
      seconds: 2,
      width: 64,
      height: 64,
    })
    expect(file.toString('latin1', 4, 8)).toBe('ftyp')
  })

  test('a HEIC that is broken is the caller’s mistake', async () => {
    const { status, json } = await app.request('POST', '/chat/send/image', {
      token: user.token,
      body: {
        Phone: contact,
        Image: dataUrl('image/heic', Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic')),
      },
    })

    expect([status, json]).toEqual([400, failure(400, 'a HEIC picture that is broken or of an unknown kind')])
  })
})

describe.skipIf(!hasFfmpeg)('a video', () => {
  const becomesMp4: [string, () => Buffer][] = [
    ['MOV of an iPhone', () => film('mov', ...h264)],
    ['HEVC of 10 bits', () => film('mov', ...hevc)],
    ['HEVC in MP4', () => film('mp4', ...hevc)],
    ['3GP', () => film('3gp', ...h264)],
    ['WebM', () => film('webm', '-c:v', 'libvpx', '-c:a', 'libopus')],
    ['AVI', () => film('avi')],
    ['H.264 with full colours', () => film('mp4', '-c:v', 'libx264', '-pix_fmt', 'yuv444p')],
  ]

  test.each(becomesMp4)('%s becomes MP4 with H.264, with length and size', async (_what, make) => {
    const { message, file } = await deliver('video', {
      Video: dataUrl('video/quicktime', make()),
      MimeType: 'video/quicktime',
    })

    expect(message.videoMessage).toMatchObject({ mimetype: 'video/mp4', seconds: 2, width: 320, height: 240 })
    expect(message.videoMessage.gifPlayback).not.toBe(true)
    expect(file.toString('latin1', 4, 12)).toBe('ftypisom')
    expect([file.includes('avc1'), file.includes('mp4a')]).toEqual([true, true])
  })

  test('MP4 with H.264 goes as it is, with length and size', async () => {
    const given = film('mp4', ...h264)

    const { message, file } = await deliver('video', { Video: dataUrl('video/mp4', given) })

    expect(file).toEqual(given)
    expect(message.videoMessage).toMatchObject({ mimetype: 'video/mp4', seconds: 2, width: 320, height: 240 })
  })

  test('a GIF plays by itself and has no sound', async () => {
    const { message, file } = await deliver('video', { Video: dataUrl('image/gif', await animation(20)) })

    expect(message.videoMessage).toMatchObject({ mimetype: 'video/mp4', gifPlayback: true, seconds: 2 })
    expect(file.includes('mp4a')).toBe(false)
  })

  test('one that cannot be read is the caller’s mistake', async () => {
    const { status, json } = await app.request('POST', '/chat/send/video', {
      token: user.token,
      body: {
        Phone: contact,
        Video: dataUrl('video/webm', Buffer.from('\x1a\x45\xdf\xa3 and more', 'latin1')),
      },
    })

    expect(status).toBe(400)
    expect(json.error).toMatch(/^a WebM or Matroska video that cannot be converted: /)
  })
})

describe.skipIf(!hasFfmpeg)('an audio file', () => {
  const sound = (ending: string, ...codec: string[]) =>
    ffmpegFile(['-f', 'lavfi', '-i', 'sine=duration=2', ...codec], ending)

  test.each([
    ['Opus', () => sound('ogg', '-c:a', 'libopus'), 'audio/ogg', 'audio/ogg; codecs=opus'],
    [
      'Opus that is called so',
      () => sound('opus', '-c:a', 'libopus'),
      'audio/opus',
      'audio/ogg; codecs=opus',
    ],
    ['M4A', () => sound('m4a'), 'audio/x-m4a', 'audio/mp4'],
    ['AAC', () => sound('aac'), 'audio/aac', 'audio/aac'],
    ['MP3', () => sound('mp3', '-id3v2_version', '0', '-write_xing', '0'), 'audio/mp3', 'audio/mpeg'],
    ['AMR', () => Buffer.from('#!AMR\n…'), 'audio/3gpp', 'audio/amr'],
  ])('%s goes as it is, under the type that phones know', async (_what, make, declared, mimetype) => {
    const given = make()

    const { message, file } = await deliver('audio', { Audio: dataUrl(declared, given), ptt: false })

    expect(file).toEqual(given)
    expect(message.audioMessage.mimetype).toBe(mimetype)
  })

  test('a type that a caller gives is told in the words that phones know', async () => {
    const { message } = await deliver('audio', {
      Audio: dataUrl('audio/mp4', sound('m4a')),
      ptt: false,
      mimetype: 'audio/x-m4a',
    })

    expect(message.audioMessage).toMatchObject({ mimetype: 'audio/mp4', seconds: 2 })
  })

  const foreign: [string, () => Buffer][] = [
    ['Vorbis in Ogg', () => sound('ogg', '-c:a', 'libvorbis')],
    ['FLAC in Ogg', () => sound('ogg', '-c:a', 'flac')],
    ['Speex in Ogg', () => sound('ogg', '-c:a', 'libspeex', '-ar', '16000')],
    ['WebM of a browser', () => sound('webm', '-c:a', 'libopus')],
    ['AIFF', () => sound('aiff')],
  ]

  test.each(
    foreign.flatMap(([what, make]) => [
      { what, make, ptt: true },
      { what, make, ptt: false },
    ]),
  )('$what becomes Opus, voice message: $ptt', async ({ make, ptt }) => {
    const { message, file } = await deliver('audio', {
      Audio: dataUrl('audio/ogg', make()),
      ptt,
      mimetype: 'audio/ogg',
    })

    expect(file.toString('latin1', 28, 36)).toBe('OpusHead')
    expect(message.audioMessage).toMatchObject({ mimetype: 'audio/ogg; codecs=opus', seconds: 2 })
    expect(message.audioMessage.ptt ?? false).toBe(ptt)
  })
})

describe('a sticker', () => {
  /** The shown time of an animation in milliseconds, and how many pictures it has. */
  async function length(file: Buffer) {
    const { delay = [], pages } = await sharp(file).metadata()
    return { pages, ms: delay.reduce((sum, one) => sum + one, 0) }
  }

  test('a wide picture is padded, not stretched', async () => {
    const { file } = await deliver('sticker', {
      Sticker: dataUrl('image/png', await picture('png', [400, 200])),
    })

    const { data, info } = await sharp(file).ensureAlpha().raw().toBuffer({ resolveWithObject: true })
    const alpha = (x: number, y: number) => data[(y * info.width + x) * 4 + 3]
    expect([info.width, info.height]).toEqual([512, 512])
    expect([alpha(256, 5), alpha(256, 256), alpha(5, 256), alpha(256, 506)]).toEqual([0, 255, 255, 0])
  })

  test.each(['jpeg', 'png'] as const)('a %s whose EXIF turns it is turned', async (format) => {
    const { file } = await deliver('sticker', { Sticker: dataUrl(`image/${format}`, await turned(format)) })

    const { data, info } = await sharp(file).ensureAlpha().raw().toBuffer({ resolveWithObject: true })
    expect(data[(256 * info.width + 5) * 4 + 3]).toBe(0)
    expect(data[(5 * info.width + 256) * 4 + 3]).toBe(255)
  })

  test.skipIf(!hasFfmpeg)('HEIC and AVIF become WebP, whatever they are called', async () => {
    const avif = await sharp(await picture('png'))
      .avif()
      .toBuffer()

    for (const given of [heic(['red', 'lime', 'blue', 'white'], [100, 120]), avif]) {
      const { message, file } = await deliver('sticker', { Sticker: dataUrl('image/jpeg', given) })
      expect(message.stickerMessage.mimetype).toBe('image/webp')
      expect(await sharp(file).metadata()).toMatchObject({ format: 'webp', width: 512, height: 512 })
    }
  })

  test.each([
    ['that says it has no pauses', 0, { pages: 100, ms: 10_000 }],
    ['with pauses of a hundredth of a second', 10, { pages: 100, ms: 10_000 }],
  ])('a GIF %s is cut at ten seconds, as players count them', async (_what, delayMs, expected) => {
    const { file } = await deliver('sticker', {
      Sticker: dataUrl('image/gif', await animation(130, delayMs)),
    })

    expect(await length(file)).toEqual(expected)
  })

  test.skipIf(!hasFfmpeg)('a fast GIF is cut at ten seconds too', async () => {
    const { file } = await deliver('sticker', { Sticker: dataUrl('image/gif', await animation(600, 20)) })

    const { pages = 0, ms } = await length(file)
    expect(pages).toBeLessThanOrEqual(150)
    expect(ms).toBeGreaterThan(9_500)
    expect(ms).toBeLessThanOrEqual(10_100)
  })

  test.each([
    ['text', 'image/webp', 'just text'],
    ['another type', 'application/pdf', '%PDF-1.7'],
    ['TIFF', 'image/tiff', 'II*\0'],
  ])('what is no WebP in the end is refused: %s', async (_what, type, content) => {
    const { status, json } = await app.request('POST', '/chat/send/sticker', {
      token: user.token,
      body: { Phone: contact, Sticker: dataUrl(type, Buffer.from(content)), MimeType: type },
    })

    const sentence = 'a sticker is WebP or made of a picture, a GIF or a video; this file is none of these'
    expect([status, json]).toEqual([400, failure(400, sentence)])
  })
})

describe('a form file', () => {
  async function sendForm(kind: string, field: string, file: File) {
    const form = new FormData()
    form.set('Phone', contact)
    form.set(field, file)
    const response = await fetch(`${app.url}/chat/send/${kind}`, {
      method: 'POST',
      headers: { token: user.token },
      body: form,
    })
    return { status: response.status, json: JSON.parse(await response.text()) }
  }

  test('has its own name where there is no FileName', async () => {
    const { json } = await sendForm('document', 'Document', new File(['rows'], 'prices of May.csv'))

    const { message } = await app.waitFor('the document', async () =>
      (await app.received(contact)).find(({ id }) => id === json.data.Id),
    )
    expect(message.documentMessage).toMatchObject({ fileName: 'prices of May.csv', mimetype: 'text/csv' })
  })

  test.each([
    ['image', 'Image'],
    ['document', 'Document'],
    ['video', 'Video'],
    ['audio', 'Audio'],
    ['sticker', 'Sticker'],
  ])('of no bytes is refused as %s', async (kind, field) => {
    const { status, json } = await sendForm(kind, field, new File([], 'empty.bin'))

    expect([status, json]).toEqual([400, failure(400, 'the file is empty')])
  })
})

test.each([
  ['audio/mpeg', 'mp3'],
  ['audio/aac', 'aac'],
  ['audio/ogg; codecs=opus', 'opus'],
  ['audio/ogg', 'ogg'],
  ['audio/flac', 'flac'],
  ['audio/mp4', 'm4a'],
  ['video/quicktime', 'mov'],
  ['image/jpeg', 'jpg'],
  ['x/y', 'bin'],
])('a file of %s ends in .%s', (type, ending) => {
  expect(extensionOf(type)).toBe(ending)
})
