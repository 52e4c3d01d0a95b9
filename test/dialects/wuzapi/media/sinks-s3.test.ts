import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LinkedUser, TestApp } from '../../../helpers/app.ts'
import { type Receiver, startReceiver } from '../../../helpers/receiver.ts'
import { startStorage, type TestStorage } from '../../../helpers/s3.ts'

let app: TestApp
let storage: TestStorage
let receiver: Receiver
let user: LinkedUser

beforeAll(async () => {
  storage = await startStorage()
  receiver = await startReceiver()
  app = await TestApp.start()
  user = await app.linkedUser({ webhook: receiver.url, events: 'Message' })
})
afterAll(async () => {
  await app.close()
  await receiver.close()
  await storage.close()
})

function configure(changes: Record<string, unknown> = {}) {
  const { settings } = storage
  return app.post('/session/s3/config', user.token, {
    enabled: true,
    endpoint: settings.endpoint,
    region: settings.region,
    bucket: settings.bucket,
    access_key: settings.accessKey,
    secret_key: settings.secretKey,
    path_style: true,
    media_delivery: 's3',
    retention_days: 7,
    ...changes,
  })
}

/** The next event about an image; the account's devices also tell each other things. */
async function nextImage(): Promise<Record<string, unknown>> {
  for (;;) {
    const { event } = await receiver.next('Message')
    if (JSON.stringify(event).includes('imageMessage')) return event
  }
}

describe('POST /session/s3/test', () => {
  test('says when there is no bucket', async () => {
    const answer = await app.post('/session/s3/test', user.token)

    expect(answer.status).toBe(400)
    expect(answer.json.error).toBe('S3 is not enabled for this user')
  })

  test('lists the bucket', async () => {
    await configure()

    const answer = await app.post('/session/s3/test', user.token)

    expect(answer.json).toEqual({
      code: 200,
      data: { Bucket: 'media', Details: 'S3 connection test successful', Region: 'us-east-1' },
      success: true,
    })
  })

  test.each([
    [{ secret_key: 'wrong' }, 'S3 connection test failed: SignatureDoesNotMatch: no'],
    [{ bucket: 'missing' }, 'S3 connection test failed: NoSuchBucket: The specified bucket does not exist'],
    [{ endpoint: 'http://:9000' }, 'Failed to initialize S3 client: the endpoint is not an address'],
  ])('with %o says what is wrong', async (changes, error) => {
    await configure(changes)

    const answer = await app.post('/session/s3/test', user.token)

    expect(answer.status).toBe(500)
    expect(answer.json).toEqual({ code: 500, error, success: false })
  })
})

describe('a received image', () => {
  test.each([
    ['s3', false],
    ['both', true],
  ])('with media_delivery %s is put into the bucket', async (delivery, isInline) => {
    await configure({ media_delivery: delivery })
    const contact = await app.contact('447700900100')

    await app.sandbox('POST', `/contacts/${contact}/send`, { to: user.phone, image: true })

    const event = await nextImage()
    const s3 = event.s3 as { key: string; url: string; size: number }
    expect(s3).toMatchObject({
      bucket: 'media',
      mimeType: 'image/jpeg',
      fileName: expect.stringMatching(/\.jpe$/),
    })
    expect(s3.key).toMatch(
      new RegExp(`^users/${user.id}/inbox/[0-9]+_[^/]+/\\d{4}/\\d\\d/\\d\\d/images/[0-9A-F]+\\.jpg$`),
    )
    const stored = await (await fetch(s3.url)).arrayBuffer()
    expect(stored.byteLength).toBe(s3.size)
    expect('base64' in event).toBe(isInline)
  })

  test('goes out without a file when the bucket refuses it', async () => {
    await configure({ bucket: 'missing' })

    await app.sandbox('POST', '/contacts/447700900100/send', { to: user.phone, image: true })

    const event = await nextImage()
    expect(Object.keys(event)).toEqual(['event', 'type'])
  })
})

test('DELETE /admin/users/{id}/full removes what the user had in the bucket', async () => {
  await configure()
  await app.sandbox('POST', '/contacts/447700900100/send', { to: user.phone, image: true })
  const event = await nextImage()
  const { key } = event.s3 as { key: string }
  const before = (await storage.get(key)).status

  await app.request('DELETE', `/admin/users/${user.id}/full`, { admin: true })

  expect(before).toBe(200)
  expect((await storage.get(key)).status).toBe(404)
})
