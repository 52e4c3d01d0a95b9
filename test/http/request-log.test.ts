import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import express, { type RequestHandler } from 'express'
import { afterEach, expect, test } from 'vitest'
import { requestLog } from '../../src/http/guard/request-log.ts'
import { createLogger } from '../../src/lib/process/logger.ts'

const cleanUp: (() => unknown)[] = []
afterEach(async () => {
  for (const task of cleanUp.splice(0).reverse()) await task()
})

test('a request that nothing is logged about costs no log', async () => {
  const { log, lines } = memoryLog('info')
  let children = 0
  const { child } = log
  log.child = ((...args: Parameters<typeof child>) => {
    children += 1
    return child.apply(log, args)
  }) as typeof child

  await ask(log, '/quiet')
  const quiet = children
  await ask(log, '/loud', (request) => {
    request.log.warn('first')
    request.log.warn('second')
  })

  expect(quiet).toBe(0)
  expect(children).toBe(1)
  expect(lines.map(({ msg }) => msg)).toEqual(['first', 'second'])
})

test('a line says which request it is about, without what may be a token', async () => {
  const { log, lines } = memoryLog('info')

  await ask(log, '/path?token=secret', (request) => request.log.warn('told'))

  expect(lines).toMatchObject([
    { msg: 'told', req: { id: expect.stringMatching(/^\w{20}$/), method: 'GET', path: '/path' } },
  ])
  expect(JSON.stringify(lines)).not.toContain('secret')
})

test('the end of a request is told on the level debug', async () => {
  const { log, lines } = memoryLog('debug')

  await ask(log, '/path')

  await expect
    .poll(() => lines)
    .toMatchObject([
      { level: 20, msg: 'request', req: { path: '/path', from: '127.0.0.1' }, res: { status: 204 } },
    ])
})

function memoryLog(level: string) {
  const lines: Record<string, unknown>[] = []
  return { lines, log: createLogger(level, { write: (line) => lines.push(JSON.parse(line)) }) }
}

/** Asks a server with this log, which first does something with the request. */
async function ask(
  log: ReturnType<typeof memoryLog>['log'],
  path: string,
  handle: (request: Parameters<RequestHandler>[0]) => void = () => {},
): Promise<void> {
  const app = express().use(requestLog(log), (request, response) => {
    handle(request)
    response.status(204).end()
  })
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanUp.push(() => server.close())
  // A server that listens on a port has such an address.
  await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`)
}
