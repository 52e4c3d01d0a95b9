import { expect, test } from 'vitest'
import { proto } from '../../../../src/whatsapp/library/engine.ts'
import { protoJson } from '../../../../src/whatsapp/wire/proto-json.ts'

function received(object: { [key: string]: unknown }): object {
  const bytes = proto.Message.encode(proto.Message.fromObject(object)).finish()
  return JSON.parse(JSON.stringify(protoJson(proto.Message, proto.Message.decode(bytes))))
}

test('fields that were sent stay even when zero, fields that were not are absent', () => {
  expect(received({ extendedTextMessage: { text: '', previewType: 0 } })).toEqual({
    extendedTextMessage: { text: '', previewType: 0 },
  })
})

test('bytes are base64, and absent when empty; an empty message is an empty object', () => {
  expect(
    received({
      imageMessage: { mediaKey: Buffer.from([0xff]), fileSha256: Buffer.alloc(0), contextInfo: {} },
    }),
  ).toEqual({ imageMessage: { mediaKey: '/w==', contextInfo: {} } })
})

test('64-bit integers are numbers as long as a number can hold them', () => {
  const high = { low: -1, high: -1, unsigned: true }

  expect(received({ imageMessage: { fileLength: 9007199254740991 } })).toEqual({
    imageMessage: { fileLength: 9007199254740991 },
  })
  expect(received({ imageMessage: { fileLength: high } })).toEqual({
    imageMessage: { fileLength: { $int: '18446744073709551615' } },
  })
})

test('negative 64-bit integers keep their sign', () => {
  expect(received({ imageMessage: { mediaKeyTimestamp: -5 } })).toEqual({
    imageMessage: { mediaKeyTimestamp: -5 },
  })
})

test('32-bit floats have the digits that were sent', () => {
  expect(received({ liveLocationMessage: { speedInMps: 0.1, degreesLatitude: 0.1 } })).toEqual({
    liveLocationMessage: { speedInMps: 0.1, degreesLatitude: 0.1 },
  })
})

test('infinite numbers are left out', () => {
  expect(received({ locationMessage: { degreesLatitude: Number.POSITIVE_INFINITY, name: 'x' } })).toEqual({
    locationMessage: { name: 'x' },
  })
})

test('oneofs are named with their choice, or null, at every depth', () => {
  expect(
    received({
      interactiveMessage: { header: { title: 't', imageMessage: { url: 'u' } }, body: { text: 'b' } },
    }),
  ).toEqual({
    interactiveMessage: {
      $oneofs: { interactiveMessage: null },
      header: { $oneofs: { media: 'imageMessage' }, title: 't', imageMessage: { url: 'u' } },
      body: { text: 'b' },
    },
  })
})

test('oneofs inside lists and quoted messages are named too', () => {
  const quoted = { templateMessage: { hydratedTemplate: { hydratedButtons: [{ urlButton: { url: 'u' } }] } } }

  expect(received({ extendedTextMessage: { contextInfo: { quotedMessage: quoted } } })).toEqual({
    extendedTextMessage: {
      contextInfo: {
        quotedMessage: {
          templateMessage: {
            $oneofs: { format: null },
            hydratedTemplate: {
              $oneofs: { title: null },
              hydratedButtons: [{ $oneofs: { hydratedButton: 'urlButton' }, urlButton: { url: 'u' } }],
            },
          },
        },
      },
    },
  })
})

test.each([
  ['wrappers', (inner: object) => ({ ephemeralMessage: { message: inner } })],
  ['quotes', (inner: object) => ({ extendedTextMessage: { contextInfo: { quotedMessage: inner } } })],
  ['cards', (inner: object) => ({ carouselMessage: { cards: [inner] } })],
])('%s that are nested more deeply than phones read are refused', (name, around) => {
  const deep = (levels: number): { [key: string]: unknown } => {
    let message = {}
    for (let level = 0; level < levels; level++) message = around(message)
    return name === 'cards' ? { interactiveMessage: message } : message
  }

  expect(() => received(deep(30))).not.toThrow()
  expect(() => received(deep(200))).toThrow('this message is nested too deeply')
})
