import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { MediaOf } from '../../src/delivery/preparation.ts'
import type { Event } from '../../src/events/event.ts'
import { databaseKinds } from '../helpers/database.ts'
import { numbered, type OutboxBench, outboxBench } from '../helpers/outbox.ts'
import { type Receiver, startReceiver } from '../helpers/receiver.ts'

// A busy machine may need longer than the default second.
const patient = { timeout: 30_000 }

/** Events of these chats carry a file. */
const wantsMedia = (event: Event) => 'chat' in event && event.chat?.startsWith('file') === true

/** A file that does not come before nobody waits any longer. */
const never: MediaOf = (_wish, signal) =>
  new Promise((resolve) => signal?.addEventListener('abort', () => resolve(undefined)))

describe.each(databaseKinds)('files of events, on %s', (kind) => {
  let bench: OutboxBench
  let receiver: Receiver

  beforeEach(async () => {
    receiver = await startReceiver()
  })
  afterEach(async () => {
    await bench.close()
    await receiver.close()
  })

  const open = async (env: Record<string, string> = {}) => {
    // As many places as one destination has: whoever waits in a place stops everybody.
    bench = await outboxBench(kind, { WEBHOOK_CONCURRENCY: '8', MEDIA_TIMEOUT_MS: '60000', ...env })
  }
  const filesOf = (count: number) =>
    Array.from({ length: count }, (_, number) => numbered(`file${number}`, number))
  const chatsTold = () => receiver.requests.map(({ event }) => event.chat)

  test('that do not come hold up neither other users nor other chats of theirs', async () => {
    await open()
    const [slow, other] = [
      await bench.addUser({ webhook: receiver.url }),
      await bench.addUser({ webhook: receiver.url }),
    ]
    bench.start({ mediaOf: never, wantsMedia })
    await bench.bus.record(slow.id, filesOf(200))

    await bench.bus.record(slow.id, [numbered('own text', 1)])
    await bench.bus.record(other.id, [numbered('text', 2), numbered('text', 3)])

    await receiver.attempts(3)
    expect(chatsTold().sort()).toEqual(['own text', 'text', 'text'])
  })

  test('go out in the order of their chat, without the file when it takes too long', async () => {
    await open({ MEDIA_TIMEOUT_MS: '300' })
    const user = await bench.addUser({ webhook: receiver.url })
    bench.start({ mediaOf: never, wantsMedia: (event) => 'lastSeen' in event && event.lastSeen === 1 })

    await bench.bus.record(user.id, [numbered('a', 1), numbered('a', 2), numbered('a', 3)])

    const told = await receiver.attempts(3)
    expect(told.map(({ event }) => event.number)).toEqual([1, 2, 3])
  })

  test('of far more chats than are prepared at once all go out, each once', async () => {
    await open()
    const user = await bench.addUser({ webhook: receiver.url })
    const waiting: (() => void)[] = []
    const when = { come: false }
    bench.start({
      wantsMedia,
      mediaOf: () =>
        new Promise((resolve) => (when.come ? resolve(undefined) : waiting.push(() => resolve(undefined)))),
    })
    await bench.bus.record(user.id, filesOf(150))
    await expect
      .poll(() => bench.database.db('lanes').whereNull('lease').where('due_at', '>', Date.now()), patient)
      .not.toEqual([])

    when.come = true
    for (const come of waiting) come()

    await receiver.attempts(150)
    await expect.poll(() => bench.database.db('lanes').select(), patient).toEqual([])
    expect(new Set(chatsTold()).size).toBe(150)
    expect(receiver.requests).toHaveLength(150)
  })

  test('that are waited for at a shutdown count as no attempt, and are fetched after the next start', async () => {
    await open()
    const user = await bench.addUser({ webhook: receiver.url })
    let asked = 0
    const before = bench.start({
      wantsMedia,
      mediaOf: (...given) => {
        asked++
        return never(...given)
      },
    })
    await bench.bus.record(user.id, filesOf(3))
    await expect.poll(() => asked, patient).toBe(3)

    await before.stop()

    expect(await bench.database.db('deliveries').where('attempt', '>', 0)).toEqual([])
    expect(await bench.database.db('lanes').whereNotNull('lease')).toEqual([])
    bench.start({ wantsMedia, mediaOf: async () => undefined })
    await receiver.attempts(3)
  })

  test('that cannot be had do not cost their event its only attempt', async () => {
    await open()
    const user = await bench.addUser({ webhook: receiver.url })
    bench.start({ pausesMs: [], wantsMedia, mediaOf: () => Promise.reject(new Error('the host is away')) })

    await bench.bus.record(user.id, filesOf(1))

    expect((await receiver.next()).event.chat).toBe('file0')
  })

  test('that are ready before their receiver has room arrive all the same, each once', async () => {
    await open({ MEDIA_TIMEOUT_MS: '200' })
    const user = await bench.addUser({ webhook: receiver.url })
    receiver.slow(300)
    bench.start({ mediaOf: never, wantsMedia })

    await bench.bus.record(user.id, filesOf(20))

    await receiver.attempts(20)
    await expect.poll(() => bench.database.db('lanes').select(), patient).toEqual([])
    expect(receiver.requests).toHaveLength(20)
  })
})
