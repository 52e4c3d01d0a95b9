import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  describeMultipart,
  encodeMultipart,
  hashMultipart,
  type MultipartBody,
  streamMultipart,
} from '../../src/delivery/multipart-body.ts'
import { parsed } from '../helpers/form-receiver.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'multipart-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** A form with a file of this content. */
async function form(
  fields: Record<string, string>,
  { content, ...named }: { content: Buffer; fileName: string; mimeType: string },
) {
  const path = join(folder, randomBytes(8).toString('hex'))
  await writeFile(path, content)
  return encodeMultipart('delivery', {
    fields,
    file: { ...named, name: 'file', path, sizeBytes: content.length },
  })
}

async function bytesOf(body: MultipartBody): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for await (const piece of streamMultipart(body).pieces()) pieces.push(Buffer.from(piece))
  return Buffer.concat(pieces)
}

const film = { content: Buffer.from('moving pictures'), fileName: 'film.mp4', mimeType: 'video/mp4' }

test('a form has exactly these bytes', async () => {
  const { body, headers } = await form(
    { token: 'a"b\\c', jsonData: '{"text":"first\\n","😀":"ü"}\r\nend' },
    film,
  )

  const boundary = body.boundary
  expect(headers).toEqual({ 'Content-Type': `multipart/form-data; boundary=${boundary}` })
  expect(boundary).toMatch(/^[0-9a-f]{60}$/)
  expect((await bytesOf(body)).toString()).toBe(
    [
      `--${boundary}`,
      'Content-Disposition: form-data; name="token"',
      '',
      'a"b\\c',
      `--${boundary}`,
      'Content-Disposition: form-data; name="jsonData"',
      '',
      '{"text":"first\\n","😀":"ü"}',
      'end',
      `--${boundary}`,
      'Content-Disposition: form-data; name="file"; filename="film.mp4"',
      'Content-Type: video/mp4',
      '',
      'moving pictures',
      `--${boundary}--`,
      '',
    ].join('\r\n'),
  )
})

test.each([0, 1, 65_535, 65_536, 65_537, 1_000_000])(
  'of a file of %i bytes it has the size it says',
  async (size) => {
    const { body } = await form({ jsonData: 'ü😀' }, { ...film, content: randomBytes(size) })

    expect((await bytesOf(body)).length).toBe(streamMultipart(body).sizeBytes)
  },
)

test('a parser finds in it what was put in', async () => {
  const fields = { token: 'a"b', jsonData: `{"text":"\\u0000 two\r\nlines 😀"}` }
  const content = randomBytes(200_000)
  const { body, headers } = await form(fields, {
    content,
    fileName: 'größe "1" 😀.mp4',
    mimeType: 'video/mp4',
  })

  const found = await parsed({ 'content-type': headers['Content-Type'] }, await bytesOf(body))

  expect(found.fields).toEqual(fields)
  expect(found.file).toMatchObject({
    fieldname: 'file',
    originalname: 'größe "1" 😀.mp4',
    mimetype: 'video/mp4',
  })
  expect(found.file?.buffer.equals(content)).toBe(true)
})

describe('what senders call their files', () => {
  const headOf = async (fileName: string, mimeType = 'video/mp4') => {
    const { body } = await form({}, { ...film, fileName, mimeType })
    const [, disposition = '', type = ''] = (await bytesOf(body)).toString().split('\r\n')
    return { name: /filename="(.*)"$/s.exec(disposition)?.[1], type }
  }

  test.each([
    ['a"b', 'a\\"b'],
    ['a\\b', 'a\\\\b'],
    ['a\r\nContent-Type: text/html\r\n\r\nb', 'a%0D%0AContent-Type: text/html%0D%0A%0D%0Ab'],
    ['a\0b\x7fc', 'a%00b%7Fc'],
    ['\ud800a', '\ufffda'],
    ['', ''],
  ])('%j is escaped as Go does, and other control characters with it', async (fileName, written) => {
    expect((await headOf(fileName)).name).toBe(written)
  })

  test.each([
    [`${'x'.repeat(300)}.mp4`, `${'x'.repeat(251)}.mp4`],
    ['x'.repeat(1_000_000), 'x'.repeat(255)],
    ['😀'.repeat(255), '😀'.repeat(255)],
    ['😀'.repeat(256), '😀'.repeat(255)],
  ])('what is too long keeps its ending (%#)', async (fileName, written) => {
    expect((await headOf(fileName)).name).toBe(written)
  })

  test.each([
    ['audio/ogg; codecs=opus', 'audio/ogg; codecs=opus'],
    ['', 'application/octet-stream'],
    ['video', 'application/octet-stream'],
    ['video/mp4\r\nX-Evil: 1', 'application/octet-stream'],
    [`video/${'x'.repeat(255)}`, 'application/octet-stream'],
  ])('the type %j is told as %j', async (mimeType, told) => {
    expect((await headOf('a', mimeType)).type).toBe(`Content-Type: ${told}`)
  })
})

test('each delivery has a boundary of its own, the same for all its attempts', () => {
  const empty = { fields: {}, file: { ...film, name: 'file', path: '', sizeBytes: 0 } }
  const boundaries = ['1', '1', '2'].map((id) => encodeMultipart(id, empty).body.boundary)

  expect(boundaries[0]).toBe(boundaries[1])
  expect(boundaries[0]).not.toBe(boundaries[2])
})

test('a dialect signs the exact bytes', async () => {
  const { body } = await form({ token: 't' }, { ...film, content: randomBytes(100_000) })
  const hash = createHash('sha256')

  await hashMultipart(body, hash)

  const expected = createHash('sha256').update(await bytesOf(body))
  expect(hash.digest('hex')).toBe(expected.digest('hex'))
})

test('people are shown the fields, and what the file is', async () => {
  const { body } = await form({ token: 't', jsonData: '{}' }, film)

  expect(describeMultipart(body)).toBe('file: [film.mp4, video/mp4, 15 bytes]\ntoken: t\njsonData: {}')
})

test('nothing is sent of a file that is gone or has another size', async () => {
  const [gone, short] = [await form({}, film), await form({}, film)]
  await rm(gone.body.file.path)
  await truncate(short.body.file.path, 3)

  await expect(bytesOf(gone.body)).rejects.toThrow('the file is not there any more')
  await expect(bytesOf(short.body)).rejects.toThrow('the file has 3 bytes and not 15')
})
