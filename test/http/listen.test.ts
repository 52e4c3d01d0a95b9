import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { listen } from '../../src/http/listen.ts'

const anywhere = { host: '127.0.0.1', port: 0 }

/** A server whose answers the test gives. */
async function startManual() {
  const waiting: ServerResponse[] = []
  const listening = await listen((_request, response) => {
    waiting.push(response)
  }, anywhere)
  return { listening, waiting, url: `http://127.0.0.1:${listening.port}` }
}

test('stopping waits for requests in progress and no longer', async () => {
  const { listening, waiting, url } = await startManual()
  const asked = fetch(url)
  await expect.poll(() => waiting.length).toBe(1)

  const stopped = listening.stop(20_000)
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

test('an address in use is a rejection', async () => {
  const { listening } = await startManual()

  await expect(listen(() => {}, { host: '127.0.0.1', port: listening.port })).rejects.toMatchObject({
    code: 'EADDRINUSE',
  })
  await listening.stop()
})
