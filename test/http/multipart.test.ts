import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { fileFields } from '../../src/http/document/json-schema.ts'
import { post } from '../../src/http/endpoint/endpoint.ts'
import { file, requiredText, stringArray } from '../../src/http/endpoint/fields.ts'
import { scratchFolder } from '../../src/lib/process/scratch-folder.ts'
import { open } from './open-request.ts'
import { echo, echoed, startTiny, tinyDialect } from './tiny.ts'

const MEGABYTE = 1024 * 1024
const scratch = await scratchFolder()

/** Answers with what it was given; the file by its content. */
const photo = post('/photo', {
  summary: 'Send a photo',
  needs: 'stored',
  body: z.object({ phone: requiredText('missing phone'), photo: file() }),
  run: async (_scope, { phone, photo }: { phone: string; photo?: z.infer<ReturnType<typeof file>> }) => {
    if (typeof photo !== 'object') return { phone, photo }
    const content = await readFile(photo.path)
    return { phone, ...photo, content: content.toString('base64') }
  },
  input: ({ body }) => body,
  reply: echoed,
})

function form(fields: Record<string, string | Blob>): FormData {
  const data = new FormData()
  for (const [name, value] of Object.entries(fields)) data.set(name, value)
  return data
}

async function start(options = {}) {
  const { ask } = await startTiny(tinyDialect([photo, echo(z.object({}))]), options)
  return (body: FormData | string, path = '/photo') =>
    ask(path, { method: 'POST', headers: { Token: 'ann' }, body })
}

test('a file of a form lies on disk while the operation runs, and not after the answer', async () => {
  const send = await start()
  const content = randomBytes(100_000)

  const answer = await send(
    form({ phone: '1', photo: new File([content], '../me.png', { type: 'image/png' }) }),
  )

  const { path, ...rest } = JSON.parse(answer.text).data
  expect(rest).toEqual({
    phone: '1',
    fileName: 'me.png',
    mimeType: 'image/png',
    sizeBytes: 100_000,
    content: content.toString('base64'),
  })
  await expect.poll(() => existsSync(path)).toBe(false)
})

test('the same field takes a text, in a form or in JSON', async () => {
  const send = await start()

  expect((await send(form({ phone: '1', photo: 'https://x/y.png' }))).text).toContain(
    '"photo":"https://x/y.png"',
  )
  expect((await send('{"phone":"1","photo":"data:,x"}')).text).toContain('"photo":"data:,x"')
  expect((await send('{"phone":"1"}')).text).toContain('{"phone":"1"}')
})

test('JSON cannot name a file of the server', async () => {
  const send = await start()

  const answer = await send(
    '{"phone":"1","photo":{"path":"/etc/passwd","fileName":"x","mimeType":"x","sizeBytes":1}}',
  )

  expect(answer).toMatchObject({ status: 400 })
})

test('a form is checked like any body', async () => {
  const send = await start()

  expect((await send(form({ photo: 'x' }))).text).toContain('missing phone')
  expect((await send(form({ phone: '1', other: new File(['x'], 'x') }))).text).toContain(
    'could not decode Payload',
  )
  expect((await send(form({ phone: '1' }), '/echo')).text).toContain('could not decode Payload')
})

test('files beyond the body limit are refused', async () => {
  const send = await start({ bodyLimitBytes: 50_000 })

  const answer = await send(form({ phone: '1', photo: new File([randomBytes(60_000)], 'x') }))

  expect(answer.status).toBe(413)
})

test.each(['other[]', 'other[x]', 'other[5000]', 'other[5000][x]'])(
  'a name gives no structure to the body: %s',
  async (name) => {
    const send = await start()

    const answer = await send(form({ phone: '1', [name]: 'x' }))

    expect(JSON.parse(answer.text)).toEqual({ code: 400, error: 'could not decode Payload', success: false })
  },
)

test('a name that is repeated makes a list', async () => {
  const { ask } = await startTiny(tinyDialect([echo(z.object({ to: stringArray(), photo: file() }))]))
  const body = form({ to: '1' })
  body.append('to', '2')

  const answer = await ask('/echo', { method: 'POST', headers: { Token: 'ann' }, body })

  expect(JSON.parse(answer.text).data).toEqual({ to: ['1', '2'] })
})

describe('a form that is being sent', () => {
  const part = (name: string, content: string, more = '') =>
    `--limit\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n${content}\r\n`
  async function begin(options: object = {}) {
    const { port, ask } = await startTiny(tinyDialect([photo]), { bodyLimitBytes: 16 * MEGABYTE, ...options })
    const headers = { Token: 'ann', 'Content-Type': 'multipart/form-data; boundary=limit' }
    return { ask, begun: () => open(port, '/photo', headers) }
  }

  test('is refused as soon as its texts are larger than those of JSON may be', async () => {
    const { begun } = await begin()
    const { request, answer } = begun()

    for (let at = 0; at < 4; at++) request.write(part(`text ${at}`, 'x'.repeat(0.9 * MEGABYTE)))
    request.write(part('phone', 'and it goes on'))

    expect(await answer).toMatchObject({
      status: 413,
      text: '{"code":413,"error":"request body is too large, the limit is 2 MB","success":false}\n',
    })
    request.destroy()
  })

  test('is refused when its names are', async () => {
    const { begun } = await begin()
    const { request, answer } = begun()

    for (let at = 0; at < 99; at++) request.write(part(`${at}${'n'.repeat(15_000)}`, 'x'.repeat(10_000)))
    request.end('--limit--\r\n')

    expect(await answer).toMatchObject({ status: 413 })
  })

  test('is refused at its first mistake, however much is to come', async () => {
    const { begun } = await begin()
    const { request, answer } = begun()

    request.write(part('other', 'x', '; filename="x"'))
    request.write(part('photo', 'x'.repeat(100_000), '; filename="y"'))

    expect(await answer).toMatchObject({ status: 400 })
    request.destroy()
  })

  test('is given up when it stops coming', async () => {
    const { begun } = await begin({ bodyIdleMs: 50 })
    const before = readdirSync(scratch)
    const { request, answer } = begun()
    request.write(part('photo', 'x'.repeat(100_000), '; filename="x"').trimEnd())

    expect(await answer).toMatchObject({ status: 408 })
    await expect.poll(() => readdirSync(scratch).filter((name) => !before.includes(name))).toEqual([])
    request.destroy()
  })

  test('counts among what is being received in all', async () => {
    const { begun, ask } = await begin({ bodyLimitBytes: MEGABYTE })
    const uploads = [1, 2, 3, 4, 5].map(begun)

    const content = 'x'.repeat(MEGABYTE - 1000)
    for (const { request } of uploads) request.write(part('photo', content, '; filename="x"').trimEnd())
    const first = await Promise.race(uploads.map((upload) => upload.answer))

    expect(first).toMatchObject({ status: 503 })
    for (const { request, answer } of uploads) {
      answer.catch(() => {})
      request.destroy()
    }
    const after = () =>
      ask('/photo', { method: 'POST', headers: { Token: 'ann' }, body: form({ phone: '1' }) })
    await expect.poll(async () => (await after()).status).toBe(200)
  })

  test('may hold a file that is far larger than its texts may be', async () => {
    const send = await start({ bodyLimitBytes: 16 * MEGABYTE })
    const content = randomBytes(12 * MEGABYTE)

    const answer = await send(form({ phone: '1', photo: new File([content], 'x') }))

    expect(JSON.parse(answer.text).data.content === content.toString('base64')).toBe(true)
  })
})

test('fields that take files are found in the schema', () => {
  expect(fileFields(photo.body)).toEqual(['photo'])
})
