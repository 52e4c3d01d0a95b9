import { once } from 'node:events'
import { Agent, get, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { expect, test } from 'vitest'
import { listen } from '../../src/http/server/listen.ts'

const anywhere = { host: '127.0.0.1', port: 0 }

/** A server whose answers the test gives. */
async function startManual() {
  const waiting: ServerResponse[] = []
  const listening = await listen((_request, response) => {
    waiting.push(response)
  }, anywhere)
  return { listening, waiting, url: `http://127.0.0.1:${listening.port}` }
}

function ask(url: string, agent: Agent): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (answer) => resolve(answer.resume())).on('error', reject)
  })
}

test('stopping waits for requests in progress and no longer', async () => {
  const { listening, waiting, url } = await startManual()
  const asked = fetch(url)
  await expect.poll(() => waiting.length).toBe(1)

  const stopped = listening.stop(20_000)
  await expect.poll(() => listening.server.listening).toBe(false)
  await expect(fetch(url)).rejects.toThrow()
  waiting[0]?.end('done')

  expect(await (await asked).text()).toBe('done')
  await stopped
})

test('a request that never ends is cut when the grace period is over', async () => {
  const { listening, waiting, url } = await startManual()
  const asked = fetch(url)
  asked.catch(() => {})
  await expect.poll(() => waiting.length).toBe(1)

  await listening.stop(50)

  await expect(asked).rejects.toThrow()
})

test('connections without a request do not delay the stop', async () => {
  const { listening } = await startManual()
  const idle = connect(listening.port, '127.0.0.1')
  await once(idle, 'connect')

  await listening.stop(1_000)
  idle.destroy()
})

test('a kept connection may be used once more, and is ended with that answer', async () => {
  const { listening, waiting, url } = await startManual()
  const agent = new Agent({ keepAlive: true })
  const first = ask(url, agent)
  await expect.poll(() => waiting.length).toBe(1)
  waiting[0]?.end('one')
  expect((await first).headers.connection).toBe('keep-alive')

  let haveGone = false
  const left = listening.leave(20_000).then(() => {
    haveGone = true
  })
  await expect.poll(() => listening.server.listening).toBe(false)
  const second = ask(url, agent)
  await expect.poll(() => waiting.length).toBe(2)
  expect(haveGone).toBe(false)
  waiting[1]?.end('two')

  expect((await second).headers.connection).toBe('close')
  await left
  await listening.stop()
})

test('clients that say nothing are waited for as long as was agreed, and no longer', async () => {
  const { listening, waiting, url } = await startManual()
  const agent = new Agent({ keepAlive: true })
  const asked = ask(url, agent)
  await expect.poll(() => waiting.length).toBe(1)
  waiting[0]?.end('one')
  await asked

  await listening.leave(50)
  await listening.stop(20_000)
  agent.destroy()
})

test('a request that comes in the moment of the end is answered', async () => {
  const { listening, waiting } = await startManual()
  const late = connect(listening.port, '127.0.0.1')
  await once(late, 'connect')
  const stopped = listening.stop(20_000)
  late.write('GET / HTTP/1.1\r\nHost: parley\r\n\r\n')

  await expect.poll(() => waiting.length).toBe(1)
  waiting[0]?.end('in time')

  const [answer] = await once(late, 'data')
  expect(String(answer)).toContain('in time')
  await stopped
  late.destroy()
})

test('an address in use is a rejection', async () => {
  const { listening } = await startManual()

  await expect(listen(() => {}, { host: '127.0.0.1', port: listening.port })).rejects.toMatchObject({
    code: 'EADDRINUSE',
  })
  await listening.stop()
})

test('a stream on a connection that was used before does not delay the stop', async () => {
  const streams: Duplex[] = []
  const listening = await listen((_request, response) => response.end('first'), {
    ...anywhere,
    upgrades: (_request, socket) => void streams.push(socket),
  })
  const client = connect(listening.port, '127.0.0.1')
  client.write('GET / HTTP/1.1\r\nHost: parley\r\n\r\n')
  await once(client, 'data')
  client.write('GET / HTTP/1.1\r\nHost: parley\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n')
  await expect.poll(() => streams.length).toBe(1)

  await listening.leave(20_000)
  await listening.stop(20_000)
  client.destroy()
}, 10_000)
