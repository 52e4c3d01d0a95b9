import { existsSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
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

describe('a file that is held on disk', () => {
  const hold = (key: string, content: string) =>
    files.hold({ key, owner: 'u1' }, async (path) => {
      paths.push(path)
      await writeFile(path, content)
    })
  const areThere = () => paths.map(existsSync)

  test('stays when others need its room, until it is let go by all', async () => {
    const [held, again] = [await hold('1', 'x'.repeat(8)), await hold('1', 'x'.repeat(8))]
    for (const key of ['2', '3']) await read(key, 'x'.repeat(8))

    const contents = await Promise.all([held, again].map(({ path }) => readFile(path, 'utf8')))
    held.release()
    held.release()
    const isKept = areThere()
    again.release()

    expect(contents).toEqual(['x'.repeat(8), 'x'.repeat(8)])
    expect(held).toMatchObject({ path: again.path, sizeBytes: 8 })
    expect(isKept).toEqual([true, true, true])
    await expect.poll(areThere).toEqual([false, true, true])
  })

  test('stays when it is larger than everything that may be kept, until it is let go', async () => {
    const large = 'x'.repeat(CAPACITY_BYTES + 1)
    const [held, again] = await Promise.all([hold('1', large), hold('1', large)])

    held.release()
    const isKept = areThere()
    again.release()

    expect(isKept).toEqual([true])
    await expect.poll(areThere).toEqual([false])
  })

  test('is kept when it is let go', async () => {
    const held = await hold('1', 'content')
    held.release()

    expect(await read('1', 'another')).toBe('content')
  })

  test('stays when everything is given up, and nothing is left when it is let go', async () => {
    const held = await hold('1', 'content')

    await files.stop()
    const isKept = areThere()
    held.release()

    expect(isKept).toEqual([true])
    await expect.poll(() => existsSync(dirname(held.path))).toBe(false)
  })

  test('of which somebody gave up waiting in time is not held by that', async () => {
    const outOfTime = new AbortController()
    const slow = async (path: string) => {
      paths.push(path)
      await writeFile(path, 'x'.repeat(CAPACITY_BYTES + 1))
      outOfTime.abort(new Error('out of time'))
    }

    const held = files.hold({ key: '1', owner: 'u1' }, slow, outOfTime.signal)

    await expect(held).rejects.toThrow('out of time')
    await expect.poll(areThere).toEqual([false])
  })
})
