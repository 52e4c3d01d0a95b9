import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { contain, UnreadableAnswer } from '../../src/lib/process/contain.ts'

test.each(['data', 'readable'])(
  'what a listener of %s throws ends the socket with an error',
  async (event) => {
    const socket = contain(new PassThrough())
    const thrown = new RangeError('there is less than was announced')
    socket.on(event, () => {
      throw thrown
    })

    const ended = once(socket, 'error')
    socket.write('hello')
    const [error] = await ended

    expect(error).toBeInstanceOf(UnreadableAnswer)
    expect(error.cause).toBe(thrown)
    expect(socket.destroyed).toBe(true)
  },
)

test('other listeners throw as they always do', () => {
  const socket = contain(new PassThrough())
  socket.on('pause', () => {
    throw new Error('of the program')
  })

  expect(() => socket.pause()).toThrow('of the program')
})

test('listeners get what they would without it', async () => {
  const socket = contain(new PassThrough())
  socket.end('hello')

  const chunks = await socket.toArray()

  expect(Buffer.concat(chunks).toString()).toBe('hello')
})
