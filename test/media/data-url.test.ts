import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DataUrlError, decodeDataUrl, parseDataUrlHead } from '../../src/media/data-url.ts'

async function decoded(url: string, cuts: number[] = []): Promise<Buffer> {
  const head = parseDataUrlHead(url)
  const bytes = Buffer.from(url.slice(head.length))
  const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length]
  async function* pieces() {
    for (const [index, end] of at.slice(1).entries()) yield bytes.subarray(at[index], end)
  }
  const parts: Buffer[] = []
  for await (const part of decodeDataUrl(head, pieces())) parts.push(part)
  return Buffer.concat(parts)
}

test.each([
  ['data:image/png;base64,AAAA', { mediaType: 'image/png', isBase64: true, length: 22 }],
  ['data:Audio/OGG; codecs=opus;base64,AAAA', { mediaType: 'audio/ogg', isBase64: true, length: 35 }],
  ['data:;base64,AAAA', { mediaType: 'text/plain', isBase64: true, length: 13 }],
  ['data:,x,y', { mediaType: 'text/plain', isBase64: false, length: 6 }],
])('understands %s', (url, head) => {
  expect(parseDataUrlHead(url)).toEqual(head)
})

test.each(['', 'data:', 'data:image/png;base64', 'data:image;base64,AAAA', 'dat:a/b,x', 'data:a b/c,x'])(
  'is not a data URL: %j',
  (url) => {
    expect(() => parseDataUrlHead(url)).toThrow(DataUrlError)
  },
)

test('gives the bytes, wherever the text is cut', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array(), fc.array(fc.nat(400), { maxLength: 5 }), async (bytes, cuts) => {
      const base64 = Buffer.from(bytes)
        .toString('base64')
        .replace(/(.{5})/g, '$1\n')
      const percent = Array.from(bytes, (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')

      expect(await decoded(`data:;base64,${base64}`, cuts)).toEqual(Buffer.from(bytes))
      expect(await decoded(`data:,${percent}`, cuts)).toEqual(Buffer.from(bytes))
    }),
  )
})

test.each([
  'A',
  'AA',
  'AAA',
  'AA=A',
  'AA==AAAA',
  'A===',
  '====',
  'AAAA====',
  'AA-_',
  'AA AA',
  'AA\rAA',
  'AAA%3D',
])('refuses %j as base64, wherever it is cut', async (text) => {
  for (const cut of [0, 1, 2, 3, 4, 5]) {
    await expect(decoded(`data:;base64,${text}`, [cut])).rejects.toThrow(DataUrlError)
  }
})

test.each(['%', '%1', '%zz', 'a%4'])('refuses %j as percent-encoded text', async (text) => {
  for (const cut of [0, 1, 2]) await expect(decoded(`data:,${text}`, [cut])).rejects.toThrow(DataUrlError)
})
