import { beforeEach, expect, test } from 'vitest'
import { holdFramesUntilStored } from '../../../src/whatsapp/keys/write-barrier.ts'
import type { WASocket } from '../../../src/whatsapp/library/engine.ts'

interface Write {
  stored: Promise<void>
  finish(): void
  fail(): void
}

let left: string[]
let refused: string[]
let pending: Promise<void> | undefined
let raw: { send(frame: string, callback?: (error?: Error) => void): void }

beforeEach(() => {
  left = []
  refused = []
  pending = undefined
  raw = { send: (frame) => void left.push(frame) }
  // The barrier needs of a socket only the WebSocket inside.
  holdFramesUntilStored({ ws: { socket: raw } } as unknown as WASocket, () => pending)
})

test('frames wait for what is being written when their turn comes, in order', async () => {
  const [first, second] = [write(), write()]
  pending = first.stored
  send('a')
  pending = second.stored
  send('b')

  first.finish()
  await settled()
  expect(left).toEqual(['a'])

  second.finish()
  pending = undefined
  send('c')
  await settled()
  expect(left).toEqual(['a', 'b', 'c'])
})

test('a frame that waits behind another one is refused when a write fails meanwhile, and so is what follows', async () => {
  const [first, second] = [write(), write()]
  pending = first.stored
  send('a')
  send('refusal of a message')
  pending = second.stored

  second.fail()
  first.finish()
  await settled()
  pending = undefined
  send('later')
  await settled()

  expect(left).toEqual(['a'])
  expect(refused).toEqual(['refusal of a message', 'later'])
})

function send(frame: string): void {
  raw.send(frame, (error) => {
    if (error) refused.push(frame)
  })
}

function write(): Write {
  let finish = () => {}
  let fail = () => {}
  const stored = new Promise<void>((resolve, reject) => {
    finish = resolve
    fail = () => reject(new Error('not stored'))
  })
  stored.catch(() => {})
  return { stored, finish, fail }
}

function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5))
}
