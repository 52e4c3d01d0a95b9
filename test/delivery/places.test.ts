import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Event } from '../../src/events/event.ts'
import { databaseKinds } from '../helpers/database.ts'
import { numbered, type OutboxBench, outboxBench } from '../helpers/outbox.ts'

// A busy machine may need longer than the default second.
const patient = { timeout: 30_000 }

/** Events of these chats carry a file. */
const wantsMedia = (event: Event) => 'chat' in event && event.chat?.startsWith('file') === true

describe.each(databaseKinds)('places among the requests, on %s', (kind) => {
  let bench: OutboxBench
  let server: Server
  let url: string
  /** Requests that are not answered yet, the most there were of them, and all. */
  let inFlight: number
  let most: number
  let all: number

  beforeEach(async () => {
    inFlight = most = all = 0
    server = createServer((request, response) => {
      request.resume()
      all++
      most = Math.max(most, ++inFlight)
      setTimeout(() => {
        inFlight--
        response.end()
      }, 200)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  })
  afterEach(async () => {
    await bench.close()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })

  /** Calls `then` once, when the outbox sends a statement of this kind. */
  const at = (statement: RegExp, then: () => void) => {
    const { db } = bench.database
    const listen = ({ sql }: { sql: string }) => {
      if (!statement.test(sql)) return
      db.removeListener('query', listen)
      then()
    }
    db.on('query', listen)
  }
  /** Records into a chat whose lane another process takes when it is looked for. */
  const stolen = async (userId: string, chat: string) => {
    const { db } = bench.database
    const theft = new Promise((resolve) =>
      at(looking, () => {
        resolve(db('lanes').update({ lease: 'another process', due_at: Date.now() + 3_600_000 }))
      }),
    )
    await bench.recordElsewhere(userId, [numbered(chat, 1)])
    await theft
  }
  const looking = /^select .* from .destinations. where .name. in/
  const handing = /^(insert into commit_|with present)/
  const claiming = /^update .lanes. .*returning/

  describe.each([
    ['all receivers', { WEBHOOK_CONCURRENCY: '2' }],
    ['one receiver', { WEBHOOK_CONCURRENCY_PER_TARGET: '2' }],
  ])('for %s', (_what, limit) => {
    test.each([
      ['looked for', looking, 'elsewhere'],
      ['claimed', claiming, 'elsewhere'],
      ['handed over', handing, 'here'],
    ])('are enough when files come while lanes are being %s', async (_when, statement, where) => {
      bench = await outboxBench(kind, limit)
      const user = await bench.addUser({ webhook: url })
      const waiting: (() => void)[] = []
      bench.start({
        wantsMedia,
        mediaOf: () => new Promise((resolve) => waiting.push(() => resolve(undefined))),
      })
      await bench.bus.record(user.id, [numbered('file1', 1), numbered('file2', 2)])
      await expect.poll(() => waiting.length, patient).toBe(2)

      at(statement, () => {
        for (const come of waiting) come()
      })
      const events = [numbered('a', 3), numbered('b', 4)]
      await (where === 'here' ? bench.bus.record(user.id, events) : bench.recordElsewhere(user.id, events))

      await expect.poll(() => all, patient).toBe(4)
      expect(most).toBe(2)
    })
  })

  test('that were meant for lanes which somebody else took are free for others', async () => {
    bench = await outboxBench(kind, { WEBHOOK_CONCURRENCY: '1' })
    const user = await bench.addUser({ webhook: url })
    bench.start()
    await stolen(user.id, 'a')

    await bench.bus.record(user.id, [numbered('b', 2)])

    await expect.poll(() => all, patient).toBeGreaterThan(0)
  })

  test('of lanes that another process has are free for others, too', async () => {
    bench = await outboxBench(kind, { WEBHOOK_CONCURRENCY: '1' })
    const { db } = bench.database
    const user = await bench.addUser({ webhook: url })
    bench.start()
    await stolen(user.id, 'a')

    await bench.bus.record(user.id, [numbered('a', 3)])
    await bench.bus.record(user.id, [numbered('b', 4)])

    await expect.poll(() => all, patient).toBe(1)
    const left = await db('deliveries').whereLike('lane', '%:a').select('state', 'attempt')
    expect(left).toEqual([
      { state: 'pending', attempt: 0 },
      { state: 'pending', attempt: 0 },
    ])
  })

  test('are free again when the lanes could not be claimed', async () => {
    bench = await outboxBench(kind, { WEBHOOK_CONCURRENCY: '1' })
    const user = await bench.addUser({ webhook: url })
    bench.start()
    at(claiming, () => {
      throw new Error('the database is away')
    })

    await bench.recordElsewhere(user.id, [numbered('a', 1)])

    await expect.poll(() => all, patient).toBe(1)
  })
})
