import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createLogger } from '../../src/lib/process/logger.ts'
import { Buckets } from '../../src/media/bucket/s3.ts'
import { MessageFiles } from '../../src/media/message-files.ts'
import type { S3Settings } from '../../src/store/users/users.ts'

let server: Server
let requests: { url: string; type: string | undefined }[]
let answer: RequestListener
let buckets: Buckets
let files: MessageFiles
let settings: S3Settings

beforeEach(async () => {
  requests = []
  answer = (_request, response) => response.end()
  server = createServer((request, response) => {
    requests.push({ url: request.url ?? '', type: request.headers['content-type'] })
    request.resume()
    answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  buckets = new Buckets({ networks: 'any', stallMs: 100 })
  files = new MessageFiles(buckets, { timeZone: 'UTC', log: createLogger('silent') })
  settings = {
    enabled: true,
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: '',
    bucket: 'first',
    accessKey: 'key',
    secretKey: 'secret',
    pathStyle: true,
    publicUrl: '',
    retentionDays: 0,
  }
})
afterEach(async () => {
  buckets.close()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

const put = (
  id: string,
  { mimeType = 'image/png', ...changes }: Partial<S3Settings & { mimeType: string }> = {},
  signal?: AbortSignal,
) => {
  const message = { userId: 'u', messageId: id, timestamp: 0, fromMe: false, contact: 'c', mimeType }
  return files.put({ ...settings, ...changes }, message, Buffer.from('content'), signal).then(
    () => 'put',
    (error: Error) => error.name,
  )
}
/** From now on buckets may be silent for longer than a test lasts. */
const startPatient = () => {
  buckets.close()
  buckets = new Buckets({ networks: 'any' })
  files = new MessageFiles(buckets, { timeZone: 'UTC', log: createLogger('silent') })
}
const asked = (bucket: string) => requests.filter(({ url }) => url.startsWith(`/${bucket}/`)).length

test('a bucket that is silent is left alone after three files, while another at the same host works', async () => {
  answer = ({ url }, response) => {
    if (url?.startsWith('/second/')) response.end()
  }

  for (const id of ['1', '2', '3']) expect(await put(id)).toBe('FetchError')

  expect(await put('4')).toBe('LeftAloneError')
  expect(asked('first')).toBe(3)
  expect(await put('4', { bucket: 'second' })).toBe('put')
})

test('settings that were corrected count at once', async () => {
  answer = ({ headers }, response) => {
    if (headers.authorization?.includes('new key')) response.end()
  }
  for (const id of ['1', '2', '3']) await put(id)

  expect(await put('4', { accessKey: 'new key' })).toBe('put')
})

test('a bucket is not blamed for files whose time was over before it could answer', async () => {
  answer = () => {}
  startPatient()
  for (const id of ['1', '2', '3', '4']) {
    const outOfTime = new AbortController()
    const upload = put(id, {}, outOfTime.signal)
    await expect.poll(() => asked('first')).toBe(Number(id))
    outOfTime.abort()
    expect(await upload).toBe('FetchError')
  }
  answer = (_request, response) => response.end()

  expect(await put('5')).toBe('put')
})

test('what a bucket refuses says nothing about the next file', async () => {
  answer = (_request, response) => response.writeHead(403).end()
  for (const id of ['1', '2', '3', '4', '5']) await put(id)

  expect(asked('first')).toBe(5)
})

test('four files are put into one bucket at once, and others wait for no other bucket', async () => {
  const ends: (() => void)[] = []
  answer = ({ url }, response) => {
    if (url?.startsWith('/second/')) response.end()
    else ends.push(() => response.end())
  }
  startPatient()

  const all = ['1', '2', '3', '4', '5', '6'].map((id) => put(id))
  await expect.poll(() => ends.length).toBe(4)
  expect(await put('1', { bucket: 'second' })).toBe('put')
  expect(asked('first')).toBe(4)
  for (let done = 0; done < all.length; done++) {
    await expect.poll(() => ends.length).toBeGreaterThan(0)
    ends.shift()?.()
  }

  expect(await Promise.all(all)).toEqual(Array(6).fill('put'))
})

test('a file that was put lately is not put again', async () => {
  await put('1')

  expect(await put('1')).toBe('put')
  expect(asked('first')).toBe(1)
})

test('a type that fits into no header does not keep a file out of the bucket', async () => {
  expect(await put('1', { mimeType: 'image/пнг\r\n' })).toBe('put')

  expect(requests[0]?.type).toBe('application/octet-stream')
})
