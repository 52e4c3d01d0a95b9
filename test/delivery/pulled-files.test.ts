import { beforeEach, expect, test } from 'vitest'
import type { FileWish, MediaOf } from '../../src/delivery/preparation.ts'
import { PulledFiles } from '../../src/delivery/pulled-files.ts'

// Neither is looked at.
const wish = {} as FileWish

let asked = 0
let outcomes: Promise<unknown>[]

beforeEach(() => {
  asked = 0
  outcomes = []
})

/** Files that are got as `mediaOf` does. */
function start(mediaOf: MediaOf, mediaTimeoutMs = 60_000): PulledFiles {
  return new PulledFiles({
    config: { mediaTimeoutMs },
    mediaOf: (...given) => {
      asked++
      const outcome = mediaOf(...given)
      outcomes.push(outcome.catch(() => {}))
      return outcome
    },
  })
}

/** What a call gets that waits for 20 ms. */
const call = (files: PulledFiles, id = '1') =>
  files.fetch(id, wish, 20).then(
    (media) => media?.bytes?.toString() ?? 'without',
    (error: Error) => error.message,
  )
const untilAborted: MediaOf = (_wish, signal) =>
  new Promise((resolve) => signal?.addEventListener('abort', () => resolve(undefined)))

test('a file that is not there in time is waited for again, and got once', async () => {
  let come = () => {}
  const files = start(
    () => new Promise((resolve) => (come = () => resolve({ bytes: Buffer.from('content') }))),
  )

  expect(await call(files)).toBe('no answer within 20 ms')
  const second = call(files)
  come()

  expect(await second).toBe('content')
  expect(asked).toBe(1)
})

test('one whose time was over between two calls is not waited for any longer', async () => {
  const files = start(untilAborted, 100)
  expect(await call(files)).toBe('no answer within 20 ms')
  await Promise.all(outcomes)

  expect(await call(files)).toBe('without')
})

test('what came between two calls is there for the next', async () => {
  let isThere = false
  const files = start(async (...given) => {
    if (!isThere) await untilAborted(...given)
    isThere = true
    return { bytes: Buffer.from('content') }
  }, 100)
  await call(files)
  await Promise.all(outcomes)

  expect(await call(files)).toBe('content')
})

test('what is handed out again is fetched again', async () => {
  const files = start(untilAborted, 100)
  await call(files)
  await Promise.all(outcomes)
  await call(files)

  expect(await call(files)).toBe('no answer within 20 ms')
})

test('a failure is told, and the file is wanted again', async () => {
  const files = start(() => Promise.reject(new Error('the host is away')))

  expect([await call(files), await call(files)]).toEqual(['the host is away', 'the host is away'])
  expect(asked).toBe(2)
})

test('deliveries do not wait for the files of others', async () => {
  const files = start((wish, signal) =>
    asked === 1 ? untilAborted(wish, signal) : Promise.resolve({ bytes: Buffer.from('content') }),
  )
  await call(files, '1')

  expect(await call(files, '2')).toBe('content')
})
