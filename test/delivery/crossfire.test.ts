import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ApiError } from '../../src/lib/errors.ts'
import { changeDestination } from '../../src/store/delivery/destinations.ts'
import type { User } from '../../src/store/users/users.ts'
import { databaseKinds } from '../helpers/database.ts'
import { numbered, type OutboxBench, outboxBench } from '../helpers/outbox.ts'

const patient = { timeout: 20_000, interval: 50 }
const CHATS = 8
/** Chats that another process records into. */
const CHATS_ELSEWHERE = 2
const EVENTS_PER_CHAT = 25
const LIMITS = { total: 5, perTarget: 3 }

interface Told {
  user: string
  chat: string
  number: number
  id: string
  status: number
}

describe.each(databaseKinds)('whatever happens at once, on %s', (kind) => {
  let bench: OutboxBench
  let server: Server
  let random: () => number
  let told: Told[]
  let inFlight: string[]
  let broken: string[]

  beforeEach(async () => {
    told = []
    inFlight = []
    broken = []
    server = await receiver()
    bench = await outboxBench(kind, {
      WEBHOOK_CONCURRENCY: `${LIMITS.total}`,
      WEBHOOK_CONCURRENCY_PER_TARGET: `${LIMITS.perTarget}`,
    })
  })
  afterEach(async () => {
    await bench.close()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })

  test.each([1, 2, 3])('every event arrives, in the order of its chat, seed %i', async (seed) => {
    random = seeded(seed)
    const { port } = server.address() as AddressInfo
    const users: User[] = []
    for (let index = 0; index < 2; index++)
      users.push(await bench.addUser({ webhook: `http://127.0.0.1:${port}/` }))
    bench.start({ nodeId: 'other', breakers: { careful: 50, open: 100, firstMs: 1, maxMs: 1 } })
    // On one file there is one server.
    if (kind === 'postgres') bench.start({ breakers: { careful: 50, open: 100, firstMs: 1, maxMs: 1 } })
    const repeated = new Set<string>()

    const chats = users.flatMap((user) => [...Array(CHATS).keys()].map((chat) => ({ user, chat: `${chat}` })))
    await Promise.all([
      ...chats.map(async ({ user, chat }) => {
        for (let number = 1; number <= EVENTS_PER_CHAT; number++) {
          if (random() < 0.3) await delay(random() * 40)
          await recordSomehow(user, chat, number, repeated)
        }
      }),
      pauses(users[1]),
    ])
    const { db } = bench.database
    await expect.poll(() => db('deliveries').where('state', 'pending').pluck('id'), patient).toEqual([])
    await expect.poll(() => db('lanes').pluck('lane'), patient).toEqual([])

    expect(broken).toEqual([])
    for (const { user, chat } of chats) {
      const accepted = told.filter((one) => one.user === user.id && one.chat === chat && one.status === 200)
      const first = [...new Set(accepted.map(({ number }) => number))]
      expect(first).toEqual([...Array(EVENTS_PER_CHAT).keys()].map((number) => number + 1))
      const twice = accepted.filter(({ number }) => !repeated.has(`${user.id}/${chat}/${number}`))
      expect(twice.map(({ number }) => number)).toEqual([...new Set(twice.map(({ number }) => number))])
    }
    const ids = new Set(told.map(({ id }) => id))
    expect(ids.size).toBe(users.length * CHATS * EVENTS_PER_CHAT)
  })

  /** Records an event in one of the ways there are; some of them fail at first. */
  async function recordSomehow(
    user: User,
    chat: string,
    number: number,
    repeated: Set<string>,
  ): Promise<void> {
    const { bus } = bench
    const events = [numbered(chat, number)]
    const ids = [`${chat}/${number}`]
    const way = random()
    if (Number(chat) < CHATS_ELSEWHERE) return bench.recordElsewhere(user.id, events, ids)
    if (way < 0.2) {
      const { db } = bench.database
      return db.transaction(async (trx) => bus.record(user.id, events, { trx, ids }))
    }
    if (way < 0.3) {
      // Its receiver may have heard of it by then.
      repeated.add(`${user.id}/${chat}/${number}`)
      const pause = random() * 20
      const lost = bus.recordWith({ userId: user.id, events, ids }, async () => {
        await delay(pause)
        throw new ApiError('lease_lost')
      })
      await lost.catch(() => {})
    }
    await bus.record(user.id, events, { ids })
    if (way > 0.9) await bus.record(user.id, events, { ids })
  }

  /** Pauses a receiver for a while: it gets nothing then. */
  async function pauses(user: User | undefined): Promise<void> {
    if (!user) return
    const { db } = bench.database
    const receiverOf = { name: `user:${user.id}`, userId: user.id }
    await delay(150)
    await changeDestination(db, receiverOf, { pausedAt: Date.now() })
    await expect.poll(() => inFlight.filter((lane) => lane.startsWith(user.id)), patient).toEqual([])
    // What was looked up just before may still leave.
    await delay(100)
    const before = told.filter((one) => one.user === user.id).length
    await delay(150)
    if (told.filter((one) => one.user === user.id).length !== before) broken.push('told while paused')
    await changeDestination(db, receiverOf, { pausedAt: null })
  }

  /** Notes what it is told, and what must not be: two requests of a chat at once, or too many. */
  async function receiver(): Promise<Server> {
    const listening = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const event = JSON.parse(Buffer.concat(chunks).toString())
        const lane = `${event.userID}/${event.chat}`
        if (inFlight.includes(lane)) broken.push(`two requests at once of ${lane}`)
        inFlight.push(lane)
        // Nodes count for themselves.
        const nodes = kind === 'postgres' ? 2 : 1
        if (inFlight.length > nodes * LIMITS.total) broken.push('too many requests')
        const same = inFlight.filter((one) => one.startsWith(event.userID))
        if (same.length > nodes * LIMITS.perTarget) broken.push('too many requests to one receiver')
        const status = random() < 0.05 ? 500 : 200
        const id = String(request.headers['webhook-id'])
        told.push({ user: event.userID, chat: event.chat, number: event.number, id, status })
        setTimeout(
          () => {
            inFlight.splice(inFlight.indexOf(lane), 1)
            response.writeHead(status).end()
          },
          random() < 0.8 ? random() * 8 : random() * 40,
        )
      })
    })
    await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve))
    return listening
  }
})

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
