import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { memoryKeys } from '../../../src/sandbox/peer/signal-keys.ts'
import { clientOptions } from '../../../src/sandbox/server/client-options.ts'
import { silentLogger } from '../../../src/sandbox/world/silent-logger.ts'
import { initAuthCreds, makeWASocket } from '../../../src/whatsapp/library/engine.ts'
import { joinWrites } from '../../../src/whatsapp/library/joined-writes.ts'

const stops: (() => unknown)[] = []

afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

test('frames that wait for nothing but each other leave in one write, in their order, and nothing is held for long', async () => {
  const { socket, connection, received } = await connected()
  const before = received.length
  const writes = countWrites(connection)

  // As two handlers of stanzas that came together do.
  await Promise.all([
    socket.sendRawMessage(Buffer.from('first')),
    Promise.resolve().then(async () => {
      await Promise.resolve()
      await socket.sendRawMessage(Buffer.from('second'))
    }),
  ])
  const together = writes()
  await nextTurn()
  await socket.sendRawMessage(Buffer.from('third'))

  expect(together).toBe(1)
  expect(writes()).toBe(2)
  await expect.poll(() => received.slice(before)).toEqual(['first', 'second', 'third'])
})

/** A socket that has said its first word to a server that only listens. */
async function connected() {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  const received: string[] = []
  server.on('connection', (client) => {
    // Each frame is preceded by its length.
    client.on('message', (data: Buffer) => received.push(data.subarray(3).toString()))
  })
  stops.push(() => {
    for (const client of server.clients) client.terminate()
    server.close()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  const socket = makeWASocket({
    ...clientOptions(`ws://127.0.0.1:${address.port}/ws/chat`),
    auth: { creds: initAuthCreds(), keys: memoryKeys() },
    logger: silentLogger,
  })
  joinWrites(socket)
  stops.push(() => socket.end(undefined))
  const [answer]: IncomingMessage[] = await once(socket.ws, 'upgrade')
  const connection = answer?.socket
  if (!connection) throw new Error('the server did not answer')
  await expect.poll(() => received).toHaveLength(1)
  return { socket, connection, received }
}

function countWrites(connection: Socket): () => number {
  let writes = 0
  for (const method of ['_write', '_writev'] as const) {
    const former = connection[method]
    connection[method] = ((...args: unknown[]) => {
      writes += 1
      return Reflect.apply(former as () => void, connection, args)
    }) as never
  }
  return () => writes
}
