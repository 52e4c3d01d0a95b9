import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { picture } from '../../helpers/media.ts'
import { failure, RFC3339, Wsgo } from './wsgo.ts'

let wsgo: Wsgo

beforeAll(async () => {
  wsgo = await Wsgo.start()
})
afterAll(() => wsgo.close())

const sent = {
  status: 'sent',
  messageID: expect.stringMatching(/^[0-9A-F]{16,}$/),
  timestamp: expect.stringMatching(RFC3339),
}

async function file(id: string): Promise<Buffer> {
  const response = await fetch(`${wsgo.app.url}/sandbox/contacts/${wsgo.contact}/messages/${id}/file`, {
    headers: { authorization: wsgo.app.parley.adminToken },
  })
  return Buffer.from(await response.arrayBuffer())
}

describe('/api/send/text', () => {
  test('sends', async () => {
    const { status, json } = await wsgo.post('/api/send/text', {
      phone: wsgo.contact,
      message: 'Hello from wsgo!',
    })

    expect([status, json]).toEqual([200, sent])
    const { message } = await wsgo.arrived(json.messageID)
    expect(message.extendedTextMessage?.text ?? message.conversation).toBe('Hello from wsgo!')
  })

  test.each([
    ['+573001234567'],
    [' 573001234567 '],
    ['573001234567@s.whatsapp.net'],
    ['573001234567:3@s.whatsapp.net'],
  ])('takes %j', async (phone) => {
    const { json } = await wsgo.post('/api/send/text', { phone, message: phone })

    expect(json).toEqual(sent)
    await wsgo.arrived(json.messageID)
  })

  test.each([
    ['Jane'],
    ['0573001234567'],
    ['57-300'],
    ['12'],
    ['5730012345675730012345'],
    ['573001234567@c'],
    ['a@b@s.whatsapp.net'],
    ['573001234567; drop table users'],
    ['٥٧٣٠٠١٢٣٤٥٦٧'],
  ])('refuses %j', async (phone) => {
    const { status, json } = await wsgo.post('/api/send/text', { phone, message: 'x' })

    expect([status, json]).toEqual([
      400,
      failure('phone must be an international number such as 573001234567, or a JID'),
    ])
  })

  test('a repeated request with the same Idempotency-Key is one message', async () => {
    const options = {
      body: { phone: wsgo.contact, message: 'once' },
      headers: { 'Idempotency-Key': 'wsgo-once' },
    }

    const first = await wsgo.request('POST', '/api/send/text', options)
    const second = await wsgo.request('POST', '/api/send/text', options)

    expect(second.json).toEqual(first.json)
    expect(second.headers.get('Idempotent-Replayed')).toBe('true')
  })
})

describe('/api/send/image', () => {
  test('sends the bytes with caption and type', async () => {
    const image = await picture('jpeg', [64, 32])

    const { status, json } = await wsgo.post('/api/send/image', {
      phone: wsgo.contact,
      image_base64: image.toString('base64'),
      caption: 'Check this out!',
      mime_type: 'image/jpeg',
    })

    expect([status, json]).toEqual([200, sent])
    const { message } = await wsgo.arrived(json.messageID)
    expect(message.imageMessage).toMatchObject({ caption: 'Check this out!', mimetype: 'image/jpeg' })
    expect(await file(json.messageID)).toEqual(image)
  })

  test('tells the type by the file, also of one that is too large to be kept in memory', async () => {
    const image = await picture('png', [1200, 900])
    const large = Buffer.concat([image, Buffer.alloc(2_000_000)])

    const { json } = await wsgo.post('/api/send/image', {
      phone: wsgo.contact,
      image_base64: large.toString('base64'),
    })

    const { message } = await wsgo.arrived(json.messageID)
    expect(message.imageMessage.mimetype).toBe('image/png')
    expect(await file(json.messageID)).toEqual(large)
  })
})

describe('/api/send/document', () => {
  test('sends the bytes with name, caption and type', async () => {
    const report = Buffer.from('%PDF-1.4 report')

    const { status, json } = await wsgo.post('/api/send/document', {
      phone: wsgo.contact,
      document_base64: report.toString('base64'),
      filename: 'report.pdf',
      mime_type: 'application/pdf',
      caption: 'Monthly report',
    })

    expect([status, json]).toEqual([200, sent])
    const { message } = await wsgo.arrived(json.messageID)
    const document = message.documentWithCaptionMessage?.message.documentMessage ?? message.documentMessage
    expect(document).toMatchObject({
      fileName: 'report.pdf',
      mimetype: 'application/pdf',
      caption: 'Monthly report',
    })
    expect(await file(json.messageID)).toEqual(report)
  })
})

const image = { phone: '573001234567', image_base64: 'QUJD' }
const document = { phone: '573001234567', document_base64: 'QUJD', filename: 'a.pdf' }
const notBare = 'must be bare base64, neither a data URL nor an address: illegal base64 data'

test.each([
  ['text', {}, 'phone is required'],
  ['text', { phone: '573001234567' }, 'message is required'],
  ['text', { phone: '', message: 'x' }, 'phone is required'],
  ['text', { phone: '573001234567', message: '' }, 'message is required'],
  ['text', { phone: 573001234567, message: 'x' }, 'invalid JSON body'],
  ['text', { phone: '573001234567', message: ['x'] }, 'invalid JSON body'],
  ['text', [], 'invalid JSON body'],
  ['text', '{"phone":', 'invalid JSON body'],
  ['text', 'phone=573001234567', 'invalid JSON body'],
  ['image', { phone: '573001234567' }, 'image_base64 is required'],
  ['image', { ...image, phone: undefined }, 'phone is required'],
  ['image', { ...image, image_base64: '' }, 'image_base64 is required'],
  ['image', { ...image, image_base64: 7 }, 'invalid JSON body'],
  ['image', { ...image, caption: 7 }, 'invalid JSON body'],
  ['image', { ...image, image_base64: 'not base64!' }, `image_base64 ${notBare}`],
  ['image', { ...image, image_base64: 'QUJ' }, `image_base64 ${notBare}`],
  ['image', { ...image, image_base64: 'data:image/png;base64,QUJD' }, `image_base64 ${notBare}`],
  ['image', { ...image, image_base64: 'https://example.com/a.png' }, `image_base64 ${notBare}`],
  ['image', { ...image, image_base64: 'http://127.0.0.1/a.png' }, `image_base64 ${notBare}`],
  ['image', { ...image, image_base64: `!${'A'.repeat(1_200_000)}` }, `image_base64 ${notBare}`],
  ['image', { ...image, image_base64: { base64: 'QUJD' } }, 'invalid JSON body'],
  ['document', { ...document, document_base64: undefined }, 'document_base64 is required'],
  ['document', { ...document, filename: '' }, 'filename is required'],
  ['document', { ...document, filename: undefined }, 'filename is required'],
  ['document', { ...document, document_base64: 'data:,x' }, `document_base64 ${notBare}`],
  ['document', { ...document, mime_type: false }, 'invalid JSON body'],
])('/api/send/%s refuses %j', async (kind, body, sentence) => {
  const { status, json } = await wsgo.post(`/api/send/${kind}`, body)

  expect([status, json]).toEqual([400, failure(sentence)])
})

test('what is no image is not sent as one', async () => {
  const { status, json } = await wsgo.post('/api/send/image', image)

  expect(status).toBe(400)
  expect(json.error).toMatch(/^image_base64 is not an image that can be read: /)
})

test('a form is no JSON', async () => {
  const form = new FormData()
  form.set('phone', '573001234567')
  form.set('image_base64', new Blob(['x'], { type: 'image/png' }), 'a.png')

  const response = await fetch(`${wsgo.app.url}/wsgo/api/send/image`, {
    method: 'POST',
    headers: { 'X-API-Key': wsgo.user.token },
    body: form,
  })

  expect([response.status, await response.json()]).toEqual([400, failure('invalid JSON body')])
})

test.each([
  ['text', { phone: '573001234567', message: 'x' }],
  ['image', image],
  ['document', document],
  ['group', { group_jid: '120363000000@g.us', message: 'x' }],
])('/api/send/%s needs a connected session', async (kind, body) => {
  const { token } = await wsgo.unlinked()

  const { status, json } = await wsgo.post(`/api/send/${kind}`, body, token)

  expect([status, json]).toEqual([503, failure('not connected to WhatsApp')])
})
