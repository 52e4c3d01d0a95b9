import { createHash, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { sampleFile } from '../../../../src/sandbox/world/samples.ts'
import { type LinkedUser, TestApp } from '../../../helpers/app.ts'
import { type Receiver, startReceiver } from '../../../helpers/receiver.ts'

let app: TestApp
let receiver: Receiver
let user: LinkedUser
const contact = '447900000401'

beforeAll(async () => {
  const env = { WEBHOOK_FORMAT: 'json', WEBHOOK_RETRY_DELAY_SECONDS: '1', MEDIA_MAX_BYTES: '1000000' }
  app = await TestApp.start({ env })
  receiver = await startReceiver()
  user = await app.linkedUser({ webhook: receiver.url, events: 'Message' })
  await app.contact(contact)
})
beforeEach(() => app.sandbox('DELETE', '/faults'))
afterAll(async () => {
  await app.close()
  await receiver.close()
})

/** The contact sends a file; gives the event that reaches the webhook. */
async function received(content: object) {
  const { id } = await send(content)
  return app.waitFor(`the event of ${id}`, () => eventOf(id))
}

function send(content: object): Promise<{ id: string }> {
  return app.sandbox('POST', `/contacts/${contact}/send`, { to: user.phone, ...content })
}

// Tests look into events freely.
function eventOf(id: string): ReturnType<typeof JSON.parse> {
  const found = receiver.requests.findLast(
    ({ event }) => (event.event as { Info?: { ID?: string } })?.Info?.ID === id,
  )
  return found?.event
}

const data = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')

describe('a file that a contact sends', () => {
  test.each([
    ['image', 'image/jpeg', '.jpe'],
    ['video', 'video/mp4', '.f4v'],
    ['audio', 'application/ogg', '.oga'],
    ['document', 'application/pdf', '.pdf'],
  ] as const)('is in its event: %s', async (kind, mimeType, ending) => {
    const event = await received({ [kind]: true })

    const sample = await sampleFile(kind)
    expect(event).toMatchObject({ base64: data(sample.bytes), mimeType })
    expect(event.fileName).toBe(`${event.event.Info.ID}${ending}`)
  })

  test('is in its event: sticker', async () => {
    const event = await received({ sticker: true })

    const hash = createHash('sha256').update(Buffer.from(event.base64, 'base64')).digest('base64')
    expect(event.event.Message.stickerMessage.fileSHA256).toBe(hash)
    expect(event).toMatchObject({ mimeType: 'image/webp', isSticker: true, stickerAnimated: false })
  })

  test('is in its event when it was wrapped', async () => {
    const event = await received({ image: { viewOnce: true } })

    expect(event.event.IsViewOnce).toBe(true)
    expect(event.base64).toBeTruthy()
  })

  test('is not in the event of a user who does not want it', async () => {
    const s3Config = { mediaDelivery: 's3' }
    const other = await app.linkedUser({ webhook: receiver.url, events: 'Message', s3Config })

    const { id } = await app.sandbox('POST', `/contacts/${contact}/send`, { to: other.phone, image: true })

    const event = await app.waitFor('the event', () => eventOf(id))
    expect('base64' in event).toBe(false)
  })

  test('is fetched again from the phone when it has expired', async () => {
    await app.sandbox('POST', '/faults', { kind: 'expire-media', times: 1 })

    const event = await received({ document: true })

    const sample = await sampleFile('document')
    expect(event.base64).toBe(data(sample.bytes))
  })

  test('that cannot be had is left out', async () => {
    await app.sandbox('POST', '/faults', { kind: 'expire-media' })

    const event = await received({ sticker: true })

    expect('base64' in event).toBe(false)
    expect(event).not.toHaveProperty('isSticker')
  })

  test('of more than the limit is left out', async () => {
    const event = await received({ document: data(randomBytes(1_000_100)) })

    expect('base64' in event).toBe(false)
  })

  test.each([
    ['its hash', { fileSha256: data(randomBytes(32)) }],
    ['the hash of its encrypted form', { fileEncSha256: data(randomBytes(32)) }],
    ['its key', { mediaKey: data(randomBytes(32)) }],
    ['its length', { fileLength: 7 }],
    ['its address', { url: 'https://127.0.0.1/x', directPath: '@127.0.0.1/x' }],
  ])('is left out when %s is wrong', async (_what, change) => {
    const { imageMessage } = await originalImage()

    const event = await received({ message: { imageMessage: { ...imageMessage, ...change } } })

    expect(event.event.Message.imageMessage.mimetype).toBe('image/jpeg')
    expect('base64' in event).toBe(false)
  })

  test('is downloaded once, however often its delivery is repeated', async () => {
    receiver.answerBy(({ event }) => (JSON.stringify(event).includes('repeat me') ? 503 : undefined))
    const { id } = await send({ image: { caption: 'repeat me' } })
    await app.waitFor('the first attempt', () => eventOf(id))
    await app.sandbox('POST', '/faults', { kind: 'expire-media' })

    receiver.answerBy(() => undefined)
    const event = await app.waitFor(
      'the second attempt',
      () => receiver.requests.filter(({ body }) => body.includes(id)).at(1)?.event,
      15_000,
    )

    expect(event.base64).toBe(data((await sampleFile('image')).bytes))
  })
})

/** A file on the media host, as a message describes it. */
async function originalImage() {
  const { id } = await send({ image: true })
  const phone = await app.waitFor('the message at the phone', async () =>
    (await app.received(user.phone)).find((message) => message.id === id),
  )
  return phone.message
}

describe('/chat/download', () => {
  async function download(kind: string, body: object) {
    const { status, json } = await app.post(`/chat/download${kind}`, user.token, body)
    return { status, json }
  }

  async function described() {
    const { imageMessage } = await originalImage()
    const { url, directPath, mediaKey, fileEncSha256, fileSha256, fileLength, mimetype } = imageMessage
    return {
      Url: url,
      DirectPath: directPath,
      MediaKey: mediaKey,
      Mimetype: mimetype,
      FileEncSHA256: fileEncSha256,
      FileSHA256: fileSha256,
      FileLength: Number(fileLength),
    }
  }

  test.each(['image', 'sticker'])('%s: gives the file as a data URL, and echoes the type', async (kind) => {
    const { bytes } = await sampleFile('image')
    const description = await described()

    const whole = await download(kind, { ...description, Mimetype: 'image/jpeg; a=b' })
    const byPath = await download(kind, { ...description, Url: '', FileEncSHA256: '', FileLength: 0 })

    const Data = `data:image/jpeg; a=b;base64,${data(bytes)}`
    expect(whole).toEqual({
      status: 200,
      json: { code: 200, data: { Data, Mimetype: 'image/jpeg; a=b' }, success: true },
    })
    expect(byPath.json.data.Mimetype).toBe('image/jpeg')
  })

  test('finds the type of a file nobody declared', async () => {
    const { json } = await download('image', { ...(await described()), Mimetype: '' })

    expect(json.data.Mimetype).toBe('image/jpeg')
    expect(json.data.Data).toMatch(/^data:image\/jpeg;base64,/)
  })

  test.each([
    ['video', {}, 'Failed to download video invalid media hmac', { FileEncSHA256: '' }],
    [
      'image',
      {},
      "Failed to download image hash of media ciphertext doesn't match",
      { FileEncSHA256: 'AAAA' },
    ],
    ['image', {}, "Failed to download image hash of media plaintext doesn't match", { FileSHA256: 'AAAA' }],
    ['image', {}, 'Failed to download image file length does not match', { FileLength: 3 }],
    ['image', {}, 'Failed to download image no media key present', { MediaKey: '' }],
    [
      'image',
      {},
      'Failed to download image no url present',
      { Url: 'http://169.254.169.254/', DirectPath: '' },
    ],
    ['image', {}, 'Failed to download image no url present', { Url: '', DirectPath: '@127.0.0.1/x' }],
    ['image', { kind: 'expire-media' }, 'Failed to download image download failed with status code 410', {}],
  ])('%s %j: %s', async (kind, fault, sentence, change) => {
    if ('kind' in fault) await app.sandbox('POST', '/faults', fault)

    const { status, json } = await download(kind, { ...(await described()), ...change })

    expect(status).toBe(500)
    expect(json.error.slice(0, sentence.length)).toBe(sentence)
  })

  test('refuses what cannot be decoded and needs a session', async () => {
    const { token } = await app.createUser()

    const undecodable = await download('image', { MediaKey: '!' })
    const sessionless = await app.post('/chat/downloadaudio', token, '')

    expect([undecodable.status, undecodable.json.error]).toEqual([400, 'Could not decode Payload'])
    expect([sessionless.status, sessionless.json.error]).toEqual([500, 'No session'])
  })
})
