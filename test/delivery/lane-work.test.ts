import { expect, test } from 'vitest'
import { LaneWork } from '../../src/delivery/lane-work.ts'
import type { PendingDelivery } from '../../src/store/delivery/deliveries.ts'

const delivery = (number: number): PendingDelivery => ({
  id: `${number}`,
  eventId: `${number}`,
  userId: 'user',
  target: 'user',
  part: '',
  lane: 'lane',
  attempt: 0,
  payload: '{}',
  at: 0,
})

function ourWork({ isLoading = false } = {}): LaneWork {
  const work = new LaneWork({ lane: 'lane', destination: 'receiver' }, { isLoading })
  work.isOurs = true
  return work
}

function arrive(work: LaneWork, ...numbers: number[]): void {
  for (const number of numbers) {
    work.expect()
    work.arrived(delivery(number))
  }
}

test('a lane whose receiver is slow keeps no more in memory than a few deliveries, and reads the rest in order', async () => {
  const work = ourWork()
  const all = [...Array(1_000).keys()]
  arrive(work, ...all)
  let reads = 0
  const made: number[] = []
  const load = async () => {
    reads += 1
    const deliveries = all.slice(made.length, made.length + 10).map(delivery)
    return { deliveries, isAll: made.length + 10 >= all.length }
  }

  for (let next = await work.next(load); next; next = await work.next(load)) made.push(Number(next.id))

  expect(made).toEqual(all)
  expect(reads).toBeGreaterThan(90)
})

test('a delivery that was read before its recorder said that it is there is made once', async () => {
  const work = ourWork({ isLoading: true })
  work.expect()
  work.loaded({ deliveries: [delivery(1)], isAll: true })
  const none = async () => ({ deliveries: [], isAll: true })
  expect(await work.next(none)).toMatchObject({ id: '1' })

  work.arrived(delivery(1))

  expect(await work.next(none)).toBeUndefined()
})

test('a lane that is somebody else’s is not read, whatever is recorded into it', async () => {
  const work = ourWork()
  work.isOurs = false
  work.hasMore = true

  const next = await work.next(async () => ({ deliveries: [delivery(1)], isAll: true }))

  expect(next).toBeUndefined()
  expect(work.isIdle).toBe(true)
})

test('outcomes of a lane that never rests are not kept', async () => {
  const work = ourWork()

  for (let number = 0; number < 10; number++) work.settle(Promise.resolve(number))

  expect(await work.settled).toBeUndefined()
})
