import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import type { FileWish } from '../../src/delivery/preparation.ts'
import type { MessageEvent } from '../../src/events/event.ts'
import { createLogger } from '../../src/lib/process/logger.ts'
import { DownloadError, type DownloadFailure } from '../../src/media/download.ts'
import {
  type EventMedia,
  type EventMediaDeps,
  openEventMedia,
} from '../../src/operations/deliveries/event-media.ts'
import type { User } from '../../src/store/users/users.ts'
import type { MediaTools } from '../../src/whatsapp/outbound/media-tools.ts'
import type { LiveSession } from '../../src/whatsapp/session/session.ts'

// Only these parts of a user and an event are looked at.
const user = { id: 'u1' } as User
const message = (id: string, as: FileWish['as'] = 'bytes'): FileWish => ({
  event: { type: 'message', chat: 'c', id } as MessageEvent,
  user,
  // By its path a test knows which file it is.
  reference: { kind: 'image', media: { directPath: `/${id}` } },
  as,
})

const open: EventMedia[] = []
afterEach(async () => {
  for (const media of open.splice(0)) await media.stop()
})

/** The files of events whose downloads do what `download` does. */
function start(
  download: (path: string, signal: AbortSignal | undefined, event: { id: string }) => Promise<void>,
  changes: Partial<EventMediaDeps> = {},
) {
  const tools = {
    download: (_user, { directPath }, { path, signal }) =>
      download(path, signal, { id: directPath.slice(1) }),
  } as MediaTools
  const media = openEventMedia({
    log: createLogger('silent'),
    media: tools,
    concurrency: 2,
    sessionOf: () => undefined,
    ...changes,
  })
  open.push(media)
  return media
}

function failing(reason: DownloadFailure): () => Promise<void> {
  return async () => {
    throw new DownloadError(reason, `it is ${reason}`)
  }
}

test('a file that cannot be reached fails its delivery twice, then the event goes out without', async () => {
  const media = start(failing('unreachable'))

  await expect(media.mediaOf(message('1'))).rejects.toThrow('it is unreachable')
  await expect(media.mediaOf(message('1'))).rejects.toThrow('it is unreachable')
  expect(await media.mediaOf(message('1'))).toBeUndefined()
})

test.each(['expired', 'unusable', 'too_large'] as const)('one that is %s never does', async (reason) => {
  const media = start(failing(reason))

  expect(await media.mediaOf(message('1'))).toBeUndefined()
})

test('a file is downloaded once for all deliveries of its event', async () => {
  let downloads = 0
  const media = start(async (path) => {
    downloads++
    await writeFile(path, 'content')
  })

  const both = await Promise.all([media.mediaOf(message('1')), media.mediaOf(message('1'))])
  const later = await media.mediaOf(message('1'))

  expect([...both, later].map((found) => found?.bytes?.toString())).toEqual(['content', 'content', 'content'])
  expect(downloads).toBe(1)
})

test('a file that is wanted on disk is there until it is let go, of the same download', async () => {
  let downloads = 0
  const media = start(async (path) => {
    downloads++
    await writeFile(path, 'content'.repeat(1_000))
  })

  const [inMemory, onDisk] = await Promise.all([
    media.mediaOf(message('1')),
    media.mediaOf(message('1', 'file')),
  ])

  const { path = '', sizeBytes, head } = onDisk?.file ?? {}
  expect(onDisk?.bytes).toBeUndefined()
  expect(sizeBytes).toBe(7_000)
  expect(head?.length).toBe(512)
  expect(await readFile(path)).toEqual(inMemory?.bytes)
  expect(downloads).toBe(1)
  await media.stop()
  expect(existsSync(path)).toBe(true)
  onDisk?.release?.()
  await expect.poll(() => existsSync(path)).toBe(false)
})

test('whoever waits for a file may stop waiting, and others who want it get it', async () => {
  let finish = () => {}
  const media = start(async (path) => {
    await new Promise<void>((resolve) => (finish = resolve))
    await writeFile(path, 'content')
  })
  const patient = media.mediaOf(message('1'))

  expect(await media.mediaOf(message('1'), AbortSignal.timeout(50))).toBeUndefined()
  finish()

  expect((await patient)?.bytes?.toString()).toBe('content')
})

test('downloads that nobody waits for any longer make way for others', async () => {
  const stuck = new Set(['1', '2', '3', '4'])
  const media = start(async (path, signal, { id }) => {
    if (stuck.has(id)) await new Promise((_resolve, reject) => signal?.addEventListener('abort', reject))
    await writeFile(path, 'content')
  })
  const outOfTime = new AbortController()
  const all = [...stuck].map((id) => media.mediaOf(message(id), outOfTime.signal))
  const other = media.mediaOf(message('5'))

  outOfTime.abort()

  expect(await Promise.all(all)).toEqual([undefined, undefined, undefined, undefined])
  expect((await other)?.bytes?.toString()).toBe('content')
})

test('a phone that is asked for a file again is waited for as long as somebody waits for the file', async () => {
  let isAsked = false
  // Only this is asked of a session.
  const session = {
    call: () => {
      isAsked = true
      return new Promise(() => {})
    },
  } as unknown as LiveSession
  const media = start(failing('expired'), { sessionOf: () => session })
  const outOfTime = new AbortController()
  const told = media.mediaOf(message('1'), outOfTime.signal)
  await expect.poll(() => isAsked).toBe(true)

  outOfTime.abort()

  expect(await told).toBeUndefined()
  await media.stop()
})

test('a download that takes too long is ended', async () => {
  const media = start(
    (_path, signal) =>
      new Promise((_resolve, reject) => {
        signal?.addEventListener('abort', () => reject(new DownloadError('unreachable', 'too late')))
      }),
    { timeoutMs: 50 },
  )

  await expect(media.mediaOf(message('1'))).rejects.toThrow('too late')
})

test('two files are downloaded at once, not more', async () => {
  let running = 0
  let most = 0
  const waiting: (() => void)[] = []
  const media = start(async (path) => {
    most = Math.max(most, ++running)
    await new Promise<void>((resolve) => waiting.push(resolve))
    await writeFile(path, '')
    running--
  })

  const all = ['1', '2', '3', '4', '5'].map((id) => media.mediaOf(message(id)))
  for (let done = 0; done < all.length; done++) {
    await expect.poll(() => waiting.length).toBeGreaterThan(0)
    waiting.shift()?.()
  }
  await Promise.all(all)

  expect(most).toBe(2)
})

test('stopping deletes the files', async () => {
  let path = ''
  const media = start(async (target) => {
    path = target
    await writeFile(target, 'content')
  })
  await media.mediaOf(message('1'))
  expect(existsSync(path)).toBe(true)

  await media.stop()

  expect(existsSync(dirname(path))).toBe(false)
})

test('stopping ends a download, whose delivery is made another time', async () => {
  let hasBegun = false
  const media = start(
    (_path, signal) =>
      new Promise((_resolve, reject) => {
        hasBegun = true
        signal?.addEventListener('abort', () => reject(new Error('ended')))
      }),
  )
  const outcome = media.mediaOf(message('1')).catch((error: Error) => error.message)
  await expect.poll(() => hasBegun).toBe(true)

  await media.stop()

  expect(await outcome).toBe('ended')
})
