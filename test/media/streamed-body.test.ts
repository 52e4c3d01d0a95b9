import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { type Agents, openAgents, safeFetch } from '../../src/media/fetch/safe-fetch.ts'
import { type StreamedBody, UnreadableBodyError } from '../../src/media/fetch/streamed-body.ts'

const PIECE = Buffer.alloc(64 * 1024, 'x')

let server: Server
let agents: Agents
afterEach(async () => {
  agents.close()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

async function serve(listener: RequestListener): Promise<string> {
  server = createServer(listener)
  agents = openAgents({ networks: 'any' })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

/** A body of so many pieces that counts what becomes of it; the piece `broken` cannot be read. */
function bodyOf(count: number, { broken = -1 } = {}) {
  const seen = { opened: 0, closed: 0, pieces: 0 }
  const body: StreamedBody = {
    sizeBytes: count * PIECE.length,
    async *pieces() {
      seen.opened++
      try {
        for (let at = 0; at < count; at++) {
          if (at === broken) throw new UnreadableBodyError('the disk is broken')
          seen.pieces++
          yield PIECE
        }
      } finally {
        seen.closed++
      }
    },
  }
  return { body, seen }
}

/** Answers with how much it was sent, and what was announced. */
const counting: RequestListener = async (request, response) => {
  let size = 0
  for await (const piece of request) size += piece.length
  response.end(`${size} of ${request.headers['content-length']}`)
}
const ignoring: RequestListener = () => {}

const post = (url: string, body: StreamedBody, options: { stallMs?: number; signal?: AbortSignal } = {}) =>
  safeFetch(url, { method: 'POST', body, agents, timeoutMs: 30_000, ...options })

test('a body of many pieces arrives as a whole, with its length announced', async () => {
  const url = await serve(counting)
  const { body, seen } = bodyOf(100)

  const answer = await post(url, body)

  expect(answer.body.toString()).toBe(`${body.sizeBytes} of ${body.sizeBytes}`)
  expect(seen).toEqual({ opened: 1, closed: 1, pieces: 100 })
})

test('an empty one does, too', async () => {
  const url = await serve(counting)

  expect((await post(url, bodyOf(0).body)).body.toString()).toBe('0 of 0')
})

test('one that cannot be read any further ends the request, and says so', async () => {
  const url = await serve((request) => request.resume())
  const { body, seen } = bodyOf(10, { broken: 5 })

  await expect(post(url, body)).rejects.toThrow(new UnreadableBodyError('the disk is broken'))
  expect(seen).toEqual({ opened: 1, closed: 1, pieces: 5 })
})

test('it is read no faster than it is taken, and let go when nothing is', async () => {
  const url = await serve(ignoring)
  const { body, seen } = bodyOf(10_000)

  await expect(post(url, body, { stallMs: 300 })).rejects.toMatchObject({ reason: 'timeout' })

  await expect.poll(() => seen.closed).toBe(1)
  expect(seen.pieces).toBeLessThan(1_000)
})

test('it is let go when the caller gives up, or the server', async () => {
  const url = await serve((request) => request.once('data', () => request.socket.destroy()))
  const [given, broken] = [bodyOf(10_000), bodyOf(10_000)]

  await expect(post(url, given.body, { signal: AbortSignal.abort() })).rejects.toMatchObject({
    reason: 'aborted',
  })
  await expect(post(url, broken.body)).rejects.toMatchObject({ reason: 'unreachable' })

  await expect.poll(() => [given, broken].map(({ seen }) => seen.opened - seen.closed)).toEqual([0, 0])
})

test('it is let go when the server has answered without reading it', async () => {
  const url = await serve((_request, response) => response.writeHead(413, { connection: 'close' }).end())
  const { body, seen } = bodyOf(10_000)

  // A connection that is closed while something is being sent may lose the answer.
  await post(url, body).catch(() => {})

  await expect.poll(() => seen.closed).toBe(1)
})

test('it is read anew when a connection had been closed before it was used again', async () => {
  const url = await serve(counting)
  await post(url, bodyOf(1).body)
  await new Promise(setImmediate)
  server.closeAllConnections()
  const { body, seen } = bodyOf(3)

  const answer = await post(url, body)

  expect(answer.body.toString()).toBe(`${body.sizeBytes} of ${body.sizeBytes}`)
  expect(seen.opened).toBe(seen.closed)
})

test('it is not sent where an answer points to', async () => {
  const url = await serve((request, response) => {
    request.resume()
    request.once('end', () => response.writeHead(307, { location: '/elsewhere' }).end())
  })
  const { body, seen } = bodyOf(3)

  expect((await post(url, body)).status).toBe(307)
  expect(seen.opened).toBe(1)
})
