import { once } from 'node:events'
import { afterEach, expect, test } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { memoryKeys } from '../../../src/sandbox/peer/signal-keys.ts'
import { clientOptions } from '../../../src/sandbox/server/client-options.ts'
import { silentLogger } from '../../../src/sandbox/world/silent-logger.ts'
import { initAuthCreds, makeWASocket, type WASocket } from '../../../src/whatsapp/library/engine.ts'
import {
  limitTimes,
  type TimeLimits,
  WITHOUT_TIME_LIMITS,
} from '../../../src/whatsapp/library/time-limits.ts'
import { TestApp } from '../../helpers/app.ts'
import { startStrangePeer } from '../../helpers/strange-peer.ts'

const PATIENT: TimeLimits = { connectMs: 10_000, writeMs: 10_000, queryMs: 10_000 }

const stops: (() => unknown)[] = []

afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

test('a text costs no error stack of a time-out that does not come', async () => {
  const app = await TestApp.start()
  stops.push(() => app.close())
  const user = await app.linkedUser()
  const phone = await app.contact('4915110000001')
  const text = { Phone: phone, Body: 'hello' }
  // The first one asks for devices and keys.
  await app.post('/chat/send/text', user.token, text)

  const stacks = countStacks('promiseTimeout', 'delayCancellable')
  const answer = await app.post('/chat/send/text', user.token, text)
  await app.waitFor('the message', async () => (await app.received(phone)).length === 2)

  expect(answer.status).toBe(200)
  expect(stacks()).toBe(0)
})

test('a connection that is never made ends', async () => {
  const peer = await startStrangePeer('is silent')
  stops.push(() => peer.close())

  const socket = connect(`ws://127.0.0.1:${peer.port}/ws/chat`, { ...PATIENT, connectMs: 100 })

  expect(await ended(socket)).toMatchObject({ output: { statusCode: 408 } })
})

test('a connection on which nothing is ever said ends', async () => {
  const { url } = await silentServer()

  const socket = connect(url, { ...PATIENT, connectMs: 100 })

  expect(await ended(socket)).toMatchObject({ output: { statusCode: 408 } })
})

test('a question that is not answered has no answer after its time, and nothing listens any more', async () => {
  const { url } = await silentServer()
  const socket = connect(url, { ...PATIENT, queryMs: 100 })
  await once(socket.ws, 'open')

  const answer = await socket.query({ tag: 'iq', attrs: { id: 'question', type: 'get' } })

  expect(answer).toBeUndefined()
  expect(socket.ws.listenerCount('TAG:question')).toBe(0)
})

test('an answer that comes is the answer', async () => {
  const { url } = await silentServer()
  const socket = connect(url, PATIENT)
  await once(socket.ws, 'open')

  const asked = socket.query({ tag: 'iq', attrs: { id: 'question', type: 'get' } })
  socket.ws.emit('TAG:question', { tag: 'iq', attrs: { id: 'question', type: 'result' } })

  expect(await asked).toMatchObject({ attrs: { type: 'result' } })
})

test('a frame that the network does not take fails after its time, and the connection ends', async () => {
  const { url, clients } = await silentServer()
  const socket = connect(url, { ...PATIENT, writeMs: 300 })
  await once(socket.ws, 'open')
  for (const client of clients) client.pause()

  const sent = socket.sendRawMessage(Buffer.alloc(32 * 1024 * 1024))

  const end = ended(socket)
  await expect(sent).rejects.toThrow()
  expect(await end).toMatchObject({ output: { statusCode: 428 } })
})

function connect(url: string, limits: TimeLimits): WASocket {
  const socket = makeWASocket({
    ...clientOptions(url),
    ...WITHOUT_TIME_LIMITS,
    auth: { creds: initAuthCreds(), keys: memoryKeys() },
    logger: silentLogger,
  })
  limitTimes(socket, limits)
  stops.push(() => socket.end(undefined))
  return socket
}

/** Why the connection ended. */
function ended(socket: WASocket): Promise<unknown> {
  return new Promise((resolve) => {
    socket.ev.on('connection.update', ({ connection, lastDisconnect }) => {
      if (connection === 'close') resolve(lastDisconnect?.error)
    })
  })
}

/** A WebSocket server that says nothing. */
async function silentServer(): Promise<{ url: string; clients: Set<WebSocket> }> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  stops.push(() => {
    for (const client of server.clients) client.terminate()
    server.close()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return { url: `ws://127.0.0.1:${address.port}/ws/chat`, clients: server.clients }
}

/** Counts the stacks that these functions have asked for from now on. */
function countStacks(...functions: string[]): () => number {
  const former = Error.prepareStackTrace
  let stacks = 0
  Error.prepareStackTrace = (error, sites) => {
    if (functions.includes(sites[0]?.getFunctionName() ?? '')) stacks += 1
    return former ? former(error, sites) : String(error)
  }
  stops.push(() => {
    Error.prepareStackTrace = former
  })
  return () => stacks
}
