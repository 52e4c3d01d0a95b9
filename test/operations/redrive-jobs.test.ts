import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { newId } from '../../src/lib/ids.ts'
import { createLogger } from '../../src/lib/process/logger.ts'
import { openSecrets } from '../../src/lib/secrets/secrets.ts'
import { RedriveJobs } from '../../src/operations/deliveries/redrive-jobs.ts'
import { insertDeliveries } from '../../src/store/delivery/deliveries.ts'
import { insertEvents } from '../../src/store/delivery/events.ts'
import { newDelivery } from '../../src/store/delivery/new-delivery.ts'
import { insertUser } from '../../src/store/users/users.ts'
import { databaseKinds, type TemporaryDatabase, temporaryDatabase } from '../helpers/database.ts'
import { sampleUser } from '../helpers/users.ts'

/** Three steps of a job. */
const MANY = 450

describe.each(databaseKinds)('redrives that go on on %s', (kind) => {
  let database: TemporaryDatabase
  let jobs: RedriveJobs
  let onDue: () => void

  beforeEach(async () => {
    database = await temporaryDatabase(kind)
    onDue = () => {}
    jobs = new RedriveJobs({
      db: database.db,
      log: createLogger('error', { write: () => {} }),
      nodeId: 'a',
      destinationOf: (target, userId) => `${target}:${userId}`,
      onDue: () => onDue(),
    })
    await store(MANY)
  })
  afterEach(async () => {
    await jobs.stop()
    await database.close()
  })

  /** Deliveries that were given up. */
  async function store(count: number): Promise<void> {
    const user = sampleUser()
    await insertUser(database.db, await openSecrets(database.config), user)
    const events = Array.from({ length: count }, () => ({ id: newId(), userId: user.id, chat: '' }))
    await database.db.transaction(async (trx) => {
      await insertEvents(
        trx,
        events.map((event) => ({ ...event, type: 'test', at: 1, payload: '{}' })),
      )
      const deliveries = events.map((event) =>
        newDelivery(event, { target: 'user', destination: `user:${user.id}`, part: '' }),
      )
      await insertDeliveries(trx, deliveries, 1)
      await trx('deliveries')
        .where({ user_id: user.id })
        .update({ state: 'dead', attempt: 7, finished_at: 2 })
      await trx('lanes').where({ user_id: user.id }).delete()
    })
  }

  async function count(state: string): Promise<number> {
    const [row] = await database.db('deliveries').where({ state }).count({ total: '*' })
    return Number(row?.total)
  }

  test('name their node, and end when everything is due again', async () => {
    const job = await jobs.begin({ state: 'dead' })

    await expect.poll(() => job.state).toBe('done')

    expect(job.id).toMatch(/@a$/)
    expect(job).toMatchObject({ done: MANY, total: MANY, finishedAt: expect.any(Number) })
    expect(await count('pending')).toBe(MANY)
  })

  test('end after the step at hand when somebody wants that; the rest stays given up', async () => {
    onDue = () => jobs.cancel(job.id)
    const job = await jobs.begin({ state: 'dead' })

    await expect.poll(() => job.state).toBe('cancelled')

    expect(job.done).toBeGreaterThan(0)
    expect(job.done).toBeLessThan(MANY)
    expect(await count('dead')).toBe(MANY - job.done)
  })

  test('begun again after their server has stopped they go on with the rest', async () => {
    onDue = () => void jobs.stop()
    const first = await jobs.begin({ state: 'dead' })
    await expect.poll(() => first.state).toBe('cancelled')
    onDue = () => {}

    const second = await jobs.begin({ state: 'dead' })

    expect(second.total).toBe(MANY - first.done)
    await expect.poll(() => second.state).toBe('done')
    expect(await count('dead')).toBe(0)
  })

  test('leave alone what is given up after they have begun', async () => {
    let isFirst = true
    let later: Promise<void> | undefined
    onDue = () => {
      if (isFirst) later = store(10)
      isFirst = false
    }
    const job = await jobs.begin({ state: 'dead' })

    await expect.poll(() => job.state).toBe('done')
    await later

    expect(job).toMatchObject({ done: MANY, total: MANY })
    expect(await count('dead')).toBe(10)
  })
})
