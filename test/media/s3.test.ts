import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createLogger } from '../../src/lib/process/logger.ts'
import { openSecrets } from '../../src/lib/secrets/secrets.ts'
import { removeFiles, startBucketRetention } from '../../src/media/bucket/bucket-retention.ts'
import { type Bucket, Buckets, type S3Error } from '../../src/media/bucket/s3.ts'
import { publicAddress } from '../../src/media/bucket/s3-address.ts'
import { objectKey } from '../../src/media/bucket/s3-keys.ts'
import { elements } from '../../src/media/bucket/xml.ts'
import { MessageFiles } from '../../src/media/message-files.ts'
import { insertUser, type S3Settings } from '../../src/store/users/users.ts'
import { temporaryDatabase } from '../helpers/database.ts'
import { startStorage, type TestStorage } from '../helpers/s3.ts'
import { sampleUser } from '../helpers/users.ts'

const DAY = 24 * 60 * 60 * 1000
const bytes = new TextEncoder().encode('a file')

const message = {
  userId: 'f'.repeat(32),
  messageId: '3EB0C0FFEE',
  timestamp: Date.UTC(2025, 7, 7, 1, 30) / 1000,
  fromMe: false,
  contact: '5511999998888:12@s.whatsapp.net',
  mimeType: 'audio/ogg; codecs=opus',
}

describe('a bucket', () => {
  let storage: TestStorage
  let buckets: Buckets
  let bucket: Bucket

  beforeAll(async () => {
    storage = await startStorage()
    buckets = new Buckets({ networks: 'any' })
    bucket = buckets.open(storage.settings)
  })
  afterAll(async () => {
    buckets.close()
    await storage.close()
  })

  const keysBelow = async (prefix: string, pageSize?: number) => {
    const pages: string[][] = []
    for await (const page of bucket.list(prefix, pageSize)) pages.push(page.map(({ key }) => key))
    return pages
  }

  test('takes an object and gives it to everybody', async () => {
    await bucket.put('users/a/b c+d.txt', { content: bytes, headers: { 'content-type': 'text/plain' } })

    const answer = await storage.get('users/a/b c+d.txt')
    expect(await answer.text()).toBe('a file')
    expect(answer.headers.get('content-type')).toBe('text/plain')
  })

  test('takes one that is on disk, piece by piece', async () => {
    const folder = await mkdtemp(join(tmpdir(), 's3-'))
    const path = join(folder, 'large')
    const large = randomBytes(1_000_000)
    await writeFile(path, large)

    await bucket.put('large', { content: { path, sizeBytes: large.length }, headers: {} })

    const answer = await storage.get('large')
    expect(Buffer.from(await answer.arrayBuffer()).equals(large)).toBe(true)
    await rm(folder, { recursive: true })
  })

  test('lists page by page, and removes', async () => {
    const keys = ['list/1 & <2>', 'list/2', 'list/3']
    for (const key of keys) await bucket.put(key, { content: bytes, headers: {} })

    const pages = await keysBelow('list/', 2)
    await bucket.remove(keys.slice(0, 2))

    expect(pages).toEqual([keys.slice(0, 2), keys.slice(2)])
    expect(await keysBelow('list/')).toEqual([['list/3']])
  })

  test.each<[string, Partial<S3Settings>, string]>([
    ['another secret', { secretKey: 'wrong' }, 'SignatureDoesNotMatch'],
    ['an unknown key', { accessKey: 'nobody' }, 'InvalidAccessKeyId'],
    ['a bucket that is not there', { bucket: 'missing' }, 'NoSuchBucket'],
    ['an endpoint where nobody answers', { endpoint: 'http://127.0.0.1:1' }, 'ECONNREFUSED'],
    ['a metadata service', { endpoint: 'http://169.254.169.254' }, 'not in a network'],
  ])('with %s says so', async (_what, wrong, said) => {
    const checked = buckets.open({ ...storage.settings, ...wrong }).check()

    await expect(checked).rejects.toThrow(said)
  })

  test('of a private network is refused where only public ones are allowed', async () => {
    const hosted = new Buckets({ networks: 'public' })

    await expect(hosted.open(storage.settings).check()).rejects.toThrow('not in a network')

    hosted.close()
  })

  test('without access lists takes the object without one', async () => {
    const seen: (string | undefined)[] = []
    const server = createServer((request, response) => {
      seen.push(request.headers['x-amz-acl']?.toString())
      request.resume()
      if (seen.length > 1) response.end()
      else {
        response.writeHead(400)
        response.end('<Error><Code>AccessControlListNotSupported</Code><Message>no</Message></Error>')
      }
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo

    await buckets
      .open({ ...storage.settings, endpoint: `http://127.0.0.1:${port}` })
      .put('key', { content: bytes, headers: {} })

    expect(seen).toEqual(['public-read', undefined])
    server.closeAllConnections()
    server.close()
  })

  describe('that answers whatever it likes', () => {
    let answer: { status: number; body: string }
    let server: Server
    let strange: Bucket

    beforeAll(async () => {
      server = createServer((request, response) => {
        request.resume()
        response.writeHead(answer.status).end(answer.body)
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const { port } = server.address() as AddressInfo
      strange = buckets.open({ ...storage.settings, endpoint: `http://127.0.0.1:${port}` })
    })
    afterAll(() => {
      server.closeAllConnections()
      server.close()
    })

    const failure = () => strange.remove(['key']).catch((error: S3Error) => error.message)

    test.each([403, 200])('with %i is quoted with the beginning of what it says', async (status) => {
      const body = `<Error><Code>Odd</Code><Message>${'because '.repeat(1_000)}</Message></Error>`
      answer = { status, body }

      expect(await failure()).toBe(`Odd: ${'because '.repeat(1_000).slice(0, 500)}`)
    })

    test('with a long failure is heard as far as it is read', async () => {
      answer = {
        status: 403,
        body: `<Error><Code>Odd</Code><Message>${'x'.repeat(50_000)}</Message></Error>`,
      }

      expect(await failure()).toBe('Odd')
    })

    test('with its own key in front of what is cut off keeps it for itself', async () => {
      const { secretKey } = storage.settings
      const told = `${'x'.repeat(500 - secretKey.length / 2)}${secretKey}`
      answer = { status: 403, body: `<Error><Code>Odd</Code><Message>${told}</Message></Error>` }

      const message = await failure()

      expect(message).not.toContain(secretKey.slice(0, secretKey.length / 2))
    })

    test('with characters that do not exist is read all the same', async () => {
      answer = { status: 403, body: '<Code>&#99999999;&#xFFFFFFF;&amp;</Code>' }

      expect(await failure()).toBe('&#99999999;&#xFFFFFFF;&')
    })

    test('with more objects than it was asked for is read in pages that can be removed', async () => {
      const contents = (number: number) => `<Contents><Key>k${number}</Key></Contents>`
      answer = { status: 200, body: Array.from({ length: 1_001 }, (_, number) => contents(number)).join('') }
      const pages: number[] = []

      for await (const page of strange.list('')) pages.push(page.length)

      expect(pages).toEqual([1_000, 1])
    })

    test('with elements that never end is read once, not once for each', () => {
      const startedAt = performance.now()

      expect([...elements('<Code>'.repeat(40_000), 'Code')]).toEqual([])

      expect(performance.now() - startedAt).toBeLessThan(1_000)
    })
  })

  test('holds the file of a message under its own key, with headers for browsers', async () => {
    const files = new MessageFiles(buckets, { timeZone: 'America/Sao_Paulo', log: createLogger('silent') })

    const filed = await files.put(storage.settings, message, bytes)

    const key = `users/${message.userId}/inbox/5511999998888_12_s.whatsapp.net/2025/08/06/audio/3EB0C0FFEE.ogg`
    expect(filed).toEqual({
      key,
      url: `${storage.settings.endpoint}/media/${key}`,
      bucket: 'media',
      size: 6,
      mimeType: 'audio/ogg; codecs=opus',
    })
    const { headers } = await fetch(filed.url)
    expect(headers.get('cache-control')).toBe('public, max-age=3600')
    expect(headers.get('content-disposition')).toBeNull()
    const expires = Date.parse(headers.get('expires') ?? '')
    expect(Math.abs(expires - Date.now() - 30 * DAY)).toBeLessThan(60_000)
  })

  test('loses the files of a user whose retention is over, and keeps newer ones', async () => {
    const database = await temporaryDatabase()
    const secrets = await openSecrets({ dataDir: database.config.dataDir, encryptionKey: 'test' })
    const brief = sampleUser({ s3: { ...storage.settings, retentionDays: 1 } })
    const endless = sampleUser({ s3: { ...storage.settings, retentionDays: 0 } })
    for (const user of [brief, endless]) {
      await insertUser(database.db, secrets, user)
      await bucket.put(`users/${user.id}/old`, { content: bytes, headers: {} })
    }
    await storage.age(2 * DAY)
    await bucket.put(`users/${brief.id}/new`, { content: bytes, headers: {} })

    const log = createLogger('silent')
    const stop = startBucketRetention({ db: database.db, secrets, log, buckets, intervalMs: 20 })

    await expect
      .poll(() => keysBelow(`users/${brief.id}/`), { timeout: 10_000 })
      .toEqual([[`users/${brief.id}/new`]])
    expect(await keysBelow(`users/${endless.id}/`)).toEqual([[`users/${endless.id}/old`]])
    await stop()
    await database.close()
  })

  test('loses all files of one user and none of another', async () => {
    const user = sampleUser({ s3: storage.settings })
    await bucket.put(`users/${user.id}/inbox/1`, { content: bytes, headers: {} })
    await bucket.put('users/other/inbox/1', { content: bytes, headers: {} })

    const removed = await removeFiles(buckets, user)

    expect(removed).toBe(1)
    expect(await keysBelow(`users/${user.id}/`)).toEqual([[]])
    expect(await keysBelow('users/other/')).toEqual([['users/other/inbox/1']])
  })
})

describe('the key of a file', () => {
  test.each([
    ['image/jpeg', 'images/3EB0C0FFEE.jpg'],
    ['image/webp', 'images/3EB0C0FFEE.webp'],
    ['video/mp4', 'videos/3EB0C0FFEE.mp4'],
    ['audio/mpeg', 'audio/3EB0C0FFEE.bin'],
    ['application/pdf', 'documents/3EB0C0FFEE.pdf'],
    ['application/msword', 'documents/3EB0C0FFEE.bin'],
    ['application/vnd.openxmlformats-officedocument.wordprocessingml.document', 'documents/3EB0C0FFEE.doc'],
    ['application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', 'documents/3EB0C0FFEE.xlsx'],
    ['', 'documents/3EB0C0FFEE.bin'],
  ])('of type "%s" ends in %s', (mimeType, end) => {
    expect(objectKey({ ...message, mimeType }, 'UTC')).toMatch(new RegExp(`/2025/08/07/${end}$`))
  })

  test('of an own message is in the outbox', () => {
    expect(objectKey({ ...message, fromMe: true }, '')).toContain('/outbox/')
  })

  test('stays in its folder whatever the message is called', () => {
    const key = objectKey({ ...message, messageId: '../../x', contact: '..' }, 'UTC')

    expect(key).toBe(`users/${message.userId}/inbox/_/2025/08/07/audio/.._.._x.ogg`)
  })
})

describe('the public address of an object', () => {
  const base: S3Settings = {
    enabled: true,
    endpoint: 'https://storage.example:9000/',
    region: 'eu-west-1',
    bucket: 'b',
    accessKey: '',
    secretKey: '',
    pathStyle: true,
    publicUrl: '',
    retentionDays: 0,
  }

  test.each<[Partial<S3Settings>, string]>([
    [{ publicUrl: 'https://cdn.example/' }, 'https://cdn.example/b/k/1'],
    [{}, 'https://storage.example:9000/b/k/1'],
    [{ pathStyle: false }, 'https://b.storage.example:9000/k/1'],
    [{ pathStyle: false, endpoint: 'https://s3.amazonaws.com' }, 'https://b.s3.eu-west-1.amazonaws.com/k/1'],
    [{ pathStyle: true, endpoint: 'https://s3.amazonaws.com' }, 'https://s3.amazonaws.com/b/k/1'],
    [{ endpoint: '', region: '' }, 'https://b.s3.us-east-1.amazonaws.com/k/1'],
    [{ pathStyle: false, endpoint: 'storage.example' }, 'https://b.storage.example/k/1'],
  ])('with %o is %s', (settings, address) => {
    expect(publicAddress({ ...base, ...settings }, 'k/1')).toBe(address)
  })
})
