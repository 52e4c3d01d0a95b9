import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type MediaKind, sampleFile } from '../../../src/sandbox/world/samples.ts'
import { type FormReceiver, type ReceivedForm, startFormReceiver } from '../../helpers/form-receiver.ts'
import { dataUrl } from '../../helpers/media.ts'
import { startReceiver } from '../../helpers/receiver.ts'
import { subscribe } from './sending/shows.ts'
import { Wago } from './wago.ts'

const PLAIN = 'application/x-www-form-urlencoded'
const MULTIPART = /^multipart\/form-data; boundary=([0-9a-f]{60})$/

let wago: Wago
let receiver: FormReceiver
beforeAll(async () => {
  // What other dialects' webhooks look like is nothing to this one.
  wago = await Wago.start({
    env: { WAGO_FORWARD_MEDIA: 'true', WEBHOOK_FORMAT: 'json', WEBHOOK_RETRY_DELAY_SECONDS: '1' },
  })
  receiver = await startFormReceiver()
  await subscribe(wago, receiver.url)
})
afterAll(async () => {
  await wago.close()
  await receiver.close()
})
beforeEach(() => {
  receiver.forms.length = 0
})
afterEach(() => wago.app.sandbox('DELETE', '/faults'))

/** The contact writes; the first form that says so, when it has arrived. */
async function toldOf(content: object): Promise<{ id: string; form: ReceivedForm }> {
  const id = await wago.hears(content)
  const form = await wago.app.waitFor('the form', () => receiver.forms.find((one) => namesMessage(one, id)))
  return { id, form }
}

function namesMessage({ fields }: ReceivedForm, id: string): boolean {
  return fields.jsonData?.includes(id) ?? false
}

function messageIn({ fields }: ReceivedForm) {
  return JSON.parse(fields.jsonData ?? '')
}

/** A file of this kind, and what a contact says to send it. */
async function sample(kind: MediaKind, particulars: object = {}) {
  const { bytes, mimetype } = await sampleFile(kind)
  return {
    bytes,
    content: { [kind]: { data: dataUrl('image/png', bytes), mimetype, ...particulars } },
    mimetype,
  }
}

describe('a file comes behind the fields', () => {
  test.each<[string, MediaKind, object, string]>([
    ['an image', 'image', { caption: 'Look' }, '.jpe'],
    ['a video', 'video', { caption: 'Look' }, '.f4v'],
    ['a voice note', 'audio', { ptt: true }, '.oga'],
    ['a sticker', 'sticker', {}, '.webp'],
  ])('of %s', async (_what, kind, particulars, ending) => {
    const { bytes, content, mimetype } = await sample(kind, particulars)

    const { id, form } = await toldOf(content)

    expect(form.headers['content-type']).toMatch(MULTIPART)
    expect(Object.keys(form.fields)).toEqual(['jsonData', 'token'])
    expect(form.fields.token).toBe(wago.user.token)
    expect(messageIn(form)).toMatchObject({ type: 'Message', event: { Info: { ID: id } } })
    expect(form.file).toMatchObject({ fieldname: 'file', originalname: `${id}${ending}` })
    // The parser leaves out what stands behind the type.
    expect(form.raw.includes(`\r\nContent-Type: ${mimetype}\r\n\r\n`)).toBe(true)
    expect(form.file?.buffer.equals(bytes)).toBe(true)
  })

  test.each([
    ['a plain name', 'report.pdf', 'report.pdf'],
    ['quotes and a backslash', 'a "b"\\c.pdf', 'a \\"b\\"\\\\c.pdf'],
    ['another alphabet', 'Отчёт 报告 📄.pdf', 'Отчёт 报告 📄.pdf'],
    ['a header inside', 'a\r\nX-Evil: 1\r\n\r\n.pdf', 'a%0D%0AX-Evil: 1%0D%0A%0D%0A.pdf'],
    ['a path', '../../etc/passwd', '../../etc/passwd'],
    ['a long name', `${'x'.repeat(400)}.pdf`, `${'x'.repeat(251)}.pdf`],
    ['no name', '', undefined],
  ])('of a document with %s', async (_what, fileName, written) => {
    const { bytes, content, mimetype } = await sample('document', { fileName })

    const { id, form } = await toldOf(content)

    const disposition = `Content-Disposition: form-data; name="file"; filename="${written ?? `${id}.pdf`}"\r\n`
    expect(form.raw.includes(`\r\n${disposition}Content-Type: ${mimetype}\r\n\r\n`)).toBe(true)
    expect(form.file?.buffer.equals(bytes)).toBe(true)
  })

  test('of a document with a caption', async () => {
    const { bytes, content } = await sample('document', { fileName: 'report.pdf', caption: 'Monthly' })

    const { form } = await toldOf(content)

    expect(form.file?.originalname).toBe('report.pdf')
    expect(form.file?.buffer.equals(bytes)).toBe(true)
  })

  test('of a message that can be looked at once', async () => {
    const { bytes, content } = await sample('image', { viewOnce: true })

    const { form } = await toldOf(content)

    expect(form.file?.buffer.equals(bytes)).toBe(true)
  })

  test.each([
    ['none', '', 'image/jpeg'],
    ['what is none', 'picture', 'application/octet-stream'],
    ['a header inside', 'image/png\r\nX-Evil: 1', 'application/octet-stream'],
  ])('with a type of ours where its sender says %s', async (_what, mimetype, told) => {
    const { bytes } = await sampleFile('image')

    const { form } = await toldOf({ image: { data: dataUrl('image/jpeg', bytes), mimetype } })

    expect(form.file?.mimetype).toBe(told)
    expect(form.file?.buffer.equals(bytes)).toBe(true)
  })

  test('in exactly these bytes', async () => {
    const { bytes, content } = await sample('document', { fileName: 'a "b".pdf' })

    const { form } = await toldOf(content)

    const [, boundary] = MULTIPART.exec(form.headers['content-type'] ?? '') ?? []
    const expected = Buffer.concat([
      Buffer.from(
        `--${boundary}\r\n` +
          'Content-Disposition: form-data; name="jsonData"\r\n\r\n' +
          `${form.fields.jsonData}\r\n` +
          `--${boundary}\r\n` +
          'Content-Disposition: form-data; name="token"\r\n\r\n' +
          `${wago.user.token}\r\n` +
          `--${boundary}\r\n` +
          'Content-Disposition: form-data; name="file"; filename="a \\"b\\".pdf"\r\n' +
          'Content-Type: application/pdf\r\n\r\n',
      ),
      bytes,
      Buffer.from(`\r\n--${boundary}--\r\n`),
    ])
    expect(form.raw.equals(expected)).toBe(true)
    expect(form.headers['content-length']).toBe(String(expected.length))
  })
})

describe('a form is plain', () => {
  test.each([
    ['a text', { text: 'Hello' }],
    ['a place', { location: { latitude: 1, longitude: 2 } }],
    ['a contact', { contact: { name: 'Ann', phone: '5511900000000' } }],
    ['a poll', { poll: { name: 'Colour?', options: ['red', 'blue'] } }],
  ])('for %s', async (_what, content) => {
    const { form } = await toldOf(content)

    expect(form.headers['content-type']).toBe(PLAIN)
    expect(Object.keys(form.fields)).toEqual(['jsonData', 'token'])
    expect(form.file).toBeUndefined()
  })

  test('for an answer to a picture, whose file was forwarded before', async () => {
    const { id } = await toldOf({ image: true })

    const { form } = await toldOf({ text: 'What is it?', quote: id })

    expect(form.headers['content-type']).toBe(PLAIN)
  })

  test('for a file that the media host no longer has', async () => {
    await wago.app.sandbox('POST', '/faults', { kind: 'expire-media' })

    const { id, form } = await toldOf({ image: true })

    expect(form.headers['content-type']).toBe(PLAIN)
    expect(messageIn(form)).toMatchObject({ event: { Info: { ID: id } } })
    expect(messageIn(form)).not.toHaveProperty('base64')
  })

  test('for a file whose key does not fit', async () => {
    const id = await wago.hears({ image: true })
    const original = (await wago.app.received(wago.user.phone)).find((one) => one.id === id)
    const imageMessage = { ...original.message.imageMessage, mediaKey: Buffer.alloc(32).toString('base64') }

    const { form } = await toldOf({ message: { imageMessage } })

    expect(form.headers['content-type']).toBe(PLAIN)
  })

  test('for what the session sends itself, whose file it has', async () => {
    const { bytes, mimetype } = await sampleFile('image')

    await wago.arrives('/send/image', { Image: dataUrl(mimetype, bytes) })
    const { form } = await toldOf({ text: 'Got it' })

    expect(form.headers['content-type']).toBe(PLAIN)
    expect(receiver.forms.filter(({ file }) => file !== undefined)).toEqual([])
  })
})

test('a form that was refused comes again with the same bytes and id', async () => {
  receiver.answer(500, 503)

  const { id } = await toldOf({ video: true })

  const [first, second, third] = await wago.app.waitFor('the third form', () => {
    const forms = receiver.forms.filter((form) => namesMessage(form, id))
    return forms.length === 3 ? forms : undefined
  })
  expect(first?.file).toBeDefined()
  expect([second, third].map((form) => form && first?.raw.equals(form.raw))).toEqual([true, true])
  expect(new Set([first, second, third].map((form) => form?.headers['webhook-id'])).size).toBe(1)
})

describe('other receivers of the same message', () => {
  test('whoever fetches its deliveries gets JSON with the file inside', async () => {
    const { token } = wago.user
    const added = { slot: 'wago', url: receiver.url, events: ['Message'] }
    const { target } = (await wago.app.post('/parley/me/webhooks', token, added)).json
    const mode = { token, body: { mode: 'pull' } }
    await wago.app.request('PUT', `/parley/me/mode?target=${target}`, mode)
    const { bytes, content } = await sample('document', { fileName: 'report.pdf' })

    const { id } = await toldOf(content)
    const [pulled] = await wago.app.waitFor('a delivery to fetch', async () => {
      const leased = await wago.app.get(`/parley/me/deliveries/lease?target=${target}`, token)
      return leased.json.deliveries.length > 0 ? leased.json.deliveries : undefined
    })

    expect(JSON.parse(pulled.body)).toMatchObject({
      type: 'Message',
      token,
      event: { Info: { ID: id } },
      fileName: 'report.pdf',
      mimeType: 'application/pdf',
      base64: bytes.toString('base64'),
    })
    expect(receiver.forms.filter((form) => namesMessage(form, id))).toHaveLength(1)
    await wago.app.request('DELETE', `/parley/me/webhooks?target=${target}`, { token })
  })

  test("the webhook of another dialect gets the file in the event's own words", async () => {
    const other = await startReceiver()
    await wago.app.post('/webhook', wago.user.token, { webhookURL: other.url, events: ['Message'] })
    const { bytes, content } = await sample('image')

    const { id, form } = await toldOf(content)

    const { event } = await wago.app.waitFor('the other webhook', () =>
      other.requests.find(({ body }) => body.includes(id)),
    )
    expect(form.file?.buffer.equals(bytes)).toBe(true)
    expect(event).toMatchObject({ base64: bytes.toString('base64'), mimeType: 'image/jpeg' })
    expect(messageIn(form)).not.toHaveProperty('base64')
    await wago.app.post('/webhook', wago.user.token, { webhookURL: '' })
    await other.close()
  })
})

test('no file is forwarded unless the server is told to', async () => {
  const plain = await Wago.start()
  await subscribe(plain, receiver.url)

  const id = await plain.hears({ image: true })

  const form = await plain.app.waitFor('the form', () => receiver.forms.find((one) => namesMessage(one, id)))
  expect(form.headers['content-type']).toBe(PLAIN)
  await plain.close()
})
