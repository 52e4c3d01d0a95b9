import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { post } from '../../src/http/endpoint/endpoint.ts'
import { file, requiredText, text } from '../../src/http/endpoint/fields.ts'
import { type FileInput, isLongText } from '../../src/lib/file-input.ts'
import { scratchFolder } from '../../src/lib/process/scratch-folder.ts'
import { sendRaw } from '../helpers/raw-request.ts'
import { echoed, startTiny, tinyDialect } from './tiny.ts'

const MEGABYTE = 1024 * 1024
const scratch = await scratchFolder()

interface Photo {
  phone: string
  caption: string
  photo?: FileInput
}

/** Answers with what it was given; a long text by its content. */
const photo = post('/photo', {
  summary: 'Send a photo',
  needs: 'stored',
  body: z.object({ phone: requiredText('missing phone'), photo: file(), caption: text() }),
  run: async (_scope, { phone, photo, caption }: Photo) => {
    if (photo === undefined || !isLongText(photo)) return { phone, photo, caption }
    return { phone, ...photo, text: await readFile(photo.path, 'utf8'), caption }
  },
  input: ({ body }) => body,
  reply: echoed,
})

async function start() {
  const { ask, url } = await startTiny(tinyDialect([photo]), { bodyLimitBytes: 16 * MEGABYTE })
  return {
    url,
    send: (body: string) => ask('/photo', { method: 'POST', headers: { Token: 'ann' }, body }),
  }
}

test('a long text of a file field lies on disk while the operation runs, and not after the answer', async () => {
  const { send } = await start()
  const photo = `data:image/png;base64,${randomBytes(3 * MEGABYTE).toString('base64')}`

  const answer = await send(JSON.stringify({ PHOTO: photo, phone: '1' }))

  const { path, text, head, sizeBytes } = JSON.parse(answer.text).data
  expect(text === photo).toBe(true)
  expect(head).toBe(photo.slice(0, 1024))
  expect(sizeBytes).toBe(photo.length)
  await expect.poll(() => existsSync(path)).toBe(false)
})

test('a text may come in any number of pieces', async () => {
  const { url } = await start()
  const body = `{"phone":"1","photo":"${'A'.repeat(400_000)}"}`
  const bytes = Array.from(body, (character) => `1\r\n${character}\r\n`)

  const answer = await sendRaw(
    Number(new URL(url).port),
    `POST /photo HTTP/1.1\r\nHost: x\r\nToken: ann\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n${bytes.join('')}0\r\n\r\n`,
  )

  expect(answer).toContain('A'.repeat(400_000))
})

test.each([
  ['between short ones', (long: string) => ({ phone: '1', photo: long, caption: 'after' })],
  ['after many', (long: string) => ({ phone: '1', other: Array(1000).fill('a "b" \\'), photo: long })],
  ['before another', (long: string) => ({ photo: long, other: long, phone: '1' })],
])('a long text is found %s, wherever the pieces end', async (_where, bodyOf) => {
  const { url } = await start()
  const long = 'long "é" '.repeat(150_000)
  const body = Buffer.from(JSON.stringify(bodyOf(long)))

  for (const size of [1_000, 16_385, 100_000]) {
    const pieces: Buffer[] = []
    for (let at = 0; at < body.length; at += size) pieces.push(body.subarray(at, at + size))
    const answer = await fetch(`${url}/photo`, {
      method: 'POST',
      headers: { Token: 'ann' },
      body: Readable.toWeb(Readable.from(pieces)),
      duplex: 'half',
    } as RequestInit)

    expect(JSON.parse(await answer.text()).data.text === long).toBe(true)
  }
})

test('escapes are undone, as PHP and .NET write them', async () => {
  const { send } = await start()
  const escaped = '\\/9j\\/4AAQ\\u002B\\u003d\\n'.repeat(100_000)

  const answer = await send(`{"phone":"1","photo":"${escaped}"}`)

  expect(JSON.parse(answer.text).data.text === '/9j/4AAQ+=\n'.repeat(100_000)).toBe(true)
})

test('a long text of any other field never gets into the memory', async () => {
  const { send } = await start()
  const caption = 'long "é" \n'.repeat(200_000)

  const answer = await send(JSON.stringify({ phone: '1', photo: 'data:,x', caption }))

  expect(JSON.parse(answer.text)).toMatchObject({
    code: 400,
    error: 'caption is too long: at most 65536 characters',
  })
})

test('nor does one in a member that would change what it is a member of', async () => {
  const { send } = await start()

  const answer = await send(`{"phone":"1","__proto__":"${'A'.repeat(2 * MEGABYTE)}"}`)

  expect(JSON.parse(answer.text).data).toEqual({ phone: '1', caption: '' })
})

test('what follows the first JSON value is ignored, however long and broken', async () => {
  const { send } = await start()

  const answer = await send(`{"phone":"1"}"${'\\x'.repeat(MEGABYTE)}`)

  expect(JSON.parse(answer.text).data).toEqual({ phone: '1', caption: '' })
})

test.each([
  ['an unknown escape', '\\x'],
  ['a control character', '\n'],
  ['half an escape at its end', '\\u12'],
])('a long string with %s cannot be decoded', async (_what, mistake) => {
  const { send } = await start()

  const answer = await send(`{"phone":"1","photo":"${'A'.repeat(2 * MEGABYTE)}${mistake}"}`)

  expect(JSON.parse(answer.text)).toMatchObject({ code: 400, error: 'could not decode Payload' })
})

test('nothing stays on disk when the client goes away in the middle', async () => {
  const { url } = await start()
  const before = spilled()
  const { port } = new URL(url)
  const socket = connect(Number(port), '127.0.0.1')
  socket.write('POST /photo HTTP/1.1\r\nHost: x\r\nToken: ann\r\nContent-Length: 9000000\r\n\r\n{"photo":"')
  socket.write('A'.repeat(2 * MEGABYTE))
  await expect.poll(() => spilled().length).toBeGreaterThan(before.length)

  socket.destroy()

  await expect.poll(() => spilled().filter((name) => !before.includes(name))).toEqual([])
})

function spilled(): string[] {
  return readdirSync(scratch).filter((name) => name.startsWith('body-'))
}
