import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { EventStream } from '../../src/http/endpoint/dialect.ts'
import { EventStreams } from '../../src/http/streams.ts'
import { ApiError } from '../../src/lib/errors.ts'
import { createLogger } from '../../src/lib/process/logger.ts'
import type { Services } from '../../src/operations/services.ts'
import type { Caller } from '../../src/store/users/caller.ts'
import type { User } from '../../src/store/users/users.ts'
import { sampleUser } from '../helpers/users.ts'

/** Somebody with the token of a user. */
function callerOf(user: User): Caller {
  return { user, power: 'full' }
}

/** Streams of one user, whose key is looked at every few milliseconds. */
async function startStreams(authenticate: () => Promise<User>) {
  const user = sampleUser()
  // Streams touch these parts of the services only.
  const services = {
    log: createLogger('debug', { write: () => {} }),
    events: { listen: () => () => {} },
    userWatch: { listen: () => () => {}, lookAgain: async () => {} },
  } as unknown as Services
  const ownership = { holds: () => true, ownerOf: async () => ({ kind: 'here' }) as const }
  const streams = new EventStreams(services, ownership, { pingMs: 5 })
  const server = createServer().on('upgrade', (request, socket, head) =>
    streams.accept(
      request,
      { socket, head, take: () => {} },
      // Nothing is told.
      {
        stream: { kind: 'events' } as EventStream,
        caller: callerOf(user),
        authenticate: async () => callerOf(await authenticate()),
      },
    ),
  )
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  return {
    streams,
    client: new WebSocket(`ws://127.0.0.1:${port}`),
    stop: async () => {
      await streams.stop()
      server.close()
    },
  }
}

test('a stream whose client has left before its key is found to be wrong is not kept', async () => {
  const lookUps: (() => void)[] = []
  const { streams, client, stop } = await startStreams(
    () => new Promise((_, refuse) => lookUps.push(() => refuse(new ApiError('unauthorized')))),
  )
  await expect.poll(() => lookUps.length).toBeGreaterThan(0)
  client.terminate()
  await expect.poll(() => streams.size).toBe(0)

  for (const refuse of lookUps) refuse()
  await new Promise(setImmediate)

  expect(streams.size).toBe(0)
  await stop()
})
