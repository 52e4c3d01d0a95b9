import { describe, expect, test } from 'vitest'
import { type Pace, Semaphore, SendQueue } from '../../../src/whatsapp/outbound/send-queue.ts'

const stopping = new AbortController()
const pace: Pace = { perSecond: 0, perSession: 3, total: new Semaphore(5) }

/** A message of one chat about which nothing has to be known first. */
function run(queue: SendQueue, write: () => Promise<{ acknowledged: Promise<void> }>): Promise<void> {
  return queue.run({ chat: 'one', prepare: async () => {}, write })
}

/** A message that is written at once and never acknowledged. */
function unacknowledged(queue: SendQueue): Promise<void> {
  return run(queue, async () => ({ acknowledged: new Promise<void>(() => {}) }))
}

describe('a queue of sends', () => {
  test('refuses what its session has no place for, and says when to come back', async () => {
    const queue = new SendQueue({ ...pace, total: new Semaphore(100) }, stopping.signal)
    for (let place = 1; place <= 3; place++) void unacknowledged(queue)

    await expect(unacknowledged(queue)).rejects.toMatchObject({
      code: 'rate_limited',
      status: 429,
      details: { retryAfterSeconds: 1 },
    })
  })

  test('refuses with 503 what the server has no place for', async () => {
    const total = new Semaphore(2)
    const queues = [1, 2].map(() => new SendQueue({ ...pace, total }, stopping.signal))
    for (const queue of queues) void unacknowledged(queue)

    await expect(queues[0] && unacknowledged(queues[0])).rejects.toMatchObject({
      code: 'rate_limited',
      status: 503,
    })
  })

  test("sends a second's worth at once and the rest at its pace", async () => {
    const queue = new SendQueue(
      { perSecond: 20, perSession: 100, total: new Semaphore(100) },
      stopping.signal,
    )
    const startedAt = Date.now()
    const written: number[] = []
    const write = async () => {
      written.push(Date.now() - startedAt)
      return { acknowledged: Promise.resolve() }
    }

    await Promise.all(Array.from({ length: 24 }, () => run(queue, write)))

    expect(written[19]).toBeLessThan(50)
    expect(written[23]).toBeGreaterThanOrEqual(195)
  })

  test('keeps its pace when the clock is set back', async () => {
    const queue = new SendQueue(
      { perSecond: 20, perSession: 100, total: new Semaphore(100) },
      stopping.signal,
    )
    const write = async () => ({ acknowledged: Promise.resolve() })
    await Promise.all(Array.from({ length: 20 }, () => run(queue, write)))
    const clock = Date.now
    Date.now = () => clock() - 2 * 3_600_000

    // By a clock that can be set, the next message would have to wait for two hours, and be refused.
    const next = run(queue, write).finally(() => {
      Date.now = clock
    })

    await expect(next).resolves.toBeUndefined()
  })

  test('refuses what would wait longer than half a minute', async () => {
    const queue = new SendQueue(
      { perSecond: 0.02, perSession: 100, total: new Semaphore(100) },
      stopping.signal,
    )
    await run(queue, async () => ({ acknowledged: Promise.resolve() }))

    await expect(run(queue, async () => ({ acknowledged: Promise.resolve() }))).rejects.toMatchObject({
      code: 'rate_limited',
      status: 429,
      details: { retryAfterSeconds: 20 },
    })
  })
})

test('a burst goes out at once, and what follows waits its share of a minute', async () => {
  // 600 a minute: a message in a tenth of a second.
  const queue = new SendQueue({ ...pace, perSecond: 10, burst: 2, perSession: 10 }, stopping.signal)
  const startedAt = performance.now()
  const writtenAt: number[] = []
  const send = () =>
    run(queue, async () => {
      writtenAt.push(performance.now() - startedAt)
      return { acknowledged: Promise.resolve() }
    })
  await Promise.all([send(), send(), send()])

  expect(writtenAt[1]).toBeLessThan(90)
  expect(writtenAt[2]).toBeGreaterThan(90)
})

test('what one chat has to wait for does not hold up others, and its own messages keep their order', async () => {
  const queue = new SendQueue({ ...pace, perSession: 10 }, stopping.signal)
  const written: string[] = []
  let answer = (_known: string) => {}
  const question = new Promise<string>((resolve) => {
    answer = resolve
  })
  const send = (chat: string, text: string, prepare: () => Promise<string>) =>
    queue.run({
      chat,
      prepare,
      write: async (known) => {
        written.push(`${text} ${known}`)
        return { acknowledged: Promise.resolve() }
      },
    })
  const first = send('slow', 'first', () => question)
  const second = send('slow', 'second', async () => 'at once')
  await send('other', 'other', async () => 'at once')
  answer('late')
  await Promise.all([first, second])

  expect(written).toEqual(['other at once', 'first late', 'second at once'])
})

test('a message that cannot be prepared is not written, and holds nothing up', async () => {
  const queue = new SendQueue(pace, stopping.signal)
  const written: string[] = []
  const write = (text: string) => async () => {
    written.push(text)
    return { acknowledged: Promise.resolve() }
  }
  const failing = queue.run({
    chat: 'one',
    prepare: () => Promise.reject(new Error('lost')),
    write: write('lost'),
  })
  const next = run(queue, write('next'))

  await expect(failing).rejects.toThrow('lost')
  await next
  expect(written).toEqual(['next'])
})
