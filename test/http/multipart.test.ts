import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { post } from '../../src/http/endpoint/endpoint.ts'
import { file, requiredText } from '../../src/http/endpoint/fields.ts'
import { fileFields } from '../../src/http/server/openapi.ts'
import { echo, echoed, startTiny, tinyDialect } from './tiny.ts'

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

test('fields that take files are found in the schema', () => {
  expect(fileFields(photo.body)).toEqual(['photo'])
})
