import { expect, test } from 'vitest'
import { z } from 'zod'
import { sendRaw } from '../helpers/raw-request.ts'
import { echo, startTiny, tinyDialect } from './tiny.ts'

const request = (target: string) =>
  `POST ${target} HTTP/1.1\r\nHost: localhost\r\nToken: ann\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}`

test.each(['/echo?a=1', 'http://localhost/echo?a=1'])('%s is a target', async (target) => {
  const { port } = await startTiny(tinyDialect([echo(z.object({}))]))

  expect(await sendRaw(port, request(target))).toMatch(/^HTTP\/1.1 200 /)
})

test.each(['/echo#', '/echo?a=1#?b=2', 'http://localhost/echo#x', '*'])(
  '%s is none, which is a bad request',
  async (target) => {
    const { port } = await startTiny(tinyDialect([echo(z.object({}))]))

    expect(await sendRaw(port, request(target))).toMatch(/^HTTP\/1.1 400 /)
  },
)
