import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Outbox } from '../../src/delivery/outbox.ts'
import { ApiError } from '../../src/lib/errors.ts'
import { insertDeliveries } from '../../src/store/delivery/deliveries.ts'
import { forgetDestinations, getDestination } from '../../src/store/delivery/destinations.ts'
import { insertEvents } from '../../src/store/delivery/events.ts'
import { newDelivery } from '../../src/store/delivery/new-delivery.ts'
import type { User } from '../../src/store/users/users.ts'
import { databaseKinds } from '../helpers/database.ts'
import { numbered, type OutboxBench, outboxBench } from '../helpers/outbox.ts'
import { type Receiver, startReceiver } from '../helpers/receiver.ts'

const patient = { timeout: 8_000 }

describe.each(databaseKinds)('deliveries that are handed over while something goes wrong, on %s', (kind) => {
  let bench: OutboxBench
  let receiver: Receiver
  let user: User
  let outbox: Outbox

  beforeEach(async () => {
    receiver = await startReceiver({ timeoutMs: 20_000 })
  })
  afterEach(async () => {
    receiver.answer(200)
    receiver.answerBy(() => undefined)
    await bench.close()
    await receiver.close()
  })

  test('a chat’s second event never overtakes its first, which found no place', async () => {
    await prepare({ WEBHOOK_CONCURRENCY: '1' }, { pollMs: 500 })
    const bulk = [...Array(200).keys()].map((number) => numbered('bulk', number + 100))
    const release = await holdWriter()
    const busy = bench.bus.record(user.id, [numbered('busy', 1)])
    await receiver.attempts(2)
    await delay(50)
    // Has no place, and is a while on its way to the disk, behind the first.
    const first = bench.bus.record(user.id, [numbered('a', 2), ...bulk])
    await delay(20)

    await release()
    await busy
    const second = bench.bus.record(user.id, [numbered('a', 3)])
    await Promise.all([first, second])
    await settled()

    const told = receiver.requests.filter(({ event }) => event.chat === 'a').map(({ event }) => event.number)
    expect(told).toEqual([2, 3])
  })

  test('what cannot be looked up while it is recorded is found later, and the outbox can stop', async () => {
    await prepare({ GLOBAL_WEBHOOK: receiver.url })
    const { db } = bench.database
    forgetDestinations(db)
    await getDestination(db, `user:${user.id}`)
    await db.schema.renameTable('destinations', 'destinations_away')

    await bench.bus.record(user.id, [numbered('a', 1)])
    await db.schema.renameTable('destinations_away', 'destinations')
    await settled()

    expect(numbersAtReceiver().filter((number) => number === 1)).toHaveLength(2)
  })

  test('an event that could not be written holds up none that was written after it', async () => {
    await prepare()
    receiver.slow(80)
    receiver.answerBy(({ event }) => (event.number === 2 && attemptsAt(2) === 0 ? 500 : undefined))
    const lost = bench.bus.recordWith({ userId: user.id, events: [numbered('a', 1)] }, async () => {
      await delay(20)
      throw new ApiError('lease_lost')
    })
    // It may be refused before the other one is written.
    lost.catch(() => {})
    await bench.bus.record(user.id, [numbered('a', 2)]).catch(() => {})
    await expect(lost).rejects.toMatchObject({ code: 'lease_lost' })

    await settled()

    expect(numbersAtReceiver().slice(1)).toEqual([1, 2, 2])
    expect(await attemptsStored('a')).toEqual([2])
  })

  test('an event that could not be written and is refused holds up none that was written after it', async () => {
    await prepare()
    receiver.slow(80)
    receiver.answerBy(({ event }) => (event.number === 1 ? 500 : undefined))
    const lost = bench.bus.recordWith({ userId: user.id, events: [numbered('a', 1)] }, async () => {
      await delay(20)
      throw new ApiError('lease_lost')
    })
    // It may be refused before the other one is written.
    lost.catch(() => {})
    await bench.bus.record(user.id, [numbered('a', 2)]).catch(() => {})
    await expect(lost).rejects.toMatchObject({ code: 'lease_lost' })

    await settled()

    expect(numbersAtReceiver().slice(1)).toEqual([1, 2])
  })

  test('what an interrupted lane still holds comes before what is recorded now', async () => {
    await prepare()
    await leftInLane('a', 1)

    await bench.bus.record(user.id, [numbered('a', 2)])
    await settled()

    expect(numbersAtReceiver()).toEqual([0, 1, 2])
  })

  test('what a stop finds half recorded is left due to others', async () => {
    for (let turns = 0; turns < 12; turns++) {
      await prepare()
      const recorded = bench.bus.record(user.id, [numbered('a', 1)])
      for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate)
      await outbox.stop()
      await recorded

      expect(await bench.database.db('lanes').whereNotNull('lease')).toEqual([])
      await bench.close()
    }
    await prepare()
  })

  test('a chat with a name that no database can store is closed like any other', async () => {
    await prepare()

    await bench.bus.record(user.id, [numbered('a\0b', 1), numbered('a\0b', 2)])
    await bench.bus.record(user.id, [numbered('a\0b', 3)])
    await settled()

    expect(numbersAtReceiver()).toEqual([0, 1, 2, 3])
  })

  test('where all attempts are kept nothing is told twice', async () => {
    await prepare({ WEBHOOK_KEEP_ATTEMPTS: 'all' })
    const stop = new AbortController()
    const others = (async () => {
      while (!stop.signal.aborted) {
        await bench.commits.write({ news: { events: [], deliveries: () => [] } })
        await delay(1)
      }
    })()

    for (let number = 1; number <= 60; number++) {
      await bench.bus.record(user.id, [numbered(`chat ${number}`, number)])
      await delay(3)
    }
    await settled()
    stop.abort()
    await others

    expect(numbersAtReceiver().sort((a, b) => Number(a) - Number(b))).toEqual([...Array(61).keys()])
  })

  async function prepare(env: Record<string, string> = {}, options: { pollMs?: number } = {}): Promise<void> {
    bench = await outboxBench(kind, env)
    user = await bench.addUser({ webhook: receiver.url })
    outbox = bench.start(options)
    await bench.bus.record(user.id, [numbered('first', 0)])
    await receiver.next()
    await settled()
  }

  /** Nothing can be recorded until what this returns is called. */
  async function holdWriter(): Promise<() => Promise<void>> {
    const trx = await bench.database.db.transaction()
    if (kind === 'postgres') await trx.raw('lock table events in exclusive mode')
    return async () => void (await trx.rollback())
  }

  /** Leaves an event in a lane that this outbox has and that nobody works on. */
  async function leftInLane(chat: string, number: number): Promise<void> {
    const { db } = bench.database
    receiver.slow(200)
    await bench.bus.record(user.id, [numbered('lease', 0)])
    const [lease] = await db('lanes').pluck('lease')
    receiver.slow(0)
    await settled()
    receiver.requests.splice(1)
    const event = { id: `left ${number}`, userId: user.id, type: 'presence', chat, at: Date.now() }
    await db.transaction(async (trx) => {
      await insertEvents(trx, [{ ...event, payload: JSON.stringify(numbered(chat, number)) }])
      const delivery = newDelivery(event, { target: 'user', destination: `user:${user.id}` })
      await insertDeliveries(trx, [delivery], Date.now())
      await trx('lanes')
        .where({ lane: delivery.lane })
        .update({ lease, due_at: Date.now() + 60_000 })
    })
  }

  /** Nothing waits any more, and nothing is open: in all, or of one chat. */
  async function settled(chat = ''): Promise<void> {
    const { db } = bench.database
    const lanes = () => db('lanes').whereLike('lane', `%:${chat}%`).pluck('lane')
    await expect
      .poll(
        () => db('deliveries').where('state', 'pending').whereLike('lane', `%:${chat}%`).pluck('id'),
        patient,
      )
      .toEqual([])
    await expect.poll(lanes, patient).toEqual([])
  }

  function attemptsStored(chat: string) {
    return bench.database.db('deliveries').whereLike('lane', `%:${chat}`).orderBy('seq').pluck('attempt')
  }

  function attemptsAt(number: number): number {
    return receiver.requests.filter(({ event }) => event.number === number).length
  }

  function numbersAtReceiver(): unknown[] {
    return receiver.requests.map(({ event }) => event.number)
  }
})
