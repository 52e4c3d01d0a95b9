import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { deflateSync } from 'node:zlib'
import sharp from 'sharp'
import { afterAll, describe, expect, test } from 'vitest'
import { type PdfLimits, pdfFacts } from '../../src/media/convert/pdf.ts'
import { pdf, stream } from '../helpers/pdf.ts'

const MEGABYTE = 1024 * 1024
const folder = mkdtempSync(join(tmpdir(), 'parley-test-'))
afterAll(() => rmSync(folder, { recursive: true }))

function look(bytes: Buffer, limits?: PdfLimits) {
  const path = join(folder, crypto.randomUUID())
  writeFileSync(path, bytes)
  return pdfFacts({ path, sizeBytes: bytes.length }, limits)
}

/** Size and mean red, green and blue of a picture. */
async function seen(thumbnail: Buffer | undefined) {
  const { format, width, height } = await sharp(thumbnail).metadata()
  const { channels } = await sharp(thumbnail).stats()
  return { format, width, height, colour: channels.map(({ mean }) => Math.round(mean / 51) * 51) }
}

describe('a PDF', () => {
  test('has pages, and its first one as a picture', async () => {
    const facts = await look(pdf({ pages: 3 }))

    expect(facts?.pages).toBe(3)
    expect(await seen(facts?.thumbnail)).toEqual({
      format: 'jpeg',
      width: 339,
      height: 480,
      colour: [255, 0, 0],
    })
  })

  test('is white where nothing is drawn', async () => {
    const facts = await look(pdf({ content: '' }))

    expect(await seen(facts?.thumbnail)).toMatchObject({ colour: [255, 255, 255] })
  })

  test('may begin with something else', async () => {
    expect(await look(Buffer.concat([Buffer.from('x'.repeat(100)), pdf()]))).toMatchObject({ pages: 1 })
  })

  test.each([
    ['small', [1, 1]],
    ['huge', [14_400, 14_400]],
    ['long', [100, 14_400]],
  ] as [string, [number, number]][])(
    'with a %s page has a picture of the same bounds',
    async (_what, size) => {
      const facts = await look(pdf({ size }))

      const { width = 0, height = 0 } = await seen(facts?.thumbnail)
      expect(Math.max(width, height)).toBe(480)
    },
  )
})

describe('there is no picture', () => {
  test.each([
    ['of a text', Buffer.from('hello')],
    ['of nothing', Buffer.alloc(0)],
    ['of what only begins as a PDF', Buffer.from('%PDF-1.4\nnonsense')],
    ['of half of one', pdf().subarray(0, 200)],
    ['of one without pages', pdf({ pages: 0 })],
  ])('%s', async (_what, bytes) => {
    expect(await look(bytes)).toBeUndefined()
  })

  test('of one that is encrypted', async () => {
    const encrypted = pdf()
      .toString('latin1')
      .replace(
        '/Root 1 0 R',
        '/Root 1 0 R /Encrypt << /Filter /Standard /V 1 /R 2 /O (aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa) /U (bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb) /P -1 >> /ID [(a) (a)]',
      )

    expect(await look(Buffer.from(encrypted, 'latin1'))).toBeUndefined()
  })

  test('of one that takes too long, which ends then', async () => {
    const content = `${'0 0 m 595 842 l 10 20 30 40 50 60 c S '.repeat(300_000)}`
    const started = performance.now()

    expect(await look(pdf({ content }), { timeoutMs: 500 })).toBeUndefined()
    expect(performance.now() - started).toBeLessThan(5_000)
  })

  test('of one that needs more memory than there is for it', async () => {
    const large = Buffer.concat([pdf(), Buffer.alloc(40 * MEGABYTE, '%')])

    expect(await look(large, { memoryBytes: 32 * MEGABYTE })).toBeUndefined()
    expect(await look(large)).toMatchObject({ pages: 1 })
  })

  test('of a file that is too large to be looked at', async () => {
    expect(await look(Buffer.concat([pdf(), Buffer.alloc(64 * MEGABYTE)]))).toBeUndefined()
  })
})

test('a picture of gigabytes inside does not take them', async () => {
  const side = 40_000
  const row = Buffer.alloc(side)
  const image = stream(
    deflateSync(Buffer.concat(Array<Buffer>(1_000).fill(row))),
    `/Type /XObject /Subtype /Image /Width ${side} /Height ${side} /ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /FlateDecode`,
  )
  const bomb = pdf({
    content: 'q 595 0 0 842 0 0 cm /I Do Q',
    resources: '/XObject << /I 5 0 R >>',
    more: [image],
  })
  const before = process.memoryUsage.rss()

  await look(bomb)

  expect(process.memoryUsage.rss() - before).toBeLessThan(400 * MEGABYTE)
})

test('many are looked at, two at a time', async () => {
  const all = await Promise.all(Array.from({ length: 6 }, () => look(pdf({ pages: 2 }))))

  expect(all.map((facts) => facts?.pages)).toEqual([2, 2, 2, 2, 2, 2])
})

test('who waits for slow ones too long goes without', async () => {
  const slow = pdf({ content: '0 0 m 595 842 l 10 20 30 40 50 60 c S '.repeat(300_000) })
  const busy = [look(slow, { timeoutMs: 4_000 }), look(slow, { timeoutMs: 4_000 })]
  // They have their places by then.
  await delay(200)
  const started = performance.now()

  expect(await look(pdf(), { timeoutMs: 200 })).toBeUndefined()
  expect(performance.now() - started).toBeLessThan(2_000)
  await Promise.all(busy)
})
