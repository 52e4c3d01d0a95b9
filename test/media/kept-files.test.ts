import { existsSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { FairPlaces } from '../../src/lib/flow/fair-places.ts'
import { KeptFiles } from '../../src/media/kept-files.ts'

const CAPACITY_BYTES = 20

let files: KeptFiles
/** Where files were written. */
let paths: string[]

beforeEach(() => {
  paths = []
  files = new KeptFiles(new FairPlaces({ total: 2, perKey: 2, slowMs: 60_000 }), CAPACITY_BYTES)
})
afterEach(() => files.stop())

const read = (key: string, content: string) =>
  files
    .read({ key, owner: 'u1' }, async (path) => {
      paths.push(path)
      await writeFile(path, content)
    })
    .then(String)

test('a file is read again from where it is kept', async () => {
  expect(await read('1', 'content')).toBe('content')

  expect(await read('1', 'another')).toBe('content')
  expect(paths).toHaveLength(1)
})

test('one that is larger than everything that may be kept is read, and leaves nothing behind', async () => {
  const large = 'x'.repeat(CAPACITY_BYTES + 1)

  const both = await Promise.all([read('1', large), read('1', large)])

  expect(both).toEqual([large, large])
  await expect.poll(() => paths.map(existsSync)).toEqual([false])
})

test('one that made room for others leaves nothing behind', async () => {
  for (const key of ['1', '2', '3']) await read(key, 'x'.repeat(8))

  await expect.poll(() => paths.map(existsSync)).toEqual([false, true, true])
})

test('one that somebody else deleted is got again', async () => {
  await read('1', 'content')
  for (const path of paths) await rm(path)

  expect(await read('1', 'another')).toBe('another')
})

test('one that nobody waits for any longer is given up, and begun anew when it is wanted again', async () => {
  const outOfTime = new AbortController()
  const endless = (_path: string, signal: AbortSignal) =>
    new Promise<void>((_resolve, reject) =>
      signal.addEventListener('abort', () => reject(new Error('ended'))),
    )
  const reading = [1, 2].map(() => files.read({ key: '1', owner: 'u1' }, endless, outOfTime.signal))

  outOfTime.abort(new Error('out of time'))
  const again = read('1', 'content')

  for (const one of reading) await expect(one).rejects.toThrow('out of time')
  expect(await again).toBe('content')
})

test('one that somebody else still waits for is not given up', async () => {
  const outOfTime = new AbortController()
  let finish: (() => void) | undefined
  const slow = async (path: string, signal: AbortSignal) => {
    await new Promise<void>((resolve) => (finish = resolve))
    signal.throwIfAborted()
    await writeFile(path, 'content')
  }
  const wanted = { key: '1', owner: 'u1' }
  const impatient = files.read(wanted, slow, outOfTime.signal)
  const patient = files.read(wanted, slow)
  await expect.poll(() => finish).toBeDefined()

  outOfTime.abort(new Error('out of time'))
  await expect(impatient).rejects.toThrow('out of time')
  finish?.()

  expect(String(await patient)).toBe('content')
})
