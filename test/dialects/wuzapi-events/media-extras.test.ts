import { describe, expect, test } from 'vitest'
import { mediaFileName, mediaReference } from '../../../src/dialects/shared/whatsmeow/message-file.ts'
import { mediaDelivery, mediaExtras } from '../../../src/dialects/wuzapi/events/media-extras.ts'
import { detectContentType } from '../../../src/lib/text/detect-content-type.ts'
import type { User } from '../../../src/store/users/users.ts'
import { sampleUser } from '../../helpers/users.ts'

function wish(delivery: User['mediaDelivery'], enabled: boolean): User {
  const user = sampleUser({ mediaDelivery: delivery })
  return { ...user, s3: { ...user.s3, enabled } }
}

describe('where a file goes', () => {
  test.each([
    ['base64', false, { inline: true, s3: false }],
    ['base64', true, { inline: true, s3: false }],
    ['s3', true, { inline: false, s3: true }],
    ['s3', false, { inline: false, s3: false }],
    ['both', true, { inline: true, s3: true }],
    ['both', false, { inline: true, s3: false }],
    ['', true, { inline: false, s3: false }],
  ] as const)('delivery %j with a bucket %s', (delivery, enabled, expected) => {
    expect(mediaDelivery(wish(delivery, enabled))).toEqual(expected)
  })
})

const png = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0])

describe('members of a message with a file', () => {
  const sticker = mediaReference({ raw: { stickerMessage: { mimetype: 'image/webp', isAnimated: true } } })

  test('a file that could not be fetched adds nothing, not even that it is a sticker', () => {
    expect(mediaExtras(sticker, undefined, { messageId: 'ID', user: wish('both', true) })).toEqual({})
    expect(mediaExtras(sticker, {}, { messageId: 'ID', user: wish('both', true) })).toEqual({})
  })

  test('a file the user does not want adds nothing', () => {
    expect(mediaExtras(sticker, { bytes: png }, { messageId: 'ID', user: wish('', false) })).toEqual({})
  })

  test('stickers say that they are, and whether they move', () => {
    expect(mediaExtras(sticker, { bytes: png }, { messageId: 'ID', user: wish('base64', false) })).toEqual({
      base64: png.toString('base64'),
      mimeType: 'image/png',
      fileName: 'ID.webp',
      isSticker: true,
      stickerAnimated: true,
    })
  })

  test('a round video is a video', () => {
    expect(mediaReference({ raw: { ptvMessage: { url: 'u' } } })).toEqual({
      kind: 'video',
      media: { url: 'u' },
    })
  })

  test('quoted files are not looked at', () => {
    expect(
      mediaReference({
        raw: { extendedTextMessage: { contextInfo: { quotedMessage: { imageMessage: {} } } } },
      }),
    ).toBeUndefined()
  })

  test.each([
    ['documentMessage', { mimetype: 'application/x-unknown', fileName: 'plan.dwg' }, 'ID.dwg'],
    ['documentMessage', { mimetype: 'application/x-unknown', fileName: 'plan' }, 'ID'],
    ['documentMessage', { mimetype: 'application/x-unknown' }, 'ID.bin'],
    ['audioMessage', { mimetype: 'audio/ogg; codecs=opus' }, 'ID.oga'],
    ['audioMessage', { mimetype: 'audio/x-unknown' }, 'ID.ogg'],
    ['imageMessage', {}, 'ID.jpg'],
  ])('%s with %j is stored as %s', (member, content, name) => {
    const reference = mediaReference({ raw: { [member]: content } })

    expect(reference && mediaFileName('ID', reference)).toBe(name)
  })
})

describe('types by content', () => {
  const bytes = (...parts: (string | number[])[]) =>
    Buffer.concat(parts.map((part) => Buffer.from(part as string)))

  test.each([
    ['image/jpeg', bytes([0xff, 0xd8, 0xff, 0xe0])],
    ['image/png', png],
    ['image/gif', bytes('GIF89a')],
    ['image/webp', bytes('RIFF', [1, 2, 3, 4], 'WEBPVP8 ')],
    ['application/pdf', bytes('%PDF-1.7')],
    ['application/ogg', bytes('OggS', [0, 2])],
    ['audio/mpeg', bytes('ID3', [4])],
    ['audio/wave', bytes('RIFF', [1, 2, 3, 4], 'WAVE')],
    ['video/webm', bytes([0x1a, 0x45, 0xdf, 0xa3])],
    ['video/mp4', bytes([0, 0, 0, 24], 'ftypisom', [0, 0, 2, 0], 'isommp42')],
    ['application/octet-stream', bytes([0, 0, 0, 24], 'ftypM4A ', [0, 0, 2, 0], 'M4A isom')],
    ['application/zip', bytes('PK', [3, 4])],
    ['application/x-gzip', bytes([0x1f, 0x8b, 0x08])],
    ['text/html; charset=utf-8', bytes('  <html>')],
    ['text/xml; charset=utf-8', bytes('<?xml version="1.0"?>')],
    ['text/plain; charset=utf-8', bytes('<Base64')],
    ['text/plain; charset=utf-8', bytes('olá')],
    ['text/plain; charset=utf-8', bytes('')],
    ['application/octet-stream', bytes([0, 1, 2, 3])],
  ])('%s', (type, file) => {
    expect(detectContentType(file)).toBe(type)
  })
})
